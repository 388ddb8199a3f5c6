"""Sentences: which rows to label next, and what that may gain."""

from typing import Final

SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "cli.label": (
        "Choose the rows of an unlabelled file that are worth labelling next, with the gain to expect.",
        "从未标注的数据中选出最值得标注的行，并估计标注后的提升。",
    ),
    "cli.help.pool": ("file of unlabelled texts", "未标注的文本文件"),
    "cli.help.next": (
        "output file: the rows to label, with an empty label column, the model's answer, and why each was chosen; the suffix decides the format; default: next.csv",
        "输出文件：待标注的行，含空的标签列、模型的预测和入选原因；格式由后缀决定，默认 next.csv",
    ),
    "cli.help.label_rows": ("number of rows to choose", "选出的行数"),
    "cli.help.to_tool": (
        "write for argilla, label-studio or doccano; default: by the file name, as in next.argilla.json, else a table",
        "按 argilla、label-studio 或 doccano 可导入的格式写出；默认根据文件名判断（如 next.argilla.json），否则写成表格",
    ),
    "cli.help.to_review": (
        "also write suspects and conflicts for argilla, label-studio or doccano",
        "另按 argilla、label-studio 或 doccano 可导入的格式写出疑似错标和冲突",
    ),
    "cli.help.corrections": (
        "corrected labels for the cleaned copy: a table with text and label, or an export of argilla, label-studio or doccano; repeatable",
        "写入清理副本的人工改正：含文本列和标签列的表格，或 argilla、label-studio、doccano 的导出文件；可多次给出",
    ),
    "label.tool_suffix": (
        "{path}: {tool} imports {known}. Give the output file this suffix.",
        "{path}：{tool} 可导入的格式为 {known}。请让输出文件带上该后缀。",
    ),
    "label.rows": ("--rows {value}: choose at least one row.", "--rows {value}：至少要选 1 行。"),
    "label.nothing": (
        "{path}: no row is left to choose: of {rows} rows, {labelled} have a label, {trained} are rows of the run, {repeated} are repeats, {empty} have no text.",
        "{path} 没有可选的行：共 {rows} 行，其中已有标签 {labelled} 行，本次运行已有 {trained} 行，重复 {repeated} 行，没有文本 {empty} 行。",
    ),
    "label.note.sampled": (
        "Of {rows} unlabelled texts, {looked} drawn at random were examined.",
        "未标注文本共 {rows} 条，随机抽取 {looked} 条进行分析。",
    ),
    "label.note.no_train": (
        "The rows that {run} was trained on were not found: a chosen row may duplicate one of them. Name the training file with --train.",
        "没有找到 {run} 的训练数据，选出的行可能与训练数据重复。请用 --train 指定训练文件。",
    ),
    "label.why.new_group": (
        "belongs to a group of similar texts that resembles no labelled row ({name})",
        "属于一组彼此相近、但不像任何已标注数据的文本（{name}）",
    ),
    "label.why.abstains": ("the model abstains", "模型拒识"),
    "label.why.between": ("uncertain between {answer} and {other}", "在 {answer} 与 {other} 之间不确定"),
    "label.why.whether": ("uncertain whether {other} applies", "是否属于 {other} 不确定"),
    "label.why.unsure": ("among the least certain predictions", "属于模型最不确定的预测"),
    "label.line.chosen": (
        "{rows} of {looked:,} unlabelled texts chosen: {reasons}.",
        "从 {looked:,} 条未标注文本中选出 {rows} 条：{reasons}。",
    ),
    "label.line.new_group": ("{rows} from new groups", "{rows} 条来自新的文本组"),
    "label.line.abstains": ("{rows} on which the model abstains", "{rows} 条被模型拒识"),
    "label.line.between": ("{rows} between two classes", "{rows} 条介于两个类别之间"),
    "label.line.whether": ("{rows} of which a label is uncertain", "{rows} 条有不确定的标签"),
    "label.line.unsure": ("{rows} among the least certain", "{rows} 条属于最不确定的预测"),
    "label.line.group": (
        "New group {name}: {rows} similar texts that resemble no labelled row, {chosen} of them chosen; the model mostly predicts {nearest}.",
        "新的文本组 {name}：{rows} 条彼此相近、不像任何已标注数据，选出其中 {chosen} 条；模型多判为 {nearest}。",
    ),
    "label.line.more_groups": ("{groups} more new groups.", "另有 {groups} 组。"),
    "label.line.left_out": ("Left out: {parts}.", "未列入：{parts}。"),
    "label.line.labelled": ("{rows:,} with a label", "已有标签 {rows:,} 行"),
    "label.line.trained": ("{rows:,} that are rows of the run", "本次运行已有 {rows:,} 行"),
    "label.line.repeated": ("{rows:,} repeats", "重复 {rows:,} 行"),
    "label.line.empty": ("{rows:,} without text", "没有文本 {rows:,} 行"),
    "label.gain.likely": (
        "Expected gain of {rows} more training rows: {points:+.1f} points of macro-F1 (95% interval {low:+.1f} to {high:+.1f}), from the learning curve of {model} ({curve}). The curve is that of random rows of known classes.",
        "再加 {rows} 行训练数据，预计宏平均 F1 变化 {points:+.1f} 个百分点（95% 区间 {low:+.1f} 到 {high:+.1f}），依据 {model} 的学习曲线（{curve}）。曲线对应的是随机抽取的已知类别数据。",
    ),
    "label.gain.less": (
        "The learning curve of {model} falls ({curve}): {rows} more training rows of known classes are not expected to raise macro-F1 ({points:+.1f} points, 95% interval {low:+.1f} to {high:+.1f}). Look at the labels first: rankfirst assess.",
        "{model} 的学习曲线在下降（{curve}）：再加 {rows} 行已知类别的数据预计不会提高宏平均 F1（{points:+.1f} 个百分点，95% 区间 {low:+.1f} 到 {high:+.1f}）。请先检查标签：rankfirst assess。",
    ),
    "label.gain.unsure": (
        "Whether {rows} more training rows of known classes would raise macro-F1 is uncertain: the learning curve of {model} ({curve}) gives {points:+.1f} points, 95% interval {low:+.1f} to {high:+.1f}.",
        "再加 {rows} 行已知类别的训练数据能否提高宏平均 F1 尚无法判断：按 {model} 的学习曲线（{curve}）为 {points:+.1f} 个百分点，95% 区间 {low:+.1f} 到 {high:+.1f}。",
    ),
    "label.gain.point": ("{f1:.1f}% at {rows:,} rows", "{rows:,} 行时 {f1:.1f}%"),
    "label.model.frozen": ("the frozen encoder", "冻结底座"),
    "label.model.tfidf": ("TF-IDF", "TF-IDF"),
    "label.no_gain.rows": (
        "The expected gain is unknown: a learning curve needs the rows that {run} was trained on. Name the training file with --train.",
        "无法估计提升：学习曲线需要 {run} 的训练数据。请用 --train 指定训练文件。",
    ),
    "label.written.tool": (
        "To label in {tool}: {path} ({rows} rows). Export them when they are labelled, then: {command}",
        "可导入 {tool} 标注：{path}（{rows} 行）。标注后导出，再运行：{command}",
    ),
    "label.written.config": ("Labelling interface: {path}", "标注界面配置：{path}"),
    "label.written": (
        "To label: {path} ({rows} rows). Fill in the column {column!r}, then: {command}",
        "待标注：{path}（{rows} 行）。填写 {column!r} 列后运行：{command}",
    ),
}
