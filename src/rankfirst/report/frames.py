"""Rows for Python: a pandas DataFrame, or a table that shows itself where pandas is not installed."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, overload

from rich.cells import cell_len

from rankfirst.messages import Lang, say
from rankfirst.report.text_layout import padded

_SHOWN: Final = 30  # rows; more do not help in a cell
_WIDTH: Final = 118  # cells of a line
_NARROW: Final = 16  # cells; wider columns are cut until a line fits
_CELL: Final = 240  # characters of a text in a cell
Row = Mapping[str, Any]


def framed(rows: Sequence[Row], columns: Sequence[str], lang: Lang = "en") -> Any:
    """The rows as a pandas DataFrame; without pandas as a `Table`, which names the extra that installs it.

    Args: columns: the keys of every row, in order; they are kept if there are no rows.
    """
    try:
        from pandas import DataFrame
    except ImportError:
        return Table(rows, columns, lang)
    return DataFrame([dict(row) for row in rows], columns=list(columns))


class Table(Sequence[Row]):
    """A sequence of rows, each a mapping from column to value, shown as a table."""

    def __init__(self, rows: Sequence[Row], columns: Sequence[str], lang: Lang = "en") -> None:
        self.columns, self._rows, self._lang = tuple(columns), tuple(rows), lang

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, at: int) -> Row: ...

    @overload
    def __getitem__(self, at: slice) -> "Table": ...

    def __getitem__(self, at: int | slice) -> "Row | Table":
        return Table(self._rows[at], self.columns, self._lang) if isinstance(at, slice) else self._rows[at]

    def __iter__(self) -> Iterator[Row]:
        return iter(self._rows)

    def __getattr__(self, name: str) -> Any:
        """Raises: AttributeError, which names the extra for what only a DataFrame can do."""
        raise AttributeError(f"{name}: {say('notebook.no_pandas', 'en')}")

    def __repr__(self) -> str:
        return "\n".join([*_lines(self.cells()), *self.notes()])

    def _repr_html_(self) -> str:
        from rankfirst.report.notebook import table_html

        return table_html(self.cells(), self.notes(), self._lang)

    def cells(self) -> list[list[str]]:
        """The heading and the rows that are shown, as texts; columns without a value are left out."""
        names = [name for name in self.columns if not self._rows or any(_cell(row.get(name)) for row in self._rows)]
        return [names, *([_cell(row.get(name)) for name in names] for row in self._rows[:_SHOWN])]

    def notes(self) -> list[str]:
        """How many rows are not shown, and how to get a DataFrame."""
        more = len(self) - _SHOWN
        hidden = [say("notebook.more_rows", self._lang, more=more)] if more > 0 else []
        return [*hidden, say("notebook.no_pandas", self._lang)]


def _lines(cells: Sequence[Sequence[str]]) -> list[str]:
    """The rows as aligned lines: texts left, figures right, the widest columns cut until a line fits."""
    wide = [max(map(cell_len, column)) for column in zip(*cells, strict=True)]
    right = [all(not text or text[0] in "-0123456789" for text in column[1:]) for column in zip(*cells, strict=True)]
    while sum(wide) + 2 * len(wide) > _WIDTH and max(wide) > _NARROW:
        wide[wide.index(max(wide))] -= 1
    return ["  ".join(map(padded, row, wide, right)).rstrip() for row in cells]


def _cell(value: object) -> str:
    """A value in a few characters; empty if there is none."""
    if value is None or value != value:
        return ""
    if isinstance(value, float):
        return f"{value:.4g}"
    shown = " ".join(str(value).split())
    return shown if len(shown) <= _CELL else shown[: _CELL - 1] + "…"
