"""What is said of arms and probes that went wrong in a way of their own."""

import math

import pytest

from rankfirst.report.evidence import collapsed

ALIKE = [(0,)] * 96 + [(1,)] * 4
MIXED = [(n % 4,) for n in range(100)]


@pytest.mark.parametrize(
    ("predicted", "f1", "before", "told"),
    [
        pytest.param(ALIKE, 0.02, 0.8, True, id="one-answer-for-all"),
        pytest.param([()] * 100, 0.0, 0.8, True, id="no-label-for-all"),
        pytest.param(MIXED, 0.02, 0.8, False, id="worse-but-not-one-answer"),
        pytest.param(ALIKE, 0.6, 0.62, False, id="one-class-rules-the-data"),
        pytest.param([], 0.02, 0.8, True, id="old-journal"),
        pytest.param([], 0.5, 0.8, False, id="old-journal-worse"),
        pytest.param(ALIKE, math.nan, 0.8, False, id="not-measured"),
    ],
)
def test_a_model_that_answers_all_rows_alike_is_called_collapsed(
    predicted: list[tuple[int, ...]], f1: float, before: float, told: bool
) -> None:
    assert collapsed(predicted, f1, before) is told
