"""Estimate figures of unlabelled rows from calibrated probabilities, with an interval.

Confidence-based performance estimation: labels are drawn from the probabilities, and figures computed as if they were
true. What the probabilities get wrong on labelled reference rows is added (a difference estimator); class shares that
moved are adapted to (Saerens et al. 2002). Rows unlike anything in the reference are not trusted: the interval counts
them as right at one end and as wrong at the other. Labels of some rows correct the probabilities: by the temperature
that suits them, compared with that of the reference rows, and by the share of them that is of no known class.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from rankfirst.measure.calibration import log_odds, probabilities
from rankfirst.measure.scores import Bools, Floats, Matrix

DRAWS: Final = 150
MOST_ROWS: Final = 3_000  # a sample of more has the same figures within half a point
ADAPTED: Final = 50  # rounds of the estimate of class shares
PRIOR: Final = 1.0  # rows per class by which adapted shares are drawn towards the old ones
FEWEST_LABELS: Final = 30  # from which on labels correct the probabilities
HEATS: Final = (0.2, 20.0)  # bounds of a temperature that matches errors
BISECTED: Final = 16
SHRINK: Final = 10.0  # reference rows below which a figure's own correction counts less than half
NOISE: Final = 1.22  # of the largest gap between two samples' distributions, at one in ten
# Estimates fall less than the truth does where models are overconfident on shifted rows: the lower end allows for a
# fall that is this many times as large again (assumption, tried in benchmarks/watch_without_labels.py).
OPTIMISM: Final = 1.0

Figures = Callable[[Bools, "Rows"], tuple[Floats, Floats]]
"""(drawn or true labels, rows) -> (k,) figures, NaN without rows, and (k,) rows that each is measured on."""


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows with what a model says of them."""

    p: Floats  # (n, C) calibrated
    decided: Bools  # (n, C)
    sets: Bools  # (n, C) answer sets; as `decided` without a promise
    answered: Bools  # (n,) whether a label is given

    def __len__(self) -> int:
        return len(self.p)

    def take(self, rows: np.ndarray) -> "Rows":
        """Some of the rows, which may repeat."""
        return Rows(self.p[rows], self.decided[rows], self.sets[rows], self.answered[rows])


@dataclass(frozen=True, eq=False)
class Interval:
    """Figures with their 95% intervals."""

    value: Floats  # (k,)
    low: Floats
    high: Floats


def draw_labels(p: Floats, multi_label: bool, rng: np.random.Generator) -> Bools:
    """(n, C) labels drawn from probabilities; a row whose probabilities sum to less than one may get none."""
    if multi_label:
        return np.asarray(rng.random(p.shape) < p)
    shares = p.cumsum(axis=1)
    chosen = (shares < rng.random((len(p), 1))).sum(axis=1)
    truth = np.zeros((len(p), p.shape[1] + 1), dtype=bool)
    truth[np.arange(len(p)), chosen] = True
    return truth[:, :-1]


def matching_temperature(odds: Floats, decided: Bools, truth: Bools, multi_label: bool) -> float:
    """The temperature at which as many answers are expected to be wrong as are.

    The one of least log-loss is set by a few confident errors, and is far off the share of errors on shifted rows.
    """
    wrong = float((decided != truth).sum()) + 1.0  # one more, so that few rows without an error do not mean none
    low, high = HEATS
    for _ in range(BISECTED):
        middle = math.sqrt(low * high)
        expected = float(np.abs(decided - probabilities(odds, multi_label, middle)).sum())
        low, high = (middle, high) if expected < wrong else (low, middle)
    return math.sqrt(low * high)


def adapt(p: Floats, before: Floats, multi_label: bool) -> Floats:
    """(n, C) probabilities adapted to the class shares of these rows.

    Args: before: (C,) mean probabilities of the reference rows, under whose class shares `p` is calibrated.
    """
    old = np.clip(before, 1e-6, 1 - 1e-6)
    shares, adapted = old.copy(), p
    for _ in range(ADAPTED):
        shares = (adapted.sum(axis=0) + PRIOR * old) / (len(p) + PRIOR)
        odds = shares / old
        if multi_label:
            other = (1 - shares) / (1 - old)
            adapted = p * odds / (p * odds + (1 - p) * other)
        else:
            adapted = p * odds
            adapted = adapted / adapted.sum(axis=1, keepdims=True)
    return adapted


def unlike(before: Matrix, after: Matrix, known: Matrix, answers: tuple[Bools, Bools]) -> float:
    """The share of new rows that lie farther from all training rows than the reference explains.

    Args:
        before, after: (m, d), (n, d) vectors of reference rows and new rows. known: (k, d) of training rows.
        answers: (m, C), (n, C); reference rows count such that every answer is as frequent as among the new rows.
    Returns: the largest gap between the distributions of both distances, less what chance explains.
    """
    if not len(before) or not len(after) or not len(known):
        return 0.0
    was, now = (_distance(rows, known) for rows in (before, after))
    weight = _as_frequent(*answers)
    grid = np.unique(np.concatenate([was, now]))
    order = np.argsort(was)
    below = np.concatenate([[0.0], np.cumsum(weight[order])])[np.searchsorted(was[order], grid, side="right")]
    gap = float((below - np.searchsorted(np.sort(now), grid, side="right") / len(now)).max())
    effective = 1.0 / float((weight**2).sum())
    return max(0.0, gap - NOISE * float(np.sqrt(1 / effective + 1 / len(now))))


def _distance(rows: Matrix, known: Matrix) -> Floats:
    """(n,) cosine distance to the nearest known row."""
    mean = known.mean(axis=0)
    near, far = ((each - mean) / np.maximum(np.linalg.norm(each - mean, axis=1, keepdims=True), 1e-9)
                 for each in (rows, known))  # fmt: skip
    return np.asarray(1.0 - (near @ far.T).max(axis=1), dtype=np.float64)


def _as_frequent(before: Bools, after: Bools) -> Floats:
    """(m,) weights of reference rows, summing to one, that make their answers as frequent as those of new rows."""
    was, now = before.mean(axis=0) + 1e-3, after.mean(axis=0) + 1e-3
    ratio = np.where(before, now / was, np.nan)
    weight = np.nan_to_num(np.nanmean(np.where(before.any(axis=1, keepdims=True), ratio, 1.0), axis=1), nan=1.0)
    return np.asarray(weight / weight.sum())


class Estimate:
    """Figures of new rows without their labels."""

    def __init__(
        self, reference: Rows, truth: Bools, new: Rows, figures: Figures, multi_label: bool, seed: int = 0
    ) -> None:
        """Args: reference, truth: labelled rows that the model was not trained on. new: the rows to estimate."""
        rng = np.random.default_rng((seed, 51))
        self.kept = np.sort(rng.permutation(len(new))[:MOST_ROWS])  # positions of the rows that are looked at
        some = np.sort(rng.permutation(len(reference))[:MOST_ROWS])
        self.reference, self.truth, self.new = reference.take(some), truth[some], new.take(self.kept)
        self.figures, self.multi, self.seed = figures, multi_label, seed
        self.adapted = adapt(self.new.p, reference.p.mean(axis=0), multi_label)

    def interval(self, labelled: dict[int, Bools] | None = None, unlike: float = 0.0) -> Interval:
        """The estimate and its 95% interval: sampling, drawn labels, calibration, and rows `unlike` all known ones.

        Args: labelled: position of a new row -> (C,) its labels, all False for one of no known class; from
            FEWEST_LABELS on they correct the estimate.
        """
        known = {at: labelled[int(row)] for at, row in enumerate(self.kept) if labelled and int(row) in labelled}
        corrects = len(known) >= FEWEST_LABELS
        rng = np.random.default_rng((self.seed, 52))
        drawn = [self._draw(known, corrects, rng) for _ in range(DRAWS)]
        values = np.array(drawn)
        with np.errstate(all="ignore"):
            value, low, high = (_over_draws(values, share) for share in (0.5, 0.025, 0.975))
        at_reference, _ = self.figures(self.truth, self.reference)
        fall = np.nan_to_num(np.maximum(0.0, at_reference - value))
        low = low - OPTIMISM * fall - (0.0 if corrects else unlike)
        return Interval(np.clip(value, 0, 1), np.clip(low, 0, 1), np.clip(high, 0, 1))

    def _draw(self, known: dict[int, Bools], corrects: bool, rng: np.random.Generator) -> Floats:
        """(k,) figures of one bootstrap draw."""
        rows = rng.integers(len(self.new), size=len(self.new))
        p = self.adapted
        if corrects:
            p = self._corrected(known, rng)
        truth = draw_labels(p, self.multi, rng)
        for at, labels in known.items():
            truth[at] = labels
        value, _ = self.figures(truth[rows], self.new.take(rows))
        held = rng.integers(len(self.reference), size=len(self.reference))
        reference = self.reference.take(held)
        true, of = self.figures(self.truth[held], reference)
        simulated, _ = self.figures(draw_labels(reference.p, self.multi, rng), reference)
        return np.asarray(value + np.nan_to_num(true - simulated) * of / (of + SHRINK))

    def _corrected(self, known: dict[int, Bools], rng: np.random.Generator) -> Floats:
        """The probabilities at the temperature that suits a draw of the labelled rows."""
        at = np.array(sorted(known))
        some = rng.choice(at, len(at))
        odds = log_odds(self.adapted, self.multi)
        truth = np.array([known[int(row)] for row in some])
        own = truth.any(axis=1) | self.multi
        if not own.any():
            return np.zeros_like(self.adapted)
        heat = matching_temperature(odds[some[own]], self.new.decided[some[own]], truth[own], self.multi)
        heat /= self._reference_heat
        return np.asarray(probabilities(odds, self.multi, heat) * own.mean())

    @cached_property
    def _reference_heat(self) -> float:
        odds = log_odds(self.reference.p, self.multi)
        return matching_temperature(odds, self.reference.decided, self.truth, self.multi)


def _over_draws(values: Floats, share: float) -> Floats:
    """(k,) quantiles over draws, NaN for figures that most draws do not have."""
    present = np.isfinite(values).mean(axis=0) > 0.5
    found = np.full(values.shape[1], np.nan)
    if present.any():
        found[present] = np.nanquantile(values[:, present], share, axis=0)
    return found
