"""Positions become rows that a person can find in her own file."""

import numpy as np

from rankfirst.data import load_dataset
from rankfirst.data.quality import review_rows
from rankfirst.data.quality.facts import Facts
from tests.data.file_samples import csv_file

ROWS = [
    ("i lost my card", "card"),
    ("i lost my card", "loan"),
    ("i lost my crad", "loan"),
    ("write to me@mail.net", "card"),
    *((f"{word} loan of euros", "loan") for word in ("one", "two", "red", "blue", "tall", "old")),
    *((f"{word} my card now", "card") for word in ("block", "find", "order", "scan", "keep", "cut")),
]


def read(tmp_path):
    path = csv_file(tmp_path / "rows.csv", ROWS)
    return load_dataset(path, path, path)


def test_an_example_has_line_labels_and_similar_row(tmp_path):
    data = read(tmp_path)
    told = review_rows.example(data, data.train, 1, 0.5, (0,), (data.train, 0))
    assert (told.text, told.labels, told.line, told.suggested) == ("i lost my card", ("loan",), 3, ("card",))
    assert (told.twin, told.twin_line, told.score) == ("i lost my card", 2, 0.5)


def test_conflicts_show_both_rows_with_the_line_of_the_other(tmp_path):
    told = review_rows.conflicts(Facts(read(tmp_path)))
    assert [(row.line, row.twin_line, row.labels) for row in told[:2]] == [(2, 3, ("card",)), (3, 2, ("loan",))]


def test_leaks_refer_to_the_training_row(tmp_path):
    told = review_rows.leaks(Facts(read(tmp_path)))
    assert len(told) == 2 * len(ROWS)
    assert all(row.score == 1.0 and row.twin == row.text for row in told)


def test_suspects_of_a_subset_refer_to_lines_of_the_file(tmp_path):
    data = read(tmp_path)
    told = review_rows.suspects(data, data.train, np.array([1.0, 1e6]), ((0,), (1,)), rows=(4, 7))
    assert [(row.line, row.suggested) for row in told] == [(9, ("loan",))]


def test_rows_with_personal_data_are_not_shown(tmp_path):
    from rankfirst.data import profile

    data = read(tmp_path)
    assert "data.check.private" not in review_rows.of_checks(profile(data), data)


def test_a_few_examples_per_finding_without_personal_data(tmp_path):
    from dataclasses import replace

    from rankfirst.data import few_examples, profile

    data = read(tmp_path)
    found = replace(profile(data), suspects=(3, 1, 4))
    card = data.classes.index("card")
    told = few_examples(found, data, np.eye(2)[np.full(len(data.train), card)])
    assert [row.text for row in told["data.check.suspects"]] == ["i lost my card", "one loan of euros"]
    assert {row.suggested for row in told["data.check.suspects"]} == {("card",)}
    assert all(1 <= len(rows) <= review_rows.FEW for rows in told.values())
    assert not [row.text for rows in told.values() for row in rows if "@" in row.text]
