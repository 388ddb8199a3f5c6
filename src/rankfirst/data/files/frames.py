"""Rows in Python as tables: DataFrames of pandas and polars, Arrow tables, `datasets`, dicts of columns, and lists.

None of these libraries is imported: a frame is used through what all of them offer.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from rankfirst.data.files.columnar import SPLIT_NAMES
from rankfirst.data.files.hub import hub_table
from rankfirst.data.files.table import Table, column_names
from rankfirst.data.files.texts import kind_of
from rankfirst.errors import DataError
from rankfirst.records import IN_MEMORY

NAME: Final = IN_MEMORY  # of the rows, in messages


def frame_splits(rows: Any) -> dict[str, Table]:
    """'train', and 'val' and 'test' if `rows` is a mapping from splits to frames -> the table.

    Args: rows: a frame; a mapping from names to columns of equal length; a sequence of mappings, or of pairs of a text
        and its label or labels; or a mapping from splits to any of these.
    Raises: DataError if it is none of these.
    """
    if isinstance(rows, Mapping) and "train" in rows and set(map(str, rows)) <= SPLIT_NAMES.keys():
        return {SPLIT_NAMES[str(split)]: frame_table(part) for split, part in rows.items()}
    return {"train": frame_table(rows)}


def frame_table(rows: Any) -> Table:
    """The rows of a frame, numbered from 1. Raises: DataError."""
    if hasattr(rows, "features") and hasattr(rows, "column_names"):
        return hub_table(NAME, rows)
    names, columns = _columns(rows)
    if len({len(column) for column in columns}) > 1:
        raise DataError("data.frame_lengths", lengths=", ".join(str(len(column)) for column in columns))
    cells = dict(zip(column_names(Path(NAME), [str(name) for name in names]), columns, strict=True))
    return Table(Path(NAME), cells, range(1, 1 + len(columns[0] if columns else ())))


def _columns(rows: Any) -> tuple[list[Any], list[Sequence[object]]]:
    """(names, columns). Raises: DataError."""
    if isinstance(rows, Mapping):
        return list(rows), [_cells(column) for column in rows.values()]
    if hasattr(rows, "column_names"):  # Arrow
        return list(rows.column_names), [_cells(rows[name]) for name in rows.column_names]
    if hasattr(rows, "columns"):  # pandas, polars
        return list(rows.columns), [_cells(rows[name]) for name in rows.columns]
    items = list(rows) if isinstance(rows, Iterable) and not isinstance(rows, str | bytes) else []
    if items and all(isinstance(item, Mapping) for item in items):
        keys = list(dict.fromkeys(key for item in items for key in item))
        return keys, [[item.get(key) for item in items] for key in keys]
    if items and all(isinstance(item, list | tuple) and len(item) == 2 and isinstance(item[0], str) for item in items):
        return ["text", "label"], [[text for text, _ in items], [label for _, label in items]]
    raise DataError("data.no_frame", found=kind_of(rows))


def _cells(column: Any) -> list[object]:
    """(n,) the cells as objects of Python; missing ones are None."""
    if isinstance(column, str | bytes) or not isinstance(column, Iterable):
        raise DataError("data.no_frame", found=kind_of(column))
    as_list = next((name for name in ("to_pylist", "to_list", "tolist") if hasattr(column, name)), None)
    cells = getattr(column, as_list)() if as_list else list(column)
    return [None if _missing(cell) else cell for cell in cells]


def _missing(cell: object) -> bool:
    return cell is None or (isinstance(cell, float) and cell != cell) or type(cell).__name__ in ("NAType", "NaTType")
