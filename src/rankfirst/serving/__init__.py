"""Inference on exported models with onnxruntime and tokenizers. No torch, no training."""

from rankfirst.serving.runtime import FILES, Runtime

__all__ = ["FILES", "Runtime"]
