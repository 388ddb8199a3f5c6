"""Every bad input is one DataError: its code, one line, and what was found."""

import os
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from rankfirst.data import load_dataset
from rankfirst.errors import DataError
from tests.data.file_samples import csv_file, intents, jsonl_file

GOOD = "text,label\n" + "".join(f"{t},{n}\n" for t, n in intents(4))


def raw(content: bytes | str, name: str = "bad.csv") -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        path = folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


def parquet(**columns: list[object]) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        pq.write_table(pa.table(columns), folder / "bad.parquet")
        return folder / "bad.parquet"

    return write


def rows(*content: object) -> Callable[[Path], Path]:
    return lambda folder: jsonl_file(folder / "bad.jsonl", content)


def folder(path: Path) -> Path:
    (path / "plain").mkdir()
    return path / "plain"


OK = {"text": "fine", "label": "a"}

FILES = [
    pytest.param(lambda p: p / "none.csv", "missing_file", ["none.csv"], id="missing"),
    pytest.param(folder, "not_a_dataset_folder", ["plain"], id="plain-folder"),
    pytest.param(raw("x", "notes.docx"), "unknown_format", [".docx", ".csv"], id="unknown-format"),
    pytest.param(raw("", "bad.csv"), "empty_file", ["bad.csv"], id="empty"),
    pytest.param(raw(" \n\n", "bad.jsonl"), "empty_file", ["bad.jsonl"], id="blank-lines-only"),
    pytest.param(raw("\ufefftext,label\n"), "no_rows", ["bad.csv"], id="header-only"),
    pytest.param(parquet(text=[], label=[]), "no_rows", ["bad.parquet"], id="parquet-without-rows"),
    pytest.param(raw("[]", "bad.json"), "no_rows", ["bad.json"], id="empty-list"),
    pytest.param(raw(b"text,label\n\xb1\xea\xbc\xc7,a\n"), "encoding_unsure", ["line 2"], id="one-word"),
    pytest.param(raw(b"text,label\n\xff\xff\xff,a\n"), "encoding_unsure", ["line 2"], id="binary"),
    pytest.param(raw("text,label\nok,a\nno\0,b\n"), "nul_byte", ["line 3"], id="nul-in-csv"),
    pytest.param(raw('{"text": "a\\u0000b", "label": "x"}\n', "b.jsonl"), "nul_byte", ["line 1"], id="nul-in-json"),
    pytest.param(raw('text,label\nok,a\n"open,b\nmore,c\n'), "open_quote", ["line 3"], id="open-quote"),
    pytest.param(raw("text,label\nok,a\nyes, sir,b\n"), "ragged_row", ["line 3", "3 fields", "2"], id="too-wide"),
    pytest.param(raw("text,label\nok\n"), "ragged_row", ["line 2", "1 fields"], id="too-narrow"),
    pytest.param(raw("text\tlabel\nok\n", "bad.tsv"), "ragged_row", ["line 2"], id="tsv-too-narrow"),
    pytest.param(raw('text,label\n"a\nb",x\nc,d,e\n'), "ragged_row", ["line 4"], id="line-after-a-long-cell"),
    pytest.param(raw('{"text": "a", "label": "x"}\n{"text": \n', "b.jsonl"), "bad_json", ["line 2"], id="cut-json"),
    pytest.param(raw('[{"text": "a"},\n{"text" "b"}]', "b.json"), "bad_json", ["line 2"], id="bad-json-list"),
    pytest.param(raw("[" * 200_000, "b.json"), "bad_json", ["line 1"], id="json-nested-too-deep"),
    pytest.param(rows(OK, ["a", "b"]), "json_not_object", ["line 2", '["a", "b"]'], id="json-list-a-line"),
    pytest.param(raw("PAR1 but not really", "bad.parquet"), "bad_parquet", ["bad.parquet"], id="broken-parquet"),
]

COLUMNS = [
    pytest.param(raw("text,label,text\na,b,c\n"), "duplicate_column", ["'text'"], id="duplicated-header"),
    pytest.param(
        raw("remarks,label\nx,a\n"), "no_text_column", ["remarks, label", "--text remarks"], id="no-text-column"
    ),
    pytest.param(
        raw("text,outcome\nx,a\n"), "no_label_column", ["text, outcome", "--label outcome"], id="no-label-column"
    ),
    pytest.param(raw("text,spam\nx,0\ny,1\n"), "no_label_column", ["text, spam"], id="one-zero-one-column"),
    pytest.param(rows(OK, {"text": {"en": "x"}, "label": "a"}), "text_not_text", ["line 2", "object"], id="dict-text"),
    pytest.param(rows(OK, {"text": ["x"], "label": "a"}), "text_not_text", ["line 2", "list"], id="list-text"),
    pytest.param(rows(OK, {"text": "x", "label": {"a": 1}}), "label_not_text", ["line 2", "object"], id="dict-label"),
    pytest.param(rows(OK, {"text": "x", "label": [["a"]]}), "label_not_text", ["line 2", "list"], id="nested-labels"),
    pytest.param(parquet(text=[b"x"], label=["a"]), "text_not_text", ["binary"], id="binary-text"),
]

LABELS = [
    pytest.param(raw("text,label\na,x\nb,x\nc,x\n"), "one_class", ["(x)", "1 class"], id="one-class"),
    pytest.param(raw("text,labels\na,\nb,\n"), "one_class", ["0 class"], id="no-label-at-all"),
    pytest.param(raw("text,label\na,x\nb,x\nc,y\n"), "too_few_rows", ["y", "2 classes"], id="one-usable-class"),
    pytest.param(raw("text,label\na,x\nA,x\nb,y\nb,y\n"), "too_few_texts", ["2 distinct"], id="only-repeats"),
    pytest.param(raw(GOOD + ",card\n"), "empty_texts", ["1 of 13", "lines 14"], id="many-empty-texts"),
    pytest.param(raw(GOOD + "hi,\n"), "empty_labels", ["1 of 13", "lines 14"], id="many-empty-labels"),
    pytest.param(raw(GOOD + "hi,lost|stolen\n"), "separator_clash", ["lost|stolen", "--separator"], id="clash"),
]


@pytest.mark.parametrize(("write", "code", "named"), FILES + COLUMNS + LABELS)
def test_a_bad_training_file_is_a_one_sentence_error(tmp_path, write, code, named):
    with pytest.raises(DataError) as caught:
        load_dataset(write(tmp_path))
    error = caught.value
    assert error.code == f"data.{code}"
    assert "\n" not in str(error)
    for part in named:
        assert part in str(error)
    assert error.sentence("zh") != error.sentence("en")


@pytest.mark.parametrize(
    ("options", "code", "named"),
    [
        pytest.param({"text": "body"}, "no_such_column", ["'body'", "text, label"], id="text"),
        pytest.param({"label": "topic"}, "no_such_column", ["'topic'", "text, label"], id="label"),
        pytest.param({"text": "label", "label": "label"}, "same_column", ["'label'"], id="same"),
    ],
)
def test_a_wrong_option_names_the_columns(tmp_path, options, code, named):
    with pytest.raises(DataError) as caught:
        load_dataset(csv_file(tmp_path / "a.csv", intents(4)), **options)
    assert caught.value.code == f"data.{code}"
    assert all(part in str(caught.value) for part in named)


@pytest.mark.parametrize("split", ["val", "test"])
@pytest.mark.parametrize(
    ("header", "content", "code", "named"),
    [
        pytest.param(("text", "label"), [("x", "weather"), ("y", "card")], "unknown_labels", ["weather"], id="labels"),
        pytest.param(
            ("text", "outcome"), [("x", "card")], "other_label_column", ["'label'", "text, outcome"], id="column"
        ),
    ],
)
def test_other_splits_must_fit_the_training_rows(tmp_path, split, header, content, code, named):
    train = csv_file(tmp_path / "train.csv", intents())
    with pytest.raises(DataError) as caught:
        load_dataset(train, **{split: csv_file(tmp_path / "other.csv", content, header)})
    assert caught.value.code == f"data.{code}"
    assert "other.csv" in str(caught.value)
    assert all(part in str(caught.value) for part in named)


def test_a_cell_other_than_zero_or_one_is_quoted_in_the_error(tmp_path):
    header = ("text", "card", "loan")
    train = csv_file(tmp_path / "a.csv", [("x", 0, 1), ("y", 1, 0), ("z", 1, 1)], header)
    val = csv_file(tmp_path / "b.csv", [("x", 0, 1), ("y", "maybe", 0)], header)
    with pytest.raises(DataError, match=r"line 3.*'card'.*'maybe'"):
        load_dataset(train, val)


def test_a_file_without_permission(tmp_path, monkeypatch):
    path = csv_file(tmp_path / "a.csv", intents(4))

    def refuse(self: Path, *given: object, **more: object) -> object:
        raise PermissionError(13, os.strerror(13))

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(DataError, match="Permission denied") as caught:
        load_dataset(path)
    assert caught.value.code == "data.unreadable_file"


def test_names_from_the_file_never_break_the_message(tmp_path):
    path = csv_file(tmp_path / "a.csv", [("x", "a")], header=("body\nof the\x1b[31m mail " + "x" * 500, "label"))
    with pytest.raises(DataError) as caught:
        load_dataset(path)
    message = str(caught.value)
    assert "\n" not in message and "\x1b" not in message and len(message) < 400
