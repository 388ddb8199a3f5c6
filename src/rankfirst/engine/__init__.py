"""THE TRAINING ROOM: the only one that imports torch, transformers and peft. Not for: deciding anything.

`engine.base` is torch-free and all that a run knows of an engine; `factory` makes one. From the outside in:

- `local` trains in this process: `recorder` makes the curves, `train` is the loop, `losses` what it minimises, `moves`
  what a checkpoint becomes under another recipe, `packed` (over `stacked` layers) several recipes in one pass,
  `checkpoint`, `checkpoint_store` and `export` its files.
- `remote` forwards the same requests: `distributed` to `processes`, each a `worker_process`, that train one recipe
  together, `ray_engine` to the `ray_workers` of a cluster.
- `corpus` holds the rows as the network sees them: `batches` their order, `windows` how long texts are cut,
  `states` what the frozen blocks made of them.
- `model` is the network: `sources` where the base comes from, `sites` which layers can be adapted, `lora` their fast
  forward, `prefix` the stand-ins for frozen blocks.
- `calibrate` measures the machine, `memory` does less at a time when there is too little.
- `predictor` is a delivered model; `foreign` watches somebody else's Trainer.
"""
