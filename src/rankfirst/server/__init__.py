"""THE SERVER: a delivered model behind HTTP, with batches, limits and measurements. Not for: torch, or training."""

from rankfirst.server.start import serve, serve_many

__all__ = ["serve", "serve_many"]
