"""The table of drift as a table: which sign decides, and what speaks beside it."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from rankfirst.messages import say
from rankfirst.policy.drift import RULES, retrain
from rankfirst.records import Candidate, Estimated, EstimatedShare, Figure, Recall, Retrain, Seen, Shift, Verdict

NAN = float("nan")
STILL = Seen(
    rows=1000, distinct=1000, looked=1000, source="file",
    shift=Shift("compare", Verdict.ABSENT, "shift.compare.absent",
                {"p": 0.4, "tests": 7, "auroc": 0.5, "before": 900, "after": 900, "least": 500}),
    confidence=Figure(0.9, 0.9, -0.01, 0.01, 0.5, 500, 1000),
)  # fmt: skip
PRESENT = replace(STILL.shift, verdict=Verdict.PRESENT, numbers={**STILL.shift.numbers, "p": 1e-6})
UNKNOWN = replace(STILL.shift, verdict=Verdict.UNKNOWN)


def f1(after: float, half: float) -> Figure:
    return Figure(0.9, after, after - 0.9 - half, after - 0.9 + half, NAN, 800, 800)


def group(rows: int) -> Candidate:
    return Candidate("parcel", ("parcel",), rows, 0, 1e-5, "card", 0.6, ())


def abstain(low: float, p: float) -> Figure:
    return Figure(0.1, low + 0.12, low, low + 0.05, p, 500, 1000)


CASES = [
    pytest.param({}, ["still"], Retrain.NO, id="nothing"),
    pytest.param({"distinct": 20, "shift": PRESENT}, ["too_few"], Retrain.UNKNOWN, id="few-texts"),
    pytest.param({"unknown": (("parcel", 10), ("x", 1))}, ["unknown_labels"], Retrain.YES, id="new-label"),
    pytest.param({"unknown": (("parcle", 9),)}, ["still"], Retrain.NO, id="a-slip-of-the-pen"),
    pytest.param({"f1": f1(0.8, 0.03)}, ["f1_fell"], Retrain.YES, id="f1-fell"),
    pytest.param({"f1": f1(0.89, 0.005)}, ["holds_up"], Retrain.NO, id="too-little-to-matter"),
    pytest.param({"f1": f1(0.86, 0.05)}, ["still"], Retrain.NO, id="f1-within-noise-and-nothing-moved"),
    pytest.param({"f1": f1(0.86, 0.05), "shift": PRESENT}, ["moved"], Retrain.UNKNOWN, id="f1-unsure-and-moved"),
    pytest.param({"f1": f1(0.89, 0.02), "shift": PRESENT}, ["holds_up", "moved"], Retrain.NO, id="moved-but-holds"),
    pytest.param({"shift": PRESENT}, ["moved"], Retrain.UNKNOWN, id="moved-without-labels"),
    pytest.param({"shift": UNKNOWN}, ["cannot_rule_out"], Retrain.UNKNOWN, id="few-rows"),
    pytest.param({"candidates": (group(10),)}, ["new_intent"], Retrain.YES, id="new-group"),
    pytest.param({"candidates": (group(9),)}, ["still"], Retrain.NO, id="group-of-nine"),
    pytest.param({"candidates": (group(15),), "looked": 2000}, ["still"], Retrain.NO, id="below-one-in-a-hundred"),
    pytest.param({"abstain": abstain(0.06, 1e-9)}, ["abstains_more"], Retrain.YES, id="abstains"),
    pytest.param({"abstain": abstain(0.04, 1e-9)}, ["still"], Retrain.NO, id="abstains-a-little"),
    pytest.param({"confidence": Figure(0.9, 0.87, -0.04, -0.02, 1e-4, 500, 1000)}, ["less_sure"], Retrain.UNKNOWN,
                 id="less-sure"),
    pytest.param({"classes_p": 1e-4, "classes": (("card", 0.1, 0.2),)}, ["classes_moved"], Retrain.UNKNOWN, id="mix"),
    pytest.param({"recalls": (Recall("card", 0.9, 0.6, 90, 90, 0.05), Recall("rate", 0.9, 0.9, 90, 90, 0.05))},
                 ["recall_fell"], Retrain.YES, id="recall"),
    pytest.param({"recalls": (Recall("card", 0.9, 0.7, 9, 9, 0.2),)}, ["still"], Retrain.NO, id="recall-of-nine-rows"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "rules", "answer"), CASES)
def test_the_table_decides(changes: dict[str, object], rules: list[str], answer: Retrain) -> None:
    told, reasons = retrain(replace(STILL, **changes))  # type: ignore[arg-type]
    assert ([own.rule for own in reasons], told) == (rules, answer)


def share(kind: str, name: str, high: float, least: float = 0.9) -> EstimatedShare:
    return EstimatedShare(kind, name, 0.95, high - 0.02, high - 0.04, high, least)


PROMISES = [
    pytest.param([share("recall", "card", 0.8)], {}, ["promise_recall"], id="recall"),
    pytest.param([share("precision", "card", 0.8)], {}, ["promise_precision"], id="precision"),
    pytest.param([share("precision", "", 0.8)], {}, ["promise_precision_all"], id="precision-of-all"),
    pytest.param([share("precision", "", 0.91)], {}, ["still"], id="cannot-tell"),
    pytest.param([share("precision", "", 0.8)], {"blind": ("strange",)}, ["still"], id="blind"),
    pytest.param([share("precision", "", 0.8), share("recall", "card", 0.7)], {},
                 ["promise_recall", "promise_precision_all"], id="both"),
]  # fmt: skip


@pytest.mark.parametrize(("clauses", "more", "rules"), PROMISES)
def test_a_broken_promise_decides(clauses: list[EstimatedShare], more: dict[str, object], rules: list[str]) -> None:
    estimated = Estimated(clauses=tuple(clauses), **more)  # type: ignore[arg-type]
    answer, reasons = retrain(STILL, estimated)
    assert [own.rule for own in reasons] == rules
    assert (answer is Retrain.YES) == rules[0].startswith("promise")
    assert all(say(f"drift.rule.{own.rule}", "en", **own.numbers) for own in reasons)  # type: ignore[arg-type]


def test_a_broken_promise_stands_before_what_else_was_found() -> None:
    estimated = Estimated(clauses=(share("recall", "card", 0.7), share("recall", "rate", 0.6)))
    told, reasons = retrain(replace(STILL, shift=PRESENT), estimated)
    assert ([own.rule for own in reasons], told) == (["promise_recall", "moved"], Retrain.YES)
    assert reasons[0].numbers["name"] == "rate"  # the worst
    assert [own.rule for own in retrain(replace(STILL, distinct=20), estimated)[1]] == ["promise_recall"]


def test_every_rule_has_decided_once() -> None:
    decided = {case.values[1][0] for case in CASES} | {case.values[2][0] for case in PROMISES}  # type: ignore[index]
    assert decided == {rule.id for rule in RULES}


def test_the_guide_shows_the_table_in_its_order() -> None:
    page = (Path(__file__).parents[2] / "docs" / "deliver.md").read_text(encoding="utf-8")
    shown = re.findall(r"^\| `(\w+)` \| [^|]+ \| (yes|no|cannot tell) \|$", page, re.MULTILINE)
    answers = {Retrain.YES: "yes", Retrain.NO: "no", Retrain.UNKNOWN: "cannot tell"}
    assert shown == [(rule.id, answers[rule.answer]) for rule in RULES]


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("changes", [case.values[0] for case in CASES], ids=[case.id for case in CASES])
def test_every_reason_can_be_said(changes: dict[str, object], lang: str) -> None:
    for reason in retrain(replace(STILL, **changes))[1]:  # type: ignore[arg-type]
        assert say(f"drift.rule.{reason.rule}", lang, **reason.numbers)  # type: ignore[arg-type]
