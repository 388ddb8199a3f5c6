"""THE TRAINING ROOM: the only one that imports torch, transformers and peft. Not for: deciding anything.

`engine.base` is torch-free and all that the story knows; import `engine.local` to train.
"""
