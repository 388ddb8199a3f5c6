"""THE RUNTIME: answers of an exported model with onnxruntime and tokenizers. Not for: torch, or training anything."""

from rankfirst.serving.runtime import FILES, Runtime

__all__ = ["FILES", "Runtime"]
