"""THE TRAINING ROOM: the only one that imports torch, transformers and peft. Not for: deciding anything.

`engine.base` is torch-free and all that the story knows; import `engine.local` to train. From the outside in:

- `local` answers the contract: `recorder` and `branch` make curves and arms of it, `train` is the loop, `losses` what
  it minimises, `moves` what a checkpoint becomes under another recipe,
  `packed` (over `stacked` layers) all arms in one pass, `checkpoint` and `export` its files.
- `corpus` holds the rows as the network sees them: `batches` their order, `windows` how long texts are cut,
  `states` what the frozen blocks made of them.
- `model` is the network: `sources` where the base comes from, `sites` which layers can be adapted, `lora` their fast
  forward, `prefix` the stand-ins for frozen blocks.
- `calibrate` measures the machine, `memory` does less at a time when there is too little.
- `replay` answers from a recording; `predictor` is a delivered model; `foreign` watches somebody else's Trainer.
"""
