"""Inference on exported models with onnxruntime and tokenizers. No torch, no training."""

from rankfirst.model.onnx.runtime import FILES, Runtime

__all__ = ["FILES", "Runtime"]
