"""The live view on a terminal: a scrolling list of decisions above a panel with the current progress."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from rich.cells import cell_len
from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from rankfirst.cli.glyphs import for_encoding
from rankfirst.cli.panel import draw
from rankfirst.cli.plain import Log, animated
from rankfirst.engine.base import Tick
from rankfirst.messages import Lang
from rankfirst.progress.run_state import Appraisal, Board
from rankfirst.report import Row

PER_SECOND: Final = 4  # redraws; more would take time from training

DECIDED: Final = ("decision", "verdict")


@contextmanager
def live(console: Console, lang: Lang, verbose: bool = False) -> Iterator["Terminal"]:
    """An audience with a panel, which is removed at the end of the block."""
    with _drawn(Terminal(console, lang, verbose=verbose)) as view:
        yield view


@contextmanager
def followed(console: Console, lang: Lang, silent: bool, lora: bool) -> Iterator[Tick]:
    """A `tick` for `assess`: shows a panel on a terminal, plain lines elsewhere, nothing if `silent`.

    Args: lora: whether LoRA or full fine-tuning is measured as well.
    """
    if silent:
        yield lambda what, done, total: None
    elif animated(console):
        with _drawn(Terminal(console, lang, Appraisal(lora))) as view:
            yield view.tick
    else:
        yield Log(console, lang, Appraisal(lora)).tick


@contextmanager
def _drawn(view: "Terminal") -> Iterator["Terminal"]:
    console = view.console
    with Live(get_renderable=view.panel, console=console, refresh_per_second=PER_SECOND, transient=True,
              vertical_overflow="crop", redirect_stderr=False, redirect_stdout=False):  # fmt: skip
        yield view


class Terminal(Log):
    """Events as lines, progress in the panel."""

    def __init__(self, console: Console, lang: Lang, board: Board | None = None, verbose: bool = False) -> None:
        super().__init__(console, lang, board, verbose)
        self.glyphs = for_encoding(console.encoding)

    def panel(self) -> Group:
        """The current panel; called by the drawing thread. One cell stays free: some terminals wrap at the last."""
        width, height = self.console.size
        return Group(*draw(self.board.view(), max(20, width - 1), height, self.lang, self.glyphs))

    def tick(self, what: str, done: int, total: int) -> None:
        self.board.tick(what, done, total)

    def _tell(self, kind: str, lines: Sequence[str]) -> None:
        """Print lines wrapped at words with their indent; the first line of a decision is bold."""
        for i, line in enumerate(lines):
            words = line.lstrip()
            self._wrapped(" " * (len(line) - len(words)), words, "bold" if i == 0 and kind in DECIDED else "")

    def _row(self, title: str, row: Row) -> None:
        self._wrapped(title, row.words[self.lang], "bold" if row.strong else "", "cyan")

    def _wrapped(self, first: str, words: str, style: str, title_style: str = "") -> None:
        """Print words beside `first`, and below it as far to the right."""
        indent = cell_len(first)
        for part in Text(words, style=style).wrap(self.console, max(10, self.console.width - indent)):
            part.rstrip()
            self.console.print(Text(first, style=title_style) + part)
            first = " " * indent
