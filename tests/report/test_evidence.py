"""What is said of arms and probes that went wrong in a way of their own."""

import math
from dataclasses import replace

import pytest

from rankfirst.records import to_json
from rankfirst.report.events import Event
from rankfirst.report.evidence import collapsed, outcome_words, probes
from tests.report import journal_example as example

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


def test_the_loss_that_is_shown_is_the_one_that_arms_are_compared_by() -> None:
    """Before the temperature loss rises; the experiment beside it says that it is lower."""
    curve = example.curve(example.RECIPE)
    losses = (5.01, 5.4, 5.85, 5.85, 5.9, 5.9, 6.0)
    known = replace(curve, evaluations=tuple(
        replace(e, val_loss=loss, val_loss_calibrated=2.0 - n / 10)
        for n, (e, loss) in enumerate(zip(curve.evaluations, losses, strict=False))
    ))  # fmt: skip
    words = outcome_words(known)
    assert f"calibrated val loss 2.00 → {known.last.val_loss_calibrated:.2f}" in words.en and "5.01" not in words.en
    assert "校准后的验证 loss 2.00" in words.zh
    (view,) = probes([Event("probe", "", to_json(known))])
    assert view.plots[0].series[1].ys[0] == 2.0 and view.plots[0].series[1].name.en == "validation, calibrated"
    assert ", val loss " in outcome_words(curve).en  # an old journal
