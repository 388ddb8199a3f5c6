"""A date column: the forms it may take, and the cut between old rows and new ones."""

import datetime

import numpy as np
import pytest

from rankfirst.data import load_dataset
from rankfirst.data.files.dates import day, seconds_of, split_by_date
from rankfirst.errors import DataError
from tests.data.file_samples import csv_file, intents

MORNING = 1_706_689_800.0  # 2024-01-31 08:30 UTC


@pytest.mark.parametrize(
    ("cell", "seconds"),
    [
        ("2024-01-31", MORNING - 30_600),
        ("2024-1-31", MORNING - 30_600),
        ("2024/01/31", MORNING - 30_600),
        ("2024.1.31", MORNING - 30_600),
        ("20240131", MORNING - 30_600),
        (20240131, MORNING - 30_600),
        ("2024年1月31日", MORNING - 30_600),
        ("2024年01月31日 8时30分", MORNING),
        ("２０２４年１月３１日 ０８：３０", MORNING),
        ("2024-01-31 08:30", MORNING),
        ("2024-01-31T08:30:00", MORNING),
        ("2024-01-31T08:30:00.123456", MORNING),
        ("2024-01-31T08:30:00Z", MORNING),
        ("2024-01-31T16:30:00+08:00", MORNING),
        ("2024-01-31 03:30:00-0500", MORNING),
        ("1706689800", MORNING),
        (1706689800, MORNING),
        (1706689800000, MORNING),
        ("1706689800.0", MORNING),
        ("1706689800000", MORNING),
        (1706689800000000, MORNING),
        (datetime.datetime(2024, 1, 31, 8, 30), MORNING),
        (datetime.date(2024, 1, 31), MORNING - 30_600),
    ],
)
def test_dates_in_every_form(cell, seconds):
    assert seconds_of(cell) == pytest.approx(seconds)


@pytest.mark.parametrize("cell", ["", None, "soon", "2024-02-30", "2024-01-31 25:00", 7, "31", True, float("nan"), []])
def test_cells_that_are_not_dates_are_nan(cell):
    assert np.isnan(seconds_of(cell))


def test_the_median_date_splits_old_from_new():
    before, after, cut = split_by_date([3.0, 1.0, float("nan"), 2.0, 4.0])
    assert (before.tolist(), after.tolist(), cut) == ([1, 3], [0, 4], 3.0)


def test_a_median_on_the_first_day_moves_to_the_next():
    before, after, cut = split_by_date([1.0, 1.0, 1.0, 2.0])
    assert (before.tolist(), after.tolist(), cut) == ([0, 1, 2], [3], 2.0)


def test_one_day_only_leaves_one_side_empty():
    before, after, _ = split_by_date([1.0, 1.0])
    assert (len(before), len(after)) == (0, 2)


def test_a_day_is_shown_with_its_time_if_it_has_one():
    assert day(seconds_of("2024-01-31")) == "2024-01-31"
    assert day(MORNING) == "2024-01-31 08:30"


def dated(path, cells):
    rows = [(text, label, cell) for (text, label), cell in zip(intents(20), cells, strict=True)]
    return csv_file(path, rows, ("text", "label", "created"))


def test_dates_are_kept_when_rows_are_held_out(tmp_path):
    days = [f"2024-01-{1 + i % 28:02d}" for i in range(60)]
    path = dated(tmp_path / "a.csv", days)
    dataset = load_dataset(path, date="Created")
    for split in (dataset.train, dataset.val, dataset.test):
        assert [day(seconds) for seconds in split.dates] == [days[line - 2] for line in split.lines]
    assert load_dataset(path).train.dates == ()


def test_a_few_missing_dates_are_nan(tmp_path):
    path = dated(tmp_path / "a.csv", ["", *["2024年1月2日"] * 59])
    dataset = load_dataset(path, path, path, date="created")
    assert np.isnan(dataset.train.dates[0])
    assert day(dataset.train.dates[1]) == "2024-01-02"


def test_files_without_the_column_have_no_dates(tmp_path):
    train, test = dated(tmp_path / "a.csv", ["2024-01-02"] * 60), csv_file(tmp_path / "b.csv", intents())
    dataset = load_dataset(train, test, test, date="created")
    assert (len(dataset.train.dates), dataset.val.dates) == (60, ())


@pytest.mark.parametrize(
    ("column", "cells", "match"),
    [
        ("when", ["2024-01-02"] * 60, "no column 'when'"),
        ("created", ["2024-01-02"] * 56 + ["soon"] * 4, r"4 of 60 cells of column 'created' are not dates \(soon"),
    ],
)
def test_a_column_without_dates_is_refused(tmp_path, column, cells, match):
    path = dated(tmp_path / "a.csv", cells)
    with pytest.raises(DataError, match=match) as caught:
        load_dataset(path, date=column)
    assert "\n" not in caught.value.sentence("zh")
