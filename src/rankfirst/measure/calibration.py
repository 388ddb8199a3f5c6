"""Temperature and calibration error: from logits to probabilities."""

from collections.abc import Sequence

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import expit, log_softmax, softmax

from rankfirst.measure.scores import Bools, Floats, log_loss

# Bounds of a fitted temperature. A value outside them means that the logits carry no information.
TEMPERATURE_BOUNDS = (0.05, 20.0)


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


def confidence(probs: Floats, multi_label: bool) -> Floats:
    """(n, C) -> (n,) probability of the likeliest class; multi-label: that the likelier value of every label holds."""
    if multi_label:
        return np.asarray(np.exp(np.log(np.maximum(np.maximum(probs, 1 - probs), 1e-12)).sum(axis=1)))
    return np.asarray(probs.max(axis=1))
