"""Journals that somebody edited or another version wrote: unreadable lines are named, and nothing fails over them."""

import random
from dataclasses import replace
from typing import Any

import pytest

from rankfirst.policy.user_settings import VALUES
from rankfirst.report import Event
from rankfirst.report.narrative import Ledger, answers, as_text, parse, proposal, prose
from rankfirst.report.narrative.html_page import as_html
from rankfirst.report.narrative.markdown import as_markdown
from tests.report import journal_example
from tests.report.narrative import ledgers as made

JUNK = (None, "x", "", -1, 0, float("inf"), {"float": "nan"}, [], {}, [1, 2], {"a": 1}, True, 10**30, ["a", None])
QUESTIONS = ("rank=32", "lr=up", "sites=all@6", "dropout", "scaling", "lora", "frozen", "full", "focal", "batch",
             "seed", "epochs", "data", "base model", "prefix", "max tokens=9", "budget", "lora_alpha=3")  # fmt: skip


def spoilt(value: Any, chance: random.Random, share: float) -> Any:
    """A payload some of whose parts are something else, or missing."""
    if chance.random() < share:
        return chance.choice(JUNK)
    if isinstance(value, dict):
        return {k: spoilt(v, chance, share) for k, v in value.items() if chance.random() > share / 2}
    return [spoilt(v, chance, share) for v in value] if isinstance(value, list) else value


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("name", made.NAMES)
def test_a_spoilt_journal_is_told_as_far_as_it_can_be_read(name: str, seed: int) -> None:
    chance = random.Random(seed)
    share = (0.003, 0.02, 0.1)[seed % 3]
    payloads = [spoilt(event.payload, chance, share) for event in made.recorded(name).events]
    events = [replace(event, payload=told if isinstance(told, dict) else {})
              for event, told in zip(made.recorded(name).events, payloads, strict=True)]  # fmt: skip
    ledger = Ledger(events)
    document = proposal(ledger)
    for lang in ("en", "zh"):
        assert as_text(prose(ledger), lang)  # type: ignore[arg-type]
        assert as_markdown(document, lang) and as_html(document, lang)  # type: ignore[arg-type]
    assert as_text(answers(ledger, [parse(question) for question in QUESTIONS], VALUES), "en")


@pytest.mark.parametrize("name", made.NAMES)
def test_every_line_of_a_recorded_run_can_be_read(name: str) -> None:
    assert made.recorded(name).unread == ()


def test_a_payload_that_is_a_float_is_told_as_nothing() -> None:
    """As the journal writes floats that JSON does not know."""
    ledger = Ledger([Event("result", "", {"float": "nan"})])
    assert ledger.result == (1, {}) and as_markdown(proposal(ledger), "en")


def test_every_line_made_from_records_can_be_read() -> None:
    assert Ledger(journal_example.events()).unread == ()


@pytest.mark.parametrize(
    ("kind", "spoil"),
    [
        ("decision", {"stage": "brewing"}), ("decision", {"findings": [["x", 3]]}), ("probe", {"epochs": "two"}),
        ("probe", {"steps": [1.5, float("nan")]}), ("profile", {"classes": [1]}), ("experiment", {"arms": [1]}),
        ("start", {"recipe": {"rank": "8"}}), ("verdict", {"ship": 3}), ("final", {"evaluations": [1]}),
    ],
)  # fmt: skip
def test_a_line_with_one_wrong_field_is_named_and_left_out(kind: str, spoil: dict[str, Any]) -> None:
    events = list(made.recorded("lora").events)
    at = next(n for n, event in enumerate(events) if event.kind == kind)
    events[at] = Event(kind, events[at].key, events[at].payload | spoil, events[at].at)
    ledger = Ledger(events)
    assert ledger.unread == (at + 1,) and len(ledger.events) == len(events)
    assert f"[journal {at + 1}]" in as_text(prose(ledger), "en").splitlines()[-1]


def test_figures_of_every_row_are_not_kept() -> None:
    events = list(made.recorded("lora").events)
    at = next(n for n, event in enumerate(events) if event.kind == "experiment")
    arms = [arm | {"val_log_loss": [0.5] * 9} for arm in events[at].payload["arms"]]
    events[at] = Event("experiment", events[at].key, events[at].payload | {"arms": arms})
    ledger = Ledger([*events, Event("final", "x", {"curve": {"end_log_loss": [0.1]}})])
    assert all(tried.arm.val_log_loss == () for tried in ledger.arms)
    assert ledger.events[-1].payload == {} and ledger.unread == (len(events) + 1,)
