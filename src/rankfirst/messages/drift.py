"""Sentences: has the world moved since a model was delivered, and should it be trained again."""

from typing import Final

SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "cli.drift": (
        "Check whether newer rows still resemble the training data of a run, and whether to retrain. Exit code 0 no, 1 yes, 2 cannot tell.",
        "后来的数据是否仍与训练时一致、是否需要重新训练。退出码 0 不需要，1 需要，2 无法判断。",
    ),
    "cli.help.drift_file": ("newer rows, with or without labels", "后来的数据，有无标签均可"),
    "cli.help.drift_train": (
        "the training file, if it is no longer where `fit` read it",
        "训练文件（已不在 `fit` 读取的位置时指定）",
    ),
    "cli.help.drift_out": (
        "folder for drift.html, drift.json, candidates.csv and to_label.csv",
        "输出文件夹（drift.html、drift.json、candidates.csv、to_label.csv）",
    ),
    "cli.help.drift_labels": (
        "labels of some of these rows, drawn at random, such as to_label.csv filled in: they correct the estimate",
        "其中部分随机抽取的行的标签，例如填好的 to_label.csv：用来修正估计",
    ),
    "drift.answer.yes": ("Retrain: yes.", "需要重新训练。"),
    "drift.answer.no": ("Retrain: no.", "暂时不需要重新训练。"),
    "drift.answer.unknown": ("Retrain: cannot tell.", "无法判断是否需要重新训练。"),
    "drift.line.answer": ("{answer} {why}", "{answer}{why}"),
    "drift.chip.yes": ("yes", "需要"),
    "drift.chip.no": ("no", "不需要"),
    "drift.chip.unknown": ("cannot tell", "待定"),
    "drift.rule.too_few": (
        "Only {texts} distinct texts: a test needs at least {least}. Collect more rows.",
        "只有 {texts} 条不同的文本，至少要 {least} 条才能检验。请再收集一些数据。",
    ),
    "drift.rule.unknown_labels": (
        "{labels} label(s) are unknown to the model, each on at least {least} rows; the most frequent is {name} ({rows} rows).",
        "有 {labels} 个标签模型不认识，每个至少出现 {least} 次；最多的是 {name}（{rows} 条）。",
    ),
    "drift.rule.f1_fell": (
        "Macro-F1 fell from {before:.1%} at delivery to {after:.1%} on {rows} labelled rows (change {low:+.1f} to {high:+.1f} points, 95%).",
        "宏平均 F1 从交付时的 {before:.1%} 降到 {after:.1%}（{rows} 条有标签的数据；变化的 95% 区间为 {low:+.1f} 到 {high:+.1f} 个百分点）。",
    ),
    "drift.rule.recall_fell": (
        "Classes whose recall fell beyond noise: {classes}; the largest drop is {name}, from {before:.1%} to {after:.1%} on {rows} rows ({drop:.1f} points, 95% interval ± {noise:.1f}).",
        "{classes} 个类别的召回率下降，超出噪声；最多的是 {name}，从 {before:.1%} 降到 {after:.1%}（{rows} 条；下降 {drop:.1f} 个百分点，95% 区间 ± {noise:.1f}）。",
    ),
    "drift.rule.new_intent": (
        "New groups of similar texts that resemble no row of the run: {groups}, {rows} distinct texts in total ({share:.1%}); the largest has {largest}, suggested name: {name} (p ≤ {p:.1e}). They are in candidates.csv, ready to be labelled.",
        "发现 {groups} 组新文本，共 {rows} 条（{share:.1%}），组内相近，却不像已有的任何数据；最大的一组有 {largest} 条，建议名称：{name}（p ≤ {p:.1e}）。已写入 candidates.csv，可直接标注。",
    ),
    "drift.rule.abstains_more": (
        "By confidence alone, the model abstains on {after:.1%} of the texts and on {before:.1%} of the rows kept at delivery (change {low:+.1f} to {high:+.1f} points, 95%; limit {limit:.0f}).",
        "仅按置信度判断，模型对 {after:.1%} 的文本拒识，对交付时保留的数据为 {before:.1%}（变化的 95% 区间为 {low:+.1f} 到 {high:+.1f} 个百分点；上限 {limit:.0f}）。",
    ),
    "drift.rule.holds_up": (
        "Macro-F1 holds up: {after:.1%} on {rows} labelled rows, {before:.1%} at delivery (change {low:+.1f} to {high:+.1f} points, 95%).",
        "宏平均 F1 没有明显下降：{rows} 条有标签的数据上为 {after:.1%}，交付时为 {before:.1%}（变化的 95% 区间为 {low:+.1f} 到 {high:+.1f} 个百分点）。",
    ),
    "drift.rule.moved": (
        "The texts differ from those of the run (p = {p:.1e}, limit {limit:.0%}; AUROC {auroc:.2f}). Only labels can show whether quality suffers: label a few hundred random rows and run this again.",
        "文本分布与运行时不同（p = {p:.1e}，界限 {limit:.0%}；区分两者的 AUROC 为 {auroc:.2f}）。效果是否变差，要有标签才知道：请随机抽取几百条标注后再运行。",
    ),
    "drift.rule.less_sure": (
        "The model is less confident: mean confidence {after:.3f}, {before:.3f} at delivery (p = {p:.1e}). Label a few hundred random rows and run this again.",
        "模型的置信度下降：平均 {after:.3f}，交付时为 {before:.3f}（p = {p:.1e}）。请随机抽取几百条标注后再运行。",
    ),
    "drift.rule.classes_moved": (
        "The distribution of predictions over classes differs from delivery (p = {p:.1e}). Classes whose share changed: {classes}; the largest change is {name}, from {before:.1%} to {after:.1%}.",
        "各类别在预测中的占比与交付时不同（p = {p:.1e}）；{classes} 个类别有变化，最大的是 {name}：{before:.1%} 变为 {after:.1%}。",
    ),
    "drift.rule.cannot_rule_out": (
        "No change was found, but {before} and {after} distinct texts are too few to rule out a shift ({least} on each side are needed). More rows, labels, or the training file (--train) would help.",
        "没有发现变化，但两侧分别只有 {before} 条和 {after} 条不同的文本，不足以排除（每侧需要 {least} 条）。增加数据、补充标签或用 --train 指定训练文件会有帮助。",
    ),
    "drift.rule.still": (
        "No change was found: texts, confidence and predictions are as at delivery (p = {p:.2g} over {tests} tests of the texts).",
        "没有发现变化：文本、模型的置信度和预测都与交付时一致（{tests} 项文本检验，p = {p:.2g}）。",
    ),
    "drift.rule.promise_recall": (
        "The promised recall of {name}, {least:.1%}, no longer holds: {value:.1%} is estimated (95% interval {low:.1%} to {high:.1%}).",
        "承诺的 {name} 召回率 {least:.1%} 已不成立：估计为 {value:.1%}（95% 区间 {low:.1%} 至 {high:.1%}）。",
    ),
    "drift.rule.promise_precision": (
        "The promised precision of {name}, {least:.1%}, no longer holds: {value:.1%} is estimated (95% interval {low:.1%} to {high:.1%}).",
        "承诺的 {name} 精确率 {least:.1%} 已不成立：估计为 {value:.1%}（95% 区间 {low:.1%} 至 {high:.1%}）。",
    ),
    "drift.rule.promise_precision_all": (
        "The promised precision of given labels, {least:.1%}, no longer holds: {value:.1%} is estimated (95% interval {low:.1%} to {high:.1%}).",
        "承诺的给出标签的精确率 {least:.1%} 已不成立：估计为 {value:.1%}（95% 区间 {low:.1%} 至 {high:.1%}）。",
    ),
    "drift.head.estimated": ("Estimated without labels", "无标签估计"),
    "drift.estimated.f1": (
        "Macro-F1 over {rows} classes: {value:.1%} (95% interval {low:.1%} to {high:.1%}); {before:.1%} on labelled rows at delivery",
        "{rows} 个类别的宏平均 F1：{value:.1%}（95% 区间 {low:.1%} 至 {high:.1%}）；交付时在有标签数据上为 {before:.1%}",
    ),
    "drift.estimated.class": (
        "Precision of {name}: {value:.1%} (95% interval {low:.1%} to {high:.1%}); {before:.1%} at delivery",
        "{name} 的精确率：{value:.1%}（95% 区间 {low:.1%} 至 {high:.1%}）；交付时 {before:.1%}",
    ),
    "drift.estimated.new_class": (
        "Precision of {name}: {value:.1%} (95% interval {low:.1%} to {high:.1%})",
        "{name} 的精确率：{value:.1%}（95% 区间 {low:.1%} 至 {high:.1%}）",
    ),
    "drift.estimated.kept": (
        "The promise holds: {what}, estimated {value:.1%} (95% interval {low:.1%} to {high:.1%})",
        "承诺成立：{what}，估计 {value:.1%}（95% 区间 {low:.1%} 至 {high:.1%}）",
    ),
    "drift.estimated.broken": (
        "The promise no longer holds: {what}, estimated {value:.1%} (95% interval {low:.1%} to {high:.1%})",
        "承诺已不成立：{what}，估计 {value:.1%}（95% 区间 {low:.1%} 至 {high:.1%}）",
    ),
    "drift.estimated.unknown": (
        "Cannot tell whether the promise holds: {what}, estimated {value:.1%} (95% interval {low:.1%} to {high:.1%})",
        "无法判断承诺是否成立：{what}，估计 {value:.1%}（95% 区间 {low:.1%} 至 {high:.1%}）",
    ),
    "drift.estimated.corrected": (
        "Corrected by the labels of {labelled} rows; this is valid if they were drawn at random",
        "已用 {labelled} 行标签修正；前提是这些行是随机抽取的",
    ),
    "drift.blind.few": (
        "Cannot tell without labels: at least 50 rows, and 50 labelled rows of the run, are needed",
        "没有标签时无法判断：至少需要 50 行数据，以及运行中 50 行有标签的数据",
    ),
    "drift.blind.unlike": (
        "Cannot tell without labels: about {unlike:.0%} of the texts are unlike every training row, and what the model says of those cannot be trusted",
        "没有标签时无法判断：约 {unlike:.0%} 的文本与所有训练数据都不相似，模型对这些文本给出的概率不可信",
    ),
    "drift.blind.strange": (
        "Cannot tell without labels: the texts changed in a way that probabilities do not show (new groups, unknown labels, or, for n-grams, other words)",
        "没有标签时无法判断：文本的变化无法从概率看出（新的文本组、未知标签，或 n-gram 模型遇到新的用词）",
    ),
    "drift.to_label": (
        "To know, label the {rows} random rows in {path} and run this again with --labels {path}",
        "如需确认，请标注 {path} 中随机抽取的 {rows} 行，再加 --labels {path} 运行",
    ),
    "drift.title": ("drift", "漂移检查"),
    "drift.skip": ("Skip to the verdict", "跳到结论"),
    "drift.subtitle": (
        "{file}: {rows} rows, {looked} distinct texts examined, compared with {source}",
        "{file}：共 {rows} 条，检查了 {looked} 条不同的文本，对照：{source}",
    ),
    "drift.source.file": ("the training file", "训练文件"),
    "drift.source.reference": (
        "the reference kept with the delivered model (no texts; wording is compared by frequent words only)",
        "交付时保留的参考数据（不含文本；用词只比较高频词）",
    ),
    "drift.nav.verdict": ("Verdict", "结论"),
    "drift.nav.figures": ("Figures", "指标"),
    "drift.nav.candidates": ("New groups", "新意图候选"),
    "drift.nav.classes": ("Classes", "类别"),
    "drift.nav.shift": ("Texts", "文本"),
    "drift.nav.reproduce": ("Reproduce", "复现"),
    "drift.head.reasons": ("Reasons", "依据"),
    "drift.head.figures": ("At delivery and now", "交付时与现在"),
    "drift.head.candidates": ("New groups: candidate classes", "新意图候选"),
    "drift.head.classes": ("Predictions and recall per class", "各类别的预测占比与召回率"),
    "drift.head.shift": ("Texts", "文本分布"),
    "drift.head.reproduce": ("Reproduce", "复现"),
    "drift.note.candidates": (
        "Texts the model is unsure of, clustered by meaning together with held-out rows of the run. A group is shown only if chance cannot explain that it has so few known texts and that many new ones.",
        "把模型置信度低的新文本与运行时的留出数据放在一起，按语义聚类。只有当某一组新文本之多、已有数据之少无法用随机波动解释时，才列为候选。",
    ),
    "drift.no_candidates": ("No group of new texts stands out.", "没有发现成组的新文本。"),
    "drift.col.figure": ("figure", "指标"),
    "drift.col.before": ("at delivery", "交付时"),
    "drift.col.after": ("now", "现在"),
    "drift.col.change": ("change, 95%", "变化（95% 区间）"),
    "drift.col.class": ("class", "类别"),
    "drift.col.answer": ("prediction", "模型预测"),
    "drift.col.confidence": ("confidence", "置信度"),
    "drift.col.rows": ("rows now", "现有条数"),
    "drift.figure.f1": ("macro-F1", "宏平均 F1"),
    "drift.figure.confidence": ("mean confidence", "平均置信度"),
    "drift.figure.abstain": ("abstention rate by confidence", "按置信度的拒识率"),
    "drift.candidate": (
        "{name}: {rows} texts (with {known} rows of the run); the model mostly predicts {nearest} ({share})",
        "{name}：{rows} 条文本（其中混有运行时的数据 {known} 条）；模型多判为 {nearest}（{share}）",
    ),
    "drift.unnamed": ("no name", "未命名"),
    "drift.moved_answers": ("Classes predicted more or less often", "预测占比有变化的类别"),
    "drift.line.share": ("{name}: {before} → {after}", "{name}：{before} → {after}"),
    "drift.recalls": ("Recall, largest drop first", "召回率（下降最多的在前）"),
    "drift.no_labels_given": (
        "The file has no labels, so it is unknown whether predictions got worse.",
        "文件没有标签，无法知道效果是否变差。",
    ),
    "drift.fact.run": ("Run", "运行"),
    "drift.fact.file": ("File", "文件"),
    "drift.fact.source": ("Compared with", "对照"),
    "drift.fact.labelled": ("Labelled rows", "有标签的数据"),
    "drift.fact.seconds": ("Took", "耗时"),
    "drift.footer": (
        "A single file that makes no network requests. It quotes rows of your data: share it accordingly.",
        "单个文件，不访问网络。其中引用了您的数据，转发前请注意。",
    ),
    "drift.written.page": ("Page: {path}", "页面：{path}"),
    "drift.written.json": ("For programs: {path}", "供程序读取：{path}"),
    "drift.written.to_label": ("Random rows to label: {path} ({rows} rows)", "随机抽取、待标注：{path}（{rows} 条）"),
    "drift.written.list": ("To label: {path} ({rows} rows)", "待标注：{path}（{rows} 条）"),
    "drift.written.no_texts": (
        "The page and both files quote rows of {file}.",
        "页面和上述文件中含有 {file} 的原文。",
    ),
    "drift.nothing_to_compare": (
        "{path} has nothing to compare with: its training file has moved or changed, and model/reference.json is missing. Name the training file with --train.",
        "{path} 没有可供对照的数据：训练文件已不在原处或已改变，也没有 model/reference.json。请用 --train 指定训练文件。",
    ),
    "drift.other_rows": (
        "{path} does not hold the rows that {run} was trained on (different fingerprint): name the unchanged file, with its --val and --test files in the same folder.",
        "{path} 不是 {run} 训练时的数据（指纹不同）：请指定未改动的文件，并把当时的 --val、--test 文件放在同一文件夹。",
    ),
    "drift.rows_in_memory": (
        "{path} was trained on rows in memory, so there is no file to compare with: drop --train.",
        "{path} 是用内存中的数据训练的，没有可对照的文件：请不要使用 --train。",
    ),
    "drift.bad_reference": (
        "{path} is damaged or from another version ({why}): delete reference.json and name the training file with --train.",
        "{path} 已损坏或版本不符（{why}）：请删除 reference.json，并用 --train 指定训练文件。",
    ),
    "drift.no_labels": (
        "Column {column!r} of {path} holds no labels: name another one with --label, or drop the option.",
        "{path} 的 {column!r} 列没有标签：请用 --label 指定其他列，或不使用该选项。",
    ),
    "drift.other_labels": (
        "Only {known} of {labels} labels in {path} are classes of this model ({name!r} is not): name the right column with --label, or remove the column.",
        "{path} 中的 {labels} 个标签只有 {known} 个是该模型的类别（{name!r} 不是）：请用 --label 指定正确的列，或去掉该列。",
    ),
    "drift.other_folder": (
        "{path} holds something other than a drift check. Name another folder with -o.",
        "{path} 中有其他内容。请用 -o 指定另一个文件夹。",
    ),
}
