"""Corrected labels come back into the cleaned copy, from tables and from three tools; what cannot be used is said."""

import json
from pathlib import Path
from typing import Any

import pytest

from rankfirst.data.files.formats import read_table
from rankfirst.data.files.reading import Reading
from rankfirst.data.quality.cleaning import Fixed, fix
from rankfirst.errors import DataError
from rankfirst.messages import say
from tests.data.file_samples import csv_file, intents, jsonl_file

ROWS = intents(30, ("card", "limit"))


def train(tmp_path: Path) -> Path:
    return csv_file(tmp_path / "train.csv", [("lost it", "limit"), ("raise it", "card"), *ROWS], ("text", "label"))


def corrected(tmp_path: Path, *files: Path, path: Path | None = None, **more: Any) -> tuple[Fixed, dict[Any, Any]]:
    out = tmp_path / "out.csv"
    fixed = fix(path or train(tmp_path), out, corrections=files, overwrite=True, **more)
    table = read_table(out)
    return fixed, dict(zip(table.cells["text"], table.cells[table.columns[1]], strict=True))


def label_studio(*rows: tuple[str, list[str]]) -> list[dict[str, Any]]:
    def told(choice: str) -> dict[str, Any]:
        result = {"from_name": "label", "to_name": "text", "type": "choices", "value": {"choices": [choice]}}
        return {"id": 1, "result": [result], "was_cancelled": False}

    return [{"id": n, "data": {"line": n, "text": text}, "annotations": [told(choice) for choice in choices]}
            for n, (text, choices) in enumerate(rows, 1)]  # fmt: skip


def argilla(*rows: tuple[str, list[str]]) -> list[dict[str, Any]]:
    return [{"id": str(n), "fields": {"text": text}, "metadata": {"line": n}, "suggestions": {}, "vectors": {},
             "responses": {"label": [{"value": each, "user_id": f"u{i}"} for i, each in enumerate(choices)]}}
            for n, (text, choices) in enumerate(rows, 1)]  # fmt: skip


def doccano(*rows: tuple[str, list[str]]) -> list[dict[str, Any]]:
    return [{"id": n, "text": text, "label": choices[:1], "line": n} for n, (text, choices) in enumerate(rows, 1)]


@pytest.mark.parametrize("tool", [label_studio, argilla, doccano])
def test_an_export_changes_the_labels_that_people_corrected(tmp_path: Path, tool: Any) -> None:
    told = tmp_path / "export.json"
    told.write_text(json.dumps(tool(("lost it", ["card"]), ("raise it", ["card"]), (ROWS[0][0], []))), encoding="utf-8")
    fixed, labels = corrected(tmp_path, told)
    assert (labels["lost it"], labels["raise it"]) == ("card", "card")
    assert [(c.line, c.before, c.after, c.why) for c in fixed.changes] == [(2, "limit", "card", ("fix.corrected",))]
    assert fixed.corrected == 2 and not fixed.ignored
    assert len(labels) == len(dict(ROWS)) + 2


def test_a_list_for_review_comes_back_with_its_label_column(tmp_path: Path) -> None:
    head = ("file", "line", "text", "given", "suggested", "score", "reason", "label")
    rows = [("train.csv", 2, "lost it", "limit", "card", 120.0, "…", "Card"),
            ("train.csv", 3, "raise it", "card", "limit", 110.0, "…", "")]  # fmt: skip
    fixed, labels = corrected(tmp_path, csv_file(tmp_path / "suspects.csv", rows, head))
    assert (labels["lost it"], labels["raise it"], fixed.corrected) == ("card", "card", 1)
    two = csv_file(tmp_path / "two.csv", [("lost it", "card")], ("text", "right"))
    assert corrected(tmp_path, two)[1]["lost it"] == "card"
    empty = csv_file(tmp_path / "none.csv", [(*row[:-1], "") for row in rows], head)
    assert corrected(tmp_path, empty)[0].corrected == 0


def test_what_cannot_be_used_is_one_line_each(tmp_path: Path) -> None:
    told = csv_file(
        tmp_path / "c.csv", [("gone", "card"), ("lost it", "crad"), ("raise it", "limit")], ("text", "label")
    )
    other = jsonl_file(tmp_path / "d.jsonl", [{"text": "raise it", "label": "card"}])
    fixed, labels = corrected(tmp_path, told, other)
    assert (labels["lost it"], labels["raise it"]) == ("limit", "card")
    assert [each.code for each in fixed.ignored] == [f"fix.correction.{c}" for c in ("gone", "unknown", "torn")]
    lines = [say(each.code, "en", **each.numbers) for each in fixed.ignored]
    assert lines[0].startswith("c.csv line 2") and "crad" in lines[1] and "limit / card" in lines[2]
    assert all(say(each.code, "zh", **each.numbers) for each in fixed.ignored)


def test_two_annotators_who_disagree_in_one_export(tmp_path: Path) -> None:
    told = tmp_path / "e.json"
    told.write_text(json.dumps(label_studio(("lost it", ["card", "limit"]), ("raise it", ["limit", "card", "limit"]))))
    fixed, labels = corrected(tmp_path, told)
    assert [each.code for each in fixed.ignored] == ["fix.correction.torn"]
    assert (labels["lost it"], labels["raise it"]) == ("limit", "limit")


def test_a_formula_in_a_spreadsheet_is_the_text_without_its_apostrophe(tmp_path: Path) -> None:
    path = csv_file(tmp_path / "t.csv", [("=cash back", "limit"), *ROWS], ("text", "label"))
    told = csv_file(tmp_path / "c.csv", [("'=cash back", "card")], ("text", "label"))
    assert corrected(tmp_path, told, path=path)[1]["=cash back"] == "card"


def test_reviewed_rows_are_not_dropped_and_corrected_copies_are_repeats(tmp_path: Path) -> None:
    rows = [("lost it", "limit"), ("lost it", "card"), *ROWS]
    path = csv_file(tmp_path / "t.csv", rows, ("text", "label"))
    told = csv_file(tmp_path / "c.csv", [("lost it", "card")], ("text", "label"))
    lines = {"suspects": {2, 3}, "conflicts": {2, 3}}
    fixed, labels = corrected(tmp_path, told, path=path, drop={"suspects", "conflicts"}, lines=lines)
    assert labels["lost it"] == "card" and [c.why for c in fixed.changes if c.what == "row"] == [("fix.repeat",)]


def test_multi_label_cells_ids_vectors_and_columns_keep_their_form(tmp_path: Path) -> None:
    told = csv_file(tmp_path / "c.csv", [("t 0", "a|b")], ("text", "label"))
    joined = csv_file(tmp_path / "j.csv", [(f"t {i}", "a|b" if i % 2 else "b") for i in range(12)], ("text", "labels"))
    assert corrected(tmp_path, told, path=joined)[1]["t 0"] == "a|b"
    flags = csv_file(tmp_path / "f.csv", [(f"t {i}", 1, i % 2) for i in range(12)], ("text", "b", "a"))
    fix(flags, tmp_path / "g.csv", label="b,a", corrections=[told])
    table = read_table(tmp_path / "g.csv")
    assert (table.cells["b"][0], table.cells["a"][0]) == ("1", "1")
    how = Reading(label_names=("a", "b"))
    vectors = jsonl_file(tmp_path / "v.jsonl", [{"text": f"t {i}", "labels": [i % 2, 1]} for i in range(12)])
    fix(vectors, tmp_path / "w.jsonl", how=how, corrections=[told])
    assert read_table(tmp_path / "w.jsonl").cells["labels"][0] == [1, 1]
    ids = jsonl_file(tmp_path / "i.jsonl", [{"text": f"t {i}", "label": i % 2} for i in range(12)])
    one = csv_file(tmp_path / "o.csv", [("t 0", "b")], ("text", "label"))
    fix(ids, tmp_path / "k.jsonl", how=how, corrections=[one])
    assert read_table(tmp_path / "k.jsonl").cells["label"][:2] == [1, 1]


def test_one_label_per_row_stays_so(tmp_path: Path) -> None:
    told = jsonl_file(tmp_path / "d.jsonl", [{"id": 1, "text": "lost it", "label": ["card", "limit"]}])
    fixed, labels = corrected(tmp_path, told)
    assert [each.code for each in fixed.ignored] == ["fix.correction.several"] and labels["lost it"] == "limit"


def test_several_text_columns_are_matched_together(tmp_path: Path) -> None:
    rows = [(f"s {i}", f"b {i}", ("card", "limit")[i % 2]) for i in range(12)]
    path = csv_file(tmp_path / "t.csv", rows, ("subject", "body", "label"))
    told = csv_file(tmp_path / "c.csv", [("s 0", "b 0", "limit")], ("subject", "body", "label"))
    fix(path, tmp_path / "out.csv", text="subject,body", corrections=[told])
    assert read_table(tmp_path / "out.csv").cells["label"][:2] == ["limit", "limit"]


def test_several_questions_are_refused(tmp_path: Path) -> None:
    tasks = label_studio(("lost it", ["card"]), ("raise it", ["limit"]))
    tasks[1]["annotations"][0]["result"][0]["from_name"] = "tone"
    told = tmp_path / "e.json"
    told.write_text(json.dumps(tasks))
    with pytest.raises(DataError, match="several questions"):
        corrected(tmp_path, told)
