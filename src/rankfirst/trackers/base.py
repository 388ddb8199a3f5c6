"""The data sent to a tracker, and the interface of a backend."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Protocol

PROJECT = "rankfirst"  # default project or experiment

Param = str | int | float | bool


@dataclass(frozen=True)
class Point:
    """One value of a curve."""

    name: str  # "train_loss", within its group
    step: int  # optimiser steps; 0 for a single value
    value: float  # finite


@dataclass(frozen=True)
class Entry:
    """What one step of a run reports. Never contains a row's text, or anything about a single row."""

    group: str  # namespace of its points: "probe/3", "rung/tfidf", "decision/capacity-0"
    params: Mapping[str, Param] = field(default_factory=dict)  # by full name
    points: tuple[Point, ...] = ()
    line: str = ""  # one or more sentences, in the user's language

    def rows(self) -> Iterator[tuple[int, dict[str, float]]]:
        """(step, {name: value}) by increasing step; names without the group."""
        for step, points in groupby(sorted(self.points, key=lambda p: p.step), key=lambda p: p.step):
            yield step, {point.name: point.value for point in points}


class Tracker(Protocol):
    """The interface of a backend. Methods are called from one thread, in this order, and may raise anything."""

    def begin(self, name: str, run_id: str) -> str:
        """Open a run called `name`, or resume the one with the id `run_id` from an earlier session.

        Returns: the id for resuming; "" means that this backend cannot resume a run.
        """

    def log(self, entry: Entry) -> None:
        """Send one entry."""

    def end(self, files: Sequence[Path], finished: bool) -> None:
        """Close the run. Args: files: to store. finished: whether it has a result (otherwise it may be resumed)."""
