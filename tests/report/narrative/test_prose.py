"""The run as prose: every section where there is something to tell, unfinished runs too, nothing a terminal obeys."""

from typing import Any

import pytest

from rankfirst.messages import LANGS
from rankfirst.records import ArmKind, Verdict
from rankfirst.report.narrative import Ledger, as_json, as_text, prose
from tests.report.narrative import ledgers as made


def tell(ledger: Ledger, lang: Any = "en") -> str:
    return as_text(prose(ledger), lang)


def headings(told: str) -> list[str]:
    return [line[3:] for line in told.splitlines() if line.startswith("== ")]


def test_a_finished_run_goes_from_what_was_asked_to_what_is_unknown() -> None:
    assert headings(tell(made.recorded("frozen"))) == [
        "Task", "Data", "What cheaper models achieve", "The starting recipe, and why",
        "Decisions: Capacity", "Decisions: Optimisation", "Decisions: Capacity re-check", "Final training",
        "What was refused", "What was delivered", "What remains unknown",
    ]  # fmt: skip


def test_a_decision_is_told_as_seen_meant_told_apart_done_and_happened() -> None:
    told = tell(made.recorded("lora"))
    story = told[told.index("-- The experiment favours more target modules") : told.index("-- No other capacity")]
    order = ["Observed on probe 1", "three possible causes that look alike",
             "  - a higher lr (lr 4e-4 → 1.6e-3): loss ", "Action: top 2 → 4", "Deliberately unchanged: lr stays",
             "Result (probe 3)", "Compared with before: macro-F1 +1.1 ± "]  # fmt: skip
    assert [story.index(words) for words in order] == sorted(story.index(words) for words in order)


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", made.NAMES)
def test_a_run_cut_short_anywhere_is_told(name: str, lang: Any) -> None:
    events = made.recorded(name).events
    for cut in range(len(events) + 1):
        told = tell(Ledger(events[:cut]), lang)
        assert "account." not in told and "report." not in told and "{" not in told, (cut, told)
        assert ("--val val.csv" in told) == (0 < cut < len(events)), "an unfinished run says how to go on"


def test_symptoms_that_are_present_are_told_with_their_numbers() -> None:
    over = made.found("overfit", Verdict.PRESENT, train_from=0.9, train_to=0.01, rise=0.2, loss_noise=0.02, drop=3.1,
                      f1_noise=1.2)  # fmt: skip
    told = tell(made.ledger(made.run(), made.start(), made.probe(), made.decided(
        "capacity-0", "overfit", made.RECIPE.with_(rank=2), findings={"overfit": over})))  # fmt: skip
    assert "Excess capacity causes overfitting (train loss 0.900 -> 0.010, val loss 0.200" in told
    assert "Action: rank 8 → 2." in told


def test_what_the_clock_forbade_and_what_is_not_concluded_are_told() -> None:
    late = made.decided("capacity-0", "underfit", made.WIDE)
    clock = ("clock", "capacity-0", {"limit": 60.0, "spent": 40.0, "at": "capacity-0"})
    told = tell(made.ledger(made.run(budget_seconds=60.0), made.start(), made.probe(), late, clock))
    assert told.count("This step is skipped for lack of time") == 2
    assert "Time limit: 1 min." in told
    open_one = made.planned("capacity-0", ArmKind.LR, made.FAST)
    assert "-- No conclusion yet" in tell(made.ledger(made.run(), made.start(), made.probe(), open_one))


def test_what_the_user_set_is_told() -> None:
    told = tell(made.ledger(made.run(set={"rank": "16"}, force=True, class_weights="sqrt", profile="seed")))
    assert "--set rank=16, --force, --class-weights sqrt, --profile seed" in told


def test_lines_of_another_version_are_named_and_not_told() -> None:
    told = tell(made.ledger(made.run(), ("decision", "capacity-0", {"stage": "brewing"}), ("probe", "x", {"a": 1})))
    assert "written by another version and cannot be read here. [journal 2, 3]" in told


@pytest.mark.parametrize("lang", LANGS)
def test_hostile_names_stay_on_their_line(lang: Any) -> None:
    recall = {made.HOSTILE: 0.1, "b": 0.9}
    run = made.run(dataset=made.HOSTILE, command=f"rankfirst fit '{made.HOSTILE}' -o out")
    result = ("result", "", {"val": {"macro_f1": 0.5, "per_class_recall": recall}})
    told = tell(made.ledger(run, made.start(), made.probe(), result), lang)
    assert "\x1b" not in told and "\u202e" not in told and "\n# h" not in told


def test_json_has_the_same_words_and_lines() -> None:
    told = as_json(prose(made.recorded("frozen")), "en")
    noise = next(
        b for s in told["sections"] for b in s["blocks"] if "random variation moves macro-F1 by" in b.get("text", "")
    )
    assert noise["lines"] == [11] and noise["kind"] == "text"


def test_a_start_set_by_hand_is_not_called_conservative() -> None:
    hand, cautious = "Part of it was set by hand", "This is a conservative start"
    for asked, words in [({}, cautious), ({"lr": "0.0008"}, cautious), ({"rank": "16"}, hand)]:
        assert words in tell(made.ledger(made.run(set=asked), made.start()))
    assert hand in tell(made.ledger(made.run(set={"lr": "0.0008"}, force=True), made.start()))


def test_a_run_without_lora_leaves_its_worth_unknown() -> None:
    verdict = ("verdict", "", {"ship": "frozen", "code": "ship.frozen_only", "numbers": {"f1": 0.8}})
    assert "What LoRA would achieve: none was trained. [journal 2]" in tell(made.ledger(made.run(), verdict))


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", made.NAMES)
def test_every_sentence_ends(name: str, lang: Any) -> None:
    for line in tell(made.recorded(name), lang).splitlines():
        told = line.partition(" [journal")[0].partition(" 【日志")[0]
        if "Action: " in told or "动作：" in told or "Deliberately unchanged" in told:
            assert told.endswith((".", "。")), told
