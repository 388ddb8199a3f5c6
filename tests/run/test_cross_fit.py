"""Training rows that are held out because validation does not decide what to deliver, in whole runs.

One run is fitted; the others are copies of it that were stopped before some event, and are continued differently.
"""

import json
import shutil
from pathlib import Path

import pytest

from rankfirst import api, policy
from rankfirst.policy import thresholds as t
from rankfirst.run.autopilot import Autopilot
from rankfirst.run.cross_fit import CrossFit
from tests import runs

LORA = {"knobs": ("lr=6.4e-3",), "force": True}

pytestmark = pytest.mark.usefixtures("short_trainings")


def fit(rows: Path, base: Path, out: Path, undecided: int = 99, **options: object) -> api.Result:
    """A run whose verdict is open for so many looks."""
    looks = iter(range(undecided))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(policy, "undecided", lambda shipping: next(looks, None) is not None)
        return api.fit(rows, out, base_model=str(base), **LORA, **options)


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return runs.write_rows(tmp_path_factory.mktemp("rows"), rows=120)


@pytest.fixture(scope="module")
def finished(rows: Path, base: Path, short_trainings: None) -> Path:
    """The folder of a run with two parts held out; read only."""
    return fit(rows, base, rows.parent / "run", undecided=2).folder


def stopped(finished: Path, copy: Path, kind: str, events: int = 0) -> Path:
    """A copy of the run, as if it had been killed after so many events of that kind."""
    shutil.copytree(finished, copy)
    lines = (copy / "journal.jsonl").read_text("utf-8").splitlines()
    first = next(i for i, line in enumerate(lines) if json.loads(line)["kind"] == kind)
    (copy / "journal.jsonl").write_text("\n".join(lines[: first + events]) + "\n", "utf-8")
    return copy


def held_out(run: Path) -> list[dict[str, object]]:
    return [event["payload"] for event in runs.events(run) if event["kind"] == "held_out"]


def test_every_rung_answers_rows_it_was_trained_without(finished: Path) -> None:
    parts = held_out(finished)
    assert len(parts) == 2 and not set(parts[0]["rows"]) & set(parts[1]["rows"])
    for part in parts:
        assert set(part["predicted"]) == set(part["log_loss"]) == {"tfidf", "frozen", "lora"}
        assert all(len(answers) == len(part["rows"]) for answers in part["predicted"].values())
        assert part["work"] > 0
    numbers = next(event["payload"] for event in runs.events(finished) if event["kind"] == "verdict")["numbers"]
    assert numbers["held_out"] == sum(len(part["rows"]) for part in parts)
    assert numbers["rows"] == numbers["val_rows"] + numbers["held_out"]
    assert "held out as well" in (finished / "report.html").read_text("utf-8")


def test_a_decided_run_holds_nothing_out(finished: Path, rows: Path, base: Path, tmp_path: Path) -> None:
    run = stopped(finished, tmp_path / "run", "held_out")
    assert not held_out(fit(rows, base, run, undecided=0).folder)


@pytest.mark.parametrize(("threshold", "value"), [("FULL_RUNS", 2.0), ("ROWS_TO_SHIP", 1), ("MOST_ROWS_TO_PART", 1)])
def test_neither_beyond_the_budget_nor_of_many_rows(
    finished: Path,
    rows: Path,
    base: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    threshold: str,
    value: float,
) -> None:
    run = stopped(finished, tmp_path / "run", "held_out")
    monkeypatch.setattr(t, threshold, value)
    assert not held_out(fit(rows, base, run).folder)


def test_a_repeated_run_trains_no_part_twice(
    finished: Path, rows: Path, base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = stopped(finished, tmp_path / "run", "held_out", events=1)
    trained: list[int] = []
    answers = CrossFit._answers
    monkeypatch.setattr(
        CrossFit, "_answers", lambda self, number, held: trained.append(number) or answers(self, number, held)
    )
    assert held_out(fit(rows, base, run, undecided=2).folder)[0] == held_out(finished)[0] and trained == [1]


def test_no_group_is_torn_apart(base: Path, tmp_path: Path) -> None:
    lines = runs.write_rows(tmp_path / "rows", rows=120).read_text("utf-8").splitlines()
    grouped = tmp_path / "grouped.csv"
    grouped.write_text("\n".join(f"{line},{'group' if not i else i % 20}" for i, line in enumerate(lines)), "utf-8")
    assert not held_out(fit(grouped, base, tmp_path / "run", group="group").folder)


def test_without_a_final_training_nothing_is_held_out(
    finished: Path, rows: Path, base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = stopped(finished, tmp_path / "run", "final_plan")
    monkeypatch.setattr(Autopilot, "final_epochs", lambda *_: 0)  # as if the clock had room for probes only
    assert not held_out(fit(rows, base, run).folder)
