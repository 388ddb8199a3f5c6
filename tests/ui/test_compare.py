"""Two runs: what differs, and whether the gap is beyond noise. No claim without the same rows."""

import random
from typing import Any

import pytest

from rankfirst.records import Recipe, from_json, to_json
from rankfirst.report.view_model import Span
from rankfirst.ui.compare import Comparison, compare
from rankfirst.ui.run_row import Card, State
from rankfirst.ui.significance import Rows, differing_answers, f1_gap, loss_gap, rows_of, same_rows
from tests.report import journal_example as example
from tests.ui.conftest import Told, changed, events, unfinished

DRAWN = random.Random(3)
HARD = [DRAWN.expovariate(1.0) for _ in range(400)]  # what is hard for one is hard for the other


def with_losses(losses: list[float], answers: list[list[int]] | None = None, told: Told | None = None) -> Told:
    rows = {"val_log_loss": losses, "val_predicted": answers or [[0]] * len(losses)}
    return [(k, key, {**p, **rows} if (k, key) == ("rung", "lora") else p) for k, key, p in told or example.told()]


def view(first: Told, second: Told, **spans: Span) -> Comparison:
    def row(told: Told, letter: str) -> Card:
        ship = "lora" if any(kind == "verdict" for kind, _, _ in told) else ""
        val = spans.get(letter, Span(0.884, 0.870, 0.897))
        return Card(letter, letter, State.FINISHED, "shop", "pkg:x", ship=ship, best="lora", val=val)

    return compare((row(first, "a"), row(second, "b")), events(first), events(second))


def test_the_paired_loss_is_significant_when_intervals_overlap() -> None:
    better = [loss - 0.05 + DRAWN.gauss(0, 0.1) for loss in HARD]
    told = view(with_losses(HARD), with_losses(better))
    assert told.kind == "good" and "B" in told.answer.en and "log-loss" in told.answer.en
    back = view(with_losses(better), with_losses(HARD))
    assert "A" in back.answer.en and back.kind == "good"


def test_a_significant_gap_in_f1_is_reported() -> None:
    told = view(with_losses(HARD), with_losses(HARD), a=Span(0.80, 0.78, 0.82), b=Span(0.88, 0.86, 0.90))
    assert told.kind == "good" and "8.0" in told.answer.en and told.answer.en.startswith("B")


def test_an_insignificant_gap_is_not_called_equality() -> None:
    shaken = [loss + DRAWN.gauss(0, 0.3) for loss in HARD]
    told = view(with_losses(HARD), with_losses(shaken))
    assert told.kind == "none" and "does not show that they are equal" in told.answer.en
    assert any("predictions differ" in words.en for words in told.grounds)


def test_different_rows_allow_no_claim() -> None:
    other = changed(with_losses([x / 9 for x in HARD]), "run", fingerprint="ff" * 32)
    told = view(with_losses(HARD), other, a=Span(0.2, 0.19, 0.21), b=Span(0.9, 0.89, 0.91))
    assert told.kind == "open" and told.answer.en.startswith("Cannot tell") and told.grounds == ()
    assert all(pair.loss.en == "–" for pair in told.rungs)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(example.told(), unfinished(), id="no-verdict"),
        pytest.param(changed(example.told(), "run", fingerprint=""), example.told(), id="no-fingerprint"),
        pytest.param([], example.told(), id="nothing-at-all"),
    ],
)
def test_unknown_values_leave_the_answer_open(first: Told, second: Told) -> None:
    assert view(first, second).kind == "open"


def test_without_rows_or_intervals_the_answer_is_open() -> None:
    told = view(example.told(), example.told(), a=Span(0.8), b=Span(0.9))
    assert told.kind == "open" and told.answer.en.startswith("Cannot tell")


def test_only_knobs_that_differ_are_marked() -> None:
    result = dict(example.told()[-1][2])
    slower = from_json(Recipe, result["recipe"]).with_(lr=2e-4, rank=8)
    told = view(example.told(), changed(example.told(), "result", recipe=to_json(slower)))
    assert {p.name.en for p in told.knobs if p.differs} == {"rank", "lr"}
    assert {p.name.en for p in told.knobs} >= {"rank", "lr", "dropout", "target modules"}
    assert not any(p.differs for p in told.settings)


def test_differing_settings_are_listed() -> None:
    told = view(example.told(), changed(example.told(), "run", seed=3, focal=2.0))
    assert {p.name.en for p in told.settings if p.differs} == {"Seed", "--focal"}


def test_decisions_are_compared_by_stage() -> None:
    cut = [event for event in example.told() if event[1] not in ("falls_slowly", "settled")]
    told = view(example.told(), cut)
    optimise = next(stage for stage in told.stages if stage.name.en == "Optimisation")
    assert [step.kind for step in optimise.first] == ["decision", "decision", "refusal"] and optimise.second == ()


def test_time_and_cost() -> None:
    costs = {pair.name.en: (pair.first.en, pair.second.en) for pair in view(example.told(), unfinished()).costs}
    assert costs["Total time"] == ("7 min 11 s", "–")
    assert costs["Probes trained"] == ("3", "3")


@pytest.mark.parametrize("payload", [{}, {"val_log_loss": [1, None], "val_predicted": 3}, {"val_log_loss": ["x"] * 20}])
def test_unreadable_rows_are_ignored(payload: dict[str, Any]) -> None:
    rows = rows_of(events([("rung", "lora", payload)]), "lora")
    assert rows.losses == () and differing_answers(rows, rows) is None and loss_gap(rows, rows) is None


def test_the_same_model_twice_has_no_gap() -> None:
    rows = Rows(tuple(HARD), tuple((n % 3,) for n in range(400)))
    gap = loss_gap(rows, rows)
    assert gap is not None and not gap.beyond and differing_answers(rows, rows) == (0, 400)
    assert f1_gap(Span(0.5), Span(0.6, 0.5, 0.7)) is None
    assert same_rows([], []) is None


def test_random_variation_alone_is_significant_about_one_time_in_twenty() -> None:
    seen = 0
    for n in range(400):
        drawn = random.Random(n)
        first = [drawn.expovariate(1.0) for _ in range(120)]
        gap = loss_gap(Rows(tuple(first)), Rows(tuple(x + drawn.gauss(0, 0.4) for x in first)))
        seen += gap is not None and gap.beyond
    assert 8 <= seen <= 36
