"""What a continued run says of itself, whichever way it went, in both languages."""

from typing import Any

import pytest

from rankfirst.report.events import Event
from rankfirst.report.phrases import Both
from rankfirst.report.renewal import page_words, parent_words, versus_words

NUMBERS = {"rows": 412, "before": 300, "classes": 13, "lost": 1, "old": 0.871, "new": 0.902, "gain": 3.1, "noise": 1.4,
           "kept": -0.2, "kept_noise": 1.1, "cost": 0.4}  # fmt: skip


def compared(code: str, verdict: str, *told: str) -> list[Both]:
    classes = [
        {"name": f"class {i}", "rows": 20, "old": 0.95, "new": 0.7 - i / 10, "told": t} for i, t in enumerate(told)
    ]
    payload = {"verdict": verdict, "code": f"versus.{code}", "numbers": NUMBERS, "classes": classes}
    return versus_words(Event("versus", "", payload))


@pytest.mark.parametrize(
    ("code", "verdict", "says"),
    [("better", "new", "SHIP THE NEW MODEL"), ("worse", "old", "KEEP THE OLD MODEL"), ("forgot", "old", "KEEP"),
     ("costly", "old", "KEEP"), ("within", "unsure", "CANNOT TELL"), ("trade", "unsure", "CANNOT TELL")],
)  # fmt: skip
def test_every_verdict_is_said_with_its_numbers(code: str, verdict: str, says: str) -> None:
    first, *_ = compared(code, verdict)
    assert first.en.startswith(says) and "+3.1" in first.en and "+3.1" in first.zh
    assert not any("versus." in words.en + words.zh or "=" in words.en for words in compared(code, verdict, "lost"))


def test_classes_that_fell_are_named_the_surest_first() -> None:
    told = [words.en for words in compared("better", "new", "maybe", "", "won", "lost", "maybe")]
    fell = [line for line in told if line.startswith("Recall")]
    assert [line.split(":")[1].split(",")[0].strip() for line in fell] == ["class 3", "class 4", "class 0"]
    assert not any("No class" in line for line in told)
    assert any("No class" in words.en for words in compared("better", "new", "won", ""))


@pytest.mark.parametrize("weights", ["delivered", "fresh", "none"])
def test_where_a_run_comes_from(weights: str) -> None:
    payload: dict[str, Any] = {
        "run": "RUN", "journal_sha256": "a" * 64, "ship": "lora", "weights": weights, "left_out": 3,
        "rows_before": {"train": 100, "val": 20, "test": 20}, "rows_after": {"train": 150, "val": 30, "test": 30},
        "new_classes": [f"new {i}" for i in range(20)],
    }  # fmt: skip
    told = parent_words(Event("parent", "", payload))
    assert "100 → 150" in told[1].en and "new 0" in told[2].en and "(+8)" in told[2].zh
    assert not any("renew." in words.en + words.zh for words in told)


def test_an_odd_journal_is_told_as_far_as_it_can_be_read() -> None:
    assert page_words([]) == ()
    for payload in ({"classes": [3, None]}, {"verdict": 3, "numbers": None}, {"new_classes": {}, "rows_before": 4}):
        page_words([Event("versus", "", payload), Event("parent", "", payload)])
