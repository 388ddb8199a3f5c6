"""Training rows that are held out because validation does not decide what to deliver, in whole runs."""

import json
from pathlib import Path

import pytest

from rankfirst import api, policy
from rankfirst.policy import thresholds as t
from rankfirst.run.autopilot import Autopilot
from tests import runs

LORA = {"knobs": ("lr=6.4e-3",), "force": True}


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return runs.write_rows(tmp_path_factory.mktemp("rows"), rows=120)


def fit(rows: Path, base: Path, out: Path, undecided: int = 99, **options: object) -> api.Result:
    """A run whose verdict is open for so many looks."""
    looks = iter(range(undecided))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(policy, "undecided", lambda shipping: next(looks, None) is not None)
        return api.fit(rows, out, base_model=str(base), **LORA, **options)


def held_out(run: api.Result) -> list[dict[str, object]]:
    return [event["payload"] for event in runs.events(run.folder) if event["kind"] == "held_out"]


def test_every_rung_answers_rows_it_was_trained_without(rows: Path, base: Path, tmp_path: Path) -> None:
    run = fit(rows, base, tmp_path / "run", undecided=2)
    parts = held_out(run)
    assert len(parts) == 2 and not set(parts[0]["rows"]) & set(parts[1]["rows"])
    for part in parts:
        assert set(part["predicted"]) == set(part["log_loss"]) == {"tfidf", "frozen", "lora"}
        assert all(len(answers) == len(part["rows"]) for answers in part["predicted"].values())
        assert part["work"] > 0
    told = next(event["payload"] for event in runs.events(run.folder) if event["kind"] == "verdict")["numbers"]
    assert told["held_out"] == sum(len(part["rows"]) for part in parts)
    assert told["rows"] == told["val_rows"] + told["held_out"]
    assert "held out as well" in (run.folder / "report.html").read_text("utf-8")


def test_a_decided_run_holds_nothing_out(rows: Path, base: Path, tmp_path: Path) -> None:
    assert not held_out(fit(rows, base, tmp_path / "run", undecided=0))


def test_the_budget_ends_it(rows: Path, base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(t, "FULL_RUNS", 2.0)
    assert not held_out(fit(rows, base, tmp_path / "run"))


@pytest.mark.parametrize("name", ["ROWS_TO_SHIP", "MOST_ROWS_TO_PART"])
def test_nothing_is_held_out_of_many_rows(
    rows: Path, base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(t, name, 1)
    assert not held_out(fit(rows, base, tmp_path / "run"))


def test_a_repeated_run_trains_no_part_twice(rows: Path, base: Path, tmp_path: Path) -> None:
    first = fit(rows, base, tmp_path / "run", undecided=1)
    lines = (first.folder / "journal.jsonl").read_text("utf-8").splitlines()
    kept = next(i for i, line in enumerate(lines) if json.loads(line)["kind"] == "held_out") + 1
    again = tmp_path / "again"
    again.mkdir()
    (again / "journal.jsonl").write_text("\n".join(lines[:kept]) + "\n", "utf-8")
    assert held_out(fit(rows, base, again, undecided=1)) == held_out(first)


def test_no_group_is_torn_apart(base: Path, tmp_path: Path) -> None:
    lines = runs.write_rows(tmp_path / "rows", rows=120).read_text("utf-8").splitlines()
    grouped = tmp_path / "grouped.csv"
    grouped.write_text("\n".join(f"{line},{'group' if not i else i % 20}" for i, line in enumerate(lines)), "utf-8")
    assert not held_out(fit(grouped, base, tmp_path / "run", group="group"))


def test_without_a_final_training_nothing_is_held_out(rows: Path, base: Path, tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:  # as if the clock had room for probes only
        patch.setattr(Autopilot, "final_epochs", lambda *_: 0)
        assert not held_out(fit(rows, base, tmp_path / "run"))
