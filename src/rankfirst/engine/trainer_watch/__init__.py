"""Record the curve of a transformers Trainer that the user runs, in the same form as our own engine's.

`callback` is added to the Trainer. It feeds a `watch`, which reads the adapter (`adapter`) and the model's forward
passes (`passes`) and keeps the points (`history`). It does not train, and does not interpret the curve.
"""
