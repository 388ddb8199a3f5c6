"""Sentences: the page of a run beyond its findings: switches, tables, charts, and the words it needs."""

from typing import Final

SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "report.switch.light": ("Light / dark", "浅色 / 深色"),
    "report.nav.verdict": ("Verdict", "结论"),
    "report.head.recipes": ("All trained recipes", "训练过的全部超参"),
    "report.head.todo": ("Next steps", "接下来"),
    "report.col.probe": ("Run", "训练"),
    "report.col.at_end": ("At the end", "结束时"),
    "report.col.over_frozen": ("Best, vs frozen encoder", "最好时比冻结底座高"),
    "report.col.text": ("Text", "文本"),
    "report.col.suggested": ("Suggested", "建议标签"),
    "report.col.where": ("Row", "位置"),
    "report.examples": ("{count} of these rows", "看其中 {count} 行"),
    "report.journal_line": ("journal {line}", "日志第 {line} 行"),
    "report.filter": ("Filter classes", "筛选类别"),
    "report.copy": ("Copy", "复制"),
    "report.legend.noise": ("95% interval", "95% 区间"),
    "report.across.probe": ("Probes in training order", "试跑，按训练先后"),
    "report.curve.arms_loss": ("Training loss of the arms, nats per example", "各分支的训练 loss（nats/条）"),
    "report.curve.arms_score": ("Validation macro-F1 of the arms, %", "各分支的验证宏平均 F1（%）"),
    "report.note.trust": (
        "Left: points on the dashed line mean that confidence equals accuracy. Right: accuracy when only the most confident rows are answered.",
        "左：点落在虚线上，表示置信度等于准确率。右：只回答置信度最高的数据时的准确率。",
    ),
    "report.trust.before": ("before calibration", "校准前"),
    "report.trust.after": ("after calibration", "校准后"),
    "report.trust.kept": ("accuracy on answered rows", "作答部分的准确率"),
    "report.trust.chosen": ("suggested threshold", "建议的阈值"),
    "report.trust.reliability": ("Accuracy, %", "准确率（%）"),
    "report.trust.says": ("Confidence, %", "置信度（%）"),
    "report.trust.answered": ("Accuracy on answered rows, %", "作答部分的准确率（%）"),
    "report.trust.share_answered": ("Coverage, most confident rows first, %", "作答比例，从置信度最高的开始（%）"),
    "report.todo.predict": (
        'Use it: rankfirst predict RUN new.csv > answers.jsonl, or rankfirst.load("RUN") in Python.',
        '使用：rankfirst predict RUN new.csv > answers.jsonl，或在 Python 里用 rankfirst.load("RUN")。',
    ),
    "report.todo.suspects": (
        "Review the {count} labels that out-of-fold predictions contradict before you tune by hand: rankfirst assess YOUR.csv lists them in suspects.csv.",
        "手工调参之前，先复核与交叉验证（out-of-fold）预测矛盾的 {count} 条标签：rankfirst assess YOUR.csv 会把它们列进 suspects.csv。",
    ),
    "report.todo.leaks.val": (
        "Remove the {val} validation rows that duplicate training rows; they inflate the score used for selection.",
        "删除验证集中与训练集重复的 {val} 行：它们会抬高用来选择的分数。",
    ),
    "report.todo.leaks.test": (
        "Remove the {test} test rows that duplicate training rows; they inflate the test score.",
        "删除测试集中与训练集重复的 {test} 行：它们会抬高测试分数。",
    ),
    "report.todo.leaks.both": (
        "Remove the validation ({val}) and test ({test}) rows that duplicate training rows; they inflate the scores.",
        "删除与训练集重复的验证数据（{val} 行）和测试数据（{test} 行）：它们会抬高所有分数。",
    ),
    "report.todo.abstain": (
        "Answer only above a confidence of {threshold}: {coverage} of the validation rows are answered, {kept} of them correctly instead of {every}; send the others to a person (--abstain).",
        "概率超过 {threshold} 才作答：验证集中可答 {coverage}，其中 {kept} 正确（全部作答为 {every}）；其余转人工（--abstain）。",
    ),
    "report.rung_about.unmoved": (
        "encoder adapted with LoRA; answers every validation row as the frozen encoder does",
        "底座加 LoRA 微调；在验证集每一行上的答案都与冻结底座相同",
    ),
    "report.todo.tail": (
        "Collect rows for the {count} rare classes: no setting replaces missing examples.",
        "为 {count} 个长尾类别补充数据：缺少的样本靠调参补不回来。",
    ),
    "report.todo.ask": (
        "Ask why it decided so: rankfirst explain RUN.",
        "查看每个决定的理由：rankfirst explain RUN。",
    ),
    "report.terms": ("Glossary", "术语"),
    "report.term.f1": ("macro-F1", "宏平均 F1"),
    "report.meaning.f1": (
        "F1 combines precision and recall; macro-F1 averages it over classes, so rare classes count as much as frequent ones.",
        "F1 综合精确率和召回率；宏平均 F1 再对各类别取平均，少见的类别和常见的同样重要。",
    ),
    "report.term.recall": ("Recall", "召回率"),
    "report.meaning.recall": (
        "The share of a class's rows that are predicted as that class.",
        "属于某类的数据中，被预测为该类的比例。",
    ),
    "report.term.frozen": ("Frozen encoder", "冻结底座"),
    "report.meaning.frozen": (
        "The language model is used as published; only a linear layer on top learns your classes. It trains in seconds.",
        "语言模型保持原样，只在上面训练一层线性分类器，几秒即可完成。",
    ),
    "report.term.lora": ("LoRA", "LoRA"),
    "report.meaning.lora": (
        "Small matrices are added to the language model and trained; its own parameters stay fixed.",
        "在语言模型里加上小矩阵并训练它们：模型原有参数不动，只训练这一小部分。",
    ),
    "report.term.rank": ("rank", "rank"),
    "report.meaning.rank": (
        "The inner dimension of these matrices: how much they can learn. Together with the target modules, it is the capacity.",
        "这些小矩阵的宽度，决定最多能学到多少；与 target modules 合起来就是容量。",
    ),
    "report.term.sites": ("Target modules", "target modules"),
    "report.meaning.sites": (
        "Where the matrices are added: attention (q/v), feed-forward (FFN), and in how many layers from the top.",
        "小矩阵加在哪里：注意力（q/v）、前馈（FFN），以及从顶层往下多少层。",
    ),
    "report.term.scaling": ("Scaling", "缩放 a"),
    "report.meaning.scaling": ("The factor on the output of these matrices.", "小矩阵的输出以多大比例加进去。"),
    "report.term.lr": ("lr", "lr"),
    "report.meaning.lr": ("Learning rate: the size of a training step.", "学习率：每一步训练的步长。"),
    "report.term.dropout": ("dropout", "dropout"),
    "report.meaning.dropout": (
        "The share of values dropped at random in training, to prevent memorisation.",
        "训练时随机丢弃的比例，防止死记硬背。",
    ),
    "report.term.probe": ("Probe", "试跑"),
    "report.meaning.probe": (
        "A short training run of a recipe that ends like the final one, after its learning rate has decayed to zero.",
        "用某组超参做的一次短训练，结尾与最终训练相同：lr 降到零。",
    ),
    "report.term.experiment": ("Experiment", "最小干预实验"),
    "report.meaning.experiment": (
        "Probes that differ in one knob; the difference shows what limits the model.",
        "只差一个旋钮的几次试跑，差别就说明是什么限制了模型。",
    ),
    "report.term.noise": ("Noise", "噪声"),
    "report.meaning.noise": (
        "How much a score varies because it is measured on a limited number of rows. It is given as a 95% interval: with new validation rows, 95 of 100 scores would differ by less. Smaller differences are not acted on.",
        "什么都没变时分数也会有的波动，因为验证数据有限。用 95% 区间表示：换一批数据，100 次里有 95 次波动小于它。比它小的差别不作为依据。",
    ),
    "report.term.tail": ("Long tail", "长尾"),
    "report.meaning.tail": ("Classes with few training rows.", "训练数据很少的类别。"),
    "report.term.nats": ("nats", "nats"),
    "report.meaning.nats": (
        "The unit of loss: 0.69 nats is the uncertainty of one yes-or-no question.",
        "loss 的单位：0.69 nats 相当于一个是非题的不确定性。",
    ),
}
