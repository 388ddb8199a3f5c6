"""Sentences: whether a model may go out."""

from typing import Final

SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "cli.gate": (
        "Decide whether a run's model may go out: checks limits and compares it with the model in use. Exit code 0 open, 1 closed, 2 cannot tell.",
        "某次运行的模型能否上线：检查下限，并与在用模型比较。退出码 0 通过，1 不通过，2 无法判断。",
    ),
    "cli.help.min_macro_f1": ("minimum macro-F1, from 0 to 1", "宏平均 F1 下限（0 到 1）"),
    "cli.help.max_recall_drop": (
        "maximum drop of any class's recall relative to --against, from 0 to 1",
        "任一类别召回率相对 --against 最多下降多少（0 到 1）",
    ),
    "cli.help.against": ("the run whose model is in use", "在用模型所在的运行"),
    "gate.open": ("Open: this model may go out.", "通过：该模型可以上线。"),
    "gate.closed": ("Closed: this model must not go out.", "不通过：该模型不能上线。"),
    "gate.cannot_tell": (
        "Cannot tell: the evaluated rows do not show whether this model may go out.",
        "无法判断：现有的评测数据不足以说明该模型能否上线。",
    ),
    "gate.verdict.unknown": ("CANNOT TELL", "无法判断"),
    "gate.verdict.passed": ("passed", "通过"),
    "gate.verdict.failed": ("FAILED", "不通过"),
    "gate.verdict.unsure": ("unsure", "不确定"),
    "gate.macro_f1": (
        "macro-F1 on {split} is {f1:.3f}, required is at least {least:.3f}",
        "{split} 上宏平均 F1 为 {f1:.3f}，要求不低于 {least:.3f}",
    ),
    "gate.macro_f1_unsure": (
        "macro-F1 on {split} is {f1:.3f}, required is at least {least:.3f}; its 95% interval, {low:.3f} to {high:.3f}, reaches below",
        "{split} 上宏平均 F1 为 {f1:.3f}，要求不低于 {least:.3f}；但 95% 区间 {low:.3f} 至 {high:.3f} 的下端低于要求",
    ),
    "gate.macro_f1_few": (
        "macro-F1 on {split} is {f1:.3f}, but {rows} {split} rows are too few to tell whether it is at least {least:.3f} (at least {least_rows} are required)",
        "{split} 上宏平均 F1 为 {f1:.3f}，但只有 {rows} 行，不足以判断是否达到 {least:.3f}（至少需要 {least_rows} 行）",
    ),
    "gate.macro_f1_unjudged": (
        "macro-F1 on {split} is {f1:.3f}, required is at least {least:.3f}; but {unjudged} of {classes} classes have no {split} rows ({names}): over all classes it may be anything from {worst:.3f} to {best:.3f}",
        "{split} 上宏平均 F1 为 {f1:.3f}，要求不低于 {least:.3f}；但 {classes} 个类别中有 {unjudged} 个在 {split} 里没有数据（{names}），计入全部类别后可能是 {worst:.3f} 到 {best:.3f} 之间的任何值",
    ),
    "gate.recall_unjudged": (
        "{unjudged} classes have no rows in one of the two runs, so a drop of their recall would not show: {names}",
        "有 {unjudged} 个类别在其中一次运行的评测数据里没有样本，召回率即使下降也看不出来：{names}",
    ),
    "gate.recalls": (
        "the recall of none of {classes} classes fell by more than {limit:.1f} points; largest drop: {name}, {drop:+.1f}",
        "{classes} 个类别的召回率下降都不超过 {limit:.1f} 个百分点；最多的是 {name}（{drop:+.1f}）",
    ),
    "gate.recall": (
        "recall of {name} fell from {before:.1%} to {after:.1%}: {drop:.1f} points, {limit:.1f} allowed, 95% interval ± {noise:.1f}",
        "{name} 的召回率从 {before:.1%} 降到 {after:.1%}：{drop:.1f} 个百分点，允许 {limit:.1f}，95% 区间 ± {noise:.1f}",
    ),
    "gate.recall_unsure": (
        "recall of {name} fell from {before:.1%} to {after:.1%}: {drop:.1f} points, {limit:.1f} allowed, but with its few rows {noise:.1f} may be random (95% interval)",
        "{name} 的召回率从 {before:.1%} 降到 {after:.1%}：{drop:.1f} 个百分点，允许 {limit:.1f}，但该类数据少，随机波动即可达到 {noise:.1f}（95% 区间）",
    ),
    "gate.class_gone": (
        "the model in use has a class that this one does not have: {name}",
        "在用模型的类别 {name}，新模型没有",
    ),
    "gate.deliverable": ("the export passed its self-test", "导出自检通过"),
    "gate.not_exported": ("nothing was exported, so there was no self-test", "未导出，无自检"),
    "gate.refused": (
        "the self-test refused {kinds} (model/check.json), which cannot be loaded; formats that passed: {fine}",
        "自检未通过的格式：{kinds}（model/check.json），不会被加载；通过的格式：{fine}",
    ),
    "gate.undeliverable": (
        "the self-test of the export failed (model/check.json)",
        "导出自检未通过（model/check.json）",
    ),
    "gate.together": (
        "--max-recall-drop and --against are used together: the allowed drop, and the run to compare with.",
        "--max-recall-drop 与 --against 要一起用：降多少，相对哪次运行。",
    ),
    "gate.nothing": (
        "No limit is given. Use --min-macro-f1, or --max-recall-drop with --against.",
        "没有给出任何限制。请用 --min-macro-f1，或 --max-recall-drop 加 --against。",
    ),
    "gate.share": ("{value} is not a share: give a number from 0 to 1.", "{value} 不是比例：请给出 0 到 1 之间的数。"),
    "gate.unreadable": (
        "{path} is not the result of a run, or is from another version. Run `rankfirst fit` again.",
        "{path} 不是运行结果，或来自其他版本。请重新运行 `rankfirst fit`。",
    ),
}
