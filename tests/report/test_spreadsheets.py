"""Review lists: every row with file, line and reason; no cell is a formula; Excel can read them."""

import csv
from dataclasses import replace

import pytest

from rankfirst.messages import say
from rankfirst.records import Changed, Example
from rankfirst.report.spreadsheets import COLUMNS, CORRECT, cell, counts, reason, write_changes, write_lists
from tests.report import assessment_example as example


def read(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_lists_name_file_line_both_labels_score_and_reason(tmp_path):
    written = write_lists(example.assessment(), tmp_path, "en")
    assert [path.name for path in written] == ["suspects.csv", "conflicts.csv", "ambiguous_pairs.csv", "shifted.csv"]
    row = read(written[0])[0]
    assert tuple(row) == (*COLUMNS, CORRECT) and row[CORRECT] == ""
    assert (row["file"], row["line"], row["text"]) == ("shop/train.csv", "12", "where is my card 0")
    assert (row["given"], row["suggested"], row["score"]) == ("top_up", "refund", "4000.0")
    assert row["reason"].endswith("refund is 4,000 times as likely.")
    assert "Line 44" in read(written[1])[0]["reason"]
    assert "card_lost and fee are confused in 18.0%" in read(written[2])[0]["reason"]
    assert "fit no class of the training rows" in read(written[3])[0]["reason"]


def test_every_row_to_review_is_listed_not_only_those_shown(tmp_path):
    assert len(read(write_lists(example.assessment(), tmp_path, "zh")[0])) == 6
    shown = replace(example.assessment(), reviews={})
    assert len(read(write_lists(shown, tmp_path, "zh")[0])) == 3


def test_reasons_are_told_in_the_chosen_language(tmp_path):
    for path in write_lists(example.assessment(), tmp_path, "zh"):
        assert all("\u4e00" <= row["reason"][-2] <= "\u9fff" or row["reason"][-1] in "。）?d" for row in read(path))


@pytest.mark.parametrize(
    ("given", "suggested", "told"),
    [
        (("fee",), ("refund",), "refund is 9,488 times as likely."),
        (("fee", "refund"), ("refund",), "contradict fee: 9,488 times as likely not to apply."),
        (("fee",), (), "contradict fee: 9,488 times as likely not to apply."),
        (("fee",), ("fee", "refund"), "refund seems to be missing: "),
        (("fee", "card"), ("refund",), "one of card, fee, refund is 9,488 times as likely to be wrong as right."),
        (("fee",), ("fee",), "another class is 9,488 times as likely."),  # an old assessment
    ],
)
def test_the_label_that_is_doubted_is_named(given, suggested, told):
    assert told in reason(Example("x", given, score=9488.4, suggested=suggested), "suspects", "en")


def test_rows_of_other_splits_are_counted_apart():
    rows = tuple(replace(row, split=split) for row, split in
                 zip(example.rows("x"), ("train", "val", "test"), strict=False))  # fmt: skip
    known = replace(example.assessment(), reviews={"suspects": rows})
    assert counts(known, "suspects.csv") == {"rows": "3", "others": "2"}
    line = say("assess.written.list", "en", path="suspects.csv", rows="3", others="2")
    assert line == "To review: suspects.csv (3 rows; 2 of them validation or test rows)"
    assert say("assess.written.list", "en", path="x.csv", rows="3", others="0") == "To review: x.csv (3 rows)"


def test_near_conflicts_are_listed_with_the_exact_ones(tmp_path):
    more = example.assessment().examples | {"data.check.near_conflicts": example.rows("nearly")}
    write_lists(replace(example.assessment(), examples=more), tmp_path, "en")
    assert len(read(tmp_path / "conflicts.csv")) == 5


def test_a_list_that_is_empty_now_is_removed(tmp_path):
    write_lists(example.assessment(), tmp_path, "en")
    assert write_lists(replace(example.assessment(), pairs=(), shifts=()), tmp_path, "en")
    assert {path.name for path in tmp_path.iterdir()} == {"suspects.csv", "conflicts.csv"}


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", "=cmd|' /C calc'!A0"])
def test_no_text_is_a_formula(tmp_path, text):
    rows = (Example(text, (text,), 1, text, -0.5, (text,), why="", twin=text, twin_line=3),)
    write_lists(replace(example.assessment(), reviews={"suspects": rows, "conflicts": rows}), tmp_path, "en")
    for name in ("suspects.csv", "conflicts.csv"):
        row = read(tmp_path / name)[0]
        assert all(row[column].startswith("'") for column in ("file", "text", "given", "suggested"))
        assert row["score"] == "-0.5"


def test_plain_texts_and_numbers_are_left_alone():
    assert [cell(v) for v in ("a = b", "", 12, -1.5, "中文")] == ["a = b", "", 12, -1.5, "中文"]
    assert len(cell("x" * 100_000)) == 32_000
    cell("\ud800").encode("utf-8")


def test_line_breaks_and_quotes_stay_inside_their_cell(tmp_path):
    rows = (Example('a "quoted"\nline, with comma', ("x|y", "z"), 1),)
    write_lists(replace(example.assessment(), reviews={"suspects": rows}), tmp_path, "en")
    (row,) = read(tmp_path / "suspects.csv")
    assert row["text"] == 'a "quoted"\nline, with comma' and row["given"] == "x|y|z" and row["score"] == ""


@pytest.mark.parametrize("bom", [True, False])
def test_a_byte_order_mark_only_when_asked(tmp_path, bom):
    for path in write_lists(example.assessment("退款"), tmp_path, "zh", bom):
        assert path.read_bytes().startswith(b"\xef\xbb\xbf") is bom


def test_a_row_may_bring_its_own_reason():
    row = Example("x", ("a",), why="assess.why.pairs", numbers={"a": "p", "b": "q", "rate": "7%"})
    assert reason(row, "suspects", "en") == "p and q are confused in 7% of their rows."


def test_changes_are_listed_with_every_reason(tmp_path):
    changes = [
        Changed(2, "text", "=a  b&amp;", "=a b&", ("fix.entities", "fix.whitespace")),
        Changed(5, "row", "twice", "", ("fix.repeat",), {"line": 3}),
    ]
    write_changes(changes, tmp_path / "c.csv", "en")
    first, second = read(tmp_path / "c.csv")
    assert first["before"] == "'=a  b&amp;" and first["reason"].count(";") == 1
    assert (second["line"], second["what"], second["after"]) == ("5", "row", "") and "line 3" in second["reason"]
