"""A file, or some rows of it, as columns of cells, before anyone decides which column is the text."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rankfirst.errors import DataError

Note = tuple[str, tuple[tuple[str, str], ...]]

# Characters. A sentence that quotes a name or a reason stays readable on one terminal line.
SHOWN_CHARS = 60
# Names. More of them in one sentence hide the point; the rest is counted.
SHOWN_NAMES = 8


@dataclass(frozen=True)
class Table:
    """One file; every column has the same length n."""

    path: Path
    cells: Mapping[str, Sequence[object]]  # column name -> (n,) cells, in file order
    lines: Sequence[int]  # (n,) line of the row in its file, from 1; the row number in Parquet and Arrow
    notes: tuple[Note, ...] = ()
    coded: frozenset[str] = frozenset()  # columns of class ids with names attached: one label a row, whatever its name

    @property
    def columns(self) -> tuple[str, ...]:
        """Column names, in file order."""
        return tuple(self.cells)

    def __len__(self) -> int:
        return len(self.lines)


Bad = tuple[int, DataError]  # line, why it cannot be read


@dataclass(frozen=True)
class Chunk:
    """Some rows of a file, in its order."""

    table: Table  # may have no rows; the first chunk's has the notes of the whole file
    bad: tuple[Bad, ...]  # rows among these that cannot be read
    done: int  # of `total`: bytes or rows read so far
    total: int
    objects: Sequence[Mapping[str, object]] | None = None  # the same rows as JSON had them
    batch: Any = None  # the same rows as Arrow has them
    first: bool = True  # whether no chunk was before


def whole(table: Table) -> Chunk:
    """A table of everything as the only chunk."""
    return Chunk(table, (), len(table), len(table))


def named(table: Table) -> Table:
    """The same table without the columns that have no name, such as a saved index."""
    return replace(table, cells={name: cells for name, cells in table.cells.items() if name})


def checked(table: Table) -> Table:
    """The same table. Raises: DataError when it has no rows."""
    if not len(table):
        raise DataError("data.no_rows", path=str(table.path))
    return table


def column_names(path: Path, names: Sequence[str]) -> tuple[str, ...]:
    """Trimmed names. Raises: DataError when one occurs twice; nameless columns stay."""
    trimmed = tuple(" ".join(name.split()) for name in names)
    for name in trimmed:
        if name and trimmed.count(name) > 1:
            raise DataError("data.duplicate_column", path=str(path), column=shown(name))
    return trimmed


def numbered(names: Sequence[str]) -> tuple[str, ...]:
    """The same names; the first column without one keeps none, any other is called by its place."""
    nameless = [i for i, name in enumerate(names) if not name][1:]
    return tuple(f"column {i + 1}" if i in nameless else name for i, name in enumerate(names))


def note(code: str, **values: object) -> Note:
    """A note of `Dataset.notes`: the code and its values as text."""
    return code, tuple((name, str(value)) for name, value in values.items())


def shown(value: object) -> str:
    """A value from the user's file as it may stand in a sentence: one line, printable, not endless."""
    text = "".join(c if c.isprintable() else " " for c in str(value)[: 2 * SHOWN_CHARS])
    text = " ".join(text.split())
    return text if len(text) <= SHOWN_CHARS else text[: SHOWN_CHARS - 1] + "…"


def listed(values: Iterable[object], limit: int = SHOWN_NAMES) -> str:
    """'a, b, c (+4)': the first few values, and how many more there are."""
    everything = list(values)
    more = f" (+{len(everything) - limit})" if len(everything) > limit else ""
    return ", ".join(shown(value) for value in everything[:limit]) + more
