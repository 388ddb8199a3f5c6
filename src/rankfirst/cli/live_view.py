"""The live view on a terminal: decisions scroll by and stay, below them a panel of what goes on right now."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from rankfirst.cli.glyphs import for_encoding
from rankfirst.cli.panel import draw
from rankfirst.cli.plain import Log, animated
from rankfirst.cli.run_state import Appraisal, Board
from rankfirst.engine.base import Tick
from rankfirst.messages import Lang

PER_SECOND: Final = 4  # drawings: the machine is for training

DECIDED: Final = ("decision", "verdict")


@contextmanager
def live(console: Console, lang: Lang) -> Iterator["Terminal"]:
    """An audience with a panel, which is gone when the block is left."""
    with _drawn(Terminal(console, lang)) as view:
        yield view


@contextmanager
def followed(console: Console, lang: Lang, silent: bool, lora: bool) -> Iterator[Tick]:
    """Something to hand to `assess` as `tick`: a panel on a terminal, plain lines elsewhere, nothing if `silent`.

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
    """Lines as in a log, progress in the panel."""

    def __init__(self, console: Console, lang: Lang, board: Board | None = None) -> None:
        super().__init__(console, lang, board)
        self.glyphs = for_encoding(console.encoding)

    def panel(self) -> Group:
        """Called by the thread that draws. One cell is left free: some terminals wrap after the last one."""
        width, height = self.console.size
        return Group(*draw(self.board.view(), max(20, width - 1), height, self.lang, self.glyphs))

    def tick(self, what: str, done: int, total: int) -> None:
        self.board.tick(what, done, total)

    def _tell(self, kind: str, lines: Sequence[str]) -> None:
        """Wrapped at words, below their indent; the first line of what was decided in bold."""
        for i, line in enumerate(lines):
            words = line.lstrip()
            indent = len(line) - len(words)
            style = "bold" if i == 0 and kind in DECIDED else ""
            for part in Text(words, style=style).wrap(self.console, max(10, self.console.width - indent)):
                part.rstrip()
                part.pad_left(indent)
                self.console.print(part)
