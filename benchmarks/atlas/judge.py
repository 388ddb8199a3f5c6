"""Truth by outcomes: which single-knob moves were right from a start, and what an adviser's answers are worth.

Never a threshold on a curve: a move is right when the recipe it leads to scores as well on the test rows as any other
move's, within half a point or two standard errors of the paired difference. Doing nothing is a move.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.atlas import design
from benchmarks.atlas.store import Atlas
from rankfirst.records import Recipe

POINT = 0.005  # macro-F1 that counts as the same
SES = 2.0
NOTHING = "none"
MOVES = (NOTHING, "lr+", "lr-", "rank+", "rank-", "sites+", "sites-")


@dataclass(frozen=True)
class Answer:
    """What an adviser says of one start."""

    move: str | None  # one of MOVES; None: cannot tell
    runs: float = 0.0  # what finding out cost beyond the start's own probe, in full runs of the start's recipe
    rules: tuple[str, ...] = ()  # that led there, as "stage/rule"


Adviser = Callable[[Atlas, Recipe], Answer]


@dataclass(frozen=True)
class Truth:
    """Where every move leads from one start, in points of test macro-F1."""

    start: Recipe
    gains: Mapping[str, float]  # NOTHING: 0
    right: frozenset[str]
    harmful: frozenset[str]  # worse than the start by more than half a point
    surely: frozenset[str]  # and by more than two standard errors as well

    @property
    def healthy(self) -> bool:
        """Nothing is worth turning here."""
        return NOTHING in self.right

    @property
    def best(self) -> float:
        return max(self.gains.values())


def moves(recipe: Recipe) -> dict[str, Recipe]:
    """Every move from here on the grid."""
    found = {NOTHING: recipe}
    for knob in ("lr", "rank", "sites"):
        for sign, rungs in (("+", 1), ("-", -1)):
            to = design.neighbour(recipe, knob, rungs)
            if to is not None:
                found[f"{knob}{sign}"] = to
    return found


def truth(atlas: Atlas, start: Recipe) -> Truth:
    """By the outcomes of all the moves from `start`."""
    there = {move: to for move, to in moves(start).items() if to.key in atlas.runs}
    gained = {move: atlas.gain(to, start) for move, to in there.items() if move != NOTHING}
    gains = {NOTHING: 0.0} | {move: gain for move, (gain, _) in gained.items()}
    best = max(gains, key=gains.__getitem__)
    right = set()
    for move, to in there.items():
        behind, error = (0.0, 0.0) if move == best else atlas.gain(there[best], to)
        if behind <= max(POINT, SES * error):
            right.add(move)
    harmful = {move for move, gain in gains.items() if gain < -POINT}
    surely = {move for move in harmful if gained[move][0] < -SES * gained[move][1]}
    points = {move: 100 * gain for move, gain in gains.items()}
    return Truth(start, points, frozenset(right), frozenset(harmful), frozenset(surely))


@dataclass(frozen=True)
class Score:
    """An adviser over some cases (starts)."""

    cases: int
    hit: float  # answers among the right moves
    coverage: float  # cases answered
    harmful: float  # of all cases: advised a move that cost more than half a point ...
    surely: float  # ... and more than two standard errors
    alarms: float  # of the healthy starts: advised a move that is not right
    captured: float  # share of the gain that was there
    regret: float  # points behind the best move, mean; no answer = doing nothing
    runs: float  # full runs spent a case, mean


def judge(pairs: Sequence[tuple[Truth, Answer]]) -> Score:
    """One score from (truth, answer) of many cases."""
    if not pairs:
        nan = float("nan")
        return Score(0, nan, nan, nan, nan, nan, nan, nan, nan)
    told = [(t, a.move) for t, a in pairs if a.move is not None]
    healthy = [(t, a.move) for t, a in pairs if t.healthy]
    gained = sum(t.gains.get(a.move or NOTHING, 0.0) for t, a in pairs)
    there = sum(t.best for t, _ in pairs)
    return Score(
        cases=len(pairs),
        hit=float(np.mean([move in t.right for t, move in told])) if told else float("nan"),
        coverage=len(told) / len(pairs),
        harmful=sum(a.move in t.harmful for t, a in pairs) / len(pairs),
        surely=sum(a.move in t.surely for t, a in pairs) / len(pairs),
        alarms=float(np.mean([m not in (None, *t.right) for t, m in healthy])) if healthy else float("nan"),
        captured=gained / there if there else float("nan"),
        regret=(there - gained) / len(pairs),
        runs=float(np.mean([a.runs for _, a in pairs])),
    )


def clustered(
    cases: Mapping[str, Sequence[tuple[Truth, Answer]]], figure: Callable[[Score], float], draws: int = 1000
) -> tuple[float, float]:
    """95% interval of a figure, resampling whole data sets: starts of one set are not independent."""
    names, rng = list(cases), np.random.default_rng(0)
    found = []
    for _ in range(draws):
        drawn = [case for i in rng.integers(0, len(names), len(names)) for case in cases[names[i]]]
        found.append(figure(judge(drawn)))
    return float(np.nanquantile(found, 0.025)), float(np.nanquantile(found, 0.975))
