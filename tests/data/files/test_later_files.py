"""Files that are read after delivery are read as the training file was: the same columns, notation and names."""

import json

import pytest

from rankfirst.data import Reading, load_dataset, read_labelled, read_newer, with_more
from rankfirst.data.files.second_file import read_against
from rankfirst.errors import DataError
from rankfirst.lifecycle.continue_training.parent_run import Files
from rankfirst.options.fit_options import given_in
from rankfirst.run.source_rows import cell_options, row_options
from tests.data.file_samples import csv_file

TEXTS = [f"text number {i}" for i in range(24)]
SETS = [["a"], ["b", "vip"], ["c", "a"], ["vip"], ["b"], ["c"]] * 4
VECTORS = [[int(i % 3 == k or i % 4 == k) for k in range(3)] for i in range(24)]


def file(path, cells, header=("text", "label"), texts=TEXTS):
    return csv_file(path, list(zip(texts, cells, strict=False)), header)


def train(tmp_path, cells, **options):
    path = file(tmp_path / "train.csv", cells)
    return load_dataset(path, path, path, **options)


def named(dataset, split):
    return [tuple(dataset.classes[c] for c in row) for row in split.labels]


@pytest.mark.parametrize("write", [str, json.dumps, "|".join, ", ".join, lambda row: json.dumps({"choices": row})])
def test_lists_of_a_few_later_rows(tmp_path, write):
    dataset = train(tmp_path, [write(row) for row in SETS])
    later = file(tmp_path / "later.csv", [write(row) for row in (["vip", "b"], ["a", "new"])])
    assert named(dataset, read_newer(later, dataset)) == [("b", "vip"), ("a",)]
    split, unknown = read_against(later, Reading(multi_label=True, classes=dataset.classes))
    assert unknown == [(), ("new",)] and len(split) == 2
    more = file(tmp_path / "more.csv", [write(row) for row in SETS], texts=[f"new {text}" for text in TEXTS])
    grown = with_more(dataset, more)
    assert grown.new_classes == () and grown.dataset.classes == ("a", "b", "c", "vip")
    assert set(named(grown.dataset, grown.dataset.train)) == {tuple(sorted(row)) for row in SETS}


def test_a_single_later_row_of_known_data_is_never_a_question(tmp_path):
    dataset = train(tmp_path, SETS_AS_TEXT := ["|".join(row) for row in SETS])
    assert dataset.multi_label and "b|vip" in SETS_AS_TEXT
    later = file(tmp_path / "later.csv", ["a|unheard", "x, y", "a"])
    split, unknown = read_against(later, Reading(multi_label=True, classes=dataset.classes))
    assert named(dataset, split) == [("a",), (), ("a",)] and unknown == [("unheard",), ("x, y",), ()]


def test_vectors_are_named_as_in_training(tmp_path):
    dataset = train(tmp_path, [str(row) for row in VECTORS], label_names="x,y,z")
    how = Reading.of({"label_names": "x,y,z", "text": "text"}, dataset.multi_label, dataset.classes)
    later = file(tmp_path / "later.csv", ["[0, 1, 1]", "[1, 0, 0]"])
    assert named(dataset, read_newer(later, dataset, how=how)) == [("y", "z"), ("x",)]
    assert list(read_labelled(later, how=how).names) == [("y", "z"), ("x",)]


def test_columns_of_classes_beside_others(tmp_path):
    rows = [(text, *row) for text, row in zip(TEXTS, VECTORS, strict=True)]
    path = csv_file(tmp_path / "train.csv", rows, ("text", "x", "y", "z"))
    dataset = load_dataset(path, path, path)
    later = csv_file(tmp_path / "later.csv", [("t", 1, 0, 1, 1), ("u", 0, 1, 0, 0)], ("text", "vip", "x", "y", "z"))
    assert named(dataset, read_newer(later, dataset)) == [("y", "z"), ("x",)]


def test_a_single_label_file_of_known_data_has_no_lists(tmp_path):
    dataset = train(tmp_path, ["a", "b", "c"] * 8)
    later = file(tmp_path / "later.csv", ["['a']", "['b']"], texts=["new one", "new two"])
    assert named(dataset, read_newer(later, dataset)) == [("a",), ("b",)]
    with pytest.raises(DataError):
        with_more(dataset, file(tmp_path / "more.csv", ["['a', 'b']", "['b']"], texts=["new one", "new two"]))


def test_the_options_of_a_run_are_found_again(tmp_path):
    words = "rankfirst fit a.csv -o run --label topic --separator ; --label-names x,y --keep-case --seed 3".split()
    given = given_in(words)
    assert cell_options(given) == {"separator": ";", "label_names": "x,y", "keep_case": True}
    files = Files("a.csv", options=cell_options(given))
    assert files.reading == Reading(";", ("x", "y"), keep_case=True)
    event = {"kind": "run", "key": "", "payload": {"command": " ".join(w if w != ";" else "';'" for w in words)}}
    (tmp_path / "journal.jsonl").write_text(json.dumps(event | {"seconds": 0.0}) + "\n", "utf-8")
    assert row_options(tmp_path)["separator"] == ";" and row_options(tmp_path)["keep_case"] is True
    assert row_options(tmp_path / "nowhere") == {}
