"""Drop and count rows that are empty or have unknown labels; raise an error if there are too many."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import compress
from typing import Final

from rankfirst.data.files.labels import Names
from rankfirst.data.files.table import Note, Table, listed, note
from rankfirst.errors import DataError

# Share of a file's rows. More empty cells mean the wrong column rather than an occasional gap (assumption).
EMPTY_SHARE: Final = 0.05
# Share of a file's rows. More unknown labels mean that the file has another label scheme (assumption).
UNKNOWN_SHARE: Final = 0.20


@dataclass(frozen=True)
class Rows:
    """One split before it becomes a `Split`; all fields have length n, except that dates and sides may be empty."""

    texts: Sequence[str]
    names: Sequence[Names]
    lines: Sequence[int]
    dates: Sequence[float] = ()
    sides: Sequence[object] = ()  # the group or time of each row by which splits are made (`apart`)

    def __len__(self) -> int:
        return len(self.texts)

    def where(self, keep: Sequence[bool]) -> "Rows":
        """The rows whose flag is True, in order."""
        return Rows(
            list(compress(self.texts, keep)),
            list(compress(self.names, keep)),
            list(compress(self.lines, keep)),
            list(compress(self.dates, keep)),
            list(compress(self.sides, keep)),
        )


def without_empty(table: Table, rows: Rows, multi_label: bool) -> tuple[Rows, tuple[Note, ...]]:
    """Keep rows with a text and, in single-label data, a label.

    Raises: DataError if 5% of the rows or more are empty.
    """
    rows, notes = _dropped(table, rows, [not text for text in rows.texts], "text")
    if multi_label:
        return rows, notes
    rows, more = _dropped(table, rows, [not names for names in rows.names], "label")
    return rows, notes + more


def _dropped(table: Table, rows: Rows, empty: Sequence[bool], what: str) -> tuple[Rows, tuple[Note, ...]]:
    lines = [line for line, is_empty in zip(rows.lines, empty, strict=True) if is_empty]
    if not lines:
        return rows, ()
    counted = {"rows": len(lines), "lines": listed(lines)}
    if len(lines) >= EMPTY_SHARE * len(rows):
        limit = f"{EMPTY_SHARE:.0%}"
        raise DataError(f"data.empty_{what}s", path=str(table.path), total=len(rows), limit=limit, **counted)
    kept = rows.where([not flag for flag in empty])
    return kept, (note(f"data.note.empty_{what}s", file=table.path.name, **counted),)


def with_known_labels(
    table: Table, rows: Rows, classes: Sequence[str], multi_label: bool
) -> tuple[Rows, tuple[Note, ...]]:
    """Restrict validation or test rows to the labels that occur in training.

    Single-label rows with another label are dropped; multi-label rows keep their known labels.

    Raises: DataError that lists the labels, if more than 20% of the rows are affected.
    """
    known_names = set(classes)
    concerned = [not known_names.issuperset(names) for names in rows.names]
    count = sum(concerned)
    if not count:
        return rows, ()
    unknown = sorted({name for names in rows.names for name in names} - known_names)
    counted = {"rows": count, "labels": listed(unknown), "count": len(unknown)}
    if count > UNKNOWN_SHARE * len(rows):
        limit = f"{UNKNOWN_SHARE:.0%}"
        raise DataError("data.unknown_labels", path=str(table.path), total=len(rows), limit=limit, **counted)
    if not multi_label:
        kept = rows.where([not flag for flag in concerned])
        return kept, (note("data.note.unknown_rows_dropped", file=table.path.name, **counted),)
    names = [tuple(name for name in row if name in known_names) for row in rows.names]
    changed = note("data.note.unknown_labels_dropped", file=table.path.name, **counted)
    return replace(rows, names=names), (changed,)
