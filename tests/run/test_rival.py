"""A rival is trained to its end beside the settled recipe, told in the journal, and delivered where it wins."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rankfirst import api, policy
from rankfirst.policy import thresholds as t
from rankfirst.records import Curve, Profile, Recipe
from rankfirst.report import six_sentences
from rankfirst.report.events import read
from rankfirst.run.autopilot import Autopilot
from tests import runs
from tests.engine import tiny

pytestmark = pytest.mark.usefixtures("short_trainings")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("rival")
    tiny.write_base(made / "base", "bert")
    runs.write_rows(made, rows=100)
    return made


def fit(folder: Path, name: str, **options: Any) -> dict[str, list[Any]]:
    """Payloads by kind; notes: those of rivals."""
    api.fit(folder / "rows.csv", folder / name, base_model=str(folder / "base"), always_lora=True, **options)
    found: dict[str, list[Any]] = {"final": [], "rival": [], "note": []}
    for event in runs.events(folder / name):
        if event["kind"] in ("final", "rival") or (event["kind"], event["key"]) == ("note", "rival"):
            found[event["kind"]].append(event["payload"])
    return found


def result(folder: Path, name: str) -> Any:
    return json.loads((folder / name / "result.json").read_text(encoding="utf-8"))


def other_a(recipe: Recipe) -> float:
    return 64.0 if recipe.scaling < 64 else 16.0


@pytest.mark.slow
@pytest.mark.parametrize("won", [True, False])
def test_the_better_of_the_two_is_delivered(folder: Path, won: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = {"gain": 1.5 if won else -1.5, "noise": 2.0, "chance": 80.0}
    monkeypatch.setattr(policy, "contest", lambda *told: (won, numbers))
    monkeypatch.setattr(policy, "rival", lambda start, settled, *more: settled.with_(scaling=other_a(settled)))
    name = f"won-{won}"
    found = fit(folder, name)
    (rival,), settled = found["rival"], found["final"][0]
    assert [note["code"] for note in found["note"]] == ["rival.won" if won else "rival.lost"]
    wanted = rival if won else settled
    assert result(folder, name)["recipe"]["scaling"] == wanted["recipe"]["scaling"]
    assert [each["recipe"] for each in found["final"]] == [settled["recipe"], *([rival["recipe"]] if won else [])]
    work = {step["step"].partition(" ")[0]: step["work"] for step in result(folder, name)["costs"]}
    assert work["rival"] == rival["work"] > 0  # and not counted again where the rival is delivered
    assert work["final"] == (0.0 if won else settled["work"])
    codes = [each["code"] for each in six_sentences.six(read(folder / name / "journal.jsonl"))]
    assert ("six.4.rival" in codes) is won
    before = (folder / name / "journal.jsonl").read_bytes()
    assert fit(folder, name) == found and (folder / name / "journal.jsonl").read_bytes() == before


def test_a_budget_that_is_used_up_leaves_none(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(t, "FULL_RUNS", 2.0)
    monkeypatch.setattr(policy, "rival", lambda start, settled, *more: settled.with_(scaling=other_a(settled)))
    found = fit(folder, "budget")
    assert not found["rival"] and [note["code"] for note in found["note"]] == ["rival.budget"]


def test_the_start_is_called_by_its_name(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def rival(start: Recipe, settled: Recipe, *more: Any) -> Recipe:
        return start

    def finish(pilot: Autopilot, settled: Curve, profile: Profile) -> Curve | None:
        recipe = settled.recipe.with_(scaling=other_a(settled.recipe))  # as if the search had moved
        return whole(pilot, replace(settled, recipe=recipe), profile)

    whole = Autopilot.finish
    monkeypatch.setattr(Autopilot, "finish", finish)
    monkeypatch.setattr(t, "FULL_RUNS", 2.0)
    monkeypatch.setattr(policy, "rival", rival)
    assert [note["code"] for note in fit(folder, "start")["note"]] == ["start.budget"]
