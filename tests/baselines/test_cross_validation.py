"""Choosing: macro-F1 first, log-loss among equals, and no row judged by a model that saw it."""

import numpy as np
import pytest

from rankfirst.baselines.cross_validation import best, fit_path, held_out_logits
from rankfirst.baselines.folds import assign_folds
from rankfirst.baselines.logistic import fit_linear
from rankfirst.measure.scores import indicator

TRUTH = indicator([(i % 3,) for i in range(300)], 3)


def right(share, confidence):
    """Logits that are right on the first `share` of the rows."""
    told = TRUTH.copy()
    wrong = int(len(TRUTH) * share)
    told[wrong:] = np.roll(TRUTH[wrong:], 1, axis=1)
    return told * float(confidence)


def test_a_clear_lead_in_macro_f1_wins_whatever_the_log_loss():
    assert best([right(0.6, 1), right(0.9, 30)], TRUTH, False, seed=0, calibrated=False) == 1


def test_equals_are_told_apart_by_log_loss():
    assert best([right(0.9, 30), right(0.9, 3)], TRUTH, False, seed=0, calibrated=False) == 1


def test_a_temperature_forgives_timid_logits():
    timid, bold = right(0.9, 0.5), right(0.9, 6) + np.random.default_rng(0).normal(size=TRUTH.shape)
    assert best([timid, bold], TRUTH, False, seed=0, calibrated=False) == 1
    assert best([timid, bold], TRUTH, False, seed=0) == 0


def test_a_preferred_setting_wins_ties_only():
    equals, worse = [right(0.9, 3), right(0.9, 30)], [right(0.9, 3), right(0.6, 30)]
    assert best(equals, TRUTH, False, seed=0, calibrated=False, prefer=1) == 1
    assert best(worse, TRUTH, False, seed=0, calibrated=False, prefer=1) == 0


def test_nothing_predicted_is_a_score_of_zero():
    sure = np.where(TRUTH, 5.0, -5.0)
    assert best([np.full(TRUTH.shape, -5.0), sure], TRUTH, True, seed=0) == 1


def test_held_out_rows_are_judged_by_models_that_did_not_see_them():
    rng = np.random.default_rng(0)
    truth = indicator([(int(c),) for c in rng.integers(0, 2, 200)], 2)  # labels nothing can predict
    rows = rng.normal(size=(200, 150)).astype(np.float32)
    fold = assign_folds([tuple(np.flatnonzero(row)) for row in truth], 5, seed=0)
    logits = held_out_logits(rows, truth, fold, (0.01, 10.0), False)
    seen = fit_linear(rows, truth, 10.0, False).logits(rows)
    assert (seen.argmax(axis=1) == truth.argmax(axis=1)).mean() > 0.95
    for c in (0.01, 10.0):
        assert 0.3 < (logits[c].argmax(axis=1) == truth.argmax(axis=1)).mean() < 0.7


def test_a_path_ends_at_its_last_c():
    rows = np.random.default_rng(0).normal(size=(300, 5)).astype(np.float32)
    direct = fit_linear(rows, TRUTH, 1.0, False, tolerance=1e-5)
    np.testing.assert_allclose(fit_path(rows, TRUTH, (0.01, 0.1, 1.0), False).coef, direct.coef, atol=0.02)
    with pytest.raises(ValueError):
        fit_path(rows, TRUTH, (), False)
