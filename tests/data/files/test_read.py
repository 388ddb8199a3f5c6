"""Good files in every format: the same rows come out, and every repair leaves a note."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from rankfirst.data import load_dataset, read_texts
from rankfirst.data.files.texts import TEXT_LIMIT
from tests.data.file_samples import csv_file, intents, jsonl_file, note_codes, note_values

ROWS = [("hello there", "greet"), ("good  bye\tnow", "leave"), ('say "hi", please', "greet"), ("再见", "leave")]
TEXTS = ("hello there", "good bye now", 'say "hi", please', "再见")


def tsv(path: Path) -> Path:
    path.write_text("text\tlabel\n" + "".join(f"{t.replace(chr(9), ' ')}\t{label}\n" for t, label in ROWS), "utf-8")
    return path


def parquet(path: Path) -> Path:
    pq.write_table(pa.table({"text": [t for t, _ in ROWS], "label": [label for _, label in ROWS]}), path)
    return path


def json_list(path: Path) -> Path:
    path.write_text(json.dumps([{"text": t, "label": label} for t, label in ROWS], indent=1), "utf-8")
    return path


def semicolons(path: Path) -> Path:
    path.write_text("text;label\n" + "".join(f'"{t.replace(chr(34), chr(34) * 2)}";{n}\n' for t, n in ROWS), "utf-8")
    return path


WRITERS = [
    pytest.param("a.csv", lambda p: csv_file(p, ROWS), id="csv"),
    pytest.param("a.csv", semicolons, id="csv-semicolons"),
    pytest.param("a.tsv", tsv, id="tsv-unquoted"),
    pytest.param("a.jsonl", lambda p: jsonl_file(p, [{"text": t, "label": n} for t, n in ROWS]), id="jsonl"),
    pytest.param("a.json", json_list, id="json-list"),
    pytest.param("a.parquet", parquet, id="parquet"),
]


@pytest.mark.parametrize(("name", "write"), WRITERS)
def test_every_format_gives_the_same_rows(tmp_path, name, write):
    path = write(tmp_path / name)
    dataset = load_dataset(path, path, path)
    assert dataset.train.texts == TEXTS
    assert dataset.train.labels == ((0,), (1,), (0,), (1,))
    assert (dataset.classes, dataset.multi_label, dataset.name) == (("greet", "leave"), False, "a")
    assert read_texts(path) == (TEXTS, "text")


def test_quoted_tsv_cells_may_span_lines(tmp_path):
    path = tmp_path / "a.tsv"
    path.write_text('text\tlabel\n"two\nlines"\ta\nb\tb\nc\ta\nd\tb\n', "utf-8")
    assert load_dataset(path, path, path).train.texts[0] == "two lines"


def test_a_stray_quote_in_tsv_swallows_no_rows(tmp_path):
    path = tmp_path / "a.tsv"
    path.write_text('text\tlabel\n"open\ta\nfine\tb\nalso" fine\ta\n"whole ""one"""\tb\n', "utf-8")
    assert load_dataset(path, path, path).train.texts == ('"open', "fine", 'also" fine', 'whole "one"')


def test_blank_lines_and_unnamed_columns_are_ignored(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(",text,label,\r\n0,x,a,\r\n\r\n1,y,b,\r\n2,z,a,\r\n3,w,b,\r\n", "utf-8")
    assert load_dataset(path, path, path).train.texts == ("x", "y", "z", "w")


def test_na_and_null_are_texts(tmp_path):
    path = csv_file(tmp_path / "a.csv", [("NA", "null"), ("null", "NA"), ("None", "null"), ("nan", "NA")])
    dataset = load_dataset(path, path, path)
    assert dataset.train.texts == ("NA", "null", "None", "nan")
    assert dataset.classes == ("NA", "null")


@pytest.mark.parametrize(
    ("encoding", "noted"),
    [("utf-8", None), ("utf-8-sig", None), ("gb18030", "GB18030"), ("utf-16", "UTF-16")],
)
def test_encodings(tmp_path, encoding, noted):
    path = tmp_path / "a.csv"
    path.write_bytes("text,label\n我要退款,售后\n查询订单,订单\n退货，谢谢,售后\n订单号多少,订单\n".encode(encoding))
    dataset = load_dataset(path, path, path)
    assert dataset.train.texts[0] == "我要退款"
    found = [dict(values)["encoding"] for code, values in dataset.notes if code == "data.note.encoding"]
    assert found == ([noted] * 3 if noted else [])


def test_traditional_chinese_in_gb18030(tmp_path):
    path = tmp_path / "a.csv"
    rows = "我想查詢訂單為什麼還沒有收到貨物,訂單\n帳戶餘額不對,帳戶\n運費怎麼算,訂單\n請處理帳戶,帳戶\n"
    path.write_bytes(f"text,label\n{rows}".encode("gb18030"))
    assert load_dataset(path, path, path).train.texts[1] == "帳戶餘額不對"


@pytest.mark.parametrize("column", ["text", "Sentence", "utterance", "QUERY", "content", "文本", "内容", "问题"])
def test_text_columns_are_recognised(tmp_path, column):
    path = csv_file(tmp_path / "a.csv", intents(2), header=(column, "label"))
    assert len(load_dataset(path, path, path).train) == 6


@pytest.mark.parametrize("column", ["label", "Intent", "category", "标签", "意图", "类别"])
def test_label_columns_are_recognised(tmp_path, column):
    path = csv_file(tmp_path / "a.csv", intents(2), header=("text", column))
    assert not load_dataset(path, path, path).multi_label


def test_columns_can_be_named(tmp_path):
    path = csv_file(tmp_path / "a.csv", [(t, n, "x") for t, n in intents(2)], header=("Body", "Topic", "text"))
    dataset = load_dataset(path, path, path, text="body", label="topic")
    assert dataset.classes == ("card", "loan", "transfer")


def test_a_file_called_train_is_named_after_its_folder(tmp_path):
    path = csv_file(tmp_path / "bank" / "train.csv", intents())
    assert load_dataset(path).name == "bank"


def test_long_cells_are_truncated_with_a_note(tmp_path):
    path = csv_file(tmp_path / "a.csv", [*intents(4), ("word " * 2_000_000, "card")])
    good = csv_file(tmp_path / "b.csv", intents(2))
    dataset = load_dataset(path, good, good)
    assert len(dataset.train.texts[-1]) <= TEXT_LIMIT
    assert note_values(dataset, "data.note.cut_texts") == {
        "file": "a.csv", "rows": "1", "line": "14", "limit": "100000"
    }  # fmt: skip


def test_numbers_and_nulls_in_jsonl(tmp_path):
    rows = [{"text": f"t{i}", "label": i % 2} for i in range(30)]
    rows += [{"text": 404, "label": "1"}, {"text": None, "label": 0}, {"text": 2.0, "label": 1}]
    path = jsonl_file(tmp_path / "a.jsonl", rows)
    dataset = load_dataset(path, path, path)
    assert dataset.train.texts[-2:] == ("404", "2")
    assert dataset.classes == ("0", "1")
    assert {"data.note.number_texts", "data.note.mixed_labels", "data.note.empty_texts"} <= set(note_codes(dataset))


def test_a_few_empty_rows_are_dropped_and_their_lines_noted(tmp_path):
    rows = [*intents(20), ("  ", "card"), ("no label", " ")]
    path = csv_file(tmp_path / "a.csv", rows)
    good = csv_file(tmp_path / "b.csv", intents(2))
    dataset = load_dataset(path, good, good)
    assert len(dataset.train) == 60
    assert note_values(dataset, "data.note.empty_texts") == {"file": "a.csv", "rows": "1", "lines": "62"}
    assert note_values(dataset, "data.note.empty_labels")["lines"] == "63"


def test_broken_surrogates_do_not_break_the_fingerprint(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "bad \\ud83d half", "label": "a"}\n' + '{"text": "ok", "label": "b"}\n' * 3, "utf-8")
    path.write_text(path.read_text("utf-8") + '{"text": "fine", "label": "a"}\n', "utf-8")
    dataset = load_dataset(path, path, path)
    assert dataset.train.texts[0] == "bad \ufffd half"
    assert len(dataset.fingerprint) == 64


def test_the_fingerprint_depends_on_texts_labels_and_splits(tmp_path):
    a = csv_file(tmp_path / "a.csv", intents(4))
    b = csv_file(tmp_path / "b.csv", [*intents(4)[:-1], ("another text", "transfer")])
    c = csv_file(tmp_path / "c.csv", [*intents(4)[:-1], (intents(4)[-1][0], "loan")])
    prints = {load_dataset(*paths).fingerprint for paths in [(a, a, a), (b, a, a), (c, a, a), (a, b, a), (a, a, b)]}
    assert len(prints) == 5
    assert load_dataset(a, a, a).fingerprint == load_dataset(a, a, a).fingerprint


def test_single_label_rows_with_unknown_labels_are_dropped(tmp_path):
    train = csv_file(tmp_path / "train.csv", intents())
    test = csv_file(tmp_path / "test.csv", [*intents(4), ("what is this", "weather")])
    dataset = load_dataset(train, test, test)
    assert len(dataset.val) == len(dataset.test) == 12
    assert note_values(dataset, "data.note.unknown_rows_dropped")["labels"] == "weather"


def test_unknown_labels_are_removed_from_multi_label_rows(tmp_path):
    header = ("text", "labels")
    train = csv_file(tmp_path / "train.csv", [("x", "a|b"), ("y", "b"), ("z", "a"), ("w", "")], header)
    rows = [("p", "a|day"), ("q", "b"), ("r", "a"), ("s", "a|b"), ("t", ""), ("u", "b")]
    test = csv_file(tmp_path / "test.csv", rows, header)
    dataset = load_dataset(train, test, test)
    assert dataset.test.labels == ((0,), (1,), (0,), (0, 1), (), (1,))
    assert note_values(dataset, "data.note.unknown_labels_dropped")["rows"] == "1"


def test_a_class_with_one_row_stays_in_train_with_a_note(tmp_path):
    path = csv_file(tmp_path / "a.csv", [*intents(), ("only one", "rare")])
    dataset = load_dataset(path)
    rare = dataset.classes.index("rare")
    assert (rare,) in dataset.train.labels
    assert note_values(dataset, "data.note.single_row_classes")["labels"] == "rare"


def test_read_texts_keeps_every_row(tmp_path):
    path = csv_file(tmp_path / "a.csv", [("a", 1), ("", 2), ("  c ", 3)], header=("query", "id"))
    assert read_texts(path) == (("a", "", "c"), "query")


def test_read_texts_uses_the_only_column(tmp_path):
    path = csv_file(tmp_path / "a.csv", [("one",), ("two",)], header=("whatever",))
    assert read_texts(path) == (("one", "two"), "whatever")


def test_every_row_has_its_line_and_file(tmp_path):
    path = csv_file(tmp_path / "rows.csv", intents())
    read = load_dataset(path)
    assert {split.file for split in (read.train, read.val, read.test)} == {str(path)}
    told = path.read_text("utf-8").splitlines()
    for split in (read.train, read.val, read.test):
        for text, line in zip(split.texts, split.lines, strict=True):
            assert told[line - 1].startswith(text)


@pytest.mark.parametrize("name", ["a.csv", "a.tsv"])
def test_a_blank_row_of_a_single_column_is_an_empty_text(tmp_path, name):
    path = tmp_path / name
    path.write_text('\ntext\nhello there\n\nmy card is lost\n"  "\nbye\n""\n\n\n', "utf-8")
    assert read_texts(path)[0] == ("hello there", "", "my card is lost", "", "bye", "")
