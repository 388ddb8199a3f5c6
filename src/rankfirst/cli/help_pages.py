"""Help pages in the user's language: wrapped between ideographs, with typer's own words translated.

rich breaks lines at spaces only and would truncate a Chinese sentence in a table column with an ellipsis.
"""

import os
import re
from pathlib import Path
from typing import Any, Final

from rich import text as rich_text
from rich.cells import cell_len
from typer import rich_utils
from typer.core import TyperCommand, TyperGroup

from rankfirst.measure.disk import require_utf8
from rankfirst.messages import Lang, say

WRITTEN: Final = ("out", "fix", "dump_config")  # parameters that name what a command writes

_WIDE: Final = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]")
# A piece that is not broken: a run of narrow characters or one wide one, with its punctuation and the spaces after it
# (rich counts characters, not cells, when it drops spaces from the end of a line).
_PIECE: Final = re.compile(
    r"\s*[(（“‘【《［]*(?:[^\s\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef（“‘【《]+|\S|$)[，。；：、！？）”’】》］…]*\s*"
)
_PANELS: Final = {
    "OPTIONS_PANEL_TITLE": "options",
    "ARGUMENTS_PANEL_TITLE": "arguments",
    "COMMANDS_PANEL_TITLE": "commands",
    "ERRORS_PANEL_TITLE": "error",
    "DEFAULT_STRING": "default",
    "REQUIRED_LONG_STRING": "required",
}
# rich has no setting for line breaks. If a later version drops this function, only the wrapping is lost.
_spaced: Any = getattr(rich_text, "divide_line", None)


def divide_line(text: str, width: int, fold: bool = True) -> list[int]:
    """Positions to break `text` at so that each part fits into `width` cells; rich's own if no character is wide."""
    if not _WIDE.search(text):
        return list(_spaced(text, width, fold))
    breaks, cells = [], 0
    for piece in _PIECE.finditer(text):
        wide = cell_len(piece[0])
        if cells and cells + wide > width:
            breaks.append(piece.start())
            cells = 0
        if wide <= width:
            cells += wide
            continue
        for at, char in enumerate(piece[0], piece.start()):  # longer than a line: cut anywhere
            if cells + cell_len(char) > width:
                breaks.append(at)
                cells = 0
            cells += cell_len(char)
    return breaks


def speak(lang: Lang) -> None:
    """Set the language of all help pages in this process."""
    if _spaced is not None:
        setattr(rich_text, "divide_line", divide_line)  # noqa: B010
    _Plain.help_words = say("help.show", lang)
    for name, code in _PANELS.items():
        setattr(rich_utils, name, say(f"help.panel.{code}", lang))


class _Plain:
    """Help of flags, shared by commands and their group."""

    help_words = ""

    def _dressed(self, params: list[Any]) -> list[Any]:
        for param in params:
            if getattr(param, "is_flag", False):  # "<bool>" looks as if a value had to follow
                param.metavar = ""
            if param.name == "help":
                param.help = self.help_words
        return params


class Command(_Plain, TyperCommand):
    """A command with its help in the user's language; flags in panels are shown by `--help-all` only."""

    everything = False

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Print the page."""
        for param in self.params:
            vars(param)["hidden"] = not self.everything and getattr(param, "rich_help_panel", None) is not None
        super().format_help(ctx, formatter)

    def invoke(self, ctx: Any) -> Any:
        """Run the command; the names that it writes to are checked first. Raises: OptionError."""
        for name in WRITTEN:
            if isinstance(ctx.params.get(name), str | os.PathLike):
                require_utf8(Path(ctx.params[name]))
        return super().invoke(ctx)

    def get_params(self, ctx: Any) -> list[Any]:
        return self._dressed(super().get_params(ctx))


class Group(_Plain, TyperGroup):
    """The group of all commands, with its help in the user's language."""

    def get_params(self, ctx: Any) -> list[Any]:
        return self._dressed(super().get_params(ctx))
