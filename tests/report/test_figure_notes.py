"""Why two figures of one model differ is said where they do, and only there."""

from typing import Any

import pytest

from rankfirst.records import Shipping
from rankfirst.report.events import Event
from rankfirst.report.figure_notes import base_words, delivered_words, gain_words, shipping_notes


def shipping(**numbers: float) -> Shipping:
    return Shipping("lora", "ship.lora", numbers)


def test_a_gain_that_counts_other_classes_is_told() -> None:
    told = gain_words(shipping(gain=8.7, lora=0.959, base=0.814, lora_occurring=0.959, base_occurring=0.872))
    assert told is not None and "LoRA 95.9%, the cheaper baseline 87.2%" in told.en and "95.9%" in told.zh


@pytest.mark.parametrize(
    "numbers",
    [
        pytest.param(
            {"gain": 10.0, "lora": 0.9, "base": 0.8, "lora_occurring": 0.9, "base_occurring": 0.8}, id="the-same"
        ),
        pytest.param({"gain": 10.0, "lora": 0.9, "base": 0.8}, id="old-run"),
        pytest.param({}, id="nothing"),
    ],
)
def test_a_gain_that_counts_the_same_classes_is_not(numbers: dict[str, float]) -> None:
    assert gain_words(shipping(**numbers)) is None


def test_an_old_run_says_it_without_the_figures() -> None:
    told = gain_words(shipping(gain=8.7, lora=0.959, base=0.814))
    assert told is not None and "so the gain is not their difference" in told.en


def events(before: float, after: float, thresholds: Any, at_least_one: bool) -> list[Event]:
    fitted = {"rung": "frozen", "f1_before": before, "f1_after": after, "thresholds": thresholds,
              "at_least_one": at_least_one}  # fmt: skip
    return [Event("rung", "frozen", {"val": {"macro_f1": 0.488}}), Event("calibration", "", fitted)]


@pytest.mark.parametrize(
    ("told", "words"),
    [
        pytest.param(events(0.497, 0.497, None, True), "scores 49.7% on validation, not 48.8%", id="likeliest-label"),
        pytest.param(events(0.488, 0.51, [0.4], True), "scores 51.0% on validation, not 48.8%", id="thresholds"),
        pytest.param(events(0.497, 0.51, [0.4], True), "gets its most probable label (49.7%)", id="both"),
        pytest.param(events(0.488, 0.488, None, False), "", id="neither"),
    ],
)
def test_a_score_that_jumps_says_why(told: list[Event], words: str) -> None:
    found = delivered_words(told)
    assert words in (found.en if found else "")
    assert bool(found) == bool(words)


def test_the_size_of_the_base_is_told_where_it_is_known() -> None:
    told = base_words({"base": {"layers": 6, "hidden": 384, "weights": 10_646_784}})
    assert told is not None and told.en.startswith("6 layers of width 384, 10.6 million")
    assert base_words({}) is None


@pytest.mark.parametrize(
    ("below", "words"), [("frozen", "0.4 ± 1.2 points above TF-IDF"), ("tfidf", "0.5 points and 80% are required")]
)
def test_the_notes_say_which_baseline_was_beaten_and_what_was_taken_off(below: str, words: str) -> None:
    compared = {
        "frozen_gain": 0.4,
        "frozen_noise": 1.2,
        "frozen_chance": 71.0,
        "least": 0.5,
        "sure": 80,
        "frozen_sure": 80.0,
    }
    both = {"measured": -0.7, "loss": 0.042, "noise": 1.5, "picked": 0.31}
    notes = shipping_notes(Shipping("lora", "ship.lora_likely", {**both, "below": below, **compared}))
    assert len(notes) == 3 and "0.3 points have been taken off" in notes[1].en
    assert (
        "macro-F1 0.7 points lower, log-loss 0.042 nats per text lower" in notes[0].en and "降低 0.042" in notes[0].zh
    )
    assert words in notes[2].en and "71%" in notes[2].en and "71%" in notes[2].zh
    assert shipping_notes(Shipping("lora", "ship.lora_likely", {"picked": 0.04, "below": below})) == ()
    assert shipping_notes(None) == ()
