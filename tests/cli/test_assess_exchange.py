"""`rankfirst assess --to TOOL` and `--corrections`: lists go out, corrected labels come back, refusals are a line."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from rankfirst.cli.main import app
from rankfirst.data.files.formats import read_table
from rankfirst.errors import OptionError
from tests.data.file_samples import csv_file, intents

CONFLICTS = [(f"same text {i}", label) for i in range(6) for label in ("card", "limit")]
ROWS = intents(40, ("card", "limit"))


def run(tmp_path: Path, *more: str) -> str:
    path = csv_file(tmp_path / "train.csv", [*CONFLICTS, *ROWS], ("text", "label"))
    words = ["assess", str(path), "--no-encoder", "-o", str(tmp_path / "out"), "--lang", "en"]
    done = CliRunner().invoke(app, [*words, *more])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.output


def test_lists_go_out_and_labels_come_back(tmp_path: Path) -> None:
    told = run(tmp_path, "--to", "label-studio")
    tasks = json.loads((tmp_path / "out" / "conflicts.label-studio.json").read_text(encoding="utf-8"))
    texts = {task["data"]["text"] for task in tasks}
    assert texts <= {text for text, _ in CONFLICTS} and {task["data"]["given"] for task in tasks} == {"card", "limit"}
    assert (tmp_path / "out" / "label-studio.xml").is_file() and "label-studio.xml" in told
    answer = {"from_name": "label", "to_name": "text", "type": "choices", "value": {"choices": ["card"]}}
    for task in tasks:
        task["annotations"] = [{"result": [answer]}]
    tasks.append({"data": {"text": "gone"}, "annotations": [{"result": [answer]}]})
    (tmp_path / "export.json").write_text(json.dumps(tasks), encoding="utf-8")
    told = run(tmp_path, "--fix", str(tmp_path / "new.csv"), "--corrections", str(tmp_path / "export.json"))
    assert "no row has this text" in told
    table = read_table(tmp_path / "new.csv")
    rows = list(zip(table.cells["text"], table.cells["label"], strict=True))
    assert sorted(row for row in rows if row[0] in texts) == [(text, "card") for text in sorted(texts)]


def test_refusals(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="--fix"):
        run(tmp_path, "--corrections", str(tmp_path / "train.csv"))
    with pytest.raises(OptionError, match="doccano"):
        run(tmp_path, "--to", "prodigy")
