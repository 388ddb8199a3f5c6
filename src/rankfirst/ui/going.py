"""How a run or a command goes: its stage, the current step, scores, time spent and left, in both languages."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from rankfirst.messages import LANGS
from rankfirst.progress.notebook import Snapshot
from rankfirst.progress.run_state import Board, View
from rankfirst.report.phrases import Both
from rankfirst.ui.journal_tail import Tail


@dataclass(frozen=True)
class Going:
    """What is shown of it."""

    stages: tuple[Both, ...]
    at: int  # index of the current stage
    step: Both
    percent: int | None  # done part of the step; None: not known
    facts: Both


def going(view: View) -> Going:
    """The progress in words."""
    snapshots = {lang: Snapshot.of(view, lang) for lang in LANGS}

    def both(words: Callable[[Snapshot], str]) -> Both:
        return Both(*(words(snapshots[lang]) for lang in LANGS))

    def stage(n: int) -> Both:
        return both(lambda snapshot: snapshot.stages[n])

    one = snapshots[LANGS[0]]
    percent = round(100 * one.share) if one.counted else None
    stages = tuple(map(stage, range(len(one.stages))))
    return Going(stages, one.at, both(lambda s: s.step), percent, both(lambda s: s.facts))


def from_journal(journal: Path) -> View:
    """Progress of a running fit from its journal alone, which lacks the current step."""
    board = Board()
    for line in Tail(journal).read()[0]:
        board.event(asdict(line))
    return board.view()
