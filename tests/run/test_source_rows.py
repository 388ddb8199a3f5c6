"""The rows of a run are found from any working directory, and after the run or both were moved."""

import json
import shutil
from pathlib import Path

import pytest

import rankfirst
from rankfirst.engine.base import Source
from rankfirst.run.source_rows import base_of, row_options, rows_of

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


def record(at: Path, **changed: str) -> Path:
    """Add where the command was given, as runs of now do. Args: changed: words of the command -> others."""
    run = at / "runs" / "here" / "run"
    journal = run / "journal.jsonl"
    first, *more = journal.read_text("utf-8").splitlines()
    event = json.loads(first)
    event["payload"]["where"] = {"cwd": str(at), "run": str(run)}
    for word, other in changed.items():
        event["payload"]["command"] = event["payload"]["command"].replace(f"{word}.csv", other)
    journal.write_text("\n".join([json.dumps(event), *more]) + "\n", encoding="utf-8")
    return run


def test_the_working_directory_plays_no_part(at: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = record(at)
    assert rows_of(run) is not None
    monkeypatch.chdir(run)
    assert rows_of(Path()) is not None


@pytest.mark.parametrize("absolute", [False, True])
def test_rows_in_the_working_directory_alone_are_not_found(
    at: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, absolute: bool
) -> None:
    """Or a verdict would depend on it."""
    run = record(at, rows=str(at / "rows.csv") if absolute else "rows.csv")
    shutil.move(at / "rows.csv", tmp_path / "elsewhere")
    for here in (tmp_path / "elsewhere", tmp_path, run):
        monkeypatch.chdir(here)
        assert rows_of(run) is None and row_options(run).get("label_names") is None


def test_a_copied_run_finds_the_same_rows(at: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(record(at), tmp_path / "copy"))
    assert rows_of(copy) is not None


@pytest.mark.parametrize("absolute", [False, True])
def test_a_run_moved_with_its_rows_finds_them(at: Path, tmp_path: Path, absolute: bool) -> None:
    record(at, rows=str(at / "rows.csv") if absolute else "rows.csv")
    moved = at.rename(tmp_path / "moved")
    assert rows_of(moved / "runs" / "here" / "run") is not None


def test_an_older_run_finds_rows_in_the_folders_above_it(at: Path, tmp_path: Path) -> None:
    run = at / "runs" / "here" / "run"
    assert rows_of(run) is not None
    copy = Path(shutil.copytree(run, tmp_path / "copy"))
    assert rows_of(copy) is None
    shutil.copy(at / "rows.csv", tmp_path)
    assert rows_of(copy) is not None


def test_a_file_of_label_names_is_found_where_the_rows_are(at: Path, tmp_path: Path) -> None:
    (at / "names.txt").write_text("card\nlimit\nsend\n", encoding="utf-8")
    run = record(at, rows="rows.csv --label-names names.txt")
    assert row_options(run)["label_names"] == str(at / "names.txt")
    moved = at.rename(tmp_path / "moved")
    assert row_options(moved / "runs" / "here" / "run")["label_names"] == str(moved / "names.txt")


@pytest.mark.parametrize("absolute", [False, True])
def test_a_base_in_a_folder_is_found_from_anywhere(
    at: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, absolute: bool
) -> None:
    run = record(at)
    shutil.copytree(KEPT.parent / "base", at / "base")
    spec = str(at / "base") if absolute else "base"
    assert base_of(run, spec) == str(at / "base")
    moved = at.rename(tmp_path / "moved")
    assert base_of(moved / "runs" / "here" / "run", spec) == str(moved / "base")
    for other in ("pkg:some-package", "ms:some/base", "some/base", "gone"):
        assert base_of(moved / "runs" / "here" / "run", other) == other
    facts = json.loads((moved / "runs/here/run/model/decision.json").read_text("utf-8"))
    (moved / "runs/here/run/model/decision.json").write_text(json.dumps(facts | {"base_model": spec}), "utf-8")
    monkeypatch.chdir(tmp_path)
    assert len(rankfirst.load(Path("moved/runs/here/run")).predict(["send my card"])) == 1


def test_a_delivery_names_a_folder_of_the_working_directory_in_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "base").mkdir()
    monkeypatch.chdir(tmp_path)
    assert Source("./base", tmp_path / "base", "").lasting == str(tmp_path / "base")
    assert Source("some/base", tmp_path / "base", "").lasting == "some/base"


def test_other_rows_of_the_same_name_are_not_taken(at: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = record(at)
    Path("rows.csv").write_text("text,label\na,card\nb,limit\n", encoding="utf-8")
    assert rows_of(run) is not None
    for above in (run, at / "runs"):  # nor are they in the way
        shutil.copy("rows.csv", above)
    assert rows_of(run) is not None
    (at / "rows.csv").unlink()
    assert rows_of(run) is None
