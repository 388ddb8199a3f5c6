"""Sentences of the assessment: its page and lines, review lists, and what cleaning a file changed."""

from typing import Final

_ANSWER: Final[dict[str, tuple[str, str]]] = {
    "assess.title": ("Assessment", "数据评估"),
    "assess.answer.yes": ("Yes, LoRA is needed", "需要 LoRA"),
    "assess.answer.no": ("No, LoRA is not needed", "不需要 LoRA"),
    "assess.answer.likely": ("LoRA is likely to help", "LoRA 很可能有帮助"),
    "assess.answer.unlikely": ("LoRA is unlikely to help", "LoRA 很可能没有帮助"),
    "assess.answer.unknown": ("It cannot be told yet whether LoRA is needed", "目前还无法判断是否需要 LoRA"),
    "assess.answer.none": (
        "Only the data were looked at, no ladder was measured: whether LoRA is needed stays open.",
        "只检查了数据，没有测量阶梯：是否需要 LoRA 尚无结论。",
    ),
    "assess.line.answer": ("Is LoRA needed? {why}", "需要 LoRA 吗？{why}"),
    "assess.head.ladder": ("The ladder", "阶梯"),
    "assess.head.findings": ("What the data show", "数据体检"),
    "assess.head.limits": ("The limits", "上限"),
    "assess.head.shifts": ("Shift", "分布偏移"),
    "assess.head.classes": ("Class sizes", "各类别数据量"),
    "assess.head.pairs": ("Classes that are easily mixed up", "容易混淆的类别"),
    "assess.head.notes": ("What reading the files changed", "读取文件时做的改动"),
    "assess.nav.ladder": ("Ladder", "阶梯"),
    "assess.nav.data": ("Data", "数据"),
    "assess.nav.classes": ("Classes", "类别"),
    "assess.nav.pairs": ("Mix-ups", "混淆"),
    "assess.nav.shifts": ("Shift", "偏移"),
    "assess.nav.limits": ("Limits", "上限"),
    "assess.nav.reproduce": ("Reproduce", "复现"),
    "assess.note.classes": (
        "Training rows of each class, largest first: {classes} classes, {tail} of them long tail (orange). The largest has {largest} rows, the smallest {smallest}.",
        "各类别的训练行数，从多到少：共 {classes} 个类别，其中长尾 {tail} 个（橙色）。最大类 {largest} 行，最小类 {smallest} 行。",
    ),
    "assess.note.pairs": (
        "Share of the rows of two classes that a model which did not train on them takes for the other; rows of both sides.",
        "两个类别的数据中，被未训练过这些数据的模型认成对方的比例；两侧各举几例。",
    ),
    "assess.note.limits": (
        "What no setting passes: how high a score the labels allow, and how much an adapter may store; and what more rows would give.",
        "任何设置都越不过的上限：标签决定分数能到多高，数据决定适配器能存多少；以及增加数据能换来什么。",
    ),
    "assess.note.reproduce": (
        "The same command on the same files and base model gives the same assessment.",
        "同样的文件和底座模型，用同一条命令可以得到同样的评估。",
    ),
    "assess.note.chart": ("Training rows by class, largest first", "各类别训练行数，从多到少"),
    "assess.footer": ("Made by rankfirst assess.", "由 rankfirst assess 生成。"),
    "assess.skip": ("Skip to the assessment", "跳到正文"),
}

_FACTS: Final[dict[str, tuple[str, str]]] = {
    "assess.task": (
        "Task: {complexity} complexity. {rows} training rows ({tier}), {classes} classes, as hard to guess as {effective} even ones; {labels} labels a row; script: {script}.",
        "任务：复杂度{complexity}；训练 {rows} 行（{tier}），{classes} 个类别，相当于 {effective} 个均衡类别；每行 {labels} 个标签；文字：{script}。",
    ),
    "assess.complexity.low": ("low", "低"),
    "assess.complexity.medium": ("medium", "中"),
    "assess.complexity.high": ("high", "高"),
    "assess.tier.under_1k": ("under a thousand", "不足一千"),
    "assess.tier.thousands": ("thousands", "数千"),
    "assess.tier.tens_of_thousands": ("tens of thousands", "数万"),
    "assess.tier.over_100k": ("over a hundred thousand", "十万以上"),
    "assess.tier.under_1k_rows": ("under a thousand rows", "不足一千行"),
    "assess.tier.thousands_rows": ("thousands of rows", "数千行"),
    "assess.tier.tens_of_thousands_rows": ("tens of thousands of rows", "数万行"),
    "assess.tier.over_100k_rows": ("over a hundred thousand rows", "十万行以上"),
    "assess.fact.rows": ("Rows: train / val / test", "行数：训练 / 验证 / 测试"),
    "assess.fact.base_model": ("Base model", "底座模型"),
    "assess.fact.no_base": ("none (--no-encoder)", "无（--no-encoder）"),
    "assess.fact.seconds": ("Time", "用时"),
    "assess.fact.memory": ("Memory at most", "内存峰值"),
    "assess.tile.best": ("Best rung so far", "目前最好的一级"),
    "assess.tile.ceiling": ("Data ceiling, macro-F1", "数据上限（宏 F1）"),
    "assess.tile.rank": ("Capacity ceiling", "容量上限"),
    "assess.tile.rank_value": ("rank {rank}", "rank {rank}"),
    "assess.tile.rank_note": ("on every layer", "用于全部层"),
    "assess.tile.complexity": ("Complexity", "任务复杂度"),
    "assess.ceiling": ("Data ceiling: {why}", "数据上限：{why}"),
    "assess.ceiling.span": ("95% interval {low}–{high}", "95% 区间 {low}–{high}"),
    "assess.ceiling.unknown": (
        "Data ceiling: not estimated, because no out-of-fold predictions were made.",
        "数据上限：没有做折外预测，因此没有估计。",
    ),
    "assess.capacity": ("Capacity ceiling: rank {rank} at most.", "容量上限：rank 至多 {rank}。"),
    "assess.capacity.unknown": (
        "Capacity ceiling: not derived, because it depends on the base model and none was used.",
        "容量上限：取决于底座模型，而这次没有使用，因此没有推导。",
    ),
    "assess.capacity.labels": (
        "The labels: {rows} rows × {per_row:.2f} labels × log2({effective:.1f} effective classes) × {clean:.1%} not suspect = {kbit:.1f} kbit.",
        "标签：{rows} 行 × 每行 {per_row:.2f} 个标签 × log2（{effective:.1f} 个有效类别）× 非可疑 {clean:.1%} = {kbit:.1f} 千比特。",
    ),
    "assess.capacity.adapter": (
        "The adapter: each rank on every layer stores {per_rank_kbit:.1f} kbit, so {slack:g} × {kbit:.1f} / {per_rank_kbit:.1f} = {allowed:.1f} ranks; the largest step within that, never under the starting rank: {rank}.",
        "适配器：全部层上 rank 每加 1 可多存 {per_rank_kbit:.1f} 千比特，{slack:g} × {kbit:.1f} / {per_rank_kbit:.1f} = {allowed:.1f}；取不超过它的最大一档，且不低于起始 rank：{rank}。",
    ),
    "assess.learning": (
        "Learning curve of the frozen encoder: macro-F1 {curve}; each doubling of the rows gives {slope:+.1f} points (95% interval ± {error!i:.1f}).",
        "冻结底座的学习曲线：宏 F1 {curve}；数据每翻一倍提高 {slope:+.1f} 个百分点（95% 区间 ± {error!i:.1f}）。",
    ),
    "assess.learning.point": ("{f1} at {rows} rows", "{rows} 行时 {f1}"),
    "assess.learning.chart": ("Validation macro-F1 by training rows, %", "验证集宏 F1 随训练行数的变化（%）"),
    "assess.learning.series": ("frozen encoder", "冻结底座"),
    "assess.fine": ("{count} more checks without findings.", "另有 {count} 项检查未发现问题。"),
    "assess.lines": ("Lines {lines}.", "第 {lines} 行。"),
    "assess.written.page": ("Page: {path}", "网页：{path}"),
    "assess.written.json": ("For programs: {path}", "供程序读取：{path}"),
    "assess.written.list": ("To review: {path} (rows: {rows})", "待复核：{path}（{rows} 行）"),
    "assess.written.fixed": (
        "Cleaned copy: {path}; {changes} changes with their reasons: {log}",
        "清理后的副本：{path}；{changes} 处改动及原因：{log}",
    ),
    "assess.took": ("Took {time}, {memory} of memory at most.", "用时 {time}，内存峰值 {memory}。"),
    "assess.took_time": ("Took {time}.", "用时 {time}。"),
}

_TABLE: Final[dict[str, tuple[str, str]]] = {
    "assess.col.rung": ("Rung", "阶梯"),
    "assess.col.f1": ("macro-F1", "宏 F1"),
    "assess.col.interval": ("95%", "95% 区间"),
    "assess.col.tail": ("Tail", "长尾"),
    "assess.col.accuracy": ("Accuracy", "准确率"),
    "assess.col.time": ("Time", "用时"),
    "assess.col.size": ("Size", "大小"),
    "assess.col.latency": ("ms/text", "毫秒/条"),
    "assess.col.text": ("Text", "文本"),
    "assess.col.given": ("Given", "原标签"),
    "assess.col.suggested": ("Perhaps", "疑为"),
    "assess.col.where": ("Line", "行"),
    "assess.col.score": ("Score", "得分"),
    "assess.col.class": ("Class", "类别"),
    "assess.col.rows": ("Train rows", "训练行数"),
    "assess.col.before": ("Before", "之前"),
    "assess.col.after": ("After", "之后"),
    "assess.col.word": ("Word", "词"),
    "assess.examples": ("Rows to look at ({count})", "可查看的数据（{count} 行）"),
    "assess.twin": ("line {line}: {text}", "第 {line} 行：{text}"),
    "assess.all_classes": ("All {count} classes", "全部 {count} 个类别"),
    "assess.side": ("labelled {label}", "标为 {label}"),
    "assess.between.val": ("Validation against training", "验证集与训练集"),
    "assess.between.test": ("Test against training", "测试集与训练集"),
    "assess.between.date": ("After against before the date", "日期之后与之前"),
    "assess.between.compare": ("The second file against training", "第二个文件与训练集"),
    "assess.verdict.present": ("SHIFT", "偏移"),
    "assess.verdict.absent": ("NONE", "无偏移"),
    "assess.verdict.unknown": ("UNKNOWN", "无法判断"),
    "assess.shift.line": ("{between}: {words}", "{between}：{words}"),
    "assess.moved_classes": ("Classes that moved", "占比变化的类别"),
    "assess.moved_words": ("Words that moved", "用词变化"),
    "assess.foreign": ("Rows that no class seems to cover ({count})", "似乎不属于任何类别的数据（{count} 行）"),
}

_WHY: Final[dict[str, tuple[str, str]]] = {
    "assess.why.suspects": (
        "Predictions of a model that did not see this row contradict its label.",
        "没见过这一行的模型，预测与标签相矛盾。",
    ),
    "assess.why.suspects_score": (
        "Predictions of a model that did not see this row contradict its label: another answer is {score:,.0f} times likelier.",
        "没见过这一行的模型，预测与标签相矛盾：另一答案的可能性是它的 {score:,.0f} 倍。",
    ),
    "assess.why.conflicts": (
        "The same or nearly the same text carries other labels elsewhere.",
        "相同或几乎相同的文本在别处标了其他标签。",
    ),
    "assess.why.conflicts_twin": (
        "Line {twin_line} has the same or nearly the same text with other labels: {twin}",
        "第 {twin_line} 行的文本相同或几乎相同，标签却不同：{twin}",
    ),
    "assess.why.pairs": (
        "{a} and {b} are mixed up in {rate} of their rows.",
        "{a} 与 {b} 有 {rate} 的数据互相混淆。",
    ),
    "assess.why.shifted": (
        "No class of the training rows seems to cover this text.",
        "训练数据中似乎没有类别能涵盖这条文本。",
    ),
    "assess.why.shifted_score": (
        "No class of the training rows seems to cover this text (score {score:.2f}; the limit is 1).",
        "训练数据中似乎没有类别能涵盖这条文本（得分 {score:.2f}，界限为 1）。",
    ),
}

_FIX: Final[dict[str, tuple[str, str]]] = {
    "fix.no_text": ("left out: it has no text", "已略去：没有文本"),
    "fix.no_label": ("left out: it has no label", "已略去：没有标签"),
    "fix.repeat": (
        "left out: it repeats line {line} with the same labels",
        "已略去：与第 {line} 行重复，标签相同",
    ),
    "fix.dropped.conflicts": (
        "left out as asked: its text also occurs with other labels",
        "按要求略去：相同文本还有其他标签",
    ),
    "fix.dropped.suspects": (
        "left out as asked: its label is contradicted by predictions",
        "按要求略去：标签与预测相矛盾",
    ),
    "fix.dropped.leaks": (
        "left out as asked: its text also occurs in validation or test",
        "按要求略去：文本也出现在验证集或测试集中",
    ),
    "fix.spelling": (
        "another spelling of a label that is written otherwise more often",
        "同一标签的另一种写法，已改为更常见的写法",
    ),
    "fix.entities": ("HTML entities became characters", "HTML 实体已还原为字符"),
    "fix.invisible": ("control and zero-width characters were removed", "已去掉控制字符和零宽字符"),
    "fix.full_width": ("full-width letters and digits became half-width", "全角字母和数字已改为半角"),
    "fix.whitespace": ("runs of white space became one space", "连续空白已合并为一个空格"),
    "fix.unknown_format": (
        "cannot write {path}: {suffix} is not a format that can be written. Use one of {known}.",
        "无法写入 {path}：{suffix} 不是可写的格式。请使用 {known} 之一。",
    ),
    "fix.over_input": (
        "{path} is, or lies in, {input}, which is read: a cleaned copy never goes over its source. Choose another --fix.",
        "{path} 就是（或位于）要读取的 {input}：清理后的副本不会覆盖原文件。请换一个 --fix。",
    ),
    "fix.exists": (
        "{path} exists already. Choose another --fix, or write over it with --overwrite.",
        "{path} 已存在。请换一个 --fix，或用 --overwrite 覆盖。",
    ),
    "fix.nothing_left": (
        "{path}: no row would be left after cleaning. Drop less, or check --text and --label.",
        "{path}：清理后一行也不剩。请少去掉一些，或检查 --text 和 --label。",
    ),
    "fix.separator_inside": (
        "{path}: the label '{label}' contains {separator}, which joins the labels of a cell. Write --fix as .jsonl or .parquet.",
        "{path}：标签“{label}”含有用来连接多个标签的 {separator}。请让 --fix 写成 .jsonl 或 .parquet。",
    ),
    "fix.no_folder": (
        "cannot write {path}: {folder} is no folder one may write to. Choose another --fix.",
        "无法写入 {path}：{folder} 不是可写的文件夹。请换一个 --fix。",
    ),
    "fix.drop_alone": (
        "--drop says which rows a cleaned copy leaves out, but there is no copy. Add --fix FILE.",
        "--drop 指定清理后的副本要去掉哪些行，但没有要写的副本。请加上 --fix 文件。",
    ),
    "assess.other_folder": (
        "{path} exists and holds no assessment. Choose another -o: nothing is written over.",
        "{path} 已存在，且不是评估结果的文件夹。请换一个 -o：不会覆盖任何文件。",
    ),
}

SENTENCES: Final[dict[str, tuple[str, str]]] = _ANSWER | _FACTS | _TABLE | _WHY | _FIX
