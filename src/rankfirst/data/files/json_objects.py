"""Find the rows in one JSON object: by split, by column, or in the only list of objects."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from rankfirst.data.files.columnar import SPLIT_NAMES
from rankfirst.data.files.table import listed, shown
from rankfirst.errors import DataError

Row = dict[str, object]
Pair = tuple[object, object]  # a text and its label, in either order
# CLINC's files keep the out-of-scope rows of a split in a list of their own.
OUTSIDE: Final = "oos"
DEEPEST: Final = 3  # levels of objects around the list of rows


def splits_in(path: Path, content: Mapping[str, object]) -> dict[str, list[Row]]:
    """'train' / 'val' / 'test' -> its rows; empty if the keys are not names of splits, the training rows among them.

    Raises: DataError if a row is neither an object nor a text with its label.
    """
    found: dict[str, list[Row | Pair]] = {}
    for key, value in content.items():
        split = _split(key)
        rows = _from_columns(value) if isinstance(value, dict) else value
        if split is None or not isinstance(rows, list):
            return {}
        found.setdefault(split, []).extend(_row(path, key, number, row) for number, row in enumerate(rows, 1))
    if "train" not in found:
        return {}
    pairs = [row for row in found["train"] if isinstance(row, tuple)]
    names = ("text", "label")
    if len({str(first) for first, _ in pairs}) < len({str(second) for _, second in pairs}):
        names = ("label", "text")  # texts differ more than labels do
    return {split: [dict(zip(names, row, strict=True)) if isinstance(row, tuple) else row for row in rows]
            for split, rows in found.items()}  # fmt: skip


def rows_in(path: Path, content: Mapping[str, object]) -> list[object]:
    """The rows of an object without splits. Raises: DataError if it has splits, or if the rows cannot be found."""
    if splits := splits_in(path, content):
        raise DataError("data.json_of_splits", path=str(path), splits=listed(splits))
    if (rows := _from_columns(content)) is not None:
        return rows
    lists = list(_lists(content, DEEPEST))
    if len(lists) != 1:
        raise DataError("data.json_shape", path=str(path), keys=listed(content))
    return lists[0]


def _split(key: str) -> str | None:
    name = key.casefold().removeprefix(f"{OUTSIDE}_").removesuffix(f"_{OUTSIDE}")
    return SPLIT_NAMES.get(name)


def _row(path: Path, key: str, number: int, row: object) -> Row | Pair:
    if isinstance(row, dict):
        return row
    if isinstance(row, list) and len(row) == 2 and any(isinstance(cell, str) for cell in row):
        return row[0], row[1]
    raise DataError("data.json_split_row", path=str(path), split=shown(key), row=number, found=shown(row))


def _from_columns(content: Mapping[str, object]) -> list[object] | None:
    """The rows of an object whose values are columns, all lists or all objects of equal length; None if it is none."""
    columns = [_column(values) for values in content.values()]
    if not columns or len({type(values) for values in content.values()}) > 1:
        return None
    if any(column is None or len(column) != len(columns[0] or ()) for column in columns):
        return None
    return [dict(zip(content, row, strict=True)) for row in zip(*(column or () for column in columns), strict=True)]


def _column(values: object) -> Sequence[object] | None:
    """The cells of a column: a list, or an object from row names to cells, as pandas writes it."""
    if isinstance(values, dict):
        values = list(values.values())
    if not isinstance(values, list) or not values or any(isinstance(value, dict) for value in values):
        return None
    return values


def _lists(content: Mapping[str, object], levels: int) -> Iterator[list[object]]:
    """The lists of objects in it, at most `levels` objects deep."""
    for value in content.values():
        if isinstance(value, list) and value and all(isinstance(row, dict) for row in value):
            yield value
        elif isinstance(value, dict) and levels > 1:
            yield from _lists(value, levels - 1)
