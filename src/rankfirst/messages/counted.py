"""Sentences: what a figure counts, and why two figures of one model differ."""

from typing import Final

SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "report.counted.unjudged_val": (
        "{unjudged} of {class_count} classes have no validation rows ({names}): cannot tell how well the model recognises them. Validation figures cover only the other classes.",
        "{class_count} 个类别中有 {unjudged} 个在验证集里没有数据（{names}）：无法判断模型对它们的识别效果；验证集指标只涵盖其余类别。",
    ),
    "report.counted.unjudged_test": (
        "{unjudged} of {class_count} classes have no test rows ({names}): cannot tell how well the model recognises them. Test figures cover only the other classes.",
        "{class_count} 个类别中有 {unjudged} 个在测试集里没有数据（{names}）：无法判断模型对它们的识别效果；测试集指标只涵盖其余类别。",
    ),
    "report.counted.gain": (
        "The gain counts only classes with validation rows: LoRA {lora}, the cheaper baseline {base}. The other macro-F1 figures also count, as 0, a class without validation rows that a model predicts by mistake.",
        "增益只计有验证数据的类别：LoRA 为 {lora}，更便宜的基线为 {base}。其他各处的宏平均 F1 还会把没有验证数据、却被模型误报的类别按 0 计入。",
    ),
    "report.counted.held_out": (
        "The {val:,} validation rows alone do not decide this, so {rows:,} training rows were held out as well: every model was trained again without them. On all of these rows macro-F1 is {lora} for LoRA and {base} for the baseline.",
        "仅凭 {val:,} 条验证集数据无法定夺，因此又留出 {rows:,} 条训练数据，各模型都在不含它们的数据上重新训练。在全部这些数据上，LoRA 的宏平均 F1 为 {lora}，基线为 {base}。",
    ),
    "report.counted.gain_only": (
        "The gain counts only classes with validation rows. The other macro-F1 figures also count, as 0, a class without validation rows that a model predicts by mistake, so the gain is not their difference.",
        "增益只计有验证数据的类别；其他各处的宏平均 F1 还会把没有验证数据、却被模型误报的类别按 0 计入，因此增益不等于两者之差。",
    ),
    "report.counted.expected": (
        "Measured on validation: <<macro-F1 {measured!m:.1f} points {measured!w:higher|lower}, >>log-loss {loss!m:.3f} nats per text {loss!w:lower|higher}. The expected gain combines both, because macro-F1 alone varies with a few rows.",
        "验证集实测：<<宏平均 F1 相差 {measured!m:.1f} 个百分点（{measured!w:更高|更低}），>>log-loss 每条{loss!w:降低|升高} {loss!m:.3f} nats。预期增益结合两者，因为单看宏平均 F1 会随少数样本波动。",
    ),
    "report.counted.picked": (
        "{picked:.1f} points have been taken off the measured macro-F1 first, because the best of several equally good epochs overstates what the model scores on other rows.",
        "实测的宏平均 F1 先扣除 {picked:.1f} 个百分点：从几轮不相上下的结果中取最好的一轮，会高估模型在其他数据上的得分。",
    ),
    "report.counted.below_frozen": (
        "The cheaper baseline is the frozen encoder: its expected macro-F1 is {gain!m:.1f} ± {noise:.1f} points {gain!w:above|below} TF-IDF (95% interval), {chance:.0f}% likely to be better.",
        "更便宜的基线是冻结底座：宏平均 F1 预期比 TF-IDF {gain!w:高|低} {gain!m:.1f} ± {noise:.1f} 个百分点（95% 区间），更好的概率为 {chance:.0f}%。",
    ),
    "report.counted.below_tfidf": (
        "The cheaper baseline is TF-IDF: the frozen encoder is expected to {gain!w:raise|lower} macro-F1 by {gain!m:.1f} ± {noise:.1f} points (95% interval) and is {chance:.0f}% likely to be better; {least:.1f} points and {sure:.0f}% are required.",
        "更便宜的基线是 TF-IDF：冻结底座预期使宏平均 F1 {gain!w:提高|降低} {gain!m:.1f} ± {noise:.1f} 个百分点（95% 区间），更好的概率为 {chance:.0f}%；要求达到 {least:.1f} 个百分点和 {sure:.0f}%。",
    ),
    "report.counted.moves": (
        "The search changed the recipe {moves} time(s): {parts}.",
        "搜索共调整了 {moves} 次超参：{parts}。",
    ),
    "report.counted.moves_proven": ("{count} proven on validation", "{count} 次在验证集上得到证实"),
    "report.counted.moves_bet": ("{count} on the better bet, not proven", "{count} 次预期更优但未得到证实"),
    "report.counted.moves_smaller": (
        "{count} to a smaller adapter that is as good within noise",
        "{count} 次换成更小的适配器，在随机波动范围内同样好",
    ),
    "report.counted.moves_read": ("{count} on what the training curve showed", "{count} 次依据训练曲线"),
    "report.counted.at_least_one": (
        "The delivered model scores {before} on validation, not {plain} as in the table of models: every training row has a label, so a row without a label above 50% gets its most probable label.",
        "交付的模型在验证集上为 {before}，而不是模型对比表中的 {plain}：训练集每行都有标签，因此没有标签达到 50% 的行会得到概率最高的一个。",
    ),
    "report.counted.thresholds": (
        "The delivered model scores {after} on validation, not {plain} as in the table of models: some labels have their own threshold instead of 50%.",
        "交付的模型在验证集上为 {after}，而不是模型对比表中的 {plain}：部分标签使用单独的阈值，而不是 50%。",
    ),
    "report.counted.both": (
        "The delivered model scores {after} on validation, not {plain} as in the table of models: every training row has a label, so a row without a label above its threshold gets its most probable label ({before}), and some labels have their own threshold instead of 50% ({after}).",
        "交付的模型在验证集上为 {after}，而不是模型对比表中的 {plain}：训练集每行都有标签，因此没有标签达到阈值的行会得到概率最高的一个（{before}）；部分标签还使用单独的阈值，而不是 50%（{after}）。",
    ),
    "report.counted.probe": (
        "Probes and experiments train on about {rows} of the {every} training rows; the final training uses all of them.",
        "试跑和对照实验使用 {every} 行训练数据中的约 {rows} 行；最终训练使用全部。",
    ),
    "report.counted.rows": (
        "All models in the table of models were trained on the training rows, except for the test figure of the delivered one: that is of the model trained on all labelled rows.",
        "模型对比表中的各模型都只用训练集训练；唯独交付模型的测试集指标，来自用全部标注数据训练后的模型。",
    ),
    "report.counted.base": (
        "{layers} layers of width {hidden}, {millions} million parameters (without embeddings)",
        "{layers} 层，宽度 {hidden}，各层共 {millions} 百万参数（不含词嵌入）",
    ),
    "report.counted.budget": (
        "{work} for probes, experiments and the final training, which may exceed it rather than stop early; encoding the texts once is not counted",
        "{work}，用于试跑、对照实验和最终训练；最终训练可以超出预算，不会中途停下；全部文本编码一遍不计入",
    ),
    "report.fact.base": ("Size of the base model", "底座模型规模"),
    "report.of_rows": ("of {rows}", "共 {rows} 行"),
}
