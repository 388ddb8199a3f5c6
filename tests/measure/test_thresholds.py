"""Thresholds are kept only if they help on rows that they were not fitted on."""

import numpy as np
import pytest
from scipy.special import expit

from rankfirst.measure import thresholds as c
from rankfirst.measure.scores import Bools, Floats, accuracy, macro_f1, predict_labels

LABELS, SHARE, GAP = 8, 0.2, 1.2  # GAP: half the distance between positive and negative scores, in deviations


def scores(rows: int, seed: int) -> tuple[Floats, Bools]:
    """(n, C) normal scores and the truth."""
    rng = np.random.default_rng(seed)
    truth = rng.random((rows, LABELS)) < SHARE
    return np.where(truth, GAP, -GAP) + rng.normal(size=truth.shape), truth


def best_cut() -> float:
    """The score above which answering "yes" maximises F1."""
    z, truth = scores(40_000, 10**6)
    cuts = np.linspace(-1, 1, 81)
    return float(cuts[int(np.argmax([macro_f1(truth, z >= cut) for cut in cuts]))])


BEST = best_cut()


def drawn(rows: int, seed: int, shift: float = 0.0) -> tuple[Floats, Bools]:
    """Probabilities whose best threshold is 0.5, or after a shift of each label's logits above or below it."""
    z, truth = scores(rows, seed)
    shifts = shift * np.where(np.arange(LABELS) % 2, 1, -1)
    return expit(2 * GAP * (z - BEST) + shifts), truth


def test_thresholds_without_a_true_gain_are_seldom_kept() -> None:
    kept = [c.validated_thresholds(*drawn(200, seed), at_least_one=False) is not None for seed in range(200)]
    assert np.mean(kept) <= 0.1


def test_thresholds_with_a_true_gain_are_mostly_kept_and_help_fresh_rows() -> None:
    kept, gains, exact = 0, [], []
    for seed in range(40):
        thresholds = c.validated_thresholds(*drawn(200, seed, shift=1.2), at_least_one=False)
        if thresholds is None:
            continue
        kept += 1
        p, truth = drawn(2000, 10**5 + seed, shift=1.2)
        plain, tuned = predict_labels(p, True), predict_labels(p, True, thresholds.values)
        gains.append(macro_f1(truth, tuned) - macro_f1(truth, plain))
        exact.append(accuracy(truth, tuned) - accuracy(truth, plain))
    assert kept >= 30
    assert np.mean(np.array(gains) > 0) >= 0.95 and np.mean(exact) > 0


def test_a_threshold_of_few_positives_stays_near_a_half() -> None:
    p, truth = np.full((400, 2), 0.02), np.zeros((400, 2), dtype=bool)
    for label, rows in enumerate((5, 100)):
        truth[:rows, label], p[:rows, label] = True, 0.25
    few, many = c.fit_thresholds(p, truth)
    assert 0.1 < many < 0.25 and many < few < 0.5
    assert 0.5 - few == pytest.approx((0.5 - many) * (5 / 15) / (100 / 110), rel=0.01)


@pytest.mark.parametrize("rows", [1, 2, 9])
def test_few_rows_keep_a_half(rows: int) -> None:
    assert c.validated_thresholds(np.full((rows, 1), 0.3), np.ones((rows, 1), dtype=bool), at_least_one=False) is None


def too_low(rows: int, seed: int) -> tuple[Floats, Bools]:
    """Thirty rare labels whose probabilities are all too low: a single label shows it on no row of its own."""
    rng = np.random.default_rng(seed)
    truth = rng.random((rows, 30)) < 0.05
    z = np.where(truth, 1.5, -1.5) + rng.normal(size=truth.shape)
    return expit(3 * z - 4.5), truth  # calibrated: 3 z + log(0.05 / 0.95)


def test_probabilities_that_are_all_too_low_get_one_threshold() -> None:
    gains, exact = [], []
    for seed in range(20):
        kept = c.validated_thresholds(*too_low(200, seed), at_least_one=False)
        if kept is None:
            continue
        p, truth = too_low(2000, 10**5 + seed)
        plain, tuned = predict_labels(p, True), predict_labels(p, True, kept.values)
        gains.append(macro_f1(truth, tuned) - macro_f1(truth, plain))
        exact.append(accuracy(truth, tuned) - accuracy(truth, plain))
        assert kept.values.mean() < 0.5
    assert len(gains) >= 15
    assert np.mean(np.array(gains) > 0) >= 0.95 and np.mean(exact) > 0


def test_probabilities_of_no_use_keep_a_half() -> None:
    truth = np.random.default_rng(0).random((200, 3)) < 0.3
    assert c.shared_threshold(np.where(truth, 0.1, 0.9), truth) == 0.5


@pytest.mark.parametrize("beta", [0.5, 1.0, 2.0])
def test_a_fitted_threshold_maximises_f_beta_over_the_grid(beta: float) -> None:
    p, truth = drawn(5000, 3, shift=1.5)
    fitted = c.fit_thresholds(p, truth, beta, least_gain=0.001)

    def f_beta(label: int, threshold: float) -> float:
        said, true = p[:, label] >= threshold, truth[:, label]
        return float((1 + beta**2) * (said & true).sum() / (beta**2 * true.sum() + said.sum()))

    for label in range(LABELS):
        best = max(f_beta(label, threshold) for threshold in c.GRID)
        assert f_beta(label, fitted[label]) >= best - 0.01


def shifted(n: int = 400, seed: int = 0) -> tuple[Floats, Bools]:
    """Two labels; the second one's probabilities are half of what they should be."""
    rng = np.random.default_rng(seed)
    truth = rng.random((n, 2)) < 0.5
    probs = np.clip(np.where(truth, 0.8, 0.2) + rng.normal(0, 0.08, (n, 2)), 0.01, 0.99)
    probs[:, 1] /= 2
    return probs, truth


def test_a_threshold_moves_only_if_the_label_needs_it() -> None:
    probs, truth = shifted()
    thresholds = c.validated_thresholds(probs, truth, at_least_one=False)
    assert thresholds is not None
    assert 0.25 < thresholds.values[0] < 0.75
    assert 0.15 < thresholds.values[1] < 0.4


def test_thresholds_that_fail_cross_validation_are_not_kept() -> None:
    rng = np.random.default_rng(1)
    truth = rng.random((200, 3)) < 0.5
    clear = np.where(truth ^ (rng.random((200, 3)) < 0.05), 0.9, 0.1)
    assert c.validated_thresholds(clear, truth, at_least_one=False) is None
