"""What leaves a run: the figures and the reasons, and nothing about a row."""

import csv
import json
from typing import Any

import pytest

from rankfirst.records import Curve, from_json
from rankfirst.trackers import Entry
from rankfirst.trackers.entries import EntryMaker
from tests import runs
from tests.trackers.conftest import Tracked


def told(tracked: Tracked, lang: Any = "en") -> list[Entry]:
    teller = EntryMaker(lang)
    made = [teller.entry(e["kind"], e["key"], e["payload"]) for e in runs.events(tracked.folder)]
    return [entry for entry in made if entry]


def test_every_curve_is_sent_completely_in_its_own_namespace(tracked: Tracked) -> None:
    curves = [from_json(Curve, e["payload"]) for e in runs.events(tracked.folder) if e["kind"] == "probe"]
    assert curves
    entries = {entry.group: entry for entry in told(tracked)}
    for number, curve in enumerate(curves, 1):
        entry = entries[f"probe/{number}"]
        losses = [(p.step, p.value) for p in entry.points if p.name == "train_loss"]
        assert losses == list(zip(curve.steps, curve.train_loss, strict=True))
        assert [p.value for p in entry.points if p.name == "val_macro_f1"] == [
            e.val_macro_f1 for e in curve.evaluations
        ]
        assert entry.params[f"probe/{number}/recipe"] == curve.recipe.key
        assert entry.params[f"probe/{number}/rank"] == curve.recipe.rank
    assert {"final", "verdict", "calibration", "result", "rung/tfidf", "rung/lora"} <= entries.keys()
    assert any(point.name == "test_macro_f1" for point in entries["result"].points)


def test_a_rival_that_is_delivered_keeps_its_curve_apart_from_the_settled_one(tracked: Tracked) -> None:
    settled = next(e["payload"] for e in runs.events(tracked.folder) if e["kind"] == "final")
    rival = settled | {"recipe": settled["recipe"] | {"scaling": 64.0}}
    maker = EntryMaker("en")
    events = (("final", settled), ("rival", rival), ("final", rival | {"work": 0.0}))
    entries = [maker.entry(kind, f"{number}", payload) for number, (kind, payload) in enumerate(events)]
    assert [entry and entry.group for entry in entries] == ["final", "rival", None]


def test_decisions_are_sent_in_the_language_of_the_user(tracked: Tracked) -> None:
    english, chinese = ({e.group: e.line for e in told(tracked, lang)} for lang in ("en", "zh"))
    assert english["decision/capacity-0"].startswith("[Capacity]")
    assert english["decision/capacity-0"] != chinese["decision/capacity-0"] != ""


def test_no_row_text_and_no_list_leaves_the_run(tracked: Tracked) -> None:
    with tracked.rows.open(encoding="utf-8") as file:
        texts = [row["text"] for row in csv.DictReader(file)]
    everything = repr(tracked.fake.calls)
    assert texts and [text for text in texts if text in everything] == []
    for entry in tracked.fake.entries:
        assert all(isinstance(value, str | int | float) for value in entry.params.values())
        assert len(entry.points) < 1000


def test_class_names_are_not_sent(tracked: Tracked) -> None:
    profile = next(e["payload"] for e in runs.events(tracked.folder) if e["kind"] == "profile")
    for entry in tracked.fake.entries:
        plain = json.dumps([entry.group, dict(entry.params), [p.name for p in entry.points]])
        assert [name for name in profile["classes"] if f'"{name}"' in plain] == []


def test_a_base_model_is_sent_without_its_path(tracked: Tracked) -> None:
    run = next(entry for entry in tracked.fake.entries if entry.group == "run")
    assert run.params["base_model"] == tracked.base.name
    assert str(tracked.base.parent) not in repr(tracked.fake.entries)


def test_non_finite_values_are_not_sent() -> None:
    numbers = {"f1_before": {"float": "nan"}, "f1_after": 0.5, "temperature": None}
    entry = EntryMaker("en").entry("calibration", "", numbers)
    assert entry is not None
    assert [(p.name, p.value) for p in entry.points] == [("f1_after", 0.5)]


@pytest.mark.parametrize("kind", ["probe", "rung", "final", "start", "decision", "result", "profile", "unheard-of"])
def test_an_event_of_another_version_is_skipped(kind: str) -> None:
    entry = EntryMaker("en").entry(kind, "x", {"is": "Something", "recipe": 3})
    assert entry is None or not any(point.value for point in entry.points)
