"""Progress for Python users: a display that is updated in a notebook, a bar on a terminal if it is wanted.

In a notebook rich and tqdm need ipywidgets. IPython itself can replace an output, so HTML is enough, and it also works
where widgets are not installed.
"""

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, ParamSpec

from rankfirst.engine.base import Pulse
from rankfirst.messages import Lang, say
from rankfirst.progress.run_state import Board, View
from rankfirst.progress.words import left_words, stage_name, step_words
from rankfirst.report import tell
from rankfirst.report.html import environment
from rankfirst.report.phrases import duration, percent

EVERY: Final = 0.5  # seconds between updates
_TOLD: Final = ("decision", "verdict")  # events whose first sentence is shown
P = ParamSpec("P")


@dataclass(frozen=True)
class Snapshot:
    """What is shown of a run at one moment."""

    lang: Lang
    stages: tuple[str, ...]
    at: int  # index of the current stage
    step: str
    share: float = 0.0
    counted: bool = False  # whether `share` is known
    facts: str = ""
    said: str = ""
    ended: str = ""

    @classmethod
    def of(cls, view: View, lang: Lang, said: str = "") -> "Snapshot":
        """The snapshot of a running fit."""
        counted = bool(view.what) and view.total > 1
        step = step_words(view.what, view, lang)[0] if view.what else say(f"live.idle.{view.stage}", lang)
        names = tuple(stage_name(stage, lang) for stage in view.stages)
        at, share = view.stages.index(view.stage), view.share if counted else 0.0
        return cls(lang, names, at, step, share, counted, _facts(view, lang), said)

    @property
    def line(self) -> str:
        """The snapshot as one line of text."""
        if self.ended:
            return self.ended
        return " · ".join(filter(None, (self.stages[self.at], self.step, self.facts)))

    def __repr__(self) -> str:
        return self.line

    def _repr_html_(self) -> str:
        made = environment().get_template("progress.html.j2")
        return made.render(v=self, lang=self.lang, percent=round(100 * self.share))


def _facts(view: View, lang: Lang) -> str:
    """Scores, time, and the time that is left."""
    scores = {"live.to_beat": view.frozen if view.best is None else None, "live.best_f1": view.best}
    facts = [say(code, lang, score=percent(score)) for code, score in scores.items() if score is not None]
    facts += [say("live.probes", lang, n=view.probes)] if view.probes else []
    if view.elapsed >= 1:
        facts.append(duration(int(view.elapsed) if view.elapsed >= 10 else view.elapsed)[lang])
    return " · ".join([*facts, *filter(None, (left_words(view.left, lang),))])


class Progress:
    """The callbacks of a run, which show its progress now and then."""

    def __init__(self, show: Callable[[Snapshot], object], lang: Lang, board: Board | None = None,
                 now: Callable[[], float] = time.monotonic) -> None:  # fmt: skip
        self.show, self.lang, self.board, self.now = show, lang, board or Board(), now
        self.began, self.shown, self.said, self.events = now(), -EVERY, "", 0

    def event(self, event: Mapping[str, Any]) -> None:
        """A line of the journal."""
        self.board.event(event)
        self.events += 1
        if event["kind"] in _TOLD:
            self.said = next(iter(tell(event["kind"], event["key"], event["payload"], self.lang)), self.said)
        self._draw()

    def tick(self, what: str, done: int, total: int) -> None:
        """Progress of a step."""
        self.board.tick(what, done, total)
        self._draw()

    def pulse(self, pulse: Pulse) -> None:
        """A loss or a score of the current training."""
        self.board.pulse(pulse)

    def start(self) -> None:
        """Show the first snapshot."""
        self._draw()

    def end(self, code: str) -> None:
        """Show how it ended, with the verdict if there is one. Args: code: of the sentence, which takes `time`."""
        took = self.now() - self.began
        words = say(code, self.lang, time=duration(round(took) if took >= 10 else took)[self.lang])
        self.show(Snapshot(self.lang, (), 0, "", said=self.said, ended=words))

    def _draw(self) -> None:
        if self.now() - self.shown >= EVERY:
            self.shown = self.now()
            self.show(Snapshot.of(self.board.view(), self.lang, self.said))


@contextmanager
def follow(wanted: bool | None, lang: Lang, board: Board | None = None) -> Iterator[Progress | None]:
    """The progress of a run, shown until the end of the block; None if it is not shown.

    Args: wanted: None shows it in a notebook, True also on a terminal, False never.
    """
    with _screen(wanted) as show:
        if show is None:
            yield None
            return
        progress = Progress(show, lang, board)
        progress.start()
        try:
            yield progress
        except BaseException:
            progress.end("progress.stopped" if progress.events else "progress.failed")
            raise
        progress.end("progress.done")


@contextmanager
def _screen(wanted: bool | None) -> Iterator[Callable[[Snapshot], object] | None]:
    if wanted is False:
        yield None
    elif in_notebook():
        yield _display()
    elif wanted:
        with _bar() as show:
            yield show
    else:
        yield None


def in_notebook() -> bool:
    """Whether this is a kernel of Jupyter, Colab or the like; IPython on a terminal has none."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return getattr(shell, "kernel", None) is not None


def _display() -> Callable[[Snapshot], object]:
    """Displays the first snapshot in the current cell and replaces it by each later one."""
    from IPython.display import display

    handle: list[Any] = []

    def show(snapshot: Snapshot) -> None:
        if handle:
            handle[0].update(snapshot)
        else:
            handle.append(display(snapshot, display_id=True))

    return show


@contextmanager
def _bar() -> Iterator[Callable[[Snapshot], object]]:
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn
    from rich.progress import Progress as Bar

    columns = (BarColumn(20), TextColumn("{task.description}", markup=False))
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=1.0)
        yield lambda snapshot: bar.update(task, completed=snapshot.share, description=snapshot.line)


def both(first: Callable[P, object] | None, second: Callable[P, object]) -> Callable[P, None]:
    """A callback that calls both, the caller's own first."""

    def call(*args: P.args, **kwargs: P.kwargs) -> None:
        if first is not None:
            first(*args, **kwargs)
        second(*args, **kwargs)

    return call
