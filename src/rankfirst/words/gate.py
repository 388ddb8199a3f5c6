"""Sentences: whether a model may go out."""

from typing import Final

SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "cli.gate": (
        "Whether a run's model may go out: limits, and the model in use. Exit code 0 open, 1 closed, 2 cannot tell.",
        "某次运行的模型能否上线：检查下限，并与在用模型比较。退出码 0 通过，1 不通过，2 无法判断。",
    ),
    "cli.help.min_macro_f1": ("least macro-F1, a share of 1", "宏 F1 下限（0 到 1）"),
    "cli.help.max_recall_drop": (
        "how far the recall of any class may fall against --against, a share of 1",
        "任一类别召回率相对 --against 最多下降多少（0 到 1）",
    ),
    "cli.help.against": ("the run whose model is in use", "在用模型所在的运行"),
    "gate.open": ("Open: this model may go out.", "通过：该模型可以上线。"),
    "gate.closed": ("Closed: this model must not go out.", "不通过：该模型不能上线。"),
    "gate.verdict.passed": ("passed", "通过"),
    "gate.verdict.failed": ("FAILED", "不通过"),
    "gate.verdict.unsure": ("unsure", "不确定"),
    "gate.macro_f1": (
        "macro-F1 on {split} is {f1:.3f}, at least {least:.3f} is asked for",
        "{split} 上宏 F1 为 {f1:.3f}，要求不低于 {least:.3f}",
    ),
    "gate.recalls": (
        "no class of {classes} fell by more than {limit:.1f} points; the most: {name}, {drop:+.1f}",
        "{classes} 个类别中没有一个下降超过 {limit:.1f} 个百分点；最多的是 {name}（{drop:+.1f}）",
    ),
    "gate.recall": (
        "recall of {name} fell from {before:.1%} to {after:.1%}: {drop:.1f} points, {limit:.1f} allowed, 95% interval ± {noise:.1f}",
        "{name} 的召回率从 {before:.1%} 降到 {after:.1%}：{drop:.1f} 个百分点，允许 {limit:.1f}，95% 区间 ± {noise:.1f}",
    ),
    "gate.recall_unsure": (
        "recall of {name} fell from {before:.1%} to {after:.1%}: {drop:.1f} points, {limit:.1f} allowed, but its few rows explain {noise:.1f} (95% interval)",
        "{name} 的召回率从 {before:.1%} 降到 {after:.1%}：{drop:.1f} 个百分点，允许 {limit:.1f}，但该类数据少，偶然即可达到 {noise:.1f}（95% 区间）",
    ),
    "gate.class_gone": (
        "the model in use knows a class that this one does not: {name}",
        "在用模型的类别 {name}，新模型没有",
    ),
    "gate.deliverable": ("the export was tried out and answers as trained", "导出自检通过"),
    "gate.not_exported": ("nothing was exported, so nothing was tried out", "未导出，无自检"),
    "gate.undeliverable": (
        "the self-test of the export failed (model/check.json)",
        "导出自检未通过（model/check.json）",
    ),
    "gate.together": (
        "--max-recall-drop and --against belong together: how far, and below which run.",
        "--max-recall-drop 与 --against 要一起用：降多少，相对哪次运行。",
    ),
    "gate.nothing": (
        "No limit is given. Say --min-macro-f1, or --max-recall-drop with --against.",
        "没有给出任何限制。请用 --min-macro-f1，或 --max-recall-drop 加 --against。",
    ),
    "gate.share": ("{value} is no share: give a number from 0 to 1.", "{value} 不是比例：请给出 0 到 1 之间的数。"),
    "gate.unreadable": (
        "{path} is no result of a run, or of another version. Run `rankfirst fit` again.",
        "{path} 不是运行结果，或来自其他版本。请重新运行 `rankfirst fit`。",
    ),
}
