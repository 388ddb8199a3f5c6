"""Thresholds of label sets: one for all labels, then of single ones; kept only if rows they did not see agree."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import expit, logit

from rankfirst.measure.calibration import log_odds
from rankfirst.measure.scores import Bools, Floats, Ints, accuracy, macro_fbeta, predict_labels

GRID: Final = np.linspace(0.1, 0.9, 33)  # thresholds that are tried
PLAIN: Final = 0.5
# Positive rows of a label that weigh as much as the prior belief in the threshold of all labels (assumption).
PRIOR_POSITIVES: Final = 10
HALVINGS: Final = 10  # of the rows, by which fitted thresholds are confirmed
# Standard errors that the mean gain must exceed. The threshold of all labels has one parameter, so the better bet is
# taken, as between recipes; those of single labels follow few rows each.
SHARED_SES: Final = 0.5
OWN_SES: Final = 1.0
# How many times the fall of exact match the threshold of all labels must gain in macro-F1. NLU++ cut to 400 rows, 100
# validation rows: it gains 5.6 points of macro-F1 and 0.6 of exact match on other rows, and was refused for a fall of
# 1.2 points in the mean of the halvings (docs/findings.md). Assumption: twice.
EXACT_PRICE: Final = 2.0
LEAST_ROWS: Final = 10  # as policy.thresholds.LEAST_VAL_ROWS: two rows that both improve have a spread of zero


@dataclass(frozen=True)
class Thresholds:
    """The probability from which on each label is answered."""

    shared: float  # of every label without one of its own
    values: Floats  # (C,)

    @property
    def moved(self) -> int:
        """How many labels have one of their own."""
        return int((self.values != self.shared).sum())


def validated_thresholds(
    probs: Floats, truth: Bools, at_least_one: bool, beta: float = 1.0, seed: int = 0
) -> Thresholds | None:
    """The thresholds that help rows they were not fitted on; None: 0.5 for every label.

    First one for all labels against 0.5, then those of single labels against it. Each of HALVINGS random halvings fits
    on one half and scores the other, in both directions. The mean gain of macro F-beta must exceed SHARED_SES or
    OWN_SES of its standard errors. At beta 1 it must also be EXACT_PRICE times the fall of exact match, if any; for
    single labels there must be none. At any other beta exact match is not the goal, so it is not checked.

    Args: probs: (n, C) calibrated probabilities. truth: (n, C).
    """
    every = np.full(truth.shape[1], PLAIN)
    if len(truth) < LEAST_ROWS:
        return None

    def shared(p: Floats, true: Bools) -> Floats:
        return np.full(truth.shape[1], shared_threshold(p, true, beta))

    def confirmed(fit: Callable[[Floats, Bools], Floats], against: Floats, least: float, price: float) -> bool:
        gains, exact, random = [], [], np.random.default_rng(seed)
        for _ in range(HALVINGS):
            half = random.permutation(len(truth)) % 2 == 0
            for part in (half, ~half):
                before, after = (predict_labels(probs[part], True, thresholds, at_least_one)
                                 for thresholds in (against, fit(probs[~part], truth[~part])))  # fmt: skip
                gains.append(macro_fbeta(truth[part], after, beta) - macro_fbeta(truth[part], before, beta))
                exact.append(accuracy(truth[part], after) - accuracy(truth[part], before))
        fall = max(0.0, -float(np.mean(exact))) if beta == 1 else 0.0
        paid = fall == 0 or np.mean(gains) >= price * fall
        return bool(paid and np.mean(gains) > least * _halvings_error(gains))

    base = shared(probs, truth) if confirmed(shared, every, SHARED_SES, EXACT_PRICE) else every
    common = float(base[0])
    own = confirmed(lambda p, true: fit_thresholds(p, true, beta, base=common), base, OWN_SES, np.inf)
    if not own:
        return None if common == PLAIN else Thresholds(common, base)
    return Thresholds(common, fit_thresholds(probs, truth, beta, base=common))


def shared_threshold(probs: Floats, truth: Bools, beta: float = 1.0) -> float:
    """The threshold for all labels that maximises the expected macro F-beta of these rows.

    The expectation is over labels drawn from the probabilities, after a scale and a bias of their log-odds were fitted
    to the truth (Platt 1999): so only two numbers depend on the labels, and few rows suffice.
    """
    odds = log_odds(probs, True)
    scale, bias = _platt(odds.ravel(), truth.ravel())
    if scale <= 0:
        return PLAIN
    p = expit(scale * odds + bias)
    expected = []
    for threshold in GRID:
        yes = p >= threshold
        hits, share = (p * yes).sum(axis=0), beta**2 * p.sum(axis=0) + yes.sum(axis=0)
        expected.append(float(((1 + beta**2) * hits / np.maximum(share, 1e-12)).mean()))
    best = float(GRID[int(np.argmax(expected))])
    return float(np.clip(expit((logit(best) - bias) / scale), GRID[0], GRID[-1]))


def _platt(odds: Floats, truth: Bools, steps: int = 25) -> tuple[float, float]:
    """(scale, bias) of the logistic regression of `truth` on log-odds, by Newton's method from (1, 0).

    A penalty of one row towards (1, 0) keeps them finite where the probabilities separate the rows.
    """
    at, prior = np.array([1.0, 0.0]), np.array([1.0, 0.0])
    columns = np.stack([odds, np.ones_like(odds)])
    for _ in range(steps):
        p = expit(at @ columns)
        weighted = columns * (p * (1 - p))
        step = np.linalg.solve(weighted @ columns.T + np.eye(2), columns @ (p - truth) + at - prior)
        at = at - step
        if np.abs(step).max() < 1e-8:
            break
    return float(at[0]), float(at[1])


def fit_thresholds(
    probs: Floats, truth: Bools, beta: float = 1.0, least_gain: float = 0.01, base: float = PLAIN
) -> Floats:
    """(C,) thresholds that maximise F-beta per label; `base` if moving it gains less than `least_gain`.

    A threshold moves only part of the way to the best one: by n / (n + PRIOR_POSITIVES) for a label with n positive
    rows, since the best threshold of few rows is mostly that of these rows.
    """
    reached: Ints = np.searchsorted(GRID, probs, side="right")  # (n, C) how many values of GRID each one reaches
    labels, values = truth.shape[1], len(GRID) + 1
    cell = reached + values * np.arange(labels)

    def at_least(cells: Ints) -> Ints:
        """(C, G) of these cells, how many reach each value of GRID."""
        counts = np.bincount(cells.ravel(), minlength=labels * values).reshape(labels, values)
        return np.asarray(counts[:, ::-1].cumsum(axis=1)[:, -2::-1])  # from the highest down; the last reaches none

    yes, hits, positives = at_least(cell), at_least(cell[truth]), truth.sum(axis=0)
    f = (1 + beta**2) * hits / np.maximum(beta**2 * positives[:, None] + yes, 1)
    plain = int(np.argmin(np.abs(GRID - base)))
    chosen = np.full(labels, base)
    for label in np.flatnonzero(f.max(axis=1) >= f[:, plain] + least_gain):
        top = np.flatnonzero(f[label] >= f[label].max() - 1e-12)
        best = GRID[top[len(top) // 2]]  # the middle of the best plateau, not its edge
        chosen[label] += (best - base) * positives[label] / (positives[label] + PRIOR_POSITIVES)
    return chosen


def _halvings_error(gains: Sequence[float]) -> float:
    """The standard error of the mean gain over random halvings.

    Halvings share rows, so more of them do not add evidence without end: the variance of one is divided by their
    number, plus the ratio of scored to fitted rows, here 1 (Nadeau & Bengio 2003).
    """
    return float(np.std(gains, ddof=1) * np.sqrt(1 / len(gains) + 1))
