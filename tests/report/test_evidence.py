"""What is said of arms and probes that went wrong in a way of their own."""

import math
from dataclasses import replace

import pytest

from rankfirst.records import ATTENTION_QV, FFN, ArmKind, Comparison, Sites, to_json
from rankfirst.report.events import Event
from rankfirst.report.evidence import arm_views, collapsed, experiments, gain_words, outcome_words, probes
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


def test_two_arms_of_one_kind_each_have_their_own_gain_and_name() -> None:
    made = example.experiment()
    sites = next(arm for arm in made.arms if arm.kind is ArmKind.SITES)
    told = next(c for c in made.comparisons if c.arm is ArmKind.SITES)
    wider = replace(sites, recipe=example.RECIPE.with_(sites=Sites((*ATTENTION_QV, *FFN), 6)))
    twice = replace(made, arms=(made.arms[0], sites, wider), comparisons=(told, replace(told, val_gain=-0.0123)))
    gains = [view.gain[:7] for view in arm_views(twice)[1:]]
    assert gains == [f"{told.val_gain:+.4f}", "-0.0123"]
    assert [view.loss.en.split(" by")[0] for view in arm_views(twice)[1:]] == ["loss lower", "loss higher"]
    (view,) = experiments([Event("experiment", made.checkpoint.key, to_json(twice))])
    assert [w.name.en for w in view.whiskers] == ["top 2 → 4 layers", "top 2 → 6 layers"]
    assert "rank 8" in view.whiskers[1].about.en and "loss higher by 0.0123" in view.whiskers[1].about.en


def test_a_gain_of_zero_has_no_sign_of_its_own() -> None:
    assert gain_words(Comparison(ArmKind.LR, ArmKind.NONE, -0.00001, 0.001, 0.0, 0.0, False)).startswith("+0.0000")
