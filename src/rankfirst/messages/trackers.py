"""Sentences of the trackers: what cannot be told to them, and what `rankfirst track` says."""

from typing import Final

SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "tracker.unknown": (
        "tracker {text!r} is unknown. Write NAME or NAME=DESTINATION with one of: {known}.",
        "不认识跟踪器 {text!r}。请写成 名称 或 名称=目的地，名称可为：{known}。",
    ),
    "tracker.not_installed": (
        'the library of the tracker {name} is not installed. Run: pip install "rankfirst[{name}]"',
        '没有安装跟踪器 {name} 所需的库。请运行：pip install "rankfirst[{name}]"',
    ),
    "tracker.failed": (
        "{target} can no longer be written to ({why}). The run is not affected. Send the missing entries later: rankfirst track {run} --to {target}",
        "{target} 已无法写入（{why}）。运行不受影响。缺少的部分可以稍后补发：rankfirst track {run} --to {target}",
    ),
    "tracker.full": (
        "{target} cannot keep up: {waiting} entries are waiting, so no more are sent. The run is not affected. Send the missing entries later: rankfirst track {run} --to {target}",
        "{target} 跟不上：已有 {waiting} 条记录在等待，因此不再向它发送。运行不受影响。缺少的部分可以稍后补发：rankfirst track {run} --to {target}",
    ),
    "tracker.late": (
        "{target} had not received everything within {seconds} s. The run is complete. Send the missing entries later: rankfirst track {run} --to {target}",
        "{target} 在 {seconds} 秒内没有收完。运行本身不受影响。缺少的部分可以稍后补发：rankfirst track {run} --to {target}",
    ),
    "tracker.not_delivered": (
        "not everything was sent to {targets}; the line above says why. Repeat the command: entries that arrived are not sent again.",
        "没有全部送达 {targets}；原因见上一行。重复同一条命令即可：已送达的不会再发。",
    ),
    "cli.track": (
        "Send a finished run to an experiment tracker; entries that the tracker has are not sent again.",
        "事后把一次运行发送到实验跟踪器；跟踪器已有的内容不会重复发送。",
    ),
    "cli.help.track": (
        "send the run to a tracker as it happens: tensorboard, mlflow, wandb, swanlab or trackio, alone or as NAME=DESTINATION (address, folder or project); no texts are sent; may be repeated",
        "运行时同步发送到跟踪器：tensorboard、mlflow、wandb、swanlab 或 trackio，可单独写，也可写成 名称=目的地（地址、文件夹或项目）；不发送任何原文；可重复使用",
    ),
    "cli.help.to": (
        "destination: tensorboard, mlflow, wandb, swanlab or trackio, alone or as NAME=DESTINATION; may be repeated",
        "发送到哪里：tensorboard、mlflow、wandb、swanlab 或 trackio，可单独写，也可写成 名称=目的地；可重复使用",
    ),
    "cli.tracked": ("{target}: {count} steps sent.", "{target}：已发送 {count} 步。"),
    "cli.tracked_nothing": (
        "{target}: nothing new, it already has the whole run.",
        "{target}：没有新内容，这次运行它已全部收到。",
    ),
}
