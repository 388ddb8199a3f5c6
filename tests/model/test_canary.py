"""A repeated delivery of the same model keeps what every exported form of it answered."""

import json
from pathlib import Path
from typing import Any

import pytest

from rankfirst.model import canary

TEXTS = ["one", "two"]


def written(folder: Path, answers: dict[str, Any], texts: list[str] = TEXTS) -> Path:
    folder.mkdir()
    (folder / canary.FILE).write_text(json.dumps({"texts": texts, "answers": answers}), encoding="utf-8")
    return folder


def known(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / canary.FILE).read_text("utf-8"))
    return found


def test_answers_of_exports_are_carried_over(tmp_path: Path) -> None:
    before = written(tmp_path / "before", {"torch": [["a", 0.5]] * 2, "onnx": [["b", 0.6]] * 2})
    after = written(tmp_path / "after", {"torch": [["a", 0.7]] * 2})
    canary.carry(before, after)
    assert known(after)["answers"] == {"torch": [["a", 0.7]] * 2, "onnx": [["b", 0.6]] * 2}


def test_with_other_texts_the_batch_of_before_stays(tmp_path: Path) -> None:
    before = written(tmp_path / "before", {"torch": [["a", 0.5]], "onnx": [["b", 0.6]]}, ["another"])
    after = written(tmp_path / "after", {"torch": [["a", 0.7]] * 2})
    canary.carry(before, after)
    assert known(after) == known(before)


@pytest.mark.parametrize("content", [None, "", "[]", '{"texts": 3}'])
def test_without_a_batch_that_can_be_read_the_new_one_stays(tmp_path: Path, content: str | None) -> None:
    before, after = tmp_path / "before", written(tmp_path / "after", {"torch": [["a", 0.7]] * 2})
    before.mkdir()
    if content is not None:
        (before / canary.FILE).write_text(content, encoding="utf-8")
    canary.carry(before, after)
    assert known(after) == {"texts": TEXTS, "answers": {"torch": [["a", 0.7]] * 2}}
