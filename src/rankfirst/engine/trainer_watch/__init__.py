"""Watching a transformers Trainer that somebody else drives: the same curve as our own engine's.

`callback` is hung into the Trainer; it feeds a `watch`, which reads the adapter (`adapter`), the model's passes
(`passes`) and keeps the points (`history`). Not for: training, or saying what the curve means.
"""
