"""A trained network's rung: calibrated, and each row's log-loss at the temperature of others."""

import numpy as np
import pytest

from rankfirst.baselines import trained
from rankfirst.measure.calibration import held_out_log_loss, probabilities
from rankfirst.measure.scores import indicator
from tests.baselines.rows import multi, single


@pytest.mark.parametrize("data", [single(), multi()], ids=["single", "multi"])
def test_its_figures_are_those_of_the_calibrated_logits(data):
    truth = indicator(data.val.labels, len(data.classes))
    logits = 8.0 * (truth - 0.5) + np.random.default_rng(0).normal(0, 4, truth.shape)
    fitted = trained("full", logits, data, [0], 3.0, 1.5, {"lr": 3e-5}, 2.0)
    rung, temperature = fitted.rung, fitted.temperature
    assert (rung.name, rung.seconds, rung.megabytes, rung.ms_per_text) == ("full", 3.0, 1.5, 2.0)
    assert rung.details == {"lr": 3e-5, "temperature": temperature}
    raw = np.abs(probabilities(logits, data.multi_label) - truth).sum()
    assert rung.val.log_loss < raw and len(rung.val_predicted) == len(data.val)
    assert rung.val_log_loss == pytest.approx(held_out_log_loss(logits, truth, data.multi_label), rel=1e-3)
    assert rung.val.tail_recall is not None and rung.val.interval[0] <= rung.val.macro_f1 <= rung.val.interval[1]
