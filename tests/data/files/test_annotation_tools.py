"""Files for Argilla, Label Studio and doccano, in the shape that each imports, and back as each exports them."""

import json
from collections import Counter
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from rankfirst.data import load_dataset
from rankfirst.data.files.annotation_tools import Task, labelling_config, named_for, tool_for, write_tasks
from rankfirst.data.files.formats import read_table
from rankfirst.data.files.votes import agreed
from rankfirst.errors import DataError, OptionError

TASKS = (
    Task("卡丢了", ("card",), ("limit",), 0.75, {"line": 7, "ticket": "T1", "why": "", "text": "hidden"}),
    Task('say "hi"', ("rate",), (), None, {"line": 9}),
)


def written(tmp_path: Path, tool: str, multi: bool = False) -> list[dict[str, Any]]:
    out = tmp_path / named_for("next", tool)
    write_tasks(tool, TASKS, multi, out)
    text = out.read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()] if out.suffix == ".jsonl" else json.loads(text)


def test_label_studio_gets_tasks_with_predictions(tmp_path: Path) -> None:
    first, second = written(tmp_path, "label-studio")
    assert first["data"] == {"line": 7, "ticket": "T1", "text": "卡丢了"}
    (told,) = first["predictions"]
    result = {"from_name": "label", "to_name": "text", "type": "choices", "value": {"choices": ["card"]}}
    assert told == {"model_version": "rankfirst", "result": [result], "score": 0.75}
    assert "score" not in second["predictions"][0]


def test_its_interface_fits_these_tasks() -> None:
    root = ElementTree.fromstring(labelling_config(("a", 'b "&<'), True))
    (text,), (choices,) = root.findall("Text"), root.findall("Choices")
    assert (text.get("name"), text.get("value")) == ("text", "$text")
    assert (choices.get("name"), choices.get("toName"), choices.get("choice")) == ("label", "text", "multiple")
    assert [each.get("value") for each in choices] == ["a", 'b "&<']


def test_argilla_gets_records_with_suggestions(tmp_path: Path) -> None:
    first, second = written(tmp_path, "argilla")
    assert first["fields"] == {"text": "卡丢了"} and first["metadata"] == {"line": 7, "ticket": "T1"}
    assert first["suggestions"] == {"label": {"value": "card", "score": 0.75, "agent": "rankfirst"}}
    assert first["responses"] == {} and (first["id"], second["id"]) == ("7", "9")
    assert written(tmp_path, "argilla", multi=True)[0]["suggestions"]["label"]["value"] == ["card"]


def test_doccano_gets_the_given_labels_since_it_has_no_suggestions(tmp_path: Path) -> None:
    first, second = written(tmp_path, "doccano")
    assert first == {"text": "卡丢了", "label": ["limit"], "line": 7, "ticket": "T1"} and second["label"] == []


@pytest.mark.parametrize(
    ("name", "to", "tool"),
    [
        ("next.csv", None, None),
        ("next.argilla.json", None, "argilla"),
        ("n.label_studio.json", None, "label-studio"),
        ("next.doccano.jsonl", None, "doccano"),
        ("next.json", "Label Studio", "label-studio"),
        ("a.b.json", None, None),
    ],
)
def test_the_tool_by_name_or_ending(name: str, to: str | None, tool: str | None) -> None:
    assert tool_for(Path(name), to) == tool


def test_what_a_tool_does_not_import_is_refused() -> None:
    with pytest.raises(OptionError, match="argilla imports"):
        tool_for(Path("next.csv"), "argilla")
    with pytest.raises(OptionError, match="prodigy"):
        tool_for(Path("next.json"), "prodigy")


def record(n: int, *answers: object, status: str | None = None) -> dict[str, Any]:
    given = [{"value": value, "user_id": f"u{i}", **({"status": status} if status else {})}
             for i, value in enumerate(answers)]  # fmt: skip
    return {"id": str(n), "fields": {"text": f"text {n}"}, "metadata": {"line": n}, "suggestions": {},
            "responses": {"label": given} if given else {}, "vectors": {}, "_server_id": None}  # fmt: skip


def test_argilla_records_come_back(tmp_path: Path) -> None:
    rows = [record(n, "card" if n % 2 else "limit") for n in range(30)]
    rows += [
        record(30),
        record(31, "card", "limit"),
        record(32, "card", "limit", "card"),
        record(33, "x", status="draft"),
    ]
    path = tmp_path / "records.json"
    path.write_text(json.dumps(rows), encoding="utf-8")
    table = read_table(path)
    assert len(table) == 31 and table.cells["label"][-1] == "card" and table.cells["text"][-1] == "text 32"
    told = dict(table.notes[-1][1])
    assert (told["rows"], told["open"], told["torn"]) == ("31", "2", "1")
    assert load_dataset(path).classes == ("card", "limit")


@pytest.mark.parametrize("as_text", [False, True])
def test_flattened_argilla_records_come_back(tmp_path: Path, as_text: bool) -> None:
    rows = [
        {"id": "1", "text": "a", "label.responses": ["card"], "label.responses.users": ["u"],
         "label.responses.status": ["submitted"], "label.suggestion": "limit", "label.suggestion.score": 0.4},
        {"id": "2", "text": "b", "label.responses": ["card", "limit"], "label.responses.users": ["u", "v"],
         "label.responses.status": ["discarded", "submitted"], "label.suggestion": "card"},
        {"id": "3", "text": "c", "label.responses": None},
    ]  # fmt: skip
    if as_text:  # as pandas writes lists into CSV
        rows = [{name: str(cell) if isinstance(cell, list) else cell for name, cell in row.items()} for row in rows]
    path = tmp_path / "flat.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    table = read_table(path)
    assert table.cells["label"] == ["card", "limit"] and table.columns == ("text", "label")


def test_several_labels_of_an_annotator_and_records_without_answers(tmp_path: Path) -> None:
    path = tmp_path / "records.json"
    path.write_text(json.dumps([record(1, ["card", "limit"]), record(2, ["rate"])]), encoding="utf-8")
    assert read_table(path).cells["label"] == [["card", "limit"], ["rate"]]
    path.write_text(json.dumps([record(1), record(2)]), encoding="utf-8")
    with pytest.raises(DataError, match="none of its 2 records"):
        read_table(path)


def test_most_annotators_decide_and_the_order_of_labels_is_no_disagreement() -> None:
    assert agreed(Counter({("b", "a"): 1, ("a", "b"): 1, ("c",): 1})) == ("b", "a")
    assert agreed(Counter({("a",): 1, ("b",): 1})) is None and agreed(Counter()) is None
