"""rankfirst: fine-tune text classifiers with LoRA by measurement."""
