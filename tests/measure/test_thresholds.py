"""Per-label thresholds are kept only if they help on rows that they were not fitted on."""

import numpy as np
import pytest
from scipy.special import expit

from rankfirst.measure import calibration as c
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
        plain, tuned = predict_labels(p, True), predict_labels(p, True, thresholds)
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


def test_one_row_keeps_a_half() -> None:
    assert c.validated_thresholds(np.array([[0.3]]), np.array([[True]]), at_least_one=False) is None
    assert c.validated_thresholds(np.array([[0.3], [0.2]]), np.ones((2, 1), dtype=bool), at_least_one=False) is None


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
