"""Advice and figures of calibration: only where they help, and where the model says yes."""

import pytest

from rankfirst.report.answers import abstaining_helps
from rankfirst.report.events import Event
from rankfirst.report.side_events import calibration_words, trust_facts


def abstain(kept: float, every: float, outside: int = 0) -> dict[str, float]:
    return {"coverage": 0.95, "accuracy_kept": kept, "accuracy_all": every, "outside": outside}


@pytest.mark.parametrize(
    ("told", "rows", "helps"),
    [
        pytest.param(abstain(0.93, 0.90), 400, True, id="the-rest-is-mostly-wrong"),
        pytest.param(abstain(0.773, 0.776), 250, False, id="accuracy-does-not-rise"),
        pytest.param(abstain(0.905, 0.90), 100, False, id="within-noise"),
        pytest.param(abstain(0.773, 0.776, outside=80), 250, True, id="chosen-on-other-texts"),
        pytest.param({"coverage": 1.0, "accuracy_kept": 0.9, "accuracy_all": 0.9}, 250, False, id="all-answered"),
        pytest.param({}, 250, False, id="nothing"),
    ],
)
def test_abstaining_is_advised_only_if_it_helps(told: dict[str, float], rows: int, helps: bool) -> None:
    assert abstaining_helps(told, rows) is helps


LABELS = {
    "rung": "lora", "temperature": 1.5, "ece_before": 0.017, "ece_after": 0.007, "pairs": True,
    "reliability_before": [[0.02, 0.02, 5000], [0.6, 0.4, 50], [0.9, 0.8, 150]],
    "reliability_after": [[0.02, 0.02, 5000], [0.55, 0.5, 50], [0.85, 0.8, 150]],
}  # fmt: skip


def test_the_calibration_of_label_sets_is_that_where_the_model_says_yes() -> None:
    told = calibration_words(Event("calibration", "", LABELS))[1]
    assert told.en == "Calibration error where the model says yes 12.5% → 5.0%."
    assert "判为“是”时" in told.zh
    assert dict((name.en, value.en) for name, value in trust_facts(LABELS))[
        "Calibration error (ECE) where the model says yes, before → after"
    ] == "12.5% → 5.0%"  # fmt: skip
    one = {**LABELS, "pairs": False}
    assert calibration_words(Event("calibration", "", one))[1].en == "Calibration error 1.7% → 0.7%."
    silent = {**LABELS, "reliability_before": [], "reliability_after": []}
    assert not [words for words in calibration_words(Event("calibration", "", silent)) if "error" in words.en]
