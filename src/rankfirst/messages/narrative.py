"""Sentences: a run in prose."""

from typing import Final

_PROSE: Final[dict[str, tuple[str, str]]] = {
    "cite": ("[journal {lines}]", "【日志 {lines}】"),
    "title.prose": ("What was done on {dataset}, and why", "{dataset}：做了什么，为什么这样做"),
    "head.asked": ("Task", "任务"),
    "head.data": ("Data", "数据情况"),
    "head.cheaper": ("What cheaper models achieve", "更便宜的模型能做到什么程度"),
    "head.start": ("The starting recipe, and why", "初始超参，为什么这样取"),
    "head.stage": ("Decisions: {stage}", "决定：{stage}"),
    "head.final": ("Final training", "最终训练"),
    "head.refused": ("What was refused", "拒绝了什么"),
    "head.delivered": ("What was delivered", "交付了什么"),
    "head.unknown": ("What remains unknown", "仍不清楚的"),
    "kind.single": ("single-label", "单标签"),
    "kind.multi": ("multi-label", "多标签"),
    "sentence": ("{words}.", "{words}。"),
    "labelled": ("{name}: {words}", "{name}：{words}"),
    "bracketed": ("({words})", "（{words}）"),
    "asked": (
        "A {kind} text classifier for {dataset}, fine-tuned with LoRA from the base model {base} (seed {seed}, on {device}).",
        "任务：以 {base} 为底座，用 LoRA 在 {dataset} 上微调一个{kind}文本分类器（随机种子 {seed}，设备 {device}）。",
    ),
    "asked.clock": ("Time limit: {time}.", "时间上限 {time}。"),
    "asked.work": (
        "No time limit was set; training has a budget of {work} TFLOP for probes, experiments and the final training, which may exceed it rather than stop early.",
        "没有设时间上限；训练的计算量预算为 {work} TFLOP，用于试跑、对照实验和最终训练，最终训练可以超出预算，不会中途停下。",
    ),
    "asked.set": ("Also set: {settings}.", "此外指定：{settings}。"),
    "asked.nothing_set": ("No knob was set by hand.", "没有手动指定任何旋钮。"),
    "data.counts": (
        "{train} training, {val} validation and {test} test rows in {classes} classes (effective: {effective}); the largest class has {imbalance} times the rows of the smallest. Task complexity: {complexity}.",
        "训练 {train} 行，验证 {val} 行，测试 {test} 行，共 {classes} 个类别（有效类别数 {effective}）；最大类的数据量是最小类的 {imbalance} 倍。任务复杂度：{complexity}。",
    ),
    "data.labels": ("A row has {labels} labels on average.", "平均每行 {labels} 个标签。"),
    "data.tail": (
        "Long tail (classes with few training rows): {tail} ({share} of the rows).",
        "长尾：{tail} 个类别训练数据很少（占 {share}）。",
    ),
    "data.all_small": ("Every class has few training rows.", "每个类别的训练数据都很少。"),
    "data.no_tail": ("No class is rare enough to count as long tail.", "没有类别少到算作长尾。"),
    "data.noise_meaning": (
        "A smaller difference between two scores may be random; experiments compare row by row, so they resolve smaller differences.",
        "比这更小的分数差异可能只是随机波动；对照实验逐条配对，能分辨更小的差异。",
    ),
    "cheaper.bar": (
        "LoRA is delivered only if its expected gain over the frozen encoder (or TF-IDF, if that is better) is worth its price.",
        "LoRA 相对冻结底座（TF-IDF 更好时则为 TF-IDF）的预期提升值得它的代价，才会交付。",
    ),
    "start": ("Tuning started from {recipe}.", "起点：{recipe}。"),
    "start.why": (
        "This is a conservative start: it trains stably and leaves room to increase, so every later step rests on evidence.",
        "这是保守的起点：训练稳定，并留有余地，之后每一步都有依据才走。",
    ),
    "start.set": (
        "Part of it was set by hand; the rest is conservative.",
        "其中一部分由用户指定，其余取保守值。",
    ),
    "start.head": (
        "The classification head starts from the solution fitted on the frozen encoder, so training only has to improve on it.",
        "分类头从冻结底座的解出发，训练只需在此之上改进。",
    ),
    "start.ceiling_meaning": (
        "No rule exceeds this limit, because an adapter that can store much more than the labels contain memorises them.",
        "任何规则都不会超过这个上限：能存的信息远多于标签所含，就会去记住标签。",
    ),
    "stage": ("This stage: {rule}.", "本阶段：{rule}。"),
    "open": ("No conclusion yet", "尚无结论"),
    "seen": ("Observed on probe {number} ({outcome}).", "观察：试跑 {number}（{outcome}）。"),
    "seen.again": ("Observed on probe {number}, as above.", "观察：试跑 {number}，同上。"),
    "seen.quiet": (
        "The curve alone shows no decisive symptom.",
        "曲线本身没有出现足以决定的现象。",
    ),
    "meant.capacity": (
        "There are three possible causes that look alike on a curve: lr too low, rank too low, or too few target modules.",
        "可能的原因有三种，曲线上看起来很像：学习率偏小（lr）、rank 太低，或 target modules 太少。",
    ),
    "meant.optimise": (
        "lr may be too low, too high, or right; in the last case the difference is random.",
        "可能是 lr 偏小、偏大，也可能合适，差异只是随机波动。",
    ),
    "meant.recheck": (
        "At the lr that was settled on, the capacity may be too small, or larger than needed.",
        "在确定下来的 lr 下，容量可能仍然不足，也可能超出所需。",
    ),
    "meant.assess": ("There may be more than one cause.", "原因可能不止一个。"),
    "meant.final": ("There may be more than one cause.", "原因可能不止一个。"),
    "meant.data": (
        "The labels may be the limit. To see, the same recipe was trained again from the same start without the doubtful rows; the validation rows stayed the same:",
        "瓶颈可能在标注。为此从同一起点、用同样的超参去掉可疑的行重新训练，验证数据不变：",
    ),
    "meant.how": (
        "To separate them, the same start was trained again, changing one knob at a time, on the same rows in the same order:",
        "为了分清，从同一起点、同样的数据和顺序重新训练，每次只动一个旋钮：",
    ),
    "arm.moved": ("{arm} ({moved})", "{arm}（{moved}）"),
    "arm": (
        "{what}: {loss} than with no change (95% interval), {reading}; validation macro-F1 {val}, with no change {base}.",
        "{what}：与不改动相比，{loss}（95% 区间），{reading}；验证集宏平均 F1 {val}，不改动为 {base}。",
    ),
    "arm.unhealthy": ("{what}: did not finish, so it shows nothing.", "{what}：未能完成，无从判断。"),
    "done": ("Action: {move}.", "动作：{move}。"),
    "left_alone": ("Deliberately unchanged: {words}", "有意不动：{words}"),
    "not_acted": ("Also present, but not acted on: {words}", "同样出现，但没有采取行动：{words}"),
    "happened": ("Result (probe {number}): {outcome}.", "结果（试跑 {number}）：{outcome}。"),
    "compared": (
        "Compared with before: macro-F1 {f1:+.1f} ± {f1_se:.1f} points, log-loss {gain!w:lower|higher} by {gain!m:.3f} ± {se:.3f} nats per example (95% intervals).",
        "与之前相比：宏平均 F1 {f1:+.1f} ± {f1_se:.1f} 个百分点，log-loss 每条{gain!w:降低|升高} {gain!m:.3f} ± {se:.3f} nats（95% 区间）。",
    ),
    "refused.nothing": (
        "Nothing was refused: no setting came too early and no rule was blocked.",
        "没有拒绝什么：没有设定出现在错误的时机，也没有规则受阻。",
    ),
    "delivered.nothing": (
        "Nothing yet: the run has not reached a verdict.",
        "尚未交付：运行还没有得出结论。",
    ),
    "forced": ("This was forced by the user.", "这是用户强制指定的。"),
    "score.val": (
        "The delivered model scores macro-F1 {f1} on validation (95% interval {span}).",
        "交付的模型在验证集上宏平均 F1 为 {f1}（95% 区间 {span}）。",
    ),
    "score.val_bare": (
        "The delivered model scores macro-F1 {f1} on validation.",
        "交付的模型在验证集上宏平均 F1 为 {f1}。",
    ),
    "score.test": (
        "On the test rows, evaluated once at the end: {f1} (95% interval {span}).",
        "测试集只在最后评估一次：{f1}（95% 区间 {span}）。",
    ),
    "score.test_bare": ("On the test rows, evaluated once at the end: {f1}.", "测试集只在最后评估一次：{f1}。"),
    "took": ("The whole run took {time}.", "整个运行用时 {time}。"),
    "class": ("{name} {recall}", "{name} {recall}"),
    "weak": (
        "Of {classes} classes, these have a recall below 50%: {named}.",
        "{classes} 个类别中，召回率不到一半的有：{named}。",
    ),
    "weak_more": (
        "Of {classes} classes, these have the lowest recall; others are below 50% too: {named}.",
        "{classes} 个类别中，召回率最低的是（不到一半的不止这些）：{named}。",
    ),
    "unknown.untried": (
        "Never changed in this run, so other values are untested: {knobs}.",
        "本次运行从未动过，因此不知道换个值会怎样：{knobs}。",
    ),
    "unknown.ceiling": (
        "A higher rank was not tried because the data limit it to rank {rank}: this is a prior from the information in the labels, not a measurement.",
        "没有试更高的 rank，因为数据决定的上限是 rank {rank}：这是由标签信息量得出的先验，不是实测。",
    ),
    "unknown.lora": (
        "What LoRA would achieve: none was trained.",
        "LoRA 能做到什么程度：没有训练过。",
    ),
    "unknown.seed": (
        "All results rest on one split and seed {seed}: how much another seed would change the delivered model was not measured.",
        "一切都建立在一次划分和随机种子 {seed} 上：换一个种子结果会差多少，没有对交付的模型测量过。",
    ),
    "unknown.test": (
        "There were no test rows, so the validation score is unconfirmed.",
        "没有测试集，验证集的成绩没有得到确认。",
    ),
    "unknown.full": (
        "Full fine-tuning was not measured (`rankfirst assess` with --full measures it).",
        "没有测量全量微调（`rankfirst assess` 加 --full 可以测量）。",
    ),
    "unknown.shift": (
        "Whether newer texts resemble these was not measured (`rankfirst assess` with --compare or --date measures it).",
        "没有测量新文本是否与这些数据相似（`rankfirst assess` 加 --compare 或 --date 可以测量）。",
    ),
    "unknown.unread": (
        "Some lines were written by another version and cannot be read here.",
        "有些行由其他版本写入，这里无法读取。",
    ),
}

SENTENCES: Final[dict[str, tuple[str, str]]] = {f"account.{code}": told for code, told in _PROSE.items()}
