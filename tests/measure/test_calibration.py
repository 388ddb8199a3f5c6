"""From probabilities to answers, on rows where the right answer is known."""

import numpy as np
import pytest

from rankfirst.measure import calibration as c


def test_temperature_undoes_overconfidence() -> None:
    rng = np.random.default_rng(2)
    logits = rng.normal(0, 1.5, (3000, 4))
    p = c.probabilities(logits, multi_label=False)
    truth = np.zeros((3000, 4), dtype=bool)
    truth[np.arange(3000), [rng.choice(4, p=row) for row in p]] = True
    assert c.fit_temperature(logits * 3, truth, multi_label=False) == pytest.approx(3, rel=0.15)
    loud, calm = c.probabilities(logits * 3, False), c.probabilities(logits, False)
    errors = [c.expected_calibration_error(c.reliability(p, truth, False)) for p in (calm, loud)]
    assert errors[0] < 0.05 < errors[1]


def test_confidence_of_a_label_set_is_the_probability_that_it_is_right() -> None:
    assert c.confidence(np.array([[0.9, 0.2]]), True)[0] == pytest.approx(0.72)
    assert c.confidence(np.array([[0.7, 0.3]]), False)[0] == pytest.approx(0.7)


def test_the_calibration_error_is_computed_from_reliability() -> None:
    p = np.array([[0.9, 0.1], [0.95, 0.05], [0.4, 0.6]])
    truth = np.array([[1, 0], [0, 1], [0, 1]], dtype=bool)
    told = c.reliability(p, truth, multi_label=False, bins=10)
    assert [(round(sure, 3), right, rows) for sure, right, rows in told] == [(0.6, 1.0, 1), (0.925, 0.5, 2)]
    assert c.expected_calibration_error(told) == pytest.approx((0.4 + 2 * 0.425) / 3)


def test_the_coverage_curve_starts_with_the_most_confident_rows() -> None:
    sure = np.linspace(0, 1, 200)
    told = c.coverage_curve(sure, sure > 0.25)
    assert told[0][1] == 1.0 and told[-1] == (1.0, pytest.approx(0.75))
    assert [share for share, _ in told] == sorted({share for share, _ in told}) and len(told) <= 40
    assert c.coverage_curve(np.array([0.5]), np.array([False])) == [(1.0, 0.0)]
