"""Serve a delivered model over HTTP, with batching, limits and metrics. No torch, no training."""

from rankfirst.server.start import serve, serve_many

__all__ = ["serve", "serve_many"]
