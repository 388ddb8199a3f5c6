"""Temperature, thresholds and calibration error: the last step between logits and a decision."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import expit, log_softmax, softmax

from rankfirst.measure.scores import Bools, Floats, Ints, accuracy, log_loss, macro_fbeta, predict_labels

# Bounds of a fitted temperature. A value outside them means that the logits carry no information.
TEMPERATURE_BOUNDS = (0.05, 20.0)
GRID: Final = np.linspace(0.1, 0.9, 33)  # thresholds that are tried
# Positive rows of a label that weigh as much as the prior belief in 0.5 (assumption).
PRIOR_POSITIVES: Final = 10
HALVINGS: Final = 10  # of the rows, by which fitted thresholds are confirmed


def probabilities(logits: Floats, multi_label: bool, temperature: float = 1.0) -> Floats:
    """(n, C) logits -> (n, C) probabilities: softmax, or a sigmoid per label."""
    scaled = np.asarray(logits, dtype=np.float64) / temperature
    return np.asarray(expit(scaled) if multi_label else softmax(scaled, axis=1))


def log_odds(probs: Floats, multi_label: bool) -> Floats:
    """(n, C) probabilities -> (n, C) logits that reproduce them at temperature 1."""
    clipped = np.clip(probs, 1e-12, 1 - 1e-12)
    return np.asarray(np.log(clipped) - (np.log1p(-clipped) if multi_label else 0.0))


def fit_temperature(logits: Floats, truth: Bools, multi_label: bool) -> float:
    """The temperature that minimises log-loss on these rows (Guo et al. 2017, arXiv 1706.04599)."""

    def loss(log_t: float) -> float:
        if multi_label:
            return float(log_loss(truth, probabilities(logits, True, float(np.exp(log_t))), True).mean())
        return float(-log_softmax(np.asarray(logits, dtype=np.float64) / np.exp(log_t), axis=1)[truth].mean())

    low, high = np.log(TEMPERATURE_BOUNDS)
    return float(np.exp(minimize_scalar(loss, bounds=(low, high), method="bounded").x))


def calibrated_log_loss(logits: Floats, truth: Bools, multi_label: bool) -> Floats:
    """(n,) nats at the best temperature for these logits: compares what models know, not how confident they are.

    The temperature is fitted on the rows that are scored; do so for every model in a comparison.
    """
    temperature = fit_temperature(logits, truth, multi_label)
    return log_loss(truth, probabilities(logits, multi_label, temperature), multi_label)


def held_out_log_loss(logits: Floats, truth: Bools, multi_label: bool, seed: int = 0) -> Floats:
    """(n,) nats; the temperature of each half of the rows is fitted on the other half (one row: 1.0).

    This makes models comparable whatever rows each of them was calibrated on.
    """
    half = np.random.default_rng(seed).permutation(len(truth)) % 2 == 0
    losses = np.empty(len(truth))
    for part in (half, ~half):
        fitted = fit_temperature(logits[~part], truth[~part], multi_label) if (~part).any() else 1.0
        losses[part] = log_loss(truth[part], probabilities(logits[part], multi_label, fitted), multi_label)
    return losses


def reliability(probs: Floats, truth: Bools, multi_label: bool, bins: int = 15) -> list[tuple[float, float, int]]:
    """(mean confidence, accuracy, count) of each non-empty equal-width bin, in order of increasing confidence.

    Single-label: confidence of the predicted class. Multi-label: the probability of every label of every row.
    """
    if multi_label:
        sure, right = probs.ravel(), truth.ravel()
    else:
        sure, right = probs.max(axis=1), truth[np.arange(len(probs)), probs.argmax(axis=1)]
    cell = np.minimum((sure * bins).astype(int), bins - 1)
    return [
        (float(sure[cell == b].mean()), float(right[cell == b].mean()), int((cell == b).sum())) for b in np.unique(cell)
    ]


def expected_calibration_error(bins: Sequence[tuple[float, float, int]]) -> float:
    """ECE: |confidence - accuracy| of each bin of `reliability`, weighted by its count."""
    total = sum(count for _, _, count in bins)
    return float(sum(abs(sure - right) * count for sure, right, count in bins) / total)


def coverage_curve(sure: Floats, right: Bools, points: int = 40) -> list[tuple[float, float]]:
    """(coverage, accuracy on the covered rows) as rows are coverage_curve in order of decreasing confidence.

    Args: sure: (n,) confidence. right: (n,) whether the prediction is correct. points: upper bound on the curve's
        length.
    """
    order = np.argsort(-sure, kind="stable")
    share = np.cumsum(right[order]) / np.arange(1, len(right) + 1)
    least = min(len(right), max(1, len(right) // 20))  # below 5% of the rows the accuracy is too noisy to report
    at = np.unique(np.linspace(least, len(right), points).astype(int))
    return [(float(n / len(right)), float(share[n - 1])) for n in at]


def fit_thresholds(probs: Floats, truth: Bools, beta: float = 1.0, least_gain: float = 0.01) -> Floats:
    """(C,) thresholds that maximise F-beta per label; 0.5 if moving it gains less than `least_gain`.

    A threshold moves from 0.5 only part of the way to the best one: by n / (n + PRIOR_POSITIVES) for a label with n
    positive rows, since the best threshold of few rows is mostly that of these rows.
    """
    return _fitted(_reached(probs), truth, beta, least_gain)


def _reached(probs: Floats) -> Ints:
    """(n, C) probabilities -> (n, C) how many values of GRID each of them reaches."""
    return np.searchsorted(GRID, probs, side="right")


def _fitted(reached: Ints, truth: Bools, beta: float, least_gain: float = 0.01) -> Floats:
    """As `fit_thresholds`. Args: reached: as `_reached` returns."""
    labels, values = truth.shape[1], len(GRID) + 1
    cell = reached + values * np.arange(labels)

    def at_least(cells: Ints) -> Ints:
        """(C, G) of these cells, how many reach each value of GRID."""
        counts = np.bincount(cells.ravel(), minlength=labels * values).reshape(labels, values)
        return np.asarray(counts[:, ::-1].cumsum(axis=1)[:, -2::-1])  # from the highest down; the last reaches none

    said, hits, positives = at_least(cell), at_least(cell[truth]), truth.sum(axis=0)
    f = (1 + beta**2) * hits / np.maximum(beta**2 * positives[:, None] + said, 1)
    plain = int(np.argmin(np.abs(GRID - 0.5)))
    chosen = np.full(labels, 0.5)
    for label in np.flatnonzero(f.max(axis=1) >= f[:, plain] + least_gain):
        top = np.flatnonzero(f[label] >= f[label].max() - 1e-12)
        best = GRID[top[len(top) // 2]]  # the middle of the best plateau, not its edge
        chosen[label] += (best - 0.5) * positives[label] / (positives[label] + PRIOR_POSITIVES)
    return chosen


def validated_thresholds(
    probs: Floats, truth: Bools, at_least_one: bool, beta: float = 1.0, seed: int = 0
) -> Floats | None:
    """`fit_thresholds` on all rows if that is confirmed on rows it was not fitted on, else None (keep 0.5).

    Each of HALVINGS random halvings fits thresholds on one half and scores the other, in both directions. Their mean
    gain of macro F-beta must exceed its standard error and, at beta 1, exact match must not be lower in the mean. At
    any other beta exact match is not the goal, so it is not checked.
    """
    plain, reached = predict_labels(probs, True, None, at_least_one), _reached(probs)
    gains, exact, random = [], [], np.random.default_rng(seed)
    for _ in range(HALVINGS if len(truth) > 1 else 0):
        half = random.permutation(len(truth)) % 2 == 0
        for part in (half, ~half):
            fitted = _fitted(reached[~part], truth[~part], beta)
            true, before = truth[part], plain[part]
            after = predict_labels(probs[part], True, fitted, at_least_one)
            gains.append(macro_fbeta(true, after, beta) - macro_fbeta(true, before, beta))
            exact.append(accuracy(true, after) - accuracy(true, before))
    if not gains or np.mean(gains) <= _halvings_error(gains) or (beta == 1 and np.mean(exact) < 0):
        return None
    return fit_thresholds(probs, truth, beta)


def _halvings_error(gains: Sequence[float]) -> float:
    """The standard error of the mean gain over random halvings.

    Halvings share rows, so more of them do not add evidence without end: the variance of one is divided by their
    number, plus the ratio of scored to fitted rows, here 1 (Nadeau & Bengio 2003).
    """
    return float(np.std(gains, ddof=1) * np.sqrt(1 / len(gains) + 1))


def confidence(probs: Floats, multi_label: bool) -> Floats:
    """(n, C) -> (n,) probability of the likeliest class; multi-label: that the likelier value of every label holds."""
    if multi_label:
        return np.asarray(np.exp(np.log(np.maximum(np.maximum(probs, 1 - probs), 1e-12)).sum(axis=1)))
    return np.asarray(probs.max(axis=1))
