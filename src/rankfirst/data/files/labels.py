"""Parse label cells: one or several labels per row, and which spellings mean the same label."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rankfirst.data.files.columns import Columns, zero_one
from rankfirst.data.files.table import Note, Table, listed, note, shown
from rankfirst.data.files.texts import clean, kind_of, number_text, text_key
from rankfirst.errors import DataError

Names = tuple[str, ...]  # the labels of one row
Cell = str | Names  # one label, or several still to be split; a tuple if the cell was a list


@dataclass(frozen=True)
class Labelled:
    """The label names of every row of every table."""

    multi_label: bool
    names: tuple[list[Names], ...]  # per table: (n,) rows of distinct names; () is an empty cell
    notes: tuple[Note, ...]


def read_labels(tables: Sequence[Table], columns: Sequence[Columns], separator: str) -> Labelled:
    """Parse the labels of all tables jointly: a list in any of them makes the data multi-label.

    Args:
        tables: the training table first. columns: one per table.
        separator: between the labels of a cell; "" disables splitting.
    Raises: DataError for a cell that is not a label, or a separator that may be part of a label's name.
    """
    first = columns[0]
    if first.by_column:
        rows = [_by_column(table, own, first.labels) for table, own in zip(tables, columns, strict=True)]
        merged, notes = _merged(rows)
        return Labelled(True, merged, notes)
    cells: list[list[Cell]] = []
    notes = ()
    for table, own in zip(tables, columns, strict=True):
        cells.append([_cell(table, own.labels[0], i) for i in range(len(table))])
        notes += _mixed_types(table, own.labels[0])
    promised = first.plural and not _ids(tables[0], first.labels[0])
    multi = _several(tables[0], [cell for part in cells for cell in part], promised, separator)
    merged, spellings = _merged([[_names(cell, separator if multi else "") for cell in part] for part in cells])
    notes += spellings
    if multi and all(len(names) == 1 for part in merged for names in part):
        notes += (note("data.note.one_label_a_row", column=shown(first.labels[0])),)
    return Labelled(multi, merged, notes)


def _by_column(table: Table, columns: Columns, names: Sequence[str]) -> list[Names]:
    rows: list[list[str]] = [[] for _ in range(len(table))]
    for column, name in zip(columns.labels, names, strict=True):
        for i, cell in enumerate(table.cells[column]):
            value = zero_one(cell)
            if value is None:
                where = {"path": str(table.path), "line": table.lines[i], "column": shown(column)}
                raise DataError("data.not_zero_one", found=shown(cell), **where)
            if value:
                rows[i].append(name)
    return [tuple(row) for row in rows]


def _cell(table: Table, column: str, row: int) -> Cell:
    cell = table.cells[column][row]
    if isinstance(cell, (list, tuple)):
        items = [_label(table, column, row, item) for item in cell]
        return tuple(item for item in items if item)
    return _label(table, column, row, cell)


def _label(table: Table, column: str, row: int, cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return clean(cell.replace("\0", " "))
    if isinstance(cell, (int, float)):
        return number_text(cell)
    raise DataError(
        "data.label_not_text",
        path=str(table.path),
        line=table.lines[row],
        column=shown(column),
        found=kind_of(cell),
    )


def _ids(table: Table, column: str) -> bool:
    """Class ids, with or without names, are one label per row even in a column called `labels`."""
    return column in table.coded or all(isinstance(cell, int) for cell in table.cells[column])


def _mixed_types(table: Table, column: str) -> tuple[Note, ...]:
    numbers = sum(isinstance(cell, (int, float)) for cell in table.cells[column])
    texts = sum(isinstance(cell, str) for cell in table.cells[column])
    if not numbers or not texts:
        return ()
    return (note("data.note.mixed_labels", file=table.path.name, column=shown(column), numbers=numbers, texts=texts),)


def _several(table: Table, cells: Sequence[Cell], promised: bool, separator: str) -> bool:
    """Whether a row may carry several labels."""
    if promised or any(isinstance(cell, tuple) for cell in cells):
        return True
    if not separator:
        return False
    plain = Counter(cell for cell in cells if isinstance(cell, str))
    joined = [cell for cell in plain if separator in cell]
    alone = plain.keys() - set(joined)
    for cell in joined:
        pieces = _names(cell, separator)
        if len(pieces) > 1 and alone.issuperset(pieces):
            return True
    if not joined:
        return False
    label = max(joined, key=lambda cell: plain[cell])
    raise DataError("data.separator_clash", path=str(table.path), label=shown(label), separator=separator)


def _names(cell: Cell, separator: str) -> Names:
    if isinstance(cell, tuple):
        return tuple(dict.fromkeys(cell))
    if not separator:
        return (cell,) if cell else ()
    return tuple(dict.fromkeys(piece for part in cell.split(separator) if (piece := part.strip())))


def _merged(parts: Sequence[list[Names]]) -> tuple[tuple[list[Names], ...], tuple[Note, ...]]:
    """Unify the spellings of each label, and list the replaced spellings in a note."""
    counts = Counter(name for part in parts for names in part for name in names)
    kept = _main_spellings(counts)
    changed = sorted((name, kept[name]) for name in counts if kept[name] != name)
    if not changed:
        return tuple(parts), ()
    rows = tuple([tuple(dict.fromkeys(kept[name] for name in names)) for names in part] for part in parts)
    pairs = listed(f"{shown(old)} → {shown(new)}" for old, new in changed)
    touched = sum(counts[old] for old, _ in changed)
    return rows, (note("data.note.merged_labels", labels=len(changed), rows=touched, pairs=pairs),)


def _main_spellings(counts: Counter[str]) -> dict[str, str]:
    """Spelling -> the most frequent spelling of the same label; ties are broken alphabetically."""
    same: dict[str, list[str]] = {}
    for name in counts:
        same.setdefault(text_key(name), []).append(name)
    return {name: min(names, key=lambda n: (-counts[n], n)) for names in same.values() for name in names}


def all_names(rows: Iterable[Names]) -> tuple[str, ...]:
    """(C,) sorted names that occur."""
    return tuple(sorted({name for names in rows for name in names}))
