"""Sentences: the page of a run beyond its findings: switches, tables, charts, and the words it needs."""

from typing import Final

SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "report.switch.light": ("Light / dark", "浅色 / 深色"),
    "report.nav.verdict": ("Verdict", "结论"),
    "report.head.recipes": ("Every recipe that was trained", "训练过的每一份配方"),
    "report.head.todo": ("What next", "接下来"),
    "report.col.probe": ("Run", "训练"),
    "report.col.at_end": ("At the end", "结束时"),
    "report.col.over_frozen": ("Best over frozen", "最好时比冻结底座高"),
    "report.col.text": ("Text", "文本"),
    "report.col.suggested": ("Rather", "更像是"),
    "report.col.where": ("Row", "位置"),
    "report.examples": ("{count} of these rows", "看其中 {count} 行"),
    "report.journal_line": ("journal {line}", "日志第 {line} 行"),
    "report.filter": ("Only classes with", "只看类别名含"),
    "report.copy": ("Copy", "复制"),
    "report.legend.noise": ("95% interval", "95% 区间"),
    "report.across.probe": ("Probes in the order they were trained", "试跑，按训练先后"),
    "report.curve.arms_loss": ("Training loss of the arms, nats an example", "各分支的训练损失（nats/条）"),
    "report.curve.arms_score": ("Validation macro-F1 of the arms, %", "各分支的验证宏 F1（%）"),
    "report.note.trust": (
        "Left: where dots lie on the dashed line, 80% sure means right eight times in ten. "
        "Right: when only the surest rows are answered, more of them are right.",
        "左：圆点落在虚线上，说“八成把握”就真的十次对八次。右：只回答最有把握的那些，答对的比例更高。",
    ),
    "report.trust.before": ("as trained", "校准前"),
    "report.trust.after": ("calibrated", "校准后"),
    "report.trust.kept": ("answered rows that are right", "作答部分的准确率"),
    "report.trust.chosen": ("proposed threshold", "建议的阈值"),
    "report.trust.reliability": ("How often it is right, %", "实际答对的比例（%）"),
    "report.trust.says": ("How sure it says it is, %", "模型自称的把握（%）"),
    "report.trust.answered": ("Right among the answered, %", "作答部分的准确率（%）"),
    "report.trust.share_answered": ("Share of rows answered, the surest first, %", "作答的比例，从最有把握的开始（%）"),
    "report.todo.predict": (
        'Use it: rankfirst predict RUN new.csv > answers.jsonl, or rankfirst.load("RUN") in Python.',
        '使用：rankfirst predict RUN new.csv > answers.jsonl，或在 Python 里用 rankfirst.load("RUN")。',
    ),
    "report.todo.suspects": (
        "Look at the {count} labels that predictions from other rows contradict, before you tune anything by hand: "
        "rankfirst assess YOUR.csv lists them in suspects.csv.",
        "先看与折外预测矛盾的 {count} 条标签，再谈手工调参：rankfirst assess YOUR.csv 会把它们列进 suspects.csv。",
    ),
    "report.todo.leaks.val": (
        "Remove the {val} validation rows that also stand in train: they flatter what was chosen by.",
        "删除验证集中与训练集重复的 {val} 行：它们会抬高用来选择的分数。",
    ),
    "report.todo.leaks.test": (
        "Remove the {test} test rows that also stand in train: they flatter the test score.",
        "删除测试集中与训练集重复的 {test} 行：它们会抬高测试分数。",
    ),
    "report.todo.leaks.both": (
        "Remove the rows of validation ({val}) and test ({test}) that also stand in train: they flatter every score.",
        "删除与训练集重复的验证数据（{val} 行）和测试数据（{test} 行）：它们会抬高所有分数。",
    ),
    "report.todo.abstain": (
        "Answer only above a probability of {threshold}: {coverage} of the validation rows are answered, {kept} of these "
        "right; leave the others to a person (--abstain).",
        "概率超过 {threshold} 才作答：验证集中可答 {coverage}，其中 {kept} 正确；其余转人工（--abstain）。",
    ),
    "report.rung_about.unmoved": (
        "encoder adapted; its best epoch is its start, the frozen encoder",
        "底座加 LoRA 微调；最好的一轮就是起点，即冻结底座",
    ),
    "report.todo.tail": (
        "Collect rows for the {count} rare classes: no setting makes up for examples that are not there.",
        "为 {count} 个长尾类别补充数据：缺的样本动任何旋钮都补不回来。",
    ),
    "report.todo.ask": (
        "Ask the run itself: rankfirst explain RUN.",
        "向这次运行提问：rankfirst explain RUN。",
    ),
    "report.terms": ("The words of this page", "本页用语"),
    "report.term.f1": ("macro-F1", "宏 F1"),
    "report.meaning.f1": (
        "Per class: of the rows called so how many are, and of those that are how many were called so, as one number; "
        "then the mean over classes, so a rare class counts as much as a frequent one.",
        "先对每个类别把“判为此类的有多少判对”和“属于此类的有多少判出”合成一个数，再对类别取平均：少见的类别和常见的同样重要。",
    ),
    "report.term.recall": ("Recall", "召回率"),
    "report.meaning.recall": (
        "Of the rows that belong to a class, the share that is found.",
        "属于某类的数据中，被判出来的比例。",
    ),
    "report.term.frozen": ("Frozen encoder", "冻结底座"),
    "report.meaning.frozen": (
        "The language model stays as it was published; only a linear layer on top learns your classes. Seconds to train.",
        "语言模型保持原样，只在上面训练一层线性分类器，几秒即可完成。",
    ),
    "report.term.lora": ("LoRA", "LoRA"),
    "report.meaning.lora": (
        "Small matrices are added to the language model and trained, so that it adapts while its own parameters stay.",
        "在语言模型里加上小矩阵并训练它们：模型原有参数不动，只训练这一小部分就能适应任务。",
    ),
    "report.term.rank": ("rank", "rank"),
    "report.meaning.rank": (
        "How wide these matrices are: how much can be learnt. Together with the target modules: the capacity.",
        "这些小矩阵的宽度，决定最多能学到多少；与 target modules 合起来就是容量。",
    ),
    "report.term.sites": ("Target modules", "target modules"),
    "report.meaning.sites": (
        "Where they are added: attention (q/v), feed-forward (FFN), and in how many layers from the top.",
        "小矩阵加在哪里：注意力（q/v）、前馈（FFN），以及从顶层往下多少层。",
    ),
    "report.term.scaling": ("Scaling a", "缩放 a"),
    "report.meaning.scaling": ("How strongly their output counts.", "小矩阵的输出以多大比例加进去。"),
    "report.term.lr": ("lr", "lr"),
    "report.meaning.lr": ("Learning rate: the size of a training step.", "学习率：每一步训练走多远。"),
    "report.term.dropout": ("dropout", "dropout"),
    "report.meaning.dropout": (
        "The share of values left out at random in training, so that nothing is learnt by heart.",
        "训练时随机丢弃的比例，防止死记硬背。",
    ),
    "report.term.probe": ("Probe", "试跑"),
    "report.meaning.probe": (
        "A short training run of a recipe that ends like the final one, with lr fallen to nothing.",
        "用某份配方做的一次短训练，结尾与最终训练相同：lr 降到零。",
    ),
    "report.term.experiment": ("Experiment", "最小干预实验"),
    "report.meaning.experiment": (
        "Probes that differ in one knob only; the difference names what limits the model.",
        "只差一个旋钮的几次试跑，差别就说明是什么限制了模型。",
    ),
    "report.term.noise": ("Noise", "噪声"),
    "report.meaning.noise": (
        "How far a score moves although nothing changed, because it is measured on few rows. It is told as a "
        "95% interval: were the rows drawn anew, 95 times of 100 the score would move less. Smaller differences are not acted on.",
        "什么都没变时分数也会有的波动，因为验证数据有限。用 95% 区间表示：换一批数据，100 次里有 95 次波动小于它。比它小的差别不作为依据。",
    ),
    "report.term.tail": ("Long tail", "长尾"),
    "report.meaning.tail": ("Classes with few training rows.", "训练数据很少的类别。"),
    "report.term.nats": ("nats", "nats"),
    "report.meaning.nats": (
        "The unit of loss: 0.69 nats is one yes-or-no question unanswered.",
        "损失的单位：0.69 nats 相当于一个是非题没答出来。",
    ),
}
