"""The scorer: what advice was worth where every move's outcome is known. numpy and the standard library only."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.advice import seal
from benchmarks.advice.cases import DATA, MOVES, NOTHING, Half, Start, World

DRAWS: Final = 1000  # of sets, behind an interval


@dataclass(frozen=True)
class Truth:
    """Of one case."""

    score: float  # test macro-F1 of its recipe, points
    gains: Mapping[str, float]  # move -> points of test macro-F1 over this recipe
    right: frozenset[str]  # within half a point or two standard errors of the best move
    harmful: frozenset[str]  # that cost more than half a point

    @property
    def something(self) -> bool:
        """Doing nothing is not right here."""
        return NOTHING not in self.right


@dataclass(frozen=True)
class Advice:
    """What an entry says of one case."""

    move: str | None  # None: it cannot tell, which is worth what doing nothing is
    runs: float = 0.0  # what it bought, in full trainings


@dataclass(frozen=True)
class Score:
    """An entry over some cases; shares from 0 to 1."""

    cases: int
    needed: int  # cases where something must be done
    hit: float  # of these: a right move was named
    coverage: float  # of all cases: a move, or to leave it, was named
    harm: float  # of all cases: a move that costs more than half a point
    alarms: float  # of the cases where nothing need be done: a move that is not right
    captured: float  # share of the points that were there
    regret: float  # points behind the best move, mean
    runs: float  # cost, mean


Adviser = Callable[[Start], str | None]
Searcher = Callable[[World], str]
Pairs = Sequence[tuple[Truth, Advice]]


def truths(half: str, folder: Path = DATA) -> dict[str, Truth]:
    """The answers of a half. Raises: seal.SealError."""
    if half == "sealed":
        told = seal.unseal(folder / "sealed_answers.bin")
    else:
        told = json.loads((folder / "open_answers.json").read_text(encoding="utf-8"))
    return {
        id: Truth(one["score"], one["gains"], frozenset(one["right"]), frozenset(one["harmful"]))
        for id, one in told.items()
    }


def ask(adviser: Adviser, half: Half) -> dict[str, Advice]:
    """Its advice on every case. Raises: ValueError for a move that there is not."""
    told = {}
    for id in half.cases:
        start = half.start(id)
        told[id] = checked(start, adviser(start), start.runs)
    return told


def read_answers(path: Path, half: Half) -> dict[str, Advice]:
    """Of a file: lines of {"id", "move" (or null), "looked": [moves that were looked at]}.

    A case without a line counts as "cannot tell". Raises: ValueError for a move that there is not.
    """
    told = {id: Advice(None) for id in half.cases}
    for line in path.read_text(encoding="utf-8").splitlines():
        one = json.loads(line) if line.strip() else {"id": None}
        if one["id"] in half.cases:
            start = half.start(one["id"])
            for move in one.get("looked", ()):
                start.look(move)
            told[one["id"]] = checked(start, one["move"], start.runs)
    return told


def checked(start: Start, move: str | None, runs: float) -> Advice:
    """Raises: ValueError for something that is no move; one that the ladder has no room for is nothing done."""
    if move is not None and move not in MOVES:
        raise ValueError(f"{move!r} is no move: one of {', '.join(MOVES)}, or null")
    return Advice(move if move is None or move in start.moves else NOTHING, runs)


def score(pairs: Pairs) -> Score:
    """One figure a column, from (truth, advice) of many cases."""
    needed = [(t, a) for t, a in pairs if t.something]
    fine = [(t, a) for t, a in pairs if not t.something]
    gained = sum(t.gains.get(a.move or NOTHING, 0.0) for t, a in pairs)
    there = sum(max(t.gains.values()) for t, _ in pairs)
    return Score(
        cases=len(pairs),
        needed=len(needed),
        hit=_share([a.move in t.right for t, a in needed]),
        coverage=_share([a.move is not None for _, a in pairs]),
        harm=_share([a.move in t.harmful for t, a in pairs]),
        alarms=_share([a.move not in (None, *t.right) for t, a in fine]),
        captured=gained / there if there else float("nan"),
        regret=(there - gained) / max(1, len(pairs)),
        runs=_share([a.runs for _, a in pairs]),
    )


def by_set(half: Half, told: Mapping[str, Advice], truth: Mapping[str, Truth]) -> dict[str, Pairs]:
    """(truth, advice) of each set's cases."""
    return {name: [(truth[id], told[id]) for id in cases] for name, cases in half.sets.items()}


def interval(sets: Mapping[str, Pairs], figure: str) -> tuple[float, float]:
    """95%, drawing whole sets: cases of one set are not independent."""
    names, rng = list(sets), np.random.default_rng(0)
    drawn = [[case for i in rng.integers(0, len(names), len(names)) for case in sets[names[i]]] for _ in range(DRAWS)]
    found = [getattr(score(pairs), figure) for pairs in drawn]
    return float(np.nanquantile(found, 0.025)), float(np.nanquantile(found, 0.975))


def search(searcher: Searcher, half: Half, truth: Mapping[str, Truth]) -> dict[str, tuple[float, float]]:
    """Set -> (points of test macro-F1 behind the set's best recipe, full trainings bought)."""
    found = {}
    for name, cases in half.sets.items():
        world = half.world(name)
        chosen = searcher(world)
        found[name] = max(truth[id].score for id in cases) - truth[chosen].score, world.runs
    return found


def _share(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else float("nan")
