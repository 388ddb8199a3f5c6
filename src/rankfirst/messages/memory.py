"""Sentences: what a run needs of memory, and what is done where that is little."""

from typing import Final

SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "cli.help.memory": (
        "memory this run may use, such as 4GiB (on a GPU: of the device); default: the free memory of the machine or its container",
        "本次运行可用的内存，例如 4GiB（在 GPU 上指显存）；默认取本机或容器的空闲内存",
    ),
    "option.bad_memory": (
        "{text!r} is not an amount of memory of at least 1 MiB. Write it as 4GiB, 512MiB or 1.5g.",
        "{text!r} 不是至少 1 MiB 的内存大小。请写成 4GiB、512MiB 或 1.5g。",
    ),
    "memory.base": (
        "the base model {name} does not fit: with its weights in float32 this process would need {need}, but {limit} are allowed. Choose a smaller base model, store it in 4 bits (--base-bits 4), or allow more with --memory.",
        "底座模型 {name} 放不下：以 float32 载入权重后进程将占用 {need}，而上限为 {limit}。请换更小的底座模型，以 4 比特存放（--base-bits 4），或用 --memory 放宽上限。",
    ),
    "memory.base_bits": (
        "the base model {name} does not fit: with its linear layers in 4 bits this process would need {need}, but {limit} are allowed. Choose a smaller base model, or allow more with --memory.",
        "底座模型 {name} 放不下：线性层以 4 比特存放后进程仍将占用 {need}，而上限为 {limit}。请换更小的底座模型，或用 --memory 放宽上限。",
    ),
    "cli.help.base_bits": (
        "4: store the linear layers of the frozen base model in 4 bits (NF4, as in QLoRA; extra bnb), for large base models on a GPU; default: floats",
        "4：冻结底座的线性层以 4 比特存放（NF4，即 QLoRA；需扩展 bnb），供 GPU 上的大型底座使用；默认为浮点数",
    ),
    "option.bad_bits": (
        "--base-bits {text}: only 4 is supported. Drop the option to keep the base model in floats.",
        "--base-bits {text}：只支持 4。不写此项则底座保持浮点数。",
    ),
    "engine.full_bits": (
        "full fine-tuning trains all weights of the base model, but weights in 4 bits cannot be trained: use a base model in floats.",
        "全量微调会训练底座的每个权重，而 4 比特底座的权重无法训练：请使用浮点底座。",
    ),
    "report.base_bits": (
        "The linear layers of the base model are stored in 4 bits (NF4, double quantisation); the trained parameters are float32. The delivered adapter belongs to the base model in 4 bits.",
        "底座的线性层以 4 比特存放（NF4，双重量化）；训练的部分为 float32。所交付的适配器须配合 4 比特的底座使用。",
    ),
    "memory.too_little": (
        "training would need about {need} of memory even with one text at a time and activation checkpointing, but {limit} are allowed. Choose a smaller base model, lower --max-tokens (now {tokens}), or allow more with --memory.",
        "即使每次只处理一条文本并重算激活值，训练仍需约 {need} 内存，而上限为 {limit}。请换更小的底座模型，降低 --max-tokens（当前为 {tokens}），或用 --memory 放宽上限。",
    ),
    "report.cost.fitted": ("To fit in memory", "为适应内存"),
    "report.fitted.pieces": (
        "Memory was limited: steps of {rows} rows were split into pieces of at most {tokens:,} tokens; gradients are the same except for dropout sampling.",
        "内存不足：每步 {rows} 行分成至多 {tokens:,} 个 token 的小块计算；除 dropout 的取样外，梯度不变。",
    ),
    "report.fitted.again": (
        "Memory was limited: activations were recomputed instead of stored; losses are the same, for about a third more compute.",
        "内存不足：激活值不保存而是重算一次；loss 不变，计算量增加约三分之一。",
    ),
    "report.fitted.both": (
        "Memory was limited: activations were recomputed, for about a third more compute, and steps of {rows} rows were split into pieces of at most {tokens:,} tokens; gradients are the same except for dropout sampling.",
        "内存不足：激活值重算一次，计算量增加约三分之一；每步 {rows} 行分成至多 {tokens:,} 个 token 的小块计算；除 dropout 的取样外，梯度不变。",
    ),
    "report.plan.memory": (
        "Memory in training: about {peak} (already in use {held}, one step {step} with at most {tokens} tokens at once; {way}). TF-IDF, the frozen encoder's head and delivery are not included.",
        "训练时的内存：约 {peak}（已占用 {held}，每步 {step}，一次至多 {tokens} 个 token；{way}）。不含 TF-IDF、冻结底座的分类头与交付阶段。",
    ),
    "report.plan.memory.kept": ("activations are stored", "保存激活值"),
    "report.plan.memory.again": ("activations are recomputed", "重算激活值"),
    "report.plan.span": ("{name}: {least} to {most} ({basis})", "{name}：{least}至 {most}（{basis}）"),
    "report.plan.likely": (
        "{name}: about {likely}, between {least} and {most} ({basis})",
        "{name}：约 {likely}，介于 {least}与 {most}之间（{basis}）",
    ),
    "report.plan_step.start": ("Precision, threads and prefix", "精度、线程数与前缀"),
    "report.plan_step.ladder": ("TF-IDF and frozen encoder", "TF-IDF 与冻结底座"),
    "report.plan_step.probes": ("All probes", "全部试跑"),
    "report.plan_step.final": ("Final training", "最终训练"),
    "report.plan_step.refit": ("Training LoRA on all rows, if it is delivered", "用全部数据训练 LoRA（若交付 LoRA）"),
    "report.plan_step.delivery": ("Calibration and delivery", "校准与交付"),
    "report.plan_step.all": ("Total", "总计"),
    "report.plan_basis.measured": ("speed measured just now", "刚测得的速度"),
    "report.plan_basis.runs": (
        "speed measured just now, and the times of finished runs",
        "刚测得的速度与以往运行的耗时",
    ),
    "report.plan_basis.limit": ("your --budget", "您设的 --budget"),
}
