"""Sentences: what typer says on help pages."""

from typing import Final

SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "help.show": ("show this page and exit", "显示本页并退出"),
    "help.group.rows": ("Your data", "数据"),
    "help.group.model": ("The base model, and how it reads", "底座模型与文本读取"),
    "help.group.decisions": ("What may be tried, and how long", "尝试范围与预算"),
    "help.group.objective": ("What training minimises", "训练目标"),
    "help.group.answers": ("Which answers are given", "给出哪些答案"),
    "help.group.machine": ("Who trains", "由谁训练"),
    "help.panel.options": ("Options", "选项"),
    "help.panel.arguments": ("Arguments", "参数"),
    "help.panel.commands": ("Commands", "命令"),
    "help.panel.error": ("Error", "错误"),
    "help.panel.default": ("[default: {{}}]", "［默认：{{}}］"),
    "help.panel.required": ("[required]", "［必填］"),
}
