"""A file, or consecutive rows of it, as columns of cells, before the text column is chosen."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rankfirst.errors import DataError

Note = tuple[str, tuple[tuple[str, str], ...]]

# Characters. Keeps a message that quotes a name or a reason readable on one terminal line.
SHOWN_CHARS = 60
# Names listed in one message; the others are counted.
SHOWN_NAMES = 8


@dataclass(frozen=True)
class Table:
    """One file; all columns have the same length n."""

    path: Path
    cells: Mapping[str, Sequence[object]]  # column name -> (n,) cells, in file order
    lines: Sequence[int]  # (n,) line of the row in its file, from 1; the row number in Parquet and Arrow
    notes: tuple[Note, ...] = ()
    coded: frozenset[str] = frozenset()  # columns of class ids with names attached: always one label per row

    @property
    def columns(self) -> tuple[str, ...]:
        """Column names, in file order."""
        return tuple(self.cells)

    def __len__(self) -> int:
        return len(self.lines)


Bad = tuple[int, DataError]  # (line, error)


@dataclass(frozen=True)
class Chunk:
    """Consecutive rows of a file."""

    table: Table  # may have no rows; in the first chunk it carries the notes on the whole file
    bad: tuple[Bad, ...]  # rows in this range that cannot be read
    done: int  # bytes or rows read so far, out of `total`
    total: int
    objects: Sequence[Mapping[str, object]] | None = None  # the same rows as JSON objects, if read from JSON
    batch: Any = None  # the same rows as an Arrow batch, if read from Parquet
    first: bool = True  # whether this is the first chunk


def single_chunk(table: Table) -> Chunk:
    """A whole table as its only chunk."""
    return Chunk(table, (), len(table), len(table))


def without_unnamed(table: Table) -> Table:
    """The same table without unnamed columns, such as a saved index."""
    return replace(table, cells={name: cells for name, cells in table.cells.items() if name})


def non_empty(table: Table) -> Table:
    """Return the table. Raises: DataError if it has no rows."""
    if not len(table):
        raise DataError("data.no_rows", path=str(table.path))
    return table


def column_names(path: Path, names: Sequence[str]) -> tuple[str, ...]:
    """Normalised names; unnamed columns are kept. Raises: DataError if a name occurs twice."""
    trimmed = tuple(" ".join(name.split()) for name in names)
    for name in trimmed:
        if name and trimmed.count(name) > 1:
            raise DataError("data.duplicate_column", path=str(path), column=shown(name))
    return trimmed


def number_unnamed(names: Sequence[str]) -> tuple[str, ...]:
    """Name all but the first unnamed column by its position."""
    nameless = [i for i, name in enumerate(names) if not name][1:]
    return tuple(f"column {i + 1}" if i in nameless else name for i, name in enumerate(names))


def note(code: str, **values: object) -> Note:
    """A note for `Dataset.notes`: the code, and its values as text."""
    return code, tuple((name, str(value)) for name, value in values.items())


def shown(value: object) -> str:
    """A value from the user's file for use in a message: one line, printable, truncated."""
    text = "".join(c if c.isprintable() else " " for c in str(value)[: 2 * SHOWN_CHARS])
    text = " ".join(text.split())
    return text if len(text) <= SHOWN_CHARS else text[: SHOWN_CHARS - 1] + "…"


def listed(values: Iterable[object], limit: int = SHOWN_NAMES) -> str:
    """'a, b, c (+4)': the first values, and how many more there are."""
    everything = list(values)
    more = f" (+{len(everything) - limit})" if len(everything) > limit else ""
    return ", ".join(shown(value) for value in everything[:limit]) + more
