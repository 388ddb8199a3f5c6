"""Progress of long steps: a bar with the remaining time on a terminal, plain lines elsewhere, nothing for programs."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from rankfirst.engine.base import Tick
from rankfirst.messages import Lang, say, sentences

EVERY = 60.0  # seconds before the first plain line
SLOWER, SLOWEST = 1.5, 300.0  # each wait is that much longer than the last one, up to so many seconds


@contextmanager
def progress(console: Console, lang: Lang, silent: bool = False) -> Iterator[Tick]:
    """A `tick` that shows progress."""
    if silent:
        yield lambda what, done, total: None
    elif console.is_terminal:
        columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
        with Progress(*columns, console=console, transient=True) as bar:
            yield _Bar(bar, lang)
    else:
        yield Lines(console, lang)


def _named(what: str, lang: Lang) -> str:
    """The name of a step in the user's language: "rank train 1/2" -> "rank training 1/2"."""
    codes = sentences()
    return " ".join(say(f"cli.step.{word}", lang) if f"cli.step.{word}" in codes else word for word in what.split())


class _Bar:
    def __init__(self, bar: Progress, lang: Lang) -> None:
        self.bar, self.lang, self.what = bar, lang, ""
        self.task = bar.add_task("", total=None, visible=False)

    def __call__(self, what: str, done: int, total: int) -> None:
        if what != self.what:  # a new step: its remaining time must not be estimated from the previous one
            self.what = what
            self.bar.reset(self.task, total=total, description=_named(what, self.lang), visible=True)
        self.bar.update(self.task, completed=done, total=total, visible=done < total)


def _counted(what: str, done: int, total: int, lang: Lang) -> str:
    """How far a step has come: "train 2/6", 3 of 6 -> "training, epoch 2 of 6 (25%)"."""
    epochs = re.fullmatch(r"(.*) (\d+)/(\d+)", what)
    if epochs is None:
        percent = round(100 * done / total)
        return say("cli.progress", lang, what=_named(what, lang), done=done, total=total, percent=percent)
    at, of = int(epochs[2]), int(epochs[3])
    percent = round(100 * (at - 1 + done / total) / max(1, of))
    return say("cli.progress_epoch", lang, what=_named(epochs[1], lang), at=at, of=of, percent=percent)


class Lines:
    """Prints a line if nothing was printed for a while, less often the longer it takes: a log of hours stays readable.

    Args: left: returns the remaining time in words, or "". indent: returns its cells, if more than two.
    """

    def __init__(self, console: Console, lang: Lang, left: Callable[[], str] = str, indent: Callable[[], int] = int
                 ) -> None:  # fmt: skip
        self.console, self.lang, self.left, self.indent = console, lang, left, indent
        self.printed, self.wait = time.monotonic(), EVERY

    def __call__(self, what: str, done: int, total: int) -> None:
        if done < total and time.monotonic() - self.printed >= self.wait:
            self.printed, self.wait = time.monotonic(), min(SLOWEST, SLOWER * self.wait)
            if total <= 1:  # a step without a count
                line = say("cli.working", self.lang, what=_named(what, self.lang))
            else:
                line = _counted(what, done, total, self.lang)
            if left := self.left():
                line = say("live.line", self.lang, what=line, left=left)
            self.console.print(" " * max(2, self.indent()) + line, markup=False)

    def interrupted(self) -> None:
        """Something else was printed, so the next line may come later."""
        self.printed = time.monotonic()
