"""More rows for splits that keep groups apart: old rows stay, and no group is on two sides."""

from collections import Counter
from pathlib import Path

import pytest

from rankfirst.data import Grown, load_dataset, with_more
from rankfirst.errors import DataError
from rankfirst.records import Dataset
from tests.data.file_samples import csv_file

LABELS = ("card", "limit", "rate")
HEAD = ("text", "label", "customer")


def rows(first: int, count: int, customers: int, name: str) -> list[tuple[str, str, str]]:
    return [(f"{name} text {i}", LABELS[i % 3], f"{name}{i % customers}") for i in range(first, first + count)]


def old(tmp_path: Path) -> Dataset:
    path = csv_file(tmp_path / "old.csv", rows(0, 300, 40, "c"), HEAD)
    return load_dataset(path, group="customer", seed=3)


def sides(dataset: Dataset) -> dict[str, set[str]]:
    return {name: set(getattr(dataset, name).groups) for name in ("train", "val", "test")}


def grown(tmp_path: Path, told: list[tuple[str, str, str]]) -> tuple[Dataset, Grown]:
    before = old(tmp_path)
    return before, with_more(before, csv_file(tmp_path / "more.csv", told, HEAD), group="customer", seed=3)


def test_no_group_is_on_two_sides_and_old_rows_stay(tmp_path: Path) -> None:
    told = rows(1000, 120, 30, "d") + rows(2000, 80, 40, "c") + [(f"lone {i}", "card", "") for i in range(20)]
    before, more = grown(tmp_path, told)
    after = sides(more.dataset)
    assert not (after["train"] & after["val"] or after["train"] & after["test"] or after["val"] & after["test"])
    for name, groups in sides(before).items():
        assert groups <= after[name]
        assert getattr(more.dataset, name).texts[: len(getattr(before, name))] == getattr(before, name).texts
    assert sum(more.added.values()) == 220 and more.left_out == 0
    new = Counter(name for name, groups in after.items() for group in groups if group.startswith("d"))
    assert new["train"] > new["val"] > 0 < new["test"]


def test_repeated_twice_it_is_the_same_and_goes_on(tmp_path: Path) -> None:
    _, once = grown(tmp_path, rows(1000, 120, 30, "d"))
    _, again = grown(tmp_path, rows(1000, 120, 30, "d"))
    assert once.dataset.fingerprint == again.dataset.fingerprint
    third = csv_file(tmp_path / "third.csv", rows(5000, 60, 30, "d"), HEAD)
    after = sides(with_more(once.dataset, third, group="customer", seed=3).dataset)
    assert after == sides(once.dataset)  # every row belongs to a customer that is known


def test_texts_on_the_other_side_and_labels_that_nothing_teaches_are_left_out(tmp_path: Path) -> None:
    before = old(tmp_path)
    held, seen = sorted(sides(before)["val"])[0], sorted(sides(before)["train"])[0]
    told = [
        (before.train.texts[0], "card", held),
        (before.val.texts[0], "card", seen),
        ("something new", "parcel", held),
        ("something else", "card", held),
        ("a third", "card", seen),
    ]
    _, more = grown(tmp_path, told)
    assert more.left_out == 3 and more.added == {"train": 1, "val": 1, "test": 0}
    assert more.dataset.val.texts[-1] == "something else" and "parcel" not in more.new_classes


def test_the_column_is_needed(tmp_path: Path) -> None:
    before = old(tmp_path)
    with pytest.raises(DataError, match="customer"):
        with_more(before, csv_file(tmp_path / "m.csv", [("new", "card")], ("text", "label")), group="customer")
