"""Progress of long steps: a bar with the time left on a terminal, plain lines elsewhere, nothing for machines."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from rankfirst.engine.base import Tick
from rankfirst.messages import Lang, say, sentences

EVERY = 20.0  # seconds between plain lines


@contextmanager
def progress(console: Console, lang: Lang, silent: bool = False) -> Iterator[Tick]:
    """Something to hand to `fit` as `tick`."""
    if silent:
        yield lambda what, done, total: None
    elif console.is_terminal:
        columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
        with Progress(*columns, console=console, transient=True) as bar:
            yield _Bar(bar, lang)
    else:
        yield Lines(console, lang)


def _named(what: str, lang: Lang) -> str:
    """ "rank train 1/2" -> "rank training 1/2": the step's own words, in the user's language."""
    known = sentences()
    return " ".join(say(f"cli.step.{word}", lang) if f"cli.step.{word}" in known else word for word in what.split())


class _Bar:
    def __init__(self, bar: Progress, lang: Lang) -> None:
        self.bar, self.lang, self.what = bar, lang, ""
        self.task = bar.add_task("", total=None, visible=False)

    def __call__(self, what: str, done: int, total: int) -> None:
        if what != self.what:  # a new step: its time left must not be guessed from the one before
            self.what = what
            self.bar.reset(self.task, total=total, description=_named(what, self.lang), visible=True)
        self.bar.update(self.task, completed=done, total=total, visible=done < total)


class Lines:
    """A plain line now and then; `left` says what is known of the time to come."""

    def __init__(self, console: Console, lang: Lang, left: Callable[[], str] = str) -> None:
        self.console, self.lang, self.left, self.said = console, lang, left, time.monotonic()

    def __call__(self, what: str, done: int, total: int) -> None:
        if done < total and time.monotonic() - self.said >= EVERY:
            self.said = time.monotonic()
            told = _named(what, self.lang)
            if total <= 1:  # a step that nobody counts
                line = say("cli.working", self.lang, what=told)
            else:
                percent = round(100 * done / total)
                line = say("cli.progress", self.lang, what=told, done=done, total=total, percent=percent)
            if left := self.left():
                line = say("live.line", self.lang, what=line, left=left)
            self.console.print(f"  {line}", markup=False)
