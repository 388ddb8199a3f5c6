"""Sentences: the report, on paper and in the terminal."""

from typing import Final

_PAGE: Final[dict[str, tuple[str, str]]] = {
    "report.title": ("Training report", "训练报告"),
    "report.skip": ("Skip to the report", "跳到正文"),
    "report.multi_label": ("multi-label", "多标签"),
    "report.yes": ("yes", "是"),
    "report.no": ("no", "否"),
    "report.synthetic": (
        "Synthetic data: the texts are generated, so the scores show how the method works, not how well it does on your data.",
        "合成数据：文本由程序生成，分数只说明方法如何运作，不代表在您自己的数据上的效果。",
    ),
    "report.unfinished": (
        "This run has not finished; this is what is known so far. Repeat the same command to continue where it stopped: {command}",
        "本次运行尚未完成，以下是目前已知的内容。重复同一条命令即可从中断处继续：{command}",
    ),
    "report.unread": (
        "{count} event(s) of this journal {count!p:was written by another version and is|were written by another version and are} not shown.",
        "日志中有 {count} 个事件由其他版本写入，未显示。",
    ),
    "report.nav.ladder": ("Baselines", "基线"),
    "report.nav.data": ("Data", "数据"),
    "report.nav.walk": ("Tuning", "调参"),
    "report.nav.probes": ("Curves", "曲线"),
    "report.nav.experiments": ("Experiments", "实验"),
    "report.nav.recall": ("Classes", "类别"),
    "report.nav.confusions": ("Confusions", "混淆"),
    "report.nav.trust": ("Calibration", "校准"),
    "report.nav.costs": ("Time", "时间"),
    "report.nav.reproduce": ("Reproduce", "复现"),
    "report.nav.six": ("Summary", "总结"),
    "report.forced": ("Forced by the user", "用户强制指定"),
    "report.head.verdict": ("Verdict", "结论"),
    "report.head.ladder": ("From baselines to LoRA: what each step gains", "从基线到 LoRA：每一级提升多少"),
    "report.head.data": ("Data", "数据体检"),
    "report.head.walk": ("Tuning: every decision and its reason", "调参过程：每一步的决定和依据"),
    "report.head.probes": ("Learning curves", "学习曲线"),
    "report.head.experiments": ("Experiments", "对照实验"),
    "report.head.recall": ("Precision and recall per class", "各类别精确率与召回率"),
    "report.head.confusions": ("Remaining confusions", "仍然混淆的类别"),
    "report.head.trust": ("Calibration: how far to trust its probabilities", "校准：概率有多可信"),
    "report.head.costs": ("Time and compute", "时间与计算量"),
    "report.head.reproduce": ("How to reproduce", "如何复现"),
    "report.head.six": ("Summary in six sentences", "六句话总结"),
    "report.note.ladder": (
        "All models are scored on the same validation rows. A costlier model is delivered if its expected gain is worth its price; that it is beyond noise is not required.",
        "各方案使用同一份验证数据。更贵的方案，预期的提升值得其代价就交付，不要求提升超出噪声。",
    ),
    "report.note.walk": (
        "Capacity first: rank and target modules decide whether the model can learn; lr, scaling and dropout come after that.",
        "先定容量：rank 和 target modules 决定能不能学到；能学到但学得不好，才动 lr、a 和 dropout。",
    ),
    "report.note.probes": (
        "The x axis is optimiser steps. Validation metrics use all validation rows; training F1 uses a fixed subset of the training rows.",
        "横轴为训练步数。验证指标使用全部验证数据，训练 F1 使用固定的训练子集。",
    ),
    "report.note.experiments": (
        "Every arm starts where the probe started, sees the same rows in the same order, changes one knob, and ends after its learning rate has decayed to zero, as in the final training. Gain is the reduction of validation log-loss in nats per example, with its 95% interval; each arm is calibrated first, so the gain reflects accuracy, not confidence. Green: beyond noise.",
        "每个分支都从试跑的起点出发，数据和顺序完全相同，只动一个旋钮，并像最终训练一样让 lr 降到零。收益是验证集平均每条降低的 log-loss（nats），附 95% 区间；各分支先做校准，因此收益反映准确程度，而不是自信程度。绿色表示超出噪声。",
    ),
    "report.note.recall": (
        "Validation recall, lowest first; the mark is test recall. Precision is that of the test rows (of validation rows if there are none). “Long tail” classes have few training rows.",
        "验证集召回率从低到高，竖线为测试集。精确率在测试集上计算（没有测试集时为验证集）。标有“长尾”的类别训练数据很少。",
    ),
    "report.note.confusions": (
        "Rows of the test split (of validation if there is no test split), most frequent first.",
        "测试集（没有测试集时为验证集）中的行数，从多到少。",
    ),
    "report.note.reproduce": (
        "The same command on the same data and base model reproduces the same decisions.",
        "同样的数据和底座模型，用同一条命令可以重现同样的决定。",
    ),
    "report.tile.val": ("Validation macro-F1", "验证集宏平均 F1"),
    "report.tile.unjudged": (
        "{unjudged} of {class_count} classes have no rows",
        "{class_count} 个类别中有 {unjudged} 个没有数据",
    ),
    "report.tile.interval": ("95% interval {span}", "95% 区间 {span}"),
    "report.tile.test": ("Test macro-F1", "测试集宏平均 F1"),
    "report.tile.test_note": ("evaluated once, at the end", "只在最后评估一次"),
    "report.tile.tail": ("Tail recall", "长尾召回率"),
    "report.tile.tail_note": ("mean over the rare classes", "少样本类别的平均值"),
    "report.tile.size": ("Deployed size", "部署大小"),
    "report.tile.size_note": ("without the base model", "不含底座模型"),
    "report.tile.seconds": ("Time", "用时"),
    "report.tile.seconds_note": ("the whole run", "整个运行"),
    "report.gain.question": ("Is LoRA worth it?", "值得用 LoRA 吗？"),
    "report.gain.lora": ("LoRA", "LoRA"),
    "report.gain.over": ("validation macro-F1, compared with: {base}", "验证集宏平均 F1，相对：{base}"),
    "report.gain.expected": ("expected gain in macro-F1, compared with: {base}", "宏平均 F1 的预期增益，相对：{base}"),
    "report.gain.beyond": (
        "Dot: the gain. Band: random variation (95% interval ±{noise} points). The gain is real.",
        "圆点是提升，灰带是随机波动（95% 区间 ±{noise} 个百分点）：提升是真实的。",
    ),
    "report.gain.inside": (
        "Dot: the difference. Band: random variation (95% interval ±{noise} points). There is no measurable gain.",
        "圆点是差值，灰带是随机波动（95% 区间 ±{noise} 个百分点）：LoRA 没有带来可测的提升。",
    ),
    "report.gain.unproven": (
        "Dot: the expected difference. Band: its 95% interval over rows and seeds (±{noise} points). It contains zero: the difference is not proven.",
        "圆点是预期的差值，灰带是 95% 区间（±{noise} 个百分点，计入样本和随机种子的波动）：区间包含零，差异尚未得到证实。",
    ),
    "report.gain.worse": (
        "Dot: the difference. Band: random variation (95% interval ±{noise} points). LoRA is worse.",
        "圆点是差值，灰带是随机波动（95% 区间 ±{noise} 个百分点）：LoRA 反而更差。",
    ),
    "report.gain.unmeasured": (
        "Its random variation was not measured.",
        "没有测量其中的随机波动。",
    ),
    "report.whisker.about": ("{arm}: {recipe}; {loss} (95% interval)", "{arm}：{recipe}；{loss}（95% 区间）"),
    "report.matrix.title": ("Confusion matrix", "混淆矩阵"),
    "report.matrix.note": (
        "Labels down, predictions across; a cell counts rows of the test split (of validation if there is no test split), darker for a larger share of the class. Classes that are confused are neighbours. Point at a cell for its classes and figures.",
        "行为标注，列为预测；单元格为测试集（没有测试集时为验证集）的行数，占该类别比例越高颜色越深。容易混淆的类别排在一起。指向单元格可看类别和数字。",
    ),
    "report.matrix.hidden": ("{count} more classes are not shown.", "另有 {count} 个类别未显示。"),
    "report.matrix.zoom": ("Zoom", "缩放"),
    "report.col.precision": ("Precision", "精确率"),
    "report.missed": (
        "{count} rows missed",
        "漏判 {count} 行",
    ),
    "report.missed.as": ("predicted: {labels}", "预测：{labels}"),
    "report.col.rung": ("Model", "模型"),
    "report.col.score": ("Score, %", "得分（%）"),
    "report.col.val": ("Val. macro-F1", "验证宏平均 F1"),
    "report.col.tail": ("Tail recall", "长尾召回率"),
    "report.col.accuracy": ("Accuracy", "准确率"),
    "report.col.exact": ("Exact match", "完全匹配率"),
    "report.col.test": ("Test macro-F1", "测试宏平均 F1"),
    "report.col.time": ("Time", "用时"),
    "report.col.size": ("Size", "大小"),
    "report.col.latency": ("ms per text", "毫秒/条"),
    "report.col.arm": ("Arm", "分支"),
    "report.col.moved": ("Changed", "改动"),
    "report.col.val_f1": ("Val. F1", "验证 F1"),
    "report.col.train_f1": ("Train F1", "训练 F1"),
    "report.col.train_loss": ("Train loss", "训练 loss"),
    "report.col.update": ("Update norm", "更新范数"),
    "report.col.gain": ("Gain, nats (95% interval)", "收益，nats（95% 区间）"),
    "report.col.verdict": ("Result", "结果"),
    "report.col.class": ("Class", "类别"),
    "report.col.rows": ("Train rows", "训练行数"),
    "report.col.recall": ("Recall, validation", "召回率（验证）"),
    "report.col.truth": ("Label", "标注"),
    "report.col.predicted": ("Predicted", "预测"),
    "report.col.count": ("Rows", "行数"),
    "report.col.step": ("Step", "步骤"),
    "report.col.work": ("Work, TFLOP", "计算量（TFLOP）"),
    "report.col.share": ("Share of the time", "用时占比"),
    "report.col.test_recall": ("Recall, test", "召回率（测试）"),
    "report.delivered": ("delivered", "交付"),
    "report.tail": ("long tail", "长尾"),
    "report.more": ("{count} more classes", "其余 {count} 个类别"),
    "report.checks_fine": ("{count} more checks without findings", "另有 {count} 项检查未发现问题"),
    "report.rows_shown": ("Training rows (from 0): {rows}", "训练集行号（从 0 起）：{rows}"),
    "report.suspects": (
        "Labels to review, training rows (from 0): {rows}",
        "建议复核标签的训练集行号（从 0 起）：{rows}",
    ),
    "report.pairs": ("Classes the frozen encoder confuses most", "冻结底座最易混淆的类别"),
    "report.legend.interval": ("95% interval", "95% 区间"),
    "report.legend.train_loss": ("training", "训练"),
    "report.legend.val_loss": ("validation", "验证"),
    "report.legend.val_loss_calibrated": ("validation, calibrated", "验证（校准后）"),
    "report.legend.train_f1": ("training", "训练"),
    "report.legend.val_f1": ("validation", "验证"),
    "report.legend.best_f1": ("best of each probe", "各次试跑的最好成绩"),
    "report.curve.loss": ("Loss, nats per example", "loss（nats/条）"),
    "report.curve.score": ("Macro-F1, %", "宏平均 F1（%）"),
    "report.curve.overview": ("Validation macro-F1 by probe, %", "各次试跑的验证集宏平均 F1（%）"),
    "report.experiment.chart": ("Gain of each arm", "各分支的收益"),
    "report.footer": ("Generated by rankfirst from the journal of the run.", "由 rankfirst 根据运行日志生成。"),
}

_PHRASES: Final[dict[str, tuple[str, str]]] = {
    "report.points": ("{value:+.1f} points", "{value:+.1f} 个百分点"),
    "report.time.seconds": ("{seconds} s", "{seconds} 秒"),
    "report.time.minutes_even": ("{minutes} min", "{minutes} 分钟"),
    "report.time.minutes": ("{minutes} min {seconds} s", "{minutes} 分 {seconds} 秒"),
    "report.time.hours": ("{hours} h {minutes} min", "{hours} 小时 {minutes} 分"),
    "report.roles.all": ("all linear layers", "全部线性层"),
    "report.roles.everywhere": ("{everywhere} in all layers and {top}", "{everywhere}（全部层）和 {top}"),
    "report.knob.named": ("{name} {value}", "{name} {value}"),
    "report.knob.moved": ("{name} {old} → {new}", "{name} {old} → {new}"),
    "report.knob.sites": ("{roles}, top {layers} layers", "{roles}，顶部 {layers} 层"),
    "report.knob.sites_everywhere": (
        "{everywhere} in all layers, {top} in the top {layers}",
        "{everywhere} 用于全部层，{top} 用于顶部 {layers} 层",
    ),
    "report.knob.depth": ("top {old} → {new} layers", "顶部 {old} → {new} 层"),
    "report.knob.sites_only": ("target modules", "target modules"),
    "report.knob.rank": ("rank", "rank"),
    "report.knob.scaling": ("scaling", "a"),
    "report.knob.lr": ("lr", "lr"),
    "report.knob.dropout": ("dropout", "dropout"),
    "report.knob.head": ("head", "分类头"),
    "report.knob.head_lr": ("head lr", "分类头 lr"),
    "report.knob.class_weights": ("class weights", "类别权重"),
    "report.knob.focal_gamma": ("focal gamma", "focal gamma"),
    "report.knob.logit_adjustment": ("logit adjustment", "logit 校正"),
    "report.knob.label_smoothing": ("label smoothing", "标签平滑"),
    "report.knob.seed": ("seed", "种子"),
    "report.knob.without": ("training rows left out", "去掉的训练数据行数"),
    "report.knob.safe_numerics": ("safe numerics", "安全数值"),
    "report.head_start.zero": ("zero", "零"),
    "report.head_start.random": ("random", "随机"),
    "report.class_weights.balanced": ("balanced", "均衡"),
    "report.class_weights.sqrt": ("square root", "平方根"),
    "report.ship.lora": ("Ship the LoRA adapter", "建议交付：LoRA 微调模型"),
    "report.ship.frozen": ("Ship the frozen encoder with a linear head", "建议交付：冻结底座 + 线性分类头"),
    "report.ship.tfidf": ("Ship TF-IDF with a linear model", "建议交付：TF-IDF + 线性模型"),
    "report.rung.majority": ("Majority class", "多数类"),
    "report.rung.tfidf": ("TF-IDF", "TF-IDF"),
    "report.rung.frozen": ("Frozen encoder", "冻结底座"),
    "report.rung.lora": ("LoRA", "LoRA 微调"),
    "report.rung.probe": ("LoRA, short probe", "LoRA 短试跑"),
    "report.rung.full": ("Full fine-tuning", "全量微调"),
    "report.rung_about.majority": ("always predicts the most frequent class", "总是预测样本最多的类别"),
    "report.rung_about.tfidf": ("character and word n-grams, linear model", "字词特征 + 线性模型"),
    "report.rung_about.frozen": ("encoder unchanged, linear head", "底座不动，只训练线性头"),
    "report.rung_about.mixed": (
        "encoder unchanged, linear head ({rest} logistic regression, {share} class prototypes)",
        "底座不动，只训练线性头（{rest} 逻辑回归 + {share} 类原型）",
    ),
    "report.rung_about.unit": (
        "encoder unchanged, linear head on states of unit length",
        "底座不动，只训练线性头（输入先归一化到单位长度）",
    ),
    "report.rung_about.mixed_unit": (
        "encoder unchanged, linear head on states of unit length ({rest} logistic regression, {share} class prototypes)",
        "底座不动，只训练线性头（输入先归一化到单位长度；{rest} 逻辑回归 + {share} 类原型）",
    ),
    "report.rung_about.lora": ("encoder adapted with LoRA", "底座加 LoRA 微调"),
    "report.rung_about.probe": ("starting recipe, short training", "初始超参，短训练"),
    "report.rung_about.full": ("all weights trained", "训练全部权重"),
    "report.data.rows": ("Rows: train / val / test", "行数：训练 / 验证 / 测试"),
    "report.data.classes": ("Classes (effective)", "类别数（有效）"),
    "report.data.labels": ("Labels per row", "每行标签数"),
    "report.data.imbalance": ("Largest : smallest class", "最大类 : 最小类"),
    "report.data.tail": ("Tail classes (share of rows)", "长尾类别（数据占比）"),
    "report.data.script": ("Script", "文字"),
    "report.data.chars": ("Characters: mean / p95", "字符数：平均 / 95%"),
    "report.data.tokens": ("Tokens: p50 / p95 / p99 / max", "token 数：50% / 95% / 99% / 最长"),
    "report.data.complexity": ("Complexity", "任务复杂度"),
    "report.script.zh": ("Chinese", "中文"),
    "report.script.en": ("English", "英文"),
    "report.script.mixed": ("mixed", "中英混合"),
    "report.script.other": ("other", "其他"),
    "report.complexity.low": ("low", "低"),
    "report.complexity.medium": ("medium", "中"),
    "report.complexity.high": ("high", "高"),
    "report.level.ok": ("OK", "正常"),
    "report.level.note": ("NOTE", "留意"),
    "report.level.warn": ("WARNING", "警告"),
    "report.chip.present": ("FOUND", "出现"),
    "report.chip.absent": ("OK", "正常"),
    "report.chip.unknown": ("UNCLEAR", "不明"),
    "report.stage.assess": ("Assessment", "评估"),
    "report.stage.capacity": ("Capacity", "容量"),
    "report.stage.optimise": ("Optimisation", "优化"),
    "report.stage.recheck": ("Capacity re-check", "容量复核"),
    "report.stage.final": ("Final training", "最终训练"),
    "report.stage_rule.assess": ("nothing is trained yet", "尚未训练"),
    "report.stage_rule.capacity": (
        "only rank and target modules may change; lr, scaling and dropout are locked, except in experiments",
        "只动 rank 和 target modules；锁定 lr、a 和 dropout，只在对照实验中试",
    ),
    "report.stage_rule.optimise": (
        "only lr, scaling and dropout may change; rank and target modules are locked",
        "只动 lr、a 和 dropout；锁定 rank 和 target modules",
    ),
    "report.stage_rule.recheck": (
        "capacity is checked again at the settled lr and scaling: does more help, is less as good",
        "在确定下来的 lr 和 a 下复核容量：再加有没有用，减少是否一样好",
    ),
    "report.stage_rule.final": ("trains the chosen recipe to its end", "把选定的超参完整训练一遍"),
    "report.trust.ece": ("Calibration error (ECE), before → after", "校准误差（ECE），校准前 → 后"),
    "report.trust.ece_yes": (
        "Calibration error (ECE) where the model says yes, before → after",
        "模型判为“是”时的校准误差（ECE），校准前 → 后",
    ),
    "report.trust.temperature": ("Temperature", "温度"),
    "report.trust.shared": ("Threshold of a label", "标签的作答阈值"),
    "report.trust.thresholds": ("Labels with their own threshold", "单独设定阈值的标签数"),
    "report.trust.thresholds_f1": (
        "Validation macro-F1, before → after thresholds",
        "验证集宏平均 F1，调整阈值前 → 后",
    ),
    "report.abstain.threshold": ("Confidence threshold", "拒识阈值（概率）"),
    "report.abstain.coverage": ("Coverage (share answered)", "作答比例"),
    "report.abstain.accuracy": ("Accuracy on answered rows", "作答部分的准确率"),
    "report.abstain.accuracy_kept": ("Accuracy on answered rows", "作答部分的准确率"),
    "report.abstain.accuracy_all": ("Accuracy if all rows are answered", "全部作答的准确率"),
    "report.cost.assess": ("assessment", "评估"),
    "report.cost.ladder": ("baselines", "基线"),
    "report.cost.capacity": ("capacity", "容量"),
    "report.cost.optimise": ("optimisation", "优化"),
    "report.cost.recheck": ("re-check", "复核"),
    "report.cost.final": ("final training", "最终训练"),
    "report.cost.held_out": ("held-out training rows", "留出的训练数据"),
    "report.cost.refit": ("training on all rows", "用全部数据训练"),
    "report.cost.export": ("export", "导出"),
    "report.cost.profile": ("data, features, baselines", "数据、特征和基线"),
    "report.cost.features": ("features", "特征"),
    "report.cost.total": ("Total", "总计"),
    "report.cost.memory": ("Peak memory", "内存峰值"),
    "report.cost.decisions": ("Decisions", "决定数"),
    "report.col.part": ("Stage", "阶段"),
    "report.time_spent": (
        "Wall clock by stage; each second is counted once, for the innermost stage",
        "各阶段实际用时；嵌套的阶段只计入最内层，每一秒只计一次",
    ),
    "report.time_unknown": (
        "This run was made by a version that kept no account of the time by stage",
        "该运行由旧版本生成，没有记录各阶段用时",
    ),
    "report.spent.start": ("loading libraries, rows and base model", "加载库、数据和底座模型"),
    "report.spent.pace": ("measuring speed and memory", "测量速度和内存"),
    "report.spent.checks": ("data checks", "数据检查"),
    "report.spent.baselines": ("baselines", "基线"),
    "report.spent.encode": ("encoding texts", "编码文本"),
    "report.spent.cache": ("caching states of frozen blocks", "缓存冻结层的状态"),
    "report.spent.probes": ("training probes", "训练试跑"),
    "report.spent.evaluation": ("evaluation", "评估"),
    "report.spent.decisions": ("decisions", "决策"),
    "report.spent.final": ("final training", "最终训练"),
    "report.spent.held_out": ("training without parts of the rows", "去掉部分数据的训练"),
    "report.spent.calibration": ("calibration", "校准"),
    "report.spent.refit": ("training on all rows", "用全部数据训练"),
    "report.spent.delivery": ("packaging and checking the model", "打包并检查模型"),
    "report.spent.other": ("other", "其他"),
    "report.spent.unrecorded": ("earlier session, not recorded", "此前的运行，未记录"),
}

_WALK: Final[dict[str, tuple[str, str]]] = {
    "report.walk.start": ("Starting recipe", "初始超参"),
    "report.walk.noise": ("Noise floor", "噪声下限"),
    "report.walk.note": ("Note", "说明"),
    "report.walk.refused": ("Refused: {knob} = {value}", "已拒绝：{knob} = {value}"),
    "report.walk.forced": ("Forced against advice: {knob} = {value}", "不顾建议强制设定：{knob} = {value}"),
    "report.walk.clock": ("Time budget", "时间预算"),
    "report.walk.plan": ("Plan", "计划"),
    "report.clock.start": (
        "No time for a first probe: {spent} of {limit} are used up. No LoRA is trained.",
        "没有时间做第一次试跑：时间预算 {limit}，已用 {spent}。不训练 LoRA。",
    ),
    "report.clock.step": (
        "This step is skipped for lack of time ({at}): {spent} of {limit} are used up, and the final training needs time too.",
        "时间不够，跳过这一步（{at}）：时间预算 {limit}，已用 {spent}，最终训练还需要时间。",
    ),
    "report.clock.final": (
        "No time for the final training: {spent} of {limit} are used up. The last probe is used instead.",
        "没有时间做最终训练：时间预算 {limit}，已用 {spent}。以最后一次试跑代替。",
    ),
    "report.plan": (
        "{rows} training rows, {classes} classes: at most {probes} probes (short training runs), then one final training.",
        "训练 {rows} 行，{classes} 个类别：至多 {probes} 次试跑（短训练），然后最终训练一次。",
    ),
    "report.plan.base": ("Base model: {base}.", "底座模型：{base}。"),
    "report.plan.step": ("{name}: {work} TFLOP, about {time}", "{name}：{work} TFLOP，约 {time}"),
    "report.plan_step.features": ("Encoding all texts once", "全部文本编码一遍"),
    "report.plan_step.first_probe": ("First probe", "第一次试跑"),
    "report.plan_step.at_most_in_all": ("Total, at most", "总计至多"),
    "report.calibration": (
        "The probabilities of {rung} are calibrated with temperature {temperature}.",
        "{rung}的概率已校准，温度 {temperature}。",
    ),
    "report.calibration.ece": (
        "Calibration error {before} → {after}.",
        "校准误差 {before} → {after}。",
    ),
    "report.calibration.ece_yes": (
        "Calibration error where the model says yes {before} → {after}.",
        "模型判为“是”时的校准误差 {before} → {after}。",
    ),
    "report.calibration.thresholds": (
        "A label is answered from a probability of {shared} (labels with their own threshold: {moved}); validation macro-F1 {before} → {after}.",
        "概率达到 {shared} 的标签即作答（单独设定阈值的标签：{moved} 个）；验证集宏平均 F1 {before} → {after}。",
    ),
    "report.calibration.abstain": (
        "Rows below a confidence of {threshold} should go to a person: {coverage} of the rows are answered, {kept} of them correctly ({every} if all are answered).",
        "概率低于 {threshold} 的转人工：作答 {coverage}，其中正确 {kept}（全部作答为 {every}）。",
    ),
    "report.walk.probe": ("Probe {number}, {outcome}", "试跑 {number}，{outcome}"),
    "report.walk.next": ("next", "下一步"),
    "report.walk.turned_down": ("Also present, but not acted on", "同样出现，但没有采取行动"),
    "report.walk.turned_down_line": ("{symptom} Why not: {why}", "{symptom}原因：{why}"),
    "report.walk.not_touched": ("Deliberately unchanged", "有意不动的旋钮"),
    "report.walk.checked": ("Also checked: {absent} symptoms not present", "另外检查：{absent} 种现象未出现"),
    "report.walk.checked_unknown": (
        "Also checked: {absent} symptoms not present, {unknown} unclear",
        "另外检查：{absent} 种现象未出现，{unknown} 种无法判断",
    ),
    "report.walk.start_short": ("start", "起点"),
    "report.walk.again": ("again", "重复"),
    "report.pace": (
        "The base model runs in {dtype} on {device}, threads: {threads}; padding is {padding}% of a batch. Measured:",
        "底座以 {dtype} 精度在 {device} 上运行，线程数 {threads}；每批补齐占 {padding}%。实测：",
    ),
    "report.pace.trial": (
        "{dtype}, threads: {threads}: {rate} tokens/s",
        "{dtype}，线程数 {threads}：每秒 {rate} 个 token",
    ),
    "report.pace.narrow": (
        "{dtype}, threads: {threads}: {rate} tokens/s; hidden states change by at most {deviation}%",
        "{dtype}，线程数 {threads}：每秒 {rate} 个 token；隐藏状态最多偏移 {deviation}%",
    ),
    "report.lengths": (
        "Training texts in tokens: half have up to {p50}, 95% up to {p95}, 99% up to {p99}.<< {over} of them are cut at {limit}.>>",
        "训练文本的 token 数：一半不超过 {p50}，95% 不超过 {p95}，99% 不超过 {p99}。<<{over} 在 {limit} 处被截断。>>",
    ),
    "report.lengths.windows": (
        "Training texts in tokens: half have up to {p50}, 95% up to {p95}, 99% up to {p99}.<< {over} of them are read in windows of {limit}.>>",
        "训练文本的 token 数：一半不超过 {p50}，95% 不超过 {p95}，99% 不超过 {p99}。<<{over} 更长，按 {limit} 的窗口读取。>>",
    ),
    "report.lengths.suggest": (
        "--max-tokens {suggested} would cut {cut}; an epoch would read {cost} times as many tokens, and the cost of attention grows faster than that.",
        "--max-tokens {suggested} 只会截断 {cut}；每轮要读的 token 是现在的 {cost} 倍，注意力的开销增长更快。",
    ),
    "report.lengths.limit": (
        "This base model reads at most {most} tokens at once: use --windows to read longer texts in overlapping windows.",
        "该底座模型一次最多读 {most} 个 token：可用 --windows 把更长的文本分成重叠窗口读取。",
    ),
    "report.lengths.sampled": (
        "{cut} of them are longer than eight windows and are read with gaps.",
        "超过八个窗口、只能间隔读取的文本占 {cut}。",
    ),
    "report.noise": (
        "With {rows} validation rows, random variation moves macro-F1 by ±{f1} points and loss by ±{loss} nats per example (95% intervals).",
        "验证集 {rows} 行：随机波动使宏平均 F1 变动 ±{f1} 个百分点，loss 每条变动 ±{loss} nats（95% 区间）。",
    ),
    "report.ceiling.why": (
        "The labels of {rows} rows hold about {kbit:.1f} kbit of information; one unit of rank on all layers stores {per_rank_kbit:.0f} kbit.",
        "{rows} 行数据的标签约含 {kbit:.1f} kbit 信息；全部层上 rank 每加 1 可多存 {per_rank_kbit:.0f} kbit。",
    ),
    "report.ceiling.plain": (
        "Capacity limit set by the data: rank {rank}, {layers} layers.",
        "数据决定的容量上限：rank {rank}，{layers} 层。",
    ),
    "report.ceiling.of": (
        "Capacity limit set by the data: rank {rank}, {layers} of {of} layers.",
        "数据决定的容量上限：rank {rank}，{of} 层中的 {layers} 层。",
    ),
    "report.move.change": ("{moved}", "{moved}"),
    "report.move.same": ("the same recipe again", "用同一组超参再跑一次"),
    "report.move.extend": ("train the same recipe up to {epochs:g} epochs", "用同一组超参训练到 {epochs:g} 轮"),
    "report.move.experiment": ("try from the same start: {arms}", "从同一起点试：{arms}"),
    "report.move.settled": ("this stage is settled", "本阶段完成"),
    "report.move.advance": ("this stage is settled; next stage: {stage}", "本阶段完成，进入：{stage}"),
    "report.move.stop": ("stop: {reason}", "停止：{reason}"),
    "report.arm.none": ("no change", "不改动"),
    "report.arm.lr": ("a higher lr", "只升 lr"),
    "report.arm.lr-": ("a lower lr", "只降 lr"),
    "report.arm.seed": ("another seed", "换一个种子"),
    "report.arm.rank": ("a higher rank", "只升 rank"),
    "report.arm.sites": ("more target modules", "只加 target modules"),
    "report.arm.rank-": ("a lower rank", "只降 rank"),
    "report.arm.sites-": ("fewer target modules", "只减 target modules"),
    "report.arm.scaling": ("a higher scaling", "只升 a"),
    "report.arm.dropout": ("more dropout", "只增大 dropout"),
    "report.arm.data": ("without suspect rows", "去掉可疑标注的行"),
    "report.arm.base": ("reference", "对照"),
    "report.arm.beyond": ("beyond noise", "超出噪声"),
    "report.arm.within": ("within noise", "在噪声之内"),
    "report.arm.worse": ("worse", "更差"),
    "report.arm.collapsed": (
        "collapsed: nearly all rows get the same answer",
        "崩溃：几乎所有数据都是同一个答案",
    ),
    "report.arm.unhealthy": ("did not finish", "未能完成"),
    "report.probe.title": ("Probe {number}", "试跑 {number}"),
    "report.probe.final": ("Final training", "最终训练"),
    "report.probe.val_loss": ("val loss", "验证 loss"),
    "report.probe.val_loss_calibrated": ("calibrated val loss", "校准后的验证 loss"),
    "report.probe.outcome": (
        "{epochs:g} epochs: val macro-F1 {start} → {end} (best {best}), {loss} {val_from} → {val_to}, "
        "train loss {train_from} → {train_to}",
        "{epochs:g} 轮：验证宏平均 F1 {start} → {end}（最高 {best}），{loss} {val_from} → {val_to}，训练 loss {train_from} → {train_to}",
    ),
    "report.probe.collapsed": (
        "collapsed, nearly all rows get the same answer; {epochs:g} epochs: val macro-F1 {start} → {end} (best {best}), {loss} {val_from} → {val_to}, train loss {train_from} → {train_to}",
        "崩溃，几乎所有数据都是同一个答案；{epochs:g} 轮：验证宏平均 F1 {start} → {end}（最高 {best}），{loss} {val_from} → {val_to}，训练 loss {train_from} → {train_to}",
    ),
    "report.chip.collapsed": ("collapsed", "崩溃"),
    "report.probe.nothing": ("{epochs:g} epochs, nothing measured", "{epochs:g} 轮，没有测量结果"),
    "report.health.diverged": (
        "diverged within {epochs:g} epochs: a loss or gradient was not finite",
        "在 {epochs:g} 轮内发散：loss 或梯度非有限",
    ),
    "report.health.out_of_memory": ("out of memory", "内存不足"),
    "report.experiment.title": ("Experiment {number}", "实验 {number}"),
    "report.experiment.arm": ("Experiment {number}: {arm}", "实验 {number}：{arm}"),
    "report.experiment.from": ("Each arm changes one knob of this recipe", "各分支只动一个旋钮，基准超参"),
    "report.fact.dataset": ("Data", "数据"),
    "report.fact.fingerprint": ("Fingerprint of the data", "数据指纹"),
    "report.fact.base_model": ("Base model", "底座模型"),
    "report.fact.base_sha256": ("SHA-256 of its weights", "底座权重 sha256"),
    "report.fact.seed": ("Seed", "随机种子"),
    "report.fact.device": ("Device", "设备"),
    "report.fact.threads": ("Threads", "线程数"),
    "report.fact.budget_work": ("Budget, TFLOP", "计算预算（TFLOP）"),
    "report.fact.budget_seconds": ("Budget, seconds", "时间预算（秒）"),
    "report.fact.versions": ("Versions", "版本"),
}

_TELL: Final[dict[str, tuple[str, str]]] = {
    "report.tell.run": (
        "Data {dataset}, base model {base}, seed {seed}, on {device}.",
        "数据 {dataset}，底座模型 {base}，随机种子 {seed}，设备 {device}。",
    ),
    "report.tell.profile": (
        "{train} training rows, {val} validation rows, {test} test rows, {classes} classes.",
        "训练 {train} 行，验证 {val} 行，测试 {test} 行，共 {classes} 个类别。",
    ),
    "report.tell.check": ("{level}: {words}", "{level}：{words}"),
    "report.tell.rung": ("{name}: macro-F1 {score}, {time}", "{name}：宏平均 F1 {score}，用时 {time}"),
    "report.tell.rung_interval": (
        "{name}: macro-F1 {score} (95% interval {span}), {time}",
        "{name}：宏平均 F1 {score}（95% 区间 {span}），用时 {time}",
    ),
    "report.tell.start": ("Starting recipe: {recipe}.", "初始超参：{recipe}。"),
    "report.tell.probe": ("Probe with {recipe}.", "试跑 {recipe}。"),
    "report.tell.final": ("Final training with {recipe}.", "最终训练 {recipe}。"),
    "report.tell.arm": (
        "{name}: val F1 {val}, {loss} (95% interval, {beyond})",
        "{name}：验证 F1 {val}，{loss}（95% 区间，{beyond}）",
    ),
    "report.tell.loss": (
        "loss {gain!w:lower|higher} by {gain!m:.4f} ± {reach:.4f} nats per example",
        "loss 每条{gain!w:降低|升高} {gain!m:.4f} ± {reach:.4f} nats",
    ),
    "report.tell.arm_base": ("{name}: val F1 {val} ({beyond})", "{name}：验证 F1 {val}（{beyond}）"),
    "report.tell.decision": ("[{stage}] {conclusion}", "【{stage}】{conclusion}"),
    "report.tell.finding": ("reason: {words}", "依据：{words}"),
    "report.tell.turned_down": ("not acted on: {words}", "未行动：{words}"),
    "report.tell.refused": ("unchanged: {words}", "有意不动：{words}"),
    "report.tell.move": ("next: {words}", "下一步：{words}"),
    "report.tell.refusal": ("{what}. {why}", "{what}。{why}"),
    "report.tell.verdict": ("{headline}. {why}", "{headline}。{why}"),
    "report.tell.result": (
        "Finished in {time}: validation macro-F1 {val}, test macro-F1 {test}.",
        "完成，用时 {time}：验证集宏平均 F1 {val}，测试集宏平均 F1 {test}。",
    ),
    "report.tell.unread": ("an event of kind {kind} that this version cannot read", "本版本无法读取的 {kind} 事件"),
}

# The seed's six sentences, one variant for every way a run can go (report/six.py picks it).
_SIX: Final[dict[str, tuple[str, str]]] = {
    "six.1.untrained": (
        "Capacity comes first, but no LoRA was trained in this run, so no rank or target modules were tried.",
        "容量本应最先确定，但本次运行没有训练 LoRA，rank 和 target modules 都没有试过。",
    ),
    "six.1.kept": (
        "Capacity was settled first (probes: {probes}, experiments: {experiments}): rank {rank} on {roles} in the top {layers} layers, as at the start; only then could lr, scaling or dropout change.",
        "先定容量（试跑 {probes} 次，对照实验 {experiments} 次）：rank {rank}、{roles}、顶部 {layers} 层，与起点相同；"
        "之后才轮到 lr、a 和 dropout。",
    ),
    "six.1.moved": (
        "Capacity was settled first (probes: {probes}, experiments: {experiments}, changes: {moves}): from rank {rank_from} on {roles_from} in the top {layers_from} layers to rank {rank} on {roles} in the top {layers} layers; only then could lr, scaling or dropout change.",
        "先定容量（试跑 {probes} 次，对照实验 {experiments} 次，调整 {moves} 次）：从 rank {rank_from}、{roles_from}、"
        "顶部 {layers_from} 层到 rank {rank}、{roles}、顶部 {layers} 层；之后才轮到 lr、a 和 dropout。",
    ),
    "six.1.returned": (
        "Capacity was settled first (probes: {probes}, experiments: {experiments}, changes: {moves}): from rank {rank_from} on {roles_from} in the top {layers_from} layers it went to other sizes and back to rank {rank} on {roles} in the top {layers} layers; only then could lr, scaling or dropout change.",
        "先定容量（试跑 {probes} 次，对照实验 {experiments} 次，调整 {moves} 次）：从 rank {rank_from}、{roles_from}、"
        "顶部 {layers_from} 层出发试过别的容量，又回到 rank {rank}、{roles}、顶部 {layers} 层；之后才轮到 lr、a 和 dropout。",
    ),
    "six.1.rechecked": (
        "Capacity was settled first (probes: {probes}, experiments: {experiments}, changes: {moves}) at rank {rank_from} on {roles_from} in the top {layers_from} layers; at the settled lr, the re-check changed it again (changes: {again}) to rank {rank} on {roles} in the top {layers} layers.",
        "先定容量（试跑 {probes} 次，对照实验 {experiments} 次，调整 {moves} 次），定在 rank {rank_from}、{roles_from}、"
        "顶部 {layers_from} 层；lr 定下之后复核容量，又调整 {again} 次，到 rank {rank}、{roles}、顶部 {layers} 层。",
    ),
    "six.1.stopped_diverged": (
        "Capacity came first, but training diverged and stopped there (probes: {probes}, experiments: {experiments}): no rank was settled.",
        "先定容量，但训练发散，停在了这一步（试跑 {probes} 次，对照实验 {experiments} 次）：没有定下 rank。",
    ),
    "six.1.stopped_memory": (
        "Capacity came first, but training ran out of memory and stopped there (probes: {probes}, experiments: {experiments}): no rank was settled.",
        "先定容量，但内存不足，停在了这一步（试跑 {probes} 次，对照实验 {experiments} 次）：没有定下 rank。",
    ),
    "six.1.stopped_other": (
        "Capacity came first, but training stopped there (probes: {probes}, experiments: {experiments}): no rank was settled.",
        "先定容量，训练停在了这一步（试跑 {probes} 次，对照实验 {experiments} 次）：没有定下 rank。",
    ),
    "six.1.unsettled": (
        "Capacity came first, but the run ended before it was settled (probes: {probes}, experiments: {experiments}).",
        "先定容量，但运行在容量确定之前就结束了（试跑 {probes} 次，对照实验 {experiments} 次）。",
    ),
    "six.2.untrained": (
        "Nothing was trained, so there was no under- or overfitting to correct and no knob changed.",
        "没有训练，也就没有欠拟合或过拟合需要处理，任何旋钮都没有动。",
    ),
    "six.2.no_room": (
        "A probe under- or overfitted, but neither rank nor target modules could change (at their limit, no budget, or fixed by you); lr was not changed instead.",
        "出现过欠拟合或过拟合，但 rank 和 target modules 都无法再调（没有余地、预算不足或由您固定）；也没有改动 lr 来代替。",
    ),
    "six.2.mixed": (
        "Under- or overfitting changed more than capacity in this run (changes: {count}; {moves}): see Tuning.",
        "本次运行中，欠拟合或过拟合不只调整了容量（{count} 次；{moves}）：详见调参过程。",
    ),
    "six.3.untrained": ("lr was never changed: no LoRA was trained.", "没有动 lr：没有训练 LoRA。"),
    "six.3.unreached": (
        "lr was never changed and stayed at {value}: the run did not reach the stage where it may change.",
        "没有动 lr，一直是 {value}：运行没有走到可以动 lr 的阶段。",
    ),
    "six.3.quiet": (
        "lr was never changed and stayed at {value}: in its stage, no probe showed slow learning, oscillation or differences between seeds beyond noise.",
        "没有动 lr，一直是 {value}：在优化阶段，没有试跑出现超出噪声的收敛过慢、振荡或种子差异。",
    ),
    "six.3.untested": (
        "lr was never changed and stayed at {value}: some experiments that could tell whether it is too low or too high were skipped for lack of time or budget.",
        "没有动 lr，一直是 {value}：因时间或预算不足，能判断 lr 偏小还是偏大的对照实验没有做完。",
    ),
    "six.3.no_room": (
        "lr stayed at {value}: there was evidence for changing it, but no change was possible (see Tuning).",
        "lr 一直是 {value}：出现过需要调整的信号，但无法调整（见调参过程）。",
    ),
    "six.3.pinned": (
        "lr stayed at {value}: there was evidence for changing it, but you fixed it yourself.",
        "lr 一直是 {value}：出现过需要调整的信号，但它由您固定。",
    ),
    "six.3.forced": (
        "lr was {value} because you forced it before capacity was settled, against advice; no rule changed it.",
        "lr 为 {value}：由您在容量确定之前不顾建议强制设定，没有规则动过它。",
    ),
    "six.3.asked": (
        "lr changed only after capacity was settled, because you set it: {path}.",
        "容量确定之后才动 lr，因为您指定了它：{path}。",
    ),
    "six.3.asked_back": (
        "After capacity was settled, lr was set to your value; the change that made results worse was reverted: {path}.",
        "容量确定之后才按您的指定设定 lr，变差的一步已撤回：{path}。",
    ),
    "six.3.asked_moved": (
        "After capacity was settled, lr was set to your value and then changed on evidence (changes: {count}): {path}.",
        "容量确定之后才按您的指定设定 lr，并依据测量结果继续调整（{count} 次）：{path}。",
    ),
    "six.3.waited": (
        "lr stayed at {value}: your value had to wait until capacity was settled, and was not tried after that.",
        "lr 一直是 {value}：您指定的值须等容量确定之后才能试，之后没有试成。",
    ),
    "six.3.moved": (
        "lr changed on evidence (changes: {count}): {path}; Tuning gives the reason for each step.",
        "依据测量结果动了 lr（{count} 次）：{path}；每一步的理由见调参过程。",
    ),
    "six.4.untrained": ("Scaling was never changed: no LoRA was trained.", "没有动 a：没有训练 LoRA。"),
    "six.4.unreached": (
        "Scaling was never changed and stayed at {value}: the run did not reach the stage where it may change.",
        "没有动 a，一直是 {value}：运行没有走到可以动 a 的阶段。",
    ),
    "six.4.quiet": (
        "Scaling was never changed and stayed at {value}: it changes only if an experiment favours a higher one, or if a higher lr barely changes the loss; neither was observed.",
        "没有动 a，一直是 {value}：只有对照实验支持更大的 a，或提高 lr 而 loss 几乎不变时，才调 a；这两种情况都没有出现。",
    ),
    "six.4.tested": (
        "Scaling was never changed and stayed at {value}: an experiment with a higher one made loss {gain!w:lower|higher} by {gain!m:.3f} ± {reach:.3f} nats per example (95% interval).",
        "没有动 a，一直是 {value}：对照实验增大 a 后，每条数据的 loss {gain!w:降低|升高} {gain!m:.3f} ± {reach:.3f} nats（95% 区间）。",
    ),
    "six.4.answered": (
        "Scaling was never changed and stayed at {value}: loss responded to lr (it changed by {change:.1%}).",
        "没有动 a，一直是 {value}：loss 对 lr 敏感（变化 {change:.1%}）。",
    ),
    "six.4.rival": (
        "The search ended with a scaling of {value}; because short probes understate a large one, a rival was trained to its end as well ({knobs}) and is delivered: an expected {gain:+.1f} ± {noise:.1f} macro-F1 points over it (95% interval).",
        "搜索结束时 a 为 {value}；较大的 a 在短试跑中往往显得更差，因此另有一组超参也训练到底（{knobs}）并交付：宏平均 F1 预期高 {gain:+.1f} ± {noise:.1f} 个百分点（95% 区间）。",
    ),
    "six.4.start": (
        "The search ended with a scaling of {value}; all its changes together were then compared with the recipe of the start, which was trained to its end as well ({knobs}) and is delivered: an expected {gain:+.1f} ± {noise:.1f} macro-F1 points over it (95% interval).",
        "搜索结束时 a 为 {value}；随后把全部改动合在一起，与同样训练到底的起步超参相比（{knobs}），交付的是后者：宏平均 F1 预期比前者高 {gain:+.1f} ± {noise:.1f} 个百分点（95% 区间）。",
    ),
    "six.4.no_room": (
        "Scaling stayed at {value}: loss barely responded to lr, but scaling could not change (see Tuning).",
        "a 一直是 {value}：loss 对 lr 不敏感，但 a 已无法再调（见调参过程）。",
    ),
    "six.4.pinned": (
        "Scaling stayed at {value}: loss barely responded to lr, but you fixed scaling yourself.",
        "a 一直是 {value}：loss 对 lr 不敏感，但 a 由您固定。",
    ),
    "six.4.forced": (
        "Scaling was {value} because you forced it before capacity was settled, against advice; no rule changed it.",
        "a 为 {value}：由您在容量确定之前不顾建议强制设定，没有规则动过它。",
    ),
    "six.4.asked": (
        "Scaling changed only after capacity was settled, because you set it: {path}.",
        "容量确定之后才动 a，因为您指定了它：{path}。",
    ),
    "six.4.asked_back": (
        "After capacity was settled, scaling was set to your value; the change that made results worse was reverted: {path}.",
        "容量确定之后才按您的指定设定 a，变差的一步已撤回：{path}。",
    ),
    "six.4.asked_moved": (
        "After capacity was settled, scaling was set to your value and then changed on evidence (changes: {count}): {path}.",
        "容量确定之后才按您的指定设定 a，并依据测量结果继续调整（{count} 次）：{path}。",
    ),
    "six.4.waited": (
        "Scaling stayed at {value}: your value had to wait until capacity was settled, and was not tried after that.",
        "a 一直是 {value}：您指定的值须等容量确定之后才能试，之后没有试成。",
    ),
    "six.4.moved": (
        "Scaling changed on evidence (changes: {count}): {path}; Tuning gives the reason for each step.",
        "依据测量结果动了 a（{count} 次）：{path}；每一步的理由见调参过程。",
    ),
    "six.5.untrained": (
        "No target modules were adapted: no LoRA was trained.",
        "没有选用任何 target modules：没有训练 LoRA。",
    ),
    "six.5.kept": (
        "Target modules stayed as they started, on {roles} in the top {layers} layers: no measurement called for more or fewer.",
        "target modules 保持起点：{roles}、顶部 {layers} 层；没有测量结果要求增加或减少。",
    ),
    "six.5.untested": (
        "Target modules stayed as they started, on {roles} in the top {layers} layers: the experiment with more modules was skipped for lack of time or budget.",
        "target modules 保持起点：{roles}、顶部 {layers} 层；因时间或预算不足，没有做增加模块的对照实验。",
    ),
    "six.5.stayed": (
        "Target modules stayed as they started, on {roles} in the top {layers} layers: Tuning shows what changed instead, and what did not.",
        "target modules 保持起点：{roles}、顶部 {layers} 层；调整了什么、没有调整什么，见调参过程。",
    ),
    "six.5.tested": (
        "Target modules stayed on {roles} in the top {layers} layers: an experiment with more of them {gain!w:reduced|raised} loss by {gain!m:.3f} ± {reach:.3f} nats per example (95% interval), too little to act on.",
        "target modules 保持 {roles}、顶部 {layers} 层：对照实验试过再加，每条数据的 loss {gain!w:降低|升高} {gain!m:.3f} ± {reach:.3f} nats（95% 区间），不足以改动。",
    ),
    "six.5.worse": (
        "Target modules stayed on {roles} in the top {layers} layers: an experiment with more of them raised loss by {loss:.3f} ± {reach:.3f} nats per example (95% interval).",
        "target modules 保持 {roles}、顶部 {layers} 层：对照实验试过再加，每条数据的 loss 反而升高 {loss:.3f} ± {reach:.3f} nats（95% 区间）。",
    ),
    "six.5.returned": (
        "Target modules changed (changes: {count}) and returned to their start: {roles} in the top {layers} layers.",
        "target modules 试过调整（{count} 次），最终回到起点：{roles}、顶部 {layers} 层。",
    ),
    "six.5.moved": (
        "Target modules went from {roles_from} in the top {layers_from} layers to {roles} in the top {layers} layers; Tuning gives the evidence for each step.",
        "target modules 从 {roles_from}、顶部 {layers_from} 层改为 {roles}、顶部 {layers} 层，每一步的依据见调参过程。",
    ),
    "six.6.lora": (
        "Feedback was validation macro-F1 and the recall of every class, never loss alone; LoRA is delivered, with {f1}.",
        "始终以验证集宏平均 F1 和各类召回率为反馈，而不是单一 loss；交付 LoRA，得分 {f1}。",
    ),
    "six.6.frozen": (
        "Feedback was validation macro-F1 and the recall of every class, never loss alone; the frozen encoder is "
        "delivered, with {f1}.",
        "始终以验证集宏平均 F1 和各类召回率为反馈，而不是单一 loss；交付冻结底座，得分 {f1}。",
    ),
    "six.6.tfidf": (
        "Feedback was validation macro-F1 and the recall of every class, never loss alone; TF-IDF is delivered, with {f1}.",
        "始终以验证集宏平均 F1 和各类召回率为反馈，而不是单一 loss；交付 TF-IDF，得分 {f1}。",
    ),
    "six.6.other": (
        "Feedback was validation macro-F1 and the recall of every class, never loss alone.",
        "始终以验证集宏平均 F1 和各类召回率为反馈，而不是单一 loss。",
    ),
    "six.6.frozen_only": (
        "Feedback was validation macro-F1 and the recall of every class: there was no LoRA to compare, so the frozen encoder ({frozen}; TF-IDF {tfidf}) is delivered.",
        "以验证集宏平均 F1 和各类召回率为反馈：没有可供评判的 LoRA，交付冻结底座（{frozen}；TF-IDF 为 {tfidf}）。",
    ),
    "six.6.tfidf_only": (
        "Feedback was validation macro-F1 and the recall of every class: there was no LoRA to compare, so TF-IDF ({tfidf}; the frozen encoder {frozen}) is delivered.",
        "以验证集宏平均 F1 和各类召回率为反馈：没有可供评判的 LoRA，交付 TF-IDF（{tfidf}；冻结底座为 {frozen}）。",
    ),
}

_FITS: Final[dict[str, tuple[str, str]]] = {
    # symptom: (English, Chinese)
    "underfit": ("Underfitting", "欠拟合"),
    "overfit": ("Overfitting", "过拟合"),
    "both": ("Under- and overfitting", "欠拟合和过拟合"),
    "bet": ("More capacity, the better bet though not proven,", "增加容量预期更优（尚未得到证实）"),
    "both_bet": (
        "Overfitting, and more capacity as the better bet though not proven,",
        "过拟合，以及增加容量预期更优（尚未得到证实）",
    ),
}
for _name, (_en, _zh) in _FITS.items():
    _told = (
        f"{_en} changed capacity only (changes: {{count}}; {{moves}}), not lr",
        f"{_zh}时只调容量（{{count}} 次；{{moves}}），不动 lr",
    )
    _SIX[f"six.2.{_name}"] = (f"{_told[0]}.", f"{_told[1]}。")
    _SIX[f"six.2.{_name}_back"] = (
        f"{_told[0]}; the change that made results worse was reverted.",
        f"{_told[1]}；变差的一步已撤回。",
    )

# The second sentence if nothing called for another capacity: what was seen, and what was done about it.
_SEEN: Final[dict[str, tuple[str, str]]] = {
    "": (
        "No probe under- or overfitted beyond noise (capacity probes: {probes})",
        "没有试跑出现超出噪声的欠拟合或过拟合（容量阶段试跑 {probes} 次）",
    ),
    "_memorised": (
        "The training rows are nearly memorised (macro-F1 {train} there, {val} on validation), but validation macro-F1 did not fall "
        "beyond noise while they were learnt (capacity probes: {probes})",
        "训练数据几乎已被记住（宏平均 F1 在训练集为 {train}，在验证集为 {val}），但学习过程中验证集宏平均 F1 没有超出噪声的下降"
        "（容量阶段试跑 {probes} 次）",
    ),
}
_LEFT: Final[dict[str, tuple[str, str]]] = {
    "none": (", so rank, target modules and lr were left alone.", "，因此没有动 rank、target modules 和 lr。"),
    "spare": (
        "; at the settled lr, capacity that did not pay was removed (changes: {count}; {moves}).",
        "；lr 定下之后，去掉了没有收益的容量（{count} 次；{moves}）。",
    ),
    "untested": (
        "; some experiments that could tell more were skipped for lack of time or budget, and lr was not changed instead of capacity.",
        "；因时间或预算不足，能进一步判断的对照实验没有做完，也没有改动 lr 来代替容量。",
    ),
}
for _end, _seen in _SEEN.items():
    for _name, _left in _LEFT.items():
        _SIX[f"six.2.{_name}{_end}"] = (_seen[0] + _left[0], _seen[1] + _left[1])

_SHIPPED: Final[dict[str, tuple[str, str]]] = {
    "lora": ("LoRA is delivered", "交付 LoRA"),
    "frozen": ("the frozen encoder is delivered", "交付冻结底座"),
    "tfidf": ("TF-IDF is delivered", "交付 TF-IDF"),
    "forced": ("LoRA is delivered because you forced it", "应您要求交付 LoRA"),
}
for _base, (_en, _zh) in {"frozen": ("the frozen encoder", "冻结底座"), "tfidf": ("TF-IDF", "TF-IDF")}.items():
    for _name in ("lora", "forced", _base):
        _SIX[f"six.6.{_name}_over_{_base}"] = (
            f"Feedback was validation macro-F1 and the recall of every class, never loss alone: LoRA {{lora}}, {_en} {{base}} "
            f"({{gain:+.1f}} points, 95% interval {{low:+.1f}} to {{high:+.1f}})<<; recall fell by more than 10 points in {{fell}} "
            f"of {{classes}} classes>>; {_SHIPPED[_name][0]}.",
            f"始终以验证集宏平均 F1 和各类召回率为反馈，而不是单一 loss：LoRA {{lora}}，{_zh} {{base}}"
            f"（{{gain:+.1f}} 个百分点，95% 区间 {{low:+.1f}} 到 {{high:+.1f}}）<<，有 {{fell}} 个类别（共 {{classes}} 个）召回率"
            f"下降超过 10 个百分点>>；{_SHIPPED[_name][1]}。",
        )
        _SIX[f"six.6.{_name}_expected_over_{_base}"] = (
            f"Feedback was validation macro-F1 and the recall of every class, never loss alone: LoRA {{lora}}, {_en} {{base}}, "
            f"with log-loss an expected {{gain!w:gain|loss}} of {{gain!m:.1f}} points (95% interval {{low:+.1f}} to {{high:+.1f}})<<; recall fell by "
            f"more than 10 points in {{fell}} of {{classes}} classes>>; {_SHIPPED[_name][0]}.",
            f"始终以验证集宏平均 F1 和各类召回率为反馈，而不是单一 loss：LoRA {{lora}}，{_zh} {{base}}，结合 log-loss 预期"
            f"{{gain!w:提升|下降}} {{gain!m:.1f}} 个百分点（95% 区间 {{low:+.1f}} 到 {{high:+.1f}}）<<，有 {{fell}} 个类别（共 {{classes}} 个）召回率"
            f"下降超过 10 个百分点>>；{_SHIPPED[_name][1]}。",
        )

SENTENCES: Final[dict[str, tuple[str, str]]] = _PAGE | _PHRASES | _WALK | _TELL | _SIX
