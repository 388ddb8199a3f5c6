"""Sentences: what a figure counts, and why two figures of one model differ."""

from typing import Final

SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "report.counted.gain": (
        "The gain counts only classes that have validation rows: LoRA {lora}, the cheaper rung {base}. Macro-F1 elsewhere "
        "also counts, as 0, a class without validation rows that a model names by mistake.",
        "增益只计有验证数据的类别：LoRA 为 {lora}，成本更低的方案为 {base}。其他各处的宏 F1 还会把没有验证数据、却被模型误报的类别按 0 计入。",
    ),
    "report.counted.gain_only": (
        "The gain counts only classes that have validation rows. Macro-F1 elsewhere also counts, as 0, a class without "
        "validation rows that a model names by mistake, so the gain is not the difference of the two.",
        "增益只计有验证数据的类别；其他各处的宏 F1 还会把没有验证数据、却被模型误报的类别按 0 计入，因此增益不等于两者之差。",
    ),
    "report.counted.at_least_one": (
        "What is delivered scores {before} on validation, not {plain} as in the ladder: every training row has a label, so a "
        "row none of whose labels reaches 50% gets its likeliest one.",
        "交付的模型在验证集上为 {before}，而不是阶梯中的 {plain}：训练集每行都有标签，因此没有标签达到 50% 的行会得到概率最高的一个。",
    ),
    "report.counted.thresholds": (
        "What is delivered scores {after} on validation, not {plain} as in the ladder: some labels have a threshold of their "
        "own instead of 50%.",
        "交付的模型在验证集上为 {after}，而不是阶梯中的 {plain}：部分标签使用单独的阈值，而不是 50%。",
    ),
    "report.counted.both": (
        "What is delivered scores {after} on validation, not {plain} as in the ladder: every training row has a label, so a "
        "row none of whose labels reaches its threshold gets its likeliest one ({before}), and some labels have a threshold "
        "of their own instead of 50% ({after}).",
        "交付的模型在验证集上为 {after}，而不是阶梯中的 {plain}：训练集每行都有标签，因此没有标签达到阈值的行会得到概率最高的一个"
        "（{before}）；部分标签还使用单独的阈值，而不是 50%（{after}）。",
    ),
    "report.counted.probe": (
        "Probes and experiments train on about {rows} of the {every} training rows; the final training on all of them.",
        "试跑和对照实验使用 {every} 行训练数据中的约 {rows} 行；最终训练使用全部。",
    ),
    "report.counted.base": (
        "{layers} layers of width {hidden}, {millions} million parameters in them (embeddings not counted)",
        "{layers} 层，宽度 {hidden}，各层共 {millions} 百万参数（不含词嵌入）",
    ),
    "report.counted.budget": (
        "{work}: half for probes and experiments, the rest for the final training, which may pass it rather than end half "
        "trained; encoding the texts once is not counted",
        "{work}：一半用于试跑和对照实验，其余用于最终训练；最终训练宁可超出，也不会中途停下；全部文本编码一遍不计入",
    ),
    "report.fact.base": ("Size of the base model", "底座模型规模"),
    "report.of_rows": ("of {rows}", "共 {rows} 行"),
}
