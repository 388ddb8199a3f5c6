"""Sentences: what typer says on help pages."""

from typing import Final

SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "help.show": ("show this page and exit", "显示本页并退出"),
    "help.panel.options": ("Options", "选项"),
    "help.panel.arguments": ("Arguments", "参数"),
    "help.panel.commands": ("Commands", "命令"),
    "help.panel.error": ("Error", "错误"),
    "help.panel.default": ("[default: {{}}]", "［默认：{{}}］"),
    "help.panel.required": ("[required]", "［必填］"),
}
