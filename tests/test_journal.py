"""The journal keeps finished steps through a kill, and says which line is broken."""

from pathlib import Path

import pytest

from rankfirst.errors import RunError
from rankfirst.journal import Journal


def never() -> None:
    raise AssertionError("a finished step was computed again")


def test_a_finished_step_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    Journal(path).remember("probe", "a", lambda: {"x": 0.1})
    assert Journal(path).remember("probe", "a", never) == {"x": 0.1}


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
