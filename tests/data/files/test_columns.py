"""Which columns are the text and the labels: said if guessed, asked if another is about as likely."""

import pytest

from rankfirst.data import load_dataset
from rankfirst.data.files.column_names import LABEL_NAMES, TEXT_NAMES, label_rank, text_rank
from rankfirst.errors import DataError
from tests.data.file_samples import csv_file, jsonl_file, note_codes, note_values

TEXTS = [f"text number {i}" for i in range(40)]
CLASSES = [f"t{i % 4}" for i in range(40)]
FLAGS = [[i % 2 for i in range(40)], [i // 2 % 2 for i in range(40)]]


def table(tmp_path, **columns):
    return csv_file(tmp_path / "a.csv", list(zip(*columns.values(), strict=True)), tuple(columns))


def read(path, **options):
    return load_dataset(path, path, path, **options)


def names(dataset, row=0):
    return tuple(dataset.classes[c] for c in dataset.train.labels[row])


@pytest.mark.parametrize("flags", [("is_mobile", "resolved"), ("vip", "processed"), ("是否加急", "已处理"), ("a", "b")])
@pytest.mark.parametrize(
    "label",
    [
        "class",
        "target",
        "topic",
        "category",
        "sentiment",
        "tag",
        "intent",
        "intent_name",
        "label_name",
        "类别",
        "分类",
        "类目",
        "标签",
        "意图",
        "Class-Name",
        "一级分类",
    ],
)
def test_a_label_column_beside_side_columns(tmp_path, flags, label):
    path = table(tmp_path, text=TEXTS, **{flags[0]: FLAGS[0], label: CLASSES, flags[1]: FLAGS[1]})
    dataset = read(path)
    assert dataset.classes == ("t0", "t1", "t2", "t3") and names(dataset, 1) == ("t1",)
    assert label == "标签" or note_values(dataset, "data.note.label_column")["column"] == label


@pytest.mark.parametrize("name", [name for rank in TEXT_NAMES for name in rank])
def test_every_usual_name_of_a_text_column(tmp_path, name):
    assert read(table(tmp_path, id=range(40), **{name: TEXTS}, label=CLASSES)).train.texts == tuple(TEXTS)


@pytest.mark.parametrize("name", [name for rank in LABEL_NAMES for name in rank])
def test_every_usual_name_of_a_label_column(tmp_path, name):
    dataset = read(table(tmp_path, id=range(40), text=TEXTS, **{name: CLASSES}))
    assert names(dataset, 1) == ("t1",)


def test_no_name_is_that_of_both():
    texts = [name for rank in TEXT_NAMES for name in rank]
    labels = [name for rank in LABEL_NAMES for name in rank]
    assert [name for name in texts if label_rank(name) is not None] == []
    assert [name for name in labels if text_rank(name) is not None] == []


@pytest.mark.parametrize(
    ("columns", "code", "told"),
    [
        ({"dept": CLASSES, "vip": FLAGS[0], "done": FLAGS[1]}, "flags_or_label", ["vip, done", "--label dept"]),
        (
            {"themes": [f"t{i % 4}; u{i // 4}; v{i % 3}" for i in range(40)], "a": FLAGS[0], "b": FLAGS[1]},
            "flags_or_label",
            ["--label themes"],
        ),
        ({"vip": FLAGS[0], "processed": FLAGS[1]}, "flags", ["--label vip,processed"]),
        ({"is_a": FLAGS[0], "is_b": FLAGS[1]}, "flags", ["is_a, is_b"]),
        (
            {"morning": FLAGS[1], **{name: [int(i % 3 == k) for i in range(40)] for k, name in enumerate("abc")}},
            "flags",
            ["rather than labels: morning"],
        ),
        ({"a": FLAGS[0], "b": FLAGS[1], "c": ["?", *FLAGS[0][1:]]}, "nearly_zero_one", ["'c'", "line 2", "'?'"]),
        ({"category": CLASSES, "topic": [*CLASSES[1:], "t9"]}, "labels", ["category, topic", "--label"]),
        ({"question": TEXTS[::-1], "content": TEXTS, "label": CLASSES}, "texts", ["question, content", "--text"]),
    ],
)
def test_two_likely_readings_are_one_question(tmp_path, columns, code, told):
    text = {} if "content" in columns else {"text": TEXTS}
    with pytest.raises(DataError) as caught:
        read(table(tmp_path, **text, **columns))
    assert caught.value.code == f"data.ask.{code}"
    assert all(part in str(caught.value) for part in told)


def test_other_columns_that_may_be_meant_are_noted(tmp_path):
    path = table(tmp_path, title=TEXTS, body=TEXTS[::-1], label=CLASSES, category=CLASSES[::-1])
    dataset = read(path)
    assert dataset.train.texts == tuple(TEXTS[::-1])
    assert note_values(dataset, "data.note.text_column_over")["others"] == "title"
    assert note_values(dataset, "data.note.label_column_over")["others"] == "category"


def test_a_class_id_and_its_name_are_one_label(tmp_path):
    path = table(tmp_path, text=TEXTS, label_id=[int(name[1]) for name in CLASSES], label_name=CLASSES)
    assert read(path).classes == ("t0", "t1", "t2", "t3")


def test_a_stated_label_is_surer_than_a_compound_name(tmp_path):
    path = table(tmp_path, text=TEXTS, stars=[i % 5 for i in range(40)], product_category=CLASSES, intent=CLASSES[::-1])
    assert names(read(path)) == ("t3",)
    path = table(tmp_path, text=TEXTS, stars=[i % 5 for i in range(40)], product_category=CLASSES)
    with pytest.raises(DataError, match="stars, product_category"):
        read(path)


def test_a_column_of_one_value_is_no_label(tmp_path):
    assert read(table(tmp_path, text=TEXTS, category=["all"] * 40, topic=CLASSES)).classes == ("t0", "t1", "t2", "t3")


@pytest.mark.parametrize(
    ("yes", "no"), [("True", "False"), ("TRUE", "FALSE"), ("yes", "no"), ("是", "否"), ("Y", "N"), ("1.0", "0.0"),
                    ("1", ""), ("x", ""), ("√", "×")],
)  # fmt: skip
def test_columns_of_one_label_each(tmp_path, yes, no):
    one = {name: [yes if i % 3 == k else no for i in range(40)] for k, name in enumerate("abc")}
    dataset = read(table(tmp_path, text=TEXTS, **one))
    assert not dataset.multi_label and [names(dataset, i) for i in range(3)] == [("a",), ("b",), ("c",)]
    assert {"data.note.label_columns", "data.note.one_hot_columns"} <= set(note_codes(dataset))
    assert read(table(tmp_path, text=TEXTS, **one), empty_is_none=True).multi_label
    several = {name: [yes if i % (k + 2) == 0 else no for i in range(40)] for k, name in enumerate("abc")}
    dataset = read(table(tmp_path, text=TEXTS, **several))
    assert dataset.multi_label and [names(dataset, i) for i in range(3)] == [("a", "b", "c"), (), ("a",)]


def test_a_file_without_a_header_is_refused(tmp_path):
    path = csv_file(tmp_path / "a.csv", list(zip(TEXTS[1:], CLASSES[1:], strict=True)), (TEXTS[0], CLASSES[0]))
    with pytest.raises(DataError, match=r"first line looks like a row.*text,label"):
        read(path)


def test_other_files_may_call_their_columns_otherwise(tmp_path):
    train = csv_file(tmp_path / "train.csv", list(zip(TEXTS, CLASSES, strict=True)))
    rows = list(zip(TEXTS, CLASSES, strict=True))
    val = csv_file(tmp_path / "val.csv", rows, ("utterance", "intent"))
    dataset = load_dataset(train, val, val)
    assert dataset.val.texts == tuple(TEXTS)
    assert note_values(dataset, "data.note.other_text_column") == {
        "file": "val.csv", "column": "utterance", "missing": "text"
    }  # fmt: skip
    odd = csv_file(tmp_path / "odd.csv", rows, ("words", "label"))
    with pytest.raises(DataError, match="--text train=text,val=NAME"):
        load_dataset(train, odd, odd)
    assert load_dataset(train, odd, odd, text="train=text,val=words,test=words").val.texts == tuple(TEXTS)


def test_rows_that_prodigy_rejected_are_left_out(tmp_path):
    rows = [{"text": text, "label": name, "answer": "reject" if i % 4 == 3 else "accept"}
            for i, (text, name) in enumerate(zip(TEXTS, CLASSES, strict=True))]  # fmt: skip
    dataset = read(jsonl_file(tmp_path / "a.jsonl", rows))
    assert dataset.classes == ("t0", "t1", "t2") and len(dataset.train) == 30
    assert note_values(dataset, "data.note.rejected")["rows"] == "10"
    binary = jsonl_file(tmp_path / "b.jsonl", [row | {"label": "spam"} for row in rows])
    with pytest.raises(DataError, match="--label answer"):
        read(binary)
    assert read(binary, label="answer").classes == ("accept", "reject")
