"""Find the rows in one JSON object: by split, by column, or in the only list of objects."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from rankfirst.data.files.column_names import label_rank, text_rank
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
    names = _names([row for row in found["train"] if isinstance(row, tuple)])
    return {split: [dict(zip(names, row, strict=True)) if isinstance(row, tuple) else row for row in rows]
            for split, rows in found.items()}  # fmt: skip


def pairs_in(items: Sequence[object]) -> list[Row] | None:
    """The rows of a list of pairs of a text and its label; None if it is none."""
    pairs = [pair for item in items if (pair := _pair(item)) is not None]
    if not pairs or len(pairs) < len(items):
        return None
    names = _names(pairs)
    return [dict(zip(names, pair, strict=True)) for pair in pairs]


def _pair(item: object) -> Pair | None:
    if isinstance(item, list) and len(item) == 2 and any(isinstance(cell, str) for cell in item):
        return item[0], item[1]
    return None


def _names(pairs: Sequence[Pair]) -> tuple[str, str]:
    """Which of the two is the text: texts differ more than labels do."""
    first, second = ({str(pair[side]) for pair in pairs} for side in (0, 1))
    return ("label", "text") if len(first) < len(second) else ("text", "label")


def texts_by_class(content: Mapping[str, object]) -> list[object] | None:
    """The rows of an object from class names to lists of texts; None if it is none.

    Lists under the usual names of columns are columns, and under those of splits nothing that could be trained on.
    """
    if len(content) < 2 or any(_split(key) or text_rank(key) is not None or label_rank(key) is not None
                               for key in content):  # fmt: skip
        return None
    rows: list[object] = []
    for name, texts in content.items():
        if not isinstance(texts, list) or not texts or not all(isinstance(text, str) for text in texts):
            return None
        rows += [{"text": text, "label": name} for text in texts]
    return rows


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
    if (pair := _pair(row)) is not None:
        return pair
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
