"""Sentences: what typer says on help pages."""

from typing import Final

SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "cli.help.help_all": ("show every option and exit", "显示全部选项"),
    "help.show": ("show this page and exit", "显示本页并退出"),
    "help.group.rows": ("Your data", "数据"),
    "help.group.model": ("Base model and text input", "底座模型与文本读取"),
    "help.group.decisions": ("Search and budget", "搜索范围与预算"),
    "help.group.objective": ("Training objective", "训练目标"),
    "help.group.answers": ("Predictions: abstention, thresholds, costs", "预测：拒识、阈值与代价"),
    "help.group.machine": ("Where to train", "由谁训练"),
    "help.group.output": ("Output and configuration", "输出与配置"),
    "help.panel.options": ("Options", "选项"),
    "help.panel.arguments": ("Arguments", "参数"),
    "help.panel.commands": ("Commands", "命令"),
    "help.panel.error": ("Error", "错误"),
    "help.panel.default": ("[default: {{}}]", "［默认：{{}}］"),
    "help.panel.required": ("[required]", "［必填］"),
}
