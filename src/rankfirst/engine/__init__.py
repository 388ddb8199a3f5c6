"""TRAINING: the only room that imports torch, transformers and peft. It makes no decisions.

`base` is the torch-free protocol, all that a run knows of an engine; `factory` makes an engine.

- `local` trains in this process; `remote` forwards the same requests to other processes.
- `training`: `loop` trains, `recorder` makes curves, `corpus` holds rows and cached states, `footprint` plans memory,
  `function_preserving` converts a checkpoint to another recipe, `packed` trains several recipes in one pass.
- `network`: `model` is base, adapter and head; `sites` finds the layers to adapt, `lora` is their forward.
- `base_models`: where base models come from.
- `export`: trained weights in other programs' formats, and the predictor of a delivered model.
- `parallel`: several processes that train one recipe together. `ray`: the workers of a Ray cluster.
- `trainer_watch`: records the curve of a transformers Trainer that the user runs.
"""
