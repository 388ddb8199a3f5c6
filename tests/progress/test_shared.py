"""The progress of a command as another process reads it."""

import json
import os
from pathlib import Path

import pytest

from rankfirst.engine.base import Pulse
from rankfirst.progress.run_state import Appraisal, Board
from rankfirst.progress.shared import VARIABLE, Shared, read
from rankfirst.records import to_json
from tests.progress.test_run_state import RECIPE

PROBED = {"kind": "start", "key": "", "seconds": 4.0, "payload": {"recipe": to_json(RECIPE)}}


def test_the_latest_state_is_read_with_the_time_since_it_was_written(tmp_path: Path) -> None:
    file, clock = tmp_path / "task.progress", iter([0.0, 0.0, 0.5, 2.0, 2.0])
    told = Shared(file, Board(now=lambda: 0.0), now=lambda: next(clock))
    told.event(PROBED)
    told.pulse(Pulse(RECIPE, 1, 0.7))
    told.tick("train 1/2", 1, 4)  # too soon to be written again
    first = read(file)
    assert first is not None and first.stage == "capacity" and first.what == ""
    told.tick("train 1/2", 2, 4)
    os.utime(file, (file.stat().st_atime, file.stat().st_mtime - 30))
    view = read(file)
    assert view is not None and view.what == "train 1/2" and view.share == 0.25 and view.losses == ()
    assert view.elapsed >= 34 and [path.name for path in tmp_path.iterdir()] == ["task.progress"]


def test_an_assessment_has_its_own_stages(tmp_path: Path) -> None:
    told = Shared(tmp_path / "task", Appraisal(lora=False))
    told.tick("tfidf", 1, 4)
    view = read(tmp_path / "task")
    assert view is not None and view.stage == "ladder" and "lora" not in view.stages


def test_nothing_is_written_unless_the_environment_names_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    Shared.as_asked(Board()).event(PROBED)
    monkeypatch.setenv(VARIABLE, str(tmp_path / "task"))
    Shared.as_asked(Board()).event(PROBED)
    assert [path.name for path in tmp_path.iterdir()] == ["task"]


def test_a_folder_that_is_gone_does_not_end_the_run(tmp_path: Path) -> None:
    told = Shared(tmp_path / "gone" / "task", Board())
    told.event(PROBED)
    told.tick("train 1/2", 1, 4)
    assert told.file is None


@pytest.mark.parametrize("text", ["", "[", '{"stage": "other"}', '{"stages": 1}', json.dumps([1])])
def test_what_is_no_state_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "task").write_text(text, encoding="utf-8")
    assert read(tmp_path / "task") is None and read(tmp_path / "none") is None
