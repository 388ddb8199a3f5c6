"""A cleaned copy: what changes and why, what never changes, and that nothing is ever written over its source."""

import json
import os

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from rankfirst.data import load_dataset, profile
from rankfirst.data.files.formats import read_table
from rankfirst.data.files.reading import Reading
from rankfirst.data.quality.cleaning import check_target, clean_text, fix
from rankfirst.errors import DataError, OptionError
from rankfirst.messages import say
from tests.data.file_samples import csv_file, intents, jsonl_file, note_codes

DIRTY = [
    ("where  is my\tcard", "Card", "1"),
    ("Where is my card", "card", "2"),  # the same text and label: a repeat
    ("fish &amp;amp; chips&nbsp;please", "food", "3"),
    ("ＡＢＣ １２３ please", "food", "4"),
    ("zero\u200bwidth\x07bell", "food", "5"),
    ("", "food", "6"),
    ("no label here", "", "7"),
    ("card lost", "card", "8"),
    ("same text", "card", "9"),
    ("same text", "food", "10"),
]


def dirty(tmp_path):
    rows = DIRTY + [(text, label, str(n)) for n, (text, label) in enumerate(intents(30, ("card", "food")), 11)]
    return csv_file(tmp_path / "train.csv", rows, ("text", "label", "id"))


def test_every_change_has_its_line_and_reason(tmp_path):
    changes = fix(dirty(tmp_path), tmp_path / "cleaned.csv").changes
    told = [(c.line, c.what, c.after, c.why) for c in changes]
    assert told == [
        (2, "text", "where is my card", ("fix.whitespace",)),
        (2, "label", "card", ("fix.spelling",)),
        (3, "row", "", ("fix.repeat",)),
        (4, "text", "fish & chips please", ("fix.entities", "fix.whitespace")),
        (5, "text", "ABC 123 please", ("fix.full_width",)),
        (6, "text", "zerowidthbell", ("fix.invisible",)),
        (7, "row", "", ("fix.no_text",)),
        (8, "row", "", ("fix.no_label",)),
    ]
    for change in changes:
        for lang in ("en", "zh"):
            assert all(say(code, lang, **change.numbers) for code in change.why)
    assert changes[2].numbers["line"] == 2


def test_the_cleaned_copy_needs_no_further_changes(tmp_path):
    out = tmp_path / "cleaned.csv"
    fix(dirty(tmp_path), out)
    before, after = load_dataset(dirty(tmp_path)), load_dataset(out)
    assert {"data.note.merged_labels", "data.note.empty_texts"} <= set(note_codes(before))
    assert note_codes(after) == ["data.note.split_made"]
    found = {check.code: check.numbers for check in profile(after).checks}
    assert found["data.check.scripts"]["full_width"] == 0
    assert found["data.check.markup"]["markup"] == 0
    assert (found["data.check.garbled"]["invisible"], found["data.check.garbled"]["broken"]) == (0, 0)
    assert found["data.check.duplicates"]["duplicates"] <= 1  # the two rows that contradict each other stay
    assert fix(out, tmp_path / "again.csv").changes == ()
    assert (tmp_path / "again.csv").read_bytes() == out.read_bytes()


def test_conflicts_and_other_columns_are_kept(tmp_path):
    out = tmp_path / "cleaned.csv"
    fix(dirty(tmp_path), out)
    table = read_table(out)
    assert table.columns == ("text", "label", "id")
    assert table.cells["id"][:5] == ["1", "3", "4", "5", "8"]
    assert [table.cells["label"][i] for i, text in enumerate(table.cells["text"]) if text == "same text"] == [
        "card",
        "food",
    ]


def test_rows_are_dropped_only_on_request(tmp_path):
    lines = {"conflicts": frozenset({10, 11}), "suspects": frozenset({9})}
    path = dirty(tmp_path)
    changes = fix(path, tmp_path / "a.csv", drop={"conflicts"}, lines=lines).changes
    assert [c.line for c in changes if c.why == ("fix.dropped.conflicts",)] == [10, 11]
    assert "card lost" in read_table(tmp_path / "a.csv").cells["text"]
    fix(path, tmp_path / "b.csv", drop={"suspects", "leaks"}, lines=lines)
    assert "card lost" not in read_table(tmp_path / "b.csv").cells["text"]
    with pytest.raises(OptionError, match="typos"):
        fix(path, tmp_path / "c.csv", drop={"typos"})


def test_dropping_a_row_keeps_its_repeat(tmp_path):
    path = csv_file(tmp_path / "t.csv", [("one", "a"), ("ONE", "a"), ("two", "b")])
    fix(path, tmp_path / "out.csv", drop={"suspects"}, lines={"suspects": {2}})
    assert read_table(tmp_path / "out.csv").cells["text"] == ["ONE", "two"]


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".jsonl", ".json", ".parquet"])
def test_every_format_is_read_back_unchanged(tmp_path, suffix):
    out = tmp_path / f"cleaned{suffix}"
    fix(dirty(tmp_path), out)
    fix(dirty(tmp_path), tmp_path / "plain.csv")
    first, second = load_dataset(out), load_dataset(tmp_path / "plain.csv")
    assert (first.train.texts, first.train.labels) == (second.train.texts, second.train.labels)
    assert read_table(out).columns == ("text", "label", "id")


def test_lists_of_labels_stay_lists(tmp_path):
    rows = [{"text": "a  b", "labels": ["Pay", "pay"], "meta": {"x": 1}}, {"text": "c", "labels": []},
            {"text": "d", "labels": ["pay", "ship"]}, {"text": "e", "labels": ["pay"]}]  # fmt: skip
    path = jsonl_file(tmp_path / "t.jsonl", rows)
    changes = fix(path, tmp_path / "out.jsonl").changes
    assert [(c.line, c.what, c.before, c.after) for c in changes] == [
        (1, "text", "a  b", "a b"),
        (1, "label", "Pay|pay", "pay"),
    ]
    told = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text("utf-8").splitlines()]
    assert [row["labels"] for row in told] == [["pay"], [], ["pay", "ship"], ["pay"]]
    assert told[0]["meta"] == {"x": 1}
    fix(path, tmp_path / "out.csv")
    assert read_table(tmp_path / "out.csv").cells["labels"] == ["pay", "", "pay|ship", "pay"]


def test_a_label_containing_the_separator_is_not_split(tmp_path):
    path = jsonl_file(tmp_path / "t.jsonl", [{"text": "a", "labels": ["x|y", "z"]}, {"text": "b", "labels": ["z"]}])
    with pytest.raises(DataError, match=r"x\|y"):
        fix(path, tmp_path / "out.csv")
    assert not (tmp_path / "out.csv").exists()
    assert [p.name for p in tmp_path.iterdir()] == ["t.jsonl"]


def test_zero_one_columns_stay_columns(tmp_path):
    rows = [("a  b", "1", "0", "0"), ("c", "0", "1", "1"), ("d", "1", "0", "1")]
    path = csv_file(tmp_path / "t.csv", rows, ("text", "Pay", "pay", "ship"))
    fix(path, tmp_path / "out.csv")
    table = read_table(tmp_path / "out.csv")
    assert (table.cells["Pay"], table.cells["pay"]) == (["1", "1", "1"], ["0", "0", "0"])
    assert table.cells["text"] == ["a b", "c", "d"]
    assert "data.note.merged_labels" not in [code for code, _ in _labels_notes(table)]


def _labels_notes(table):
    from rankfirst.data.files.columns import choose_columns
    from rankfirst.data.files.labels import read_labels
    from rankfirst.data.files.reading import Reading

    return read_labels([table], [choose_columns(table)], Reading()).notes


def test_joined_labels_stay_joined(tmp_path):
    path = csv_file(tmp_path / "t.csv", [("a", "pay|Ship"), ("b", "ship"), ("c", "ship | pay"), ("d", "pay")])
    changes = fix(path, tmp_path / "out.csv").changes
    assert [(c.before, c.after) for c in changes] == [("pay|Ship", "pay|ship")]
    assert read_table(tmp_path / "out.csv").cells["label"] == ["pay|ship", "ship", "ship | pay", "pay"]


def test_parquet_keeps_the_types_of_other_columns(tmp_path):
    table = pa.table({
        "text": ["a  b", "c", "c"], "label": ["x", "y", "y"],
        "at": pa.array([1, 2, 3], type=pa.timestamp("ms")), "n": pa.array([1, None, 3], type=pa.int8()),
    })  # fmt: skip
    pq.write_table(table, tmp_path / "t.parquet")
    fix(tmp_path / "t.parquet", tmp_path / "out.parquet")
    told = pq.read_table(tmp_path / "out.parquet")
    assert told.schema.field("at").type == pa.timestamp("ms") and told.schema.field("n").type == pa.int8()
    assert told.column("text").to_pylist() == ["a b", "c"]
    fix(tmp_path / "t.parquet", tmp_path / "out.csv")
    assert read_table(tmp_path / "out.csv").cells["n"] == ["1", ""]


def test_class_ids_with_names_become_names(tmp_path):
    features = {"info": {"features": {"label": {"_type": "ClassLabel", "names": ["Pay", "pay", "ship"]}}}}
    table = pa.table({"text": ["a", "b", "c", "d"], "label": [0, 1, 1, 2]})
    pq.write_table(table.replace_schema_metadata({"huggingface": json.dumps(features)}), tmp_path / "t.parquet")
    fix(tmp_path / "t.parquet", tmp_path / "out.parquet")
    assert read_table(tmp_path / "out.parquet").cells["label"] == ["pay", "pay", "pay", "ship"]


def test_tsv_cells_contain_no_line_breaks(tmp_path):
    rows = [("a", "x", 'one\ttwo\nthree "four"'), ("b", "y", "plain")]
    fix(csv_file(tmp_path / "t.csv", rows, ("text", "label", "memo")), tmp_path / "out.tsv")
    assert read_table(tmp_path / "out.tsv").cells["memo"] == ['one two three "four"', "plain"]


@pytest.mark.parametrize("link", ["itself", "symlink", "hard", "dotted"])
def test_the_source_is_never_overwritten(tmp_path, link):
    path = dirty(tmp_path)
    before = path.read_bytes()
    out = {"itself": path, "dotted": tmp_path / "x" / ".." / "train.csv"}.get(link, tmp_path / f"{link}.csv")
    if link == "symlink":
        out.symlink_to(path)
    elif link == "hard":
        os.link(path, out)
    elif link == "dotted":
        (tmp_path / "x").mkdir()
    with pytest.raises(OptionError) as refused:
        fix(path, out, overwrite=True)
    assert refused.value.code == "fix.over_input" and path.read_bytes() == before


def test_an_existing_file_needs_overwrite_and_another_suffix_is_refused(tmp_path):
    path, out = dirty(tmp_path), tmp_path / "out.csv"
    out.write_text("mine", encoding="utf-8")
    with pytest.raises(OptionError, match="overwrite"):
        fix(path, out)
    assert out.read_text("utf-8") == "mine"
    fix(path, out, overwrite=True)
    assert len(read_table(out)) > 10
    with pytest.raises(OptionError, match="xlsx"):
        check_target(tmp_path / "out.xlsx", [path])
    with pytest.raises(OptionError):
        check_target(tmp_path / "data.parquet", [tmp_path])


def test_a_failed_write_leaves_nothing(tmp_path, monkeypatch):
    path = dirty(tmp_path)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(OSError, match="space"):
        fix(path, tmp_path / "out.csv")
    assert [p.name for p in tmp_path.iterdir()] == ["train.csv"]


def test_dropping_every_row_is_an_error(tmp_path):
    path = csv_file(tmp_path / "t.csv", [("a", "x"), ("b", "y")])
    with pytest.raises(DataError, match="no row"):
        fix(path, tmp_path / "out.csv", drop={"suspects"}, lines={"suspects": {2, 3}})


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        pytest.param("?a=1&copy=2", "?a=1&copy=2", id="an-address"),
        pytest.param("&ａｍｐ;lt;", "<", id="hidden-entity"),
        pytest.param("👨\u200d👩\u200d👧 family", "👨\u200d👩\u200d👧 family", id="emoji"),
        pytest.param("می\u200cخواهم", "می\u200cخواهم", id="persian"),
        pytest.param("退\u200d款\u200c\ufeff", "退款", id="joiner-between-ideographs"),
        pytest.param("好，ｏｋ！", "好，ok！", id="punctuation-stays"),
        pytest.param("&nosuchthing; &#0; &#x1F600;", "&nosuchthing; \ufffd 😀", id="odd-entities"),
        pytest.param("don\u00e2\x80\x99t", "don\u00e2\x80\x99t", id="wrong-code-can-still-be-repaired"),
        pytest.param("\u3000 ", "", id="nothing"),
    ],
)
def test_texts_lose_only_invisible_characters(text, cleaned):
    told, _ = clean_text(text)
    assert told == cleaned
    assert clean_text(told) == (told, ())


def test_a_byte_order_mark_for_excel(tmp_path):
    fix(dirty(tmp_path), tmp_path / "out.csv", bom=True)
    assert (tmp_path / "out.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert read_table(tmp_path / "out.csv").columns[0] == "text"


def test_circular_links_are_not_the_source(tmp_path):
    rows = csv_file(tmp_path / "rows.csv", [("a", "x"), ("b", "y")])
    (tmp_path / "loop.csv").symlink_to("loop.csv")
    with pytest.raises(OptionError) as refused:
        check_target(tmp_path / "loop.csv", [rows])
    assert refused.value.code == "fix.exists"
    assert check_target(tmp_path / "loop.csv", [rows], overwrite=True) is None


@pytest.mark.parametrize(
    ("cells", "after"),
    [
        (["['Pay', 'ship']", "['pay']", "['ship']", "['pay']"], '["pay", "ship"]'),
        (["Pay; ship", "pay", "ship", "pay; ship"], "pay;ship"),
        (['{"choices": ["Pay", "ship"]}', "pay", "ship", "pay"], '{"choices": ["pay", "ship"]}'),
    ],
)
def test_labels_stay_readable_in_their_notation(tmp_path, cells, after):
    path = csv_file(tmp_path / "t.csv", list(zip(["a", "b", "c", "d"], cells, strict=True)))
    changes = fix(path, tmp_path / "out.csv").changes
    assert [(change.line, change.before) for change in changes] == [(2, "Pay;ship" if ";" in after else "Pay|ship")]
    assert read_table(tmp_path / "out.csv").cells["label"] == [after, *cells[1:]]


def test_rejected_rows_and_class_ids(tmp_path):
    rows = [{"text": f"t {i}", "label": i % 2, "answer": "reject" if i == 3 else "accept"} for i in range(8)]
    changes = fix(
        jsonl_file(tmp_path / "t.jsonl", rows), tmp_path / "out.jsonl", how=Reading(label_names=("no", "yes"))
    ).changes
    assert [(change.line, change.why) for change in changes] == [(4, ("fix.no_label",))]
    assert read_table(tmp_path / "out.jsonl").cells["label"][:2] == [0, 1]
