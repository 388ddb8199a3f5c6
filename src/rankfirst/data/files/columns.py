"""Find the text column and the label column or columns."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rankfirst.data.files.table import Table, listed, shown
from rankfirst.errors import DataError

TEXT_NAMES: Final = ("text", "sentence", "utterance", "query", "content", "文本", "内容", "问题")
LABEL_NAMES: Final = ("label", "labels", "intent", "intents", "category", "标签", "意图", "类别")
# Names that imply several labels per row.
PLURAL_NAMES: Final = frozenset({"labels", "intents", "categories", "tags"})

ZERO_ONE: Final[dict[object, bool]] = {"0": False, "1": True, "0.0": False, "1.0": True, 0: False, 1: True}


@dataclass(frozen=True)
class Columns:
    """The text column and the label columns; several label columns hold one label each, as 0 or 1."""

    text: str
    labels: tuple[str, ...]

    @property
    def by_column(self) -> bool:
        """Whether there is one column per label."""
        return len(self.labels) > 1

    @property
    def plural(self) -> bool:
        """Whether the label column's name implies several labels per row."""
        return not self.by_column and self.labels[0].casefold() in PLURAL_NAMES


def choose_columns(table: Table, text: str | None = None, label: str | None = None) -> Columns:
    """The named columns, or else the first well-known name in the table.

    Raises: DataError that lists the table's columns, if a column is missing or both are the same.
    """
    text_column = text_column_of(table, text)
    if label is not None:
        labels: tuple[str, ...] = _named_labels(table, label)
    else:
        well_known = _first(table, [name for name in LABEL_NAMES if name != text_column.casefold()])
        labels = (well_known,) if well_known else zero_one_columns(table, text_column)
    if not labels:
        raise DataError(
            "data.no_label_column", path=str(table.path), columns=listed(table.columns), known=", ".join(LABEL_NAMES)
        )
    if text_column in labels:
        raise DataError("data.same_column", path=str(table.path), column=shown(text_column))
    return Columns(text_column, labels)


def text_column_of(table: Table, text: str | None = None) -> str:
    """The text column. Raises: DataError that lists the table's columns, if there is none."""
    if text is not None:
        return named_column(table, text)
    column = _first(table, TEXT_NAMES)
    if column is None:
        raise DataError(
            "data.no_text_column", path=str(table.path), columns=listed(table.columns), known=", ".join(TEXT_NAMES)
        )
    return column


def text_or_only_column(table: Table, text: str | None) -> str:
    """The same, or the only column of a table that has one. Raises: DataError."""
    return table.columns[0] if text is None and len(table.columns) == 1 else text_column_of(table, text)


def has_column(table: Table, name: str) -> bool:
    """Whether `named_column` would find the column."""
    return name in table.cells or _first(table, [name]) is not None


def named_column(table: Table, name: str) -> str:
    """The column called `name`, ignoring case. Raises: DataError if there is none."""
    column = name if name in table.cells else _first(table, [name])
    if column is None:
        raise DataError("data.no_such_column", path=str(table.path), column=shown(name), columns=listed(table.columns))
    return column


def _named_labels(table: Table, label: str) -> tuple[str, ...]:
    """One column, or several 0/1 columns joined by commas. Raises: DataError if one is missing or not 0/1."""
    if label in table.cells or "," not in label:
        return (named_column(table, label),)
    columns = tuple(named_column(table, name.strip()) for name in label.split(","))
    for name in columns:
        if not _all_zero_one(table.cells[name]):
            raise DataError("data.not_label_columns", path=str(table.path), column=shown(name))
    return columns


def zero_one_columns(table: Table, text: str) -> tuple[str, ...]:
    """Columns whose cells are all 0 or 1, if there are at least two; a single one could be anything."""
    columns = tuple(name for name in table.columns if name != text and _all_zero_one(table.cells[name]))
    return columns if len(columns) > 1 else ()


def zero_one(cell: object) -> bool | None:
    """A 0/1 cell as a boolean; None for anything else."""
    if isinstance(cell, str):
        return ZERO_ONE.get(cell.strip())
    return ZERO_ONE.get(cell) if isinstance(cell, (int, float)) else None


def _all_zero_one(cells: Sequence[object]) -> bool:
    return all(zero_one(cell) is not None for cell in cells)


def _first(table: Table, names: Sequence[str]) -> str | None:
    folded = {column.casefold(): column for column in reversed(table.columns)}
    return next((folded[name.casefold()] for name in names if name.casefold() in folded), None)
