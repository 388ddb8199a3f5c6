"""A run's folder: continued or refused, never written over."""

import errno
from pathlib import Path

import pytest

from rankfirst.errors import RunError
from rankfirst.run.folder import open_run


def test_a_new_folder_becomes_a_run(tmp_path: Path) -> None:
    with open_run(tmp_path / "a" / "run") as journal:
        journal.remember("probe", "x", lambda: {"y": 1})
    assert (tmp_path / "a" / "run" / "journal.jsonl").read_text(encoding="utf-8").count("\n") == 1


def test_a_folder_with_other_files_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.docx").write_text("mine", encoding="utf-8")
    with pytest.raises(RunError) as refused, open_run(tmp_path, overwrite=True):
        pass
    assert refused.value.code == "run.not_a_run"
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.docx"]


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    path = tmp_path / "run"
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(RunError) as refused, open_run(path):
        pass
    assert refused.value.code == "run.not_a_run"
    assert path.read_text(encoding="utf-8") == "mine"


def test_two_processes_do_not_share_a_run(tmp_path: Path) -> None:
    with open_run(tmp_path), pytest.raises(RunError) as refused, open_run(tmp_path):
        pass
    assert refused.value.code == "run.in_use"


def test_overwrite_removes_what_a_run_wrote_and_nothing_else(tmp_path: Path) -> None:
    with open_run(tmp_path) as journal:
        journal.remember("probe", "x", lambda: {"y": 1})
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    (tmp_path / "model").mkdir()
    with open_run(tmp_path, overwrite=True) as journal:
        assert journal.events == {}
    assert {path.name for path in tmp_path.iterdir()} >= {"notes.txt", "journal.jsonl"}
    assert not (tmp_path / "model").exists()


def test_a_folder_under_a_file_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(RunError) as refused, open_run(tmp_path / "file" / "run"):
        pass
    assert refused.value.code == "run.unwritable"


def test_no_space_is_said_and_the_run_goes_on_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(fd: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched, pytest.raises(RunError) as refused, open_run(tmp_path) as journal:
        journal.remember("probe", "x", lambda: {"y": 1})
        patched.setattr("os.fsync", full)
        journal.remember("probe", "z", lambda: {"y": 2})
    assert refused.value.code == "run.no_space"
    with open_run(tmp_path) as journal:
        assert journal.remember("probe", "x", lambda: {"y": 3}) == {"y": 1}


def test_no_space_for_a_checkpoint_is_said_too(tmp_path: Path) -> None:
    with pytest.raises(RunError) as refused, open_run(tmp_path):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert refused.value.code == "run.no_space"


def test_seconds_add_up_over_sessions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    with open_run(tmp_path) as journal:
        now[0] += 7
        journal.remember("probe", "x", dict)
        now[0] += 1000  # killed: what came after the last event is not counted
    with open_run(tmp_path) as journal:
        now[0] += 2
        assert journal.seconds == pytest.approx(9)
