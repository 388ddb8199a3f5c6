"""More rows join a data set: none of before changes its side, what is known already stays out of the way."""

import csv
from collections.abc import Sequence
from pathlib import Path

import pytest

from rankfirst.data import with_more
from rankfirst.errors import DataError
from rankfirst.records import Dataset, Split


def old(multi_label: bool = False) -> Dataset:
    def split(name: str, n: int) -> Split:
        labels = tuple((i % 2,) for i in range(n))
        return Split(tuple(f"{name} text {i}" for i in range(n)), labels)

    return Dataset("shop", ("card", "send"), multi_label, split("train", 20), split("val", 6), split("test", 6))


def write(folder: Path, rows: Sequence[tuple[str, str]], label: str = "label") -> Path:
    path = folder / "more.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("text", label), *rows])
    return path


def test_new_rows_are_held_out_and_old_ones_keep_their_split(tmp_path: Path) -> None:
    path = write(tmp_path, [(f"new {i}", ("card", "send", "rate")[i % 3]) for i in range(60)])
    grown, again = (with_more(old(), path, seed=3) for _ in range(2))
    assert grown == again != with_more(old(), path, seed=4)
    assert grown.new_classes == ("rate",) and grown.dataset.classes == ("card", "rate", "send")
    assert dict(grown.added) == {"train": 42, "val": 9, "test": 9}
    for name in ("train", "val", "test"):
        was, now = getattr(old(), name), getattr(grown.dataset, name)
        assert now.texts[: len(was)] == was.texts
        assert [grown.dataset.classes[c] for (c,) in now.labels[: len(was)]] == [
            old().classes[c] for (c,) in was.labels
        ]


def test_copies_of_held_out_rows_are_dropped_and_those_of_training_rows_train(tmp_path: Path) -> None:
    rows = [
        ("TEST  text 1", "send"),
        ("val text 2", "card"),
        ("Train text 3", "card"),
        *((f"n {i}", "card") for i in range(4)),
    ]
    grown = with_more(old(), write(tmp_path, rows))
    assert grown.left_out == 2
    assert "Train text 3" in grown.dataset.train.texts
    held = (*grown.dataset.val.texts, *grown.dataset.test.texts)  # type: ignore[union-attr]
    assert not {"TEST text 1", "Train text 3"} & set(held) and held.count("val text 2") == 1
    assert ("data.note.more_left_out", (("file", "more.csv"), ("rows", "2"))) in grown.dataset.notes


def test_labels_keep_their_spelling(tmp_path: Path) -> None:
    grown = with_more(old(), write(tmp_path, [(f"n {i}", "CARD") for i in range(9)]))
    assert grown.new_classes == () and grown.dataset.classes == ("card", "send")


@pytest.mark.parametrize("rows", [1, 2, 3])
def test_a_few_new_rows_all_join_training(tmp_path: Path, rows: int) -> None:
    grown = with_more(old(), write(tmp_path, [(f"n {i}", "rate") for i in range(rows)]))
    assert sum(grown.added.values()) == rows and grown.added["train"] >= 1


def test_cells_are_split_if_the_data_is_multi_label(tmp_path: Path) -> None:
    grown = with_more(old(multi_label=True), write(tmp_path, [("a", "card|rate"), ("b", "rate"), ("c", "")], "labels"))
    assert grown.new_classes == ("rate",)
    assert len(grown.dataset.train.labels) + len(grown.dataset.val.labels) >= 28


def test_a_bar_is_part_of_a_label_if_the_data_is_single_label(tmp_path: Path) -> None:
    grown = with_more(old(), write(tmp_path, [("a", "card|send"), ("b", "card"), ("c", "send")]))
    assert "card|send" in grown.dataset.classes


def test_labels_of_another_form_and_no_new_rows_are_one_line_errors(tmp_path: Path) -> None:
    path = tmp_path / "wide.csv"
    path.write_text("text,card,send\na,0,1\nb,1,0\nc,1,1\n")
    with pytest.raises(DataError, match="is multi-label"):
        with_more(old(), path)
    with pytest.raises(DataError, match="adds nothing"):
        with_more(old(), write(tmp_path, [("test text 1", "card")]))
