"""The journal keeps finished steps through a kill, and says which line is broken."""

import json
import time
from pathlib import Path

import pytest

from rankfirst.errors import RunError
from rankfirst.measure.wall_clock import Account, kept, span
from rankfirst.run.journal import Journal


def never() -> None:
    raise AssertionError("a finished step was computed again")


def test_a_finished_step_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    Journal(path).remember("probe", "a", lambda: {"x": 0.1})
    assert Journal(path).remember("probe", "a", never) == {"x": 0.1}


def test_a_stream_is_told_the_lines_as_they_stand_in_the_file(tmp_path: Path) -> None:
    path, told = tmp_path / "journal.jsonl", []
    for _ in range(2):  # as they are written, and as they are read back
        journal = Journal(path)
        journal.stream = told.append
        journal.remember("probe", "a", lambda: {"name": "标签"})
        journal.remember("result", "", lambda: [1])
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert told == [*lines, *lines]
    assert [list(line) for line in told] == [list(line) for line in [*lines, *lines]]  # in the same order, too


def test_what_was_done_before_it_was_opened_counts(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    journal = Journal(path, began=time.monotonic() - 30)
    assert 30 <= journal.seconds < 40
    journal.remember("run", "", lambda: 1)
    assert 30 <= Journal(path).seconds < 40, "once, not in every session"


def test_a_line_torn_by_a_kill_is_dropped_and_made_again(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    Journal(path).remember("probe", "a", lambda: 1)
    with path.open("a", encoding="utf-8") as file:
        file.write('{"n": 2, "kind": "pro')
    again = Journal(path)
    assert again.remember("probe", "b", lambda: 2) == 2
    assert Journal(path).events == {("probe", "a"): 1, ("probe", "b"): 2}


def test_a_broken_line_before_the_last_is_named(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_text("nonsense\n", encoding="utf-8")
    with pytest.raises(RunError, match="line 1"):
        Journal(path)


def test_each_line_says_in_which_stage_its_time_went(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    account = Account()
    journal = Journal(path, account=account)
    with kept(account), span("encode"):
        time.sleep(0.02)
        journal.remember("features", "", lambda: 1)
        time.sleep(0.02)
    journal.remember("rung", "", lambda: 1)
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert [set(line["time"]) <= {"encode", "other"} for line in lines] == [True, True]
    assert all(line["time"]["encode"] >= 0.02 for line in lines)
    assert sum(journal.by_stage.values()) == pytest.approx(journal.seconds, abs=0.001)


def test_the_account_of_earlier_sessions_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    for name in "ab":
        account = Account(time.monotonic() - 30)
        journal = Journal(path, began=time.monotonic() - 30, account=account)
        with kept(account), span("encode"):
            time.sleep(0.02)
        journal.remember("step", name, lambda: 1)
    again = Journal(path)
    assert again.by_stage["other"] == pytest.approx(60, abs=0.5) and again.by_stage["encode"] >= 0.04
    assert sum(again.by_stage.values()) == pytest.approx(again.seconds, abs=0.05)


def test_time_of_a_version_without_an_account_is_unrecorded(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    old = {"n": 1, "at": "", "seconds": 12.5, "kind": "run", "key": "", "payload": {}}
    path.write_text(json.dumps(old) + "\n", encoding="utf-8")
    journal = Journal(path)
    journal.remember("rung", "", lambda: 1)
    assert journal.by_stage["unrecorded"] == 12.5
    assert sum(journal.by_stage.values()) == pytest.approx(journal.seconds, abs=0.01)
