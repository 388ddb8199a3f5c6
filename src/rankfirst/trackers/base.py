"""What a tracker is told, and what it has to be able to do."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Protocol

PROJECT = "rankfirst"  # the project or experiment a run is filed under when the user names none

Param = str | int | float | bool


@dataclass(frozen=True)
class Point:
    """One number of a curve."""

    name: str  # "train_loss", within its group
    step: int  # optimiser steps; 0 for a figure without a curve
    value: float  # finite


@dataclass(frozen=True)
class Entry:
    """What one step of a run has to say. Never a text of a row, nor anything about one row."""

    group: str  # "probe/3", "rung/tfidf", "decision/capacity-0": the namespace of its points
    params: Mapping[str, Param] = field(default_factory=dict)  # full names
    points: tuple[Point, ...] = ()
    line: str = ""  # a sentence or several, in the user's language

    def rows(self) -> Iterator[tuple[int, dict[str, float]]]:
        """(step, {name: value}), steps rising; names without the group."""
        for step, points in groupby(sorted(self.points, key=lambda p: p.step), key=lambda p: p.step):
            yield step, {point.name: point.value for point in points}


class Tracker(Protocol):
    """One backend; its methods are called from one thread, in this order, and may raise anything."""

    def begin(self, name: str, known: str) -> str:
        """Open a run called `name`, or the one that an earlier session knew as `known`; returns how to know it again.

        "" means that this backend cannot open a run twice.
        """

    def log(self, entry: Entry) -> None:
        """Take one entry in."""

    def end(self, files: Sequence[Path], finished: bool) -> None:
        """Close the run: `files` to keep beside it, and whether it came to its result (else it may be continued)."""
