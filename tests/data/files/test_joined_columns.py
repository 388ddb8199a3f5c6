"""Several text columns are read as one text, with a separator that each base reads as its own."""

import pytest

from rankfirst.data import load_dataset, read_texts
from rankfirst.data.files.formats import read_table
from rankfirst.data.files.second_file import read_newer
from rankfirst.data.files.texts import clean, joined
from rankfirst.data.quality.cleaning import fix
from rankfirst.errors import DataError
from rankfirst.records import JOINT
from tests.data.file_samples import csv_file

HEADER = ("Subject", "body", "label")


def rows(n: int = 60) -> list[tuple[str, str, str]]:
    return [(f"subject {i}", f"the  body {i}", ("card", "loan")[i % 2]) for i in range(n)]


def test_columns_are_joined_in_the_order_given(tmp_path):
    path = csv_file(tmp_path / "a.csv", rows(), HEADER)
    one, other = load_dataset(path, text="subject,body"), load_dataset(path, text="body, Subject")
    row = one.train.lines[0] - 2
    assert one.train.texts[0] == f"subject {row} {JOINT} the body {row}" == clean(one.train.texts[0])
    assert other.train.texts[0].startswith("the body") and one.text == "subject,body"
    assert one.classes == ("card", "loan")
    assert not any("label_column" in code or "text_column" in code for code, _ in one.notes)


def test_a_row_needs_one_of_them(tmp_path):
    table = [*rows(), ("", "only a body", "card"), ("only a subject", "", "loan"), ("", "", "card")]
    dataset = load_dataset(csv_file(tmp_path / "a.csv", table, HEADER), text="subject,body")
    every = {*dataset.train.texts, *dataset.val.texts, *dataset.test.texts}
    assert f"{JOINT} only a body" in every and f"only a subject {JOINT}" in every
    assert [numbers for code, numbers in dataset.notes if code == "data.note.empty_texts"]
    assert joined(["", " "]) == "" and joined(["a", "b", ""]) == f"a {JOINT} b {JOINT}"


def test_other_files_are_read_alike(tmp_path):
    path = csv_file(tmp_path / "a.csv", rows(), HEADER)
    val = csv_file(tmp_path / "val.csv", [(a + "!", b, c) for a, b, c in rows(20)], ("subject", "BODY", "label"))
    dataset = load_dataset(path, val, text="subject,body")
    assert dataset.val.texts[0] == f"subject 0! {JOINT} the body 0"
    assert read_texts(val, "subject,body")[0] == dataset.val.texts
    assert read_newer(val, dataset, "subject,body").texts == dataset.val.texts


def test_numbers_join_and_lists_are_refused(tmp_path):
    (tmp_path / "a.jsonl").write_text(
        "\n".join(f'{{"a": {i}, "b": "text {i}", "label": "{"xy"[i % 2]}"}}' for i in range(40)), encoding="utf-8"
    )
    assert f"7 {JOINT} text 7" in {t for p in ("train", "val", "test") for t in
                                   getattr(load_dataset(tmp_path / "a.jsonl", text="a,b"), p).texts}  # fmt: skip
    (tmp_path / "b.jsonl").write_text('{"a": ["x"], "b": "y", "label": "z"}\n', encoding="utf-8")
    with pytest.raises(DataError) as caught:
        load_dataset(tmp_path / "b.jsonl", text="a,b")
    assert caught.value.code == "data.text_not_text"


def test_a_column_that_is_missing_is_named(tmp_path):
    path = csv_file(tmp_path / "a.csv", rows(), HEADER)
    with pytest.raises(DataError) as caught:
        load_dataset(path, text="subject,summary")
    assert caught.value.code == "data.no_such_column" and "summary" in caught.value.sentence()


def test_a_column_with_a_comma_in_its_name_is_one_column(tmp_path):
    path = csv_file(tmp_path / "a.csv", [(b, c) for _, b, c in rows()], ("subject,body", "label"))
    assert load_dataset(path, text="subject,body").train.texts[0].startswith("the body")


def test_each_of_several_columns_is_cleaned_in_its_place(tmp_path):
    written = [("the  subject", "same body", "card"), ("the subject", "same body", "card"), ("", "a&amp;b", "limit")]
    path = csv_file(tmp_path / "a.csv", [*written, *rows()], HEADER)
    fixed = fix(path, tmp_path / "b.csv", text="subject,body")
    told = [(change.line, change.what, change.after, change.why) for change in fixed.changes]
    assert told[:3] == [
        (2, "text", "the subject", ("fix.whitespace",)),
        (3, "row", "", ("fix.repeat",)),
        (4, "text", "a&b", ("fix.entities",)),
    ]
    table = read_table(tmp_path / "b.csv")
    assert table.columns == HEADER
    assert (table.cells["Subject"][:2], table.cells["body"][:2]) == (["the subject", ""], ["same body", "a&b"])
