"""Sentences: what a run needs of memory, and what is done where that is little."""

from typing import Final

SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "cli.help.memory": (
        "memory this run may use, such as 4GiB (on a GPU: of the device); default: what the machine or its container has free",
        "本次运行可用的内存，例如 4GiB（在 GPU 上指显存）；默认取本机或容器的空闲内存",
    ),
    "option.bad_memory": (
        "{text!r} is not an amount of memory of at least 1 MiB. Write it as 4GiB, 512MiB or 1.5g.",
        "{text!r} 不是至少 1 MiB 的内存大小。请写成 4GiB、512MiB 或 1.5g。",
    ),
    "memory.base": (
        "the base model {name} does not fit: with its weights in float32 this process would hold {need}, {limit} are allowed. Choose a smaller base model, or allow more with --memory.",
        "底座模型 {name} 放不下：以 float32 载入权重后进程将占用 {need}，而上限为 {limit}。请换更小的底座模型，或用 --memory 放宽上限。",
    ),
    "memory.too_little": (
        "training would need about {need} of memory even with one text at a time and activations computed twice, {limit} are allowed. Choose a smaller base model, lower --max-tokens (now {tokens}), or allow more with --memory.",
        "即使每次只处理一条文本并重算激活值，训练仍需约 {need} 内存，而上限为 {limit}。请换更小的底座模型，降低 --max-tokens（当前为 {tokens}），或用 --memory 放宽上限。",
    ),
    "memory.pieces": (
        "Memory is short ({limit} allowed, {whole} needed for whole steps): a step goes through the network in pieces of at most {tokens} tokens. Its gradients are the same, it takes somewhat longer.",
        "内存有限（上限 {limit}，整步训练需 {whole}）：每步分成至多 {tokens} 个 token 的小块依次通过网络。梯度不变，耗时略增。",
    ),
    "memory.recompute": (
        "Memory is short ({limit} allowed, {whole} needed for whole steps): activations are computed twice instead of kept, in pieces of at most {tokens} tokens. Losses are the same; training takes about a third longer.",
        "内存有限（上限 {limit}，整步训练需 {whole}）：激活值不保存而是重算，每块至多 {tokens} 个 token。损失不变，训练约慢三分之一。",
    ),
}
