"""The rows of a run are found from any working directory, and after the run or both were moved."""

import json
import shutil
from pathlib import Path

import pytest

from rankfirst.run.source_rows import rows_of

KEPT = Path(__file__).parents[1] / "first_edition" / "single"


@pytest.fixture
def at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A run in runs/here/run, made by a command that was given in `at`; this process is elsewhere."""
    at = tmp_path / "at"
    shutil.copytree(KEPT / "run", at / "runs" / "here" / "run")
    shutil.copy(KEPT / "rows.csv", at)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    return at


def record(at: Path) -> Path:
    """Add where the command was given, as runs of now do."""
    run = at / "runs" / "here" / "run"
    journal = run / "journal.jsonl"
    first, *more = journal.read_text("utf-8").splitlines()
    event = json.loads(first)
    event["payload"]["where"] = {"cwd": str(at), "run": str(run)}
    journal.write_text("\n".join([json.dumps(event), *more]) + "\n", encoding="utf-8")
    return run


def test_the_working_directory_plays_no_part(at: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = record(at)
    assert rows_of(run) is not None
    monkeypatch.chdir(run)
    assert rows_of(Path()) is not None


def test_a_copied_run_finds_the_same_rows(at: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(record(at), tmp_path / "copy"))
    assert rows_of(copy) is not None


def test_a_run_moved_with_its_rows_finds_them(at: Path, tmp_path: Path) -> None:
    record(at)
    moved = at.rename(tmp_path / "moved")
    assert rows_of(moved / "runs" / "here" / "run") is not None


def test_an_older_run_finds_rows_beside_its_folder(at: Path) -> None:
    run = at / "runs" / "here" / "run"
    assert rows_of(run) is None
    shutil.copy(at / "rows.csv", run.parent)
    assert rows_of(run) is not None


def test_other_rows_of_the_same_name_are_not_taken(at: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = record(at)
    Path("rows.csv").write_text("text,label\na,card\nb,limit\n", encoding="utf-8")
    assert rows_of(run) is not None
    (at / "rows.csv").unlink()
    assert rows_of(run) is None
