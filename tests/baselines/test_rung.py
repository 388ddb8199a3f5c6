"""A rung carries the yardstick's figures, row by row and in all."""

import numpy as np
import pytest

from rankfirst.baselines.rung import rung
from rankfirst.measure.calibration import held_out_log_loss, log_odds
from rankfirst.measure.decoding import Decoding
from rankfirst.measure.predictions import Predictions
from tests.baselines.rows import dataset

PROBS = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]])


def test_figures_are_the_yardsticks():
    data = dataset([(0,), (1,)], [(0,), (1,), (1,)])
    made = rung("x", Predictions.of(data, data.val, log_odds(PROBS, False)), [1], 1.5, 0.25, {"C": 1.0})
    assert (made.name, made.seconds, made.megabytes, made.details) == ("x", 1.5, 0.25, {"C": 1.0})
    assert made.val_predicted == ((0,), (1,), (0,))
    assert made.val.log_loss == pytest.approx(-np.log([0.9, 0.8, 0.4]).mean())
    assert made.val.tail_recall == 0.5
    assert made.test is None


@pytest.mark.parametrize("heat", [0.3, 9.0])
def test_rows_are_compared_at_temperatures_of_other_validation_rows_whatever_the_model_was_calibrated_on(heat):
    rng = np.random.default_rng(0)
    labels = [(int(c),) for c in rng.integers(0, 2, 60)]
    data = dataset([(0,), (1,)], labels)
    logits = np.array([[2.0 * (c == 0), 2.0 * (c == 1)] for (c,) in labels]) + rng.normal(0, 2, (60, 2))
    made = rung("x", Predictions.of(data, data.val, logits, heat), [], 0.0, 0.0, {})
    truth = np.array([[c == 0, c == 1] for (c,) in labels])
    assert made.val_log_loss == pytest.approx(held_out_log_loss(logits, truth, False), rel=1e-3)


def test_thresholds_reach_scores_and_predictions():
    data = dataset([(0,), (1,)], [(0,), (1,), (0, 1)], multi_label=True)
    decoding = Decoding(True, thresholds=(0.5, 0.3))
    made = rung("x", Predictions.of(data, data.val, log_odds(PROBS, True), decoding=decoding), [], 0.0, 0.0, {})
    assert made.val_predicted == ((0,), (1,), (0, 1))
    assert made.val.accuracy == 1.0
