"""One or several labels a row, and which spellings are the same label."""

import pytest

from rankfirst.data import load_dataset
from tests.data.file_samples import csv_file, jsonl_file, note_codes, note_values


def table(tmp_path, labels, column="label"):
    return csv_file(tmp_path / "a.csv", [(f"t{i}", label) for i, label in enumerate(labels)], ("text", column))


@pytest.mark.parametrize(
    ("column", "labels", "multi", "classes"),
    [
        pytest.param("label", ["a", "b", "a", "b"], False, "ab", id="single"),
        pytest.param("labels", ["a", "b", "a", "b"], True, "ab", id="plural-name"),
        pytest.param("Intents", ["a|b", "b", "a", ""], True, "ab", id="plural-any-case"),
        pytest.param("label", ["a|b", "b", "a", "b"], True, "ab", id="joined-known-labels"),
        pytest.param("label", ["a|b", "b|c", "a", "b", "c"], True, "abc", id="a-piece-seen-in-one-place"),
        pytest.param("意图", ["a | b", "b", "a", "b"], True, "ab", id="spaces-around-separator"),
        pytest.param("label", ["a|a|b", "b", "a", "b"], True, "ab", id="repeated-piece"),
    ],
)
def test_multi_label_is_recognised(tmp_path, column, labels, multi, classes):
    path = table(tmp_path, labels, column)
    dataset = load_dataset(path, path, path)
    assert (dataset.multi_label, dataset.classes) == (multi, tuple(classes))


def test_an_empty_cell_is_a_row_without_labels(tmp_path):
    path = table(tmp_path, ["a|b", "", "a", "b"], "labels")
    assert load_dataset(path, path, path).train.labels == ((0, 1), (), (0,), (1,))


@pytest.mark.parametrize("separator", [";", ""])
def test_another_separator_allows_a_bar_in_a_name(tmp_path, separator):
    path = table(tmp_path, ["lost|stolen", "b", "lost|stolen", "b"])
    dataset = load_dataset(path, path, path, separator=separator)
    assert dataset.classes == ("b", "lost|stolen")
    assert not dataset.multi_label


def test_the_separator_can_be_chosen(tmp_path):
    path = table(tmp_path, ["a;b", "b", "a", "b"])
    assert load_dataset(path, path, path, separator=";").train.labels[0] == (0, 1)


def test_lists_in_jsonl_are_multi_label(tmp_path):
    rows = [{"text": f"t{i}", "label": label} for i, label in enumerate([["a", "b"], [], None, ["b"], ["a"]])]
    path = jsonl_file(tmp_path / "a.jsonl", rows)
    assert load_dataset(path, path, path).train.labels == ((0, 1), (), (), (1,), (0,))


def test_whole_numbers_in_a_plural_column_are_single_label(tmp_path):
    path = jsonl_file(tmp_path / "a.jsonl", [{"text": f"t{i}", "labels": i % 2} for i in range(6)])
    assert not load_dataset(path, path, path).multi_label


def test_zero_one_columns_are_labels(tmp_path):
    rows = [("x", 7, 0, "1.0"), ("y", 8, 1, 0), ("z", 9, 1, 1), ("w", 9, 0, 0)]
    path = csv_file(tmp_path / "a.csv", rows, ("text", "id", "loan", "card"))
    dataset = load_dataset(path, path, path)
    assert dataset.multi_label
    assert dataset.classes == ("card", "loan")
    assert dataset.train.labels == ((0,), (1,), (0, 1), ())


def test_spellings_are_merged_into_the_most_frequent_with_a_note(tmp_path):
    labels = ["Card lost", "card  lost", "card lost", "ｃａｒｄ lost", " card lost ", "loan", "loan"]
    path = table(tmp_path, labels)
    dataset = load_dataset(path, path, path)
    assert dataset.classes == ("card lost", "loan")
    note = note_values(dataset, "data.note.merged_labels")
    assert note["pairs"] == "Card lost → card lost, ｃａｒｄ lost → card lost"
    assert (note["labels"], note["rows"]) == ("2", "6")  # three files


def test_a_plural_column_with_one_label_per_row_is_noted(tmp_path):
    path = table(tmp_path, ["a", "b", "a", "b"], "labels")
    assert "data.note.one_label_a_row" in note_codes(load_dataset(path, path, path))
