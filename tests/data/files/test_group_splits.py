"""Splits by group and by time: no group on two sides, no training row after the others."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rankfirst.data import load_dataset
from rankfirst.data.split import hold_out_groups
from rankfirst.errors import DataError, OptionError
from tests.data.file_samples import csv_file, note_values

HEADER = ("text", "label", "customer", "day")


def rows(n: int = 300, groups: int = 30, classes: int = 3) -> list[tuple[str, ...]]:
    return [(f"text {i}", f"class {i % classes}", f"C{i * 7 % groups}", f"2024-{1 + i * 12 // n:02d}-{1 + i % 28:02d}")
            for i in range(n)]  # fmt: skip


def column(path, dataset, name: str) -> dict[str, list[str]]:
    """The cells of a column by split."""
    lines = path.read_text("utf-8").splitlines()
    at = HEADER.index(name)
    return {part: [lines[line - 1].split(",")[at] for line in getattr(dataset, part).lines]
            for part in ("train", "val", "test")}  # fmt: skip


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("groups", [4, 8, 31, 300])
def test_no_group_is_on_two_sides(tmp_path, seed, groups):
    path = csv_file(tmp_path / "a.csv", rows(groups=groups), HEADER)
    dataset = load_dataset(path, group="customer", seed=seed)
    sides = {part: set(cells) for part, cells in column(path, dataset, "customer").items()}
    assert sum(map(len, sides.values())) == groups == len(set.union(*sides.values()))
    assert sum(len(getattr(dataset, part)) for part in sides) == 300
    if groups >= 30:
        assert 35 <= len(dataset.val) <= 55 and 35 <= len(dataset.test) <= 55
        assert {c for (c,) in dataset.val.labels} == {0, 1, 2} == {c for (c,) in dataset.test.labels}
    assert note_values(dataset, "data.note.split_by_group")["groups"] == str(groups)


def test_groups_are_equal_despite_case_and_width_and_rows_without_one_stand_alone(tmp_path):
    table = [(f"text {i}", "ab"[i % 2], ("c1", "C1", " c1 ", "Ｃ１", "1.0", "")[i % 6], "") for i in range(120)]
    path = csv_file(tmp_path / "a.csv", table, HEADER)
    dataset = load_dataset(path, group="Customer")
    sides = column(path, dataset, "customer")
    assert sum(any(cell.strip().casefold() in ("c1", "ｃ１") for cell in cells) for cells in sides.values()) == 1
    assert sum("" in cells for cells in sides.values()) > 1


def test_time_orders_the_sides(tmp_path):
    path = csv_file(tmp_path / "a.csv", [*rows()][::-1], HEADER)
    dataset = load_dataset(path, time="day")
    days = column(path, dataset, "day")
    assert max(days["train"]) < min(days["val"]) and max(days["val"]) < min(days["test"])
    assert 35 <= len(dataset.val) <= 55 and 35 <= len(dataset.test) <= 55
    told = note_values(dataset, "data.note.split_by_time")
    assert (told["first"], told["second"]) == (min(days["val"]), min(days["test"]))


def test_equal_dates_stay_on_one_side_and_rows_without_a_date_are_left_out(tmp_path):
    table = [(f"text {i}", "ab"[i % 2], "", "" if i == 5 else f"2024-01-0{1 + i // 25}") for i in range(100)]
    path = csv_file(tmp_path / "a.csv", table, HEADER)
    dataset = load_dataset(path, time="day")
    days = [set(cells) for cells in column(path, dataset, "day").values()]
    assert days == [{"2024-01-01", "2024-01-02"}, {"2024-01-03"}, {"2024-01-04"}]
    assert note_values(dataset, "data.note.undated")["rows"] == "1" and len(dataset.train) == 49


def test_labels_that_come_later_cannot_be_learnt(tmp_path):
    table = [(f"text {i}", "new" if i > 95 else "ab"[i % 2], "", f"2024-01-{1 + i // 4:02d}") for i in range(100)]
    dataset = load_dataset(csv_file(tmp_path / "a.csv", table, HEADER), time="day")
    assert dataset.classes == ("a", "b")
    assert note_values(dataset, "data.note.new_labels") == {"split": "test", "rows": "4", "labels": "new"}


def test_given_files_are_held_to_it(tmp_path):
    table = rows()
    train, val = csv_file(tmp_path / "a.csv", table[:200], HEADER), csv_file(tmp_path / "b.csv", table[200:], HEADER)
    with pytest.raises(DataError) as caught:
        load_dataset(train, val, group="customer")
    assert caught.value.code == "data.shared_groups" and "--val" in caught.value.sentence()
    own = csv_file(tmp_path / "c.csv", [(t, c, f"other {g}", d) for t, c, g, d in table[200:]], HEADER)
    dataset = load_dataset(train, own, group="customer")
    sides = column(train, dataset, "customer")
    assert not set(sides["train"]) & set(sides["test"]) and len(dataset.val) == 100
    early = load_dataset(val, train, time="day")
    assert note_values(early, "data.note.early_rows")["rows"] == "200"


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"group": "text2"}, "data.no_such_column"),
        ({"group": "one"}, "data.too_few_groups"),
        ({"group": "label"}, "data.too_few_groups"),
        ({"time": "label"}, "data.not_dates"),
        ({"time": "once"}, "data.too_few_dates"),
    ],
)
def test_what_cannot_be_split_is_one_line(tmp_path, options, code):
    table = [(f"text {i}", "ab"[i % 2], "same", "2024-01-01") for i in range(60)]
    with pytest.raises(DataError) as caught:
        load_dataset(csv_file(tmp_path / "a.csv", table, ("text", "label", "one", "once")), **options)
    assert caught.value.code == code and "\n" not in caught.value.sentence("zh")


def test_both_at_once_are_refused(tmp_path):
    with pytest.raises(OptionError):
        load_dataset(csv_file(tmp_path / "a.csv", rows(), HEADER), group="customer", time="day")


@settings(max_examples=80, deadline=None)
@given(
    table=st.lists(st.tuples(st.integers(0, 9), st.sets(st.integers(0, 3), min_size=1, max_size=2)), min_size=8,
                   max_size=60),
    later=st.integers(0, 1),
    seed=st.integers(0, 2),
)  # fmt: skip
def test_whole_groups_are_held_out_and_every_class_stays(table, later, seed):
    groups, labels = [f"g{g}" for g, _ in table], [sorted(row) for _, row in table]
    if len(set(groups)) < 2 + later:
        return
    held = hold_out_groups(groups, labels, max(1, len(table) // 6), seed, later)
    assert all(len({bool(h) for g, h in zip(groups, held, strict=True) if g == one}) == 1 for one in groups)
    left = {c for row, h in zip(labels, held, strict=True) if not h for c in row}
    assert left == {c for row in labels for c in row}
    assert (held == hold_out_groups(groups, labels, max(1, len(table) // 6), seed, later)).all()
    if all(len(row) == 1 for row in labels):
        for c in left:
            own = {g for g, row in zip(groups, labels, strict=True) if c in row}
            if len(own) >= 2 + later and len(set(groups)) == sum(
                len({g for g, row in zip(groups, labels, strict=True) if k in row}) for k in left
            ):  # no group with rows of two classes
                assert held[np.array([c in row for row in labels])].any()
