"""Temperature, thresholds and calibration error: the last step between logits and a decision."""

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import expit, log_softmax, softmax

from rankfirst.measure.scores import Bools, Floats, log_loss

# Above and below this a temperature says the logits are meaningless, not that they need rescaling.
TEMPERATURE_BOUNDS = (0.05, 20.0)


def probabilities(logits: Floats, multi_label: bool, temperature: float = 1.0) -> Floats:
    """(n, C) logits -> (n, C) probabilities: softmax, or a sigmoid a label."""
    scaled = np.asarray(logits, dtype=np.float64) / temperature
    return np.asarray(expit(scaled) if multi_label else softmax(scaled, axis=1))


def fit_temperature(logits: Floats, truth: Bools, multi_label: bool) -> float:
    """The temperature that minimises log-loss on these rows (Guo et al. 2017, arXiv 1706.04599)."""

    def loss(log_t: float) -> float:
        if multi_label:
            return float(log_loss(truth, probabilities(logits, True, float(np.exp(log_t))), True).mean())
        return float(-log_softmax(np.asarray(logits, dtype=np.float64) / np.exp(log_t), axis=1)[truth].mean())

    low, high = np.log(TEMPERATURE_BOUNDS)
    return float(np.exp(minimize_scalar(loss, bounds=(low, high), method="bounded").x))


def expected_calibration_error(probs: Floats, truth: Bools, multi_label: bool, bins: int = 15) -> float:
    """ECE with equal-width bins over the confidence of the prediction (multi-label: over every label)."""
    if multi_label:
        confidence, right = probs.ravel(), truth.ravel()
    else:
        confidence, right = probs.max(axis=1), truth[np.arange(len(probs)), probs.argmax(axis=1)]
    cell = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = [abs(confidence[cell == b].mean() - right[cell == b].mean()) * (cell == b).mean() for b in np.unique(cell)]
    return float(np.sum(gaps))


def fit_thresholds(probs: Floats, truth: Bools, beta: float = 1.0, least_gain: float = 0.01) -> Floats:
    """(C,) thresholds that maximise F-beta a label, 0.5 where moving gains less than `least_gain`.

    Few validation rows carry a given label, so a threshold only leaves 0.5 for a gain that is worth the risk.
    """
    grid = np.linspace(0.1, 0.9, 33)
    chosen = np.full(probs.shape[1], 0.5)
    for label in range(probs.shape[1]):
        predicted = probs[:, label, None] >= np.append(grid, 0.5)  # (n, G + 1)
        actual = truth[:, label, None]
        hits = (predicted & actual).sum(axis=0)
        weighted = beta**2 * actual.sum() + predicted.sum(axis=0)
        f = (1 + beta**2) * hits / np.maximum(weighted, 1)
        if f[:-1].max() >= f[-1] + least_gain:
            top = np.flatnonzero(f[:-1] >= f[:-1].max() - 1e-12)
            chosen[label] = grid[top[len(top) // 2]]  # the middle of the best plateau, not its edge
    return chosen
