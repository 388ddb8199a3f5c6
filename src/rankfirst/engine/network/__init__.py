"""The network: base model, LoRA layers, pooling, head, loss, 4-bit weights, token windows."""
