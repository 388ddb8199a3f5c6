"""Parse label cells: one or several labels per row, and which spellings mean the same label."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from rankfirst.data.files import indicators
from rankfirst.data.files.columns import Columns
from rankfirst.data.files.indicators import is_blank, zero_one
from rankfirst.data.files.label_cells import KEYS, Cell, Cells, plain, recognised
from rankfirst.data.files.notations import json_object
from rankfirst.data.files.reading import Reading
from rankfirst.data.files.table import Note, Table, listed, note, shown
from rankfirst.data.files.texts import clean, kind_of, number_text
from rankfirst.data.files.vectors import Vectors, read_vectors
from rankfirst.errors import DataError

Names = tuple[str, ...]  # the labels of one row

_FRACTION: Final = re.compile(r"[+-]?\d*\.\d*[1-9]\d*")
_MOST_LEVELS: Final = 20  # distinct fractions; more are measurements, not classes (assumption)
# The column in which Prodigy keeps what the annotator did with a row, and its values.
_ANSWER: Final = "answer"
_ANSWERS: Final = frozenset({"accept", "reject", "ignore"})


@dataclass(frozen=True)
class Labelled:
    """The label names of every row of every table."""

    multi_label: bool
    names: tuple[list[Names], ...]  # per table: (n,) rows of distinct names; () is an empty cell
    notes: tuple[Note, ...]
    raw: tuple[list[Names], ...] = ()  # the same before spellings were merged
    left_out: tuple[frozenset[int], ...] = ()  # per table: rows that are unlabelled, or that were rejected
    separator: str = ""  # between the labels of a cell, if they are joined


def read_labels(tables: Sequence[Table], columns: Sequence[Columns], how: Reading) -> Labelled:
    """Parse the labels of all tables jointly: several labels in any of them make the data multi-label.

    Args: tables: the training table first. columns: one per table. how: see `Reading`.
    Raises: DataError for a cell that is not a label, or if it is not clear how the cells are written.
    """
    notes = tuple(each for own in columns for each in own.notes)
    rejected, mixed = _rejected(tables, columns)
    read = _by_column(tables, columns, how) if columns[0].by_column else _cells(tables, columns, how)
    names, spellings = _merged(read.raw, how)
    _refuse_one_answer(tables, columns, names, rejected)
    out = tuple(a | b for a, b in zip(rejected, read.left_out or rejected, strict=True))
    unlabelled = sum(
        not row and i not in gone for part, gone in zip(names, out, strict=True) for i, row in enumerate(part)
    )
    if read.multi_label and unlabelled and how.multi_label is None:
        spellings += (note("data.note.no_label_rows", rows=unlabelled),)
    return replace(read, names=names, left_out=out, notes=(*notes, *mixed, *read.notes, *spellings))


def _by_column(tables: Sequence[Table], columns: Sequence[Columns], how: Reading) -> Labelled:
    names = columns[0].labels
    rows = tuple(_indicated(table, own, names) for table, own in zip(tables, columns, strict=True))
    one_each = all(len(row) == 1 for part in rows for row in part)
    multi = not (one_each and not how.empty_is_none) if how.multi_label is None else how.multi_label
    single = not multi and how.multi_label is None
    remarks = (note("data.note.one_hot_columns", columns=listed(names)),) if single else ()
    return Labelled(multi, rows, remarks, rows)


def _indicated(table: Table, columns: Columns, names: Sequence[str]) -> list[Names]:
    rows: list[list[str]] = [[] for _ in range(len(table))]
    for column, name in zip(columns.labels, names, strict=True):
        cells = table.cells[column]
        marks = indicators.is_zero_one(cells)  # a mark and nothing: an empty cell is 0
        for i, cell in enumerate(cells):
            value = False if marks and is_blank(cell) else zero_one(cell)
            if value is None:
                where = {"path": str(table.path), "line": table.lines[i], "column": shown(column)}
                raise DataError("data.not_zero_one", found=shown(cell), **where)
            if value:
                rows[i].append(name)
    return [tuple(row) for row in rows]


def _cells(tables: Sequence[Table], columns: Sequence[Columns], how: Reading) -> Labelled:
    """One column of labels."""
    first = columns[0]
    where = {"path": str(tables[0].path), "column": shown(first.labels[0])}
    cells = [cell for table, own in zip(tables, columns, strict=True) for cell in table.cells[own.labels[0]]]
    lines = [line for table in tables for line in table.lines]
    promised = first.plural and not _ids(tables[0], first.labels[0])
    found = recognised(cells, lines, where, promised, how)
    held = [cell for cell in found.cells if cell not in ("", ())]
    listed_only = found.form != "joined" and bool(held) and all(isinstance(cell, tuple) for cell in held)
    vectors = None
    if listed_only and how.vectors:
        vectors = read_vectors([cell if isinstance(cell, tuple) else () for cell in found.cells], where, how)
    if vectors is not None:
        rows: list[Names] = list(vectors.rows)
        found = replace(found, form="vectors")
    else:
        _refuse_continuous(cells, where)
        rows = _names_of(found.cells, tables, columns)
        rows = _called(rows, where, how)
    multi = _several(rows, found, vectors, listed_only, promised, how)
    gone = [i for i, row in enumerate(rows) if not row] if listed_only and not multi else []
    notes = found.notes if vectors is None else (_vector_note(vectors, multi, where, how),)
    notes += _label_notes(tables, columns, rows, found, multi, len(gone), where, how)
    parts = _apart(rows, tables)
    out = _apart([row in set(gone) for row in range(len(rows))], tables)
    left_out = tuple(frozenset(i for i, flag in enumerate(part) if flag) for part in out)
    return Labelled(multi, tuple(parts), notes, tuple(parts), left_out, found.separator)


def _several(rows: Sequence[Names], found: Cells, vectors: Vectors | None, listed_only: bool, promised: bool,
             how: Reading) -> bool:  # fmt: skip
    """Whether a row may carry several labels, or none."""
    if how.multi_label is not None:
        return how.multi_label or any(len(row) > 1 for row in rows)
    if how.empty_is_none and not all(rows):
        return True
    if vectors is not None:
        return not vectors.one_each or how.empty_is_none
    return any(len(row) > 1 for row in rows) or (promised and not listed_only)


def _label_notes(tables: Sequence[Table], columns: Sequence[Columns], rows: Sequence[Names], found: Cells, multi: bool,
          gone: int, where: Any, how: Reading) -> tuple[Note, ...]:  # fmt: skip
    """Notes on one label per list, rows without one, and numbers among texts."""
    notes = tuple(each for table, own in zip(tables, columns, strict=True) for each in _mixed(table, own.labels[0]))
    if how.multi_label is not None:
        return notes
    column = where["column"]
    if not multi and found.form in ("lists", "objects") and any(isinstance(cell, tuple) for cell in found.cells):
        notes += (note("data.note.single_lists", column=column),)
    if gone:
        notes += (note("data.note.unannotated", column=column, rows=gone),)
    if multi and not how.empty_is_none and all(len(row) == 1 for row in rows):
        notes += (note("data.note.one_label_a_row", column=column),)
    return notes


def _vector_note(vectors: Vectors, multi: bool, where: Any, how: Reading) -> Note:
    form, named = "vectors" if multi else "one_hot", "_named" if how.label_names else ""
    length, names = len(vectors.names), listed(vectors.names)
    return note(f"data.note.{form}{named}", column=where["column"], length=length, names=names)


def _apart(rows: Sequence[Any], tables: Sequence[Table]) -> list[list[Any]]:
    """The rows of each table."""
    parts, start = [], 0
    for table in tables:
        parts.append(list(rows[start : start + len(table)]))
        start += len(table)
    return parts


def _names_of(cells: Sequence[Cell], tables: Sequence[Table], columns: Sequence[Columns]) -> list[Names]:
    """The distinct labels of each row; equal texts are cleaned once. Raises: DataError for a cell that is no label."""
    texts: dict[str, Names] = {}
    for text in {cell for cell in cells if isinstance(cell, str)}:
        name = clean(text.replace("\0", " "))
        texts[text] = (name,) if name else ()
    rows, at = list[Names](), 0
    for table, own in zip(tables, columns, strict=True):
        for row, cell in enumerate(cells[at : at + len(table)]):
            if isinstance(cell, str):
                rows.append(texts[cell])
                continue
            items = cell if isinstance(cell, tuple) else (cell,)
            names = (_label((table, own.labels[0], row), item) for item in items)
            rows.append(tuple(dict.fromkeys(name for name in names if name)))
        at += len(table)
    return rows


def _label(place: tuple[Table, str, int], cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return clean(cell.replace("\0", " "))
    if isinstance(cell, int | float):
        return number_text(cell)
    table, column, row = place
    where = {"path": str(table.path), "line": table.lines[row], "column": shown(column)}
    raise DataError("data.label_not_text", found="list" if isinstance(cell, tuple) else kind_of(cell), **where)


def _called(rows: list[Names], where: Any, how: Reading) -> list[Names]:
    """Class ids counted from 0, by the names given for them. Raises: DataError if the labels are no such ids."""
    if not how.label_names:
        return rows
    ids = {str(i): name for i, name in enumerate(how.label_names)}
    labels = {how.key(name) for row in rows for name in row}
    known = {how.key(name) for name in how.label_names}
    if labels <= ids.keys():
        return [tuple(ids[how.key(name)] for name in row) for row in rows]
    if labels <= known:
        return rows
    other = next(name for row in rows for name in row if how.key(name) not in ids.keys() | known)
    raise DataError("data.label_names_unused", names=len(ids), label=shown(other), **where)


def _refuse_continuous(cells: Sequence[object], where: Any) -> None:
    texts = [str(cell).strip() for cell in cells if isinstance(cell, str | float)]
    fractions = {text for text in texts if _FRACTION.fullmatch(text)}
    if len(fractions) > _MOST_LEVELS and 2 * sum(text in fractions for text in texts) > len(cells):
        raise DataError("data.continuous_labels", found=min(fractions), levels=len(fractions), **where)


def _ids(table: Table, column: str) -> bool:
    """Class ids, with or without names, are one label per row even in a column called `labels`."""
    return column in table.coded or all(isinstance(cell, int) for cell in table.cells[column])


def _mixed(table: Table, column: str) -> tuple[Note, ...]:
    numbers = sum(isinstance(cell, int | float) and not is_blank(cell) for cell in table.cells[column])
    texts = sum(isinstance(cell, str) for cell in table.cells[column])
    if not numbers or not texts:
        return ()
    return (note("data.note.mixed_labels", file=table.path.name, column=shown(column), numbers=numbers, texts=texts),)


def _rejected(tables: Sequence[Table], columns: Sequence[Columns]
              ) -> tuple[tuple[frozenset[int], ...], tuple[Note, ...]]:  # fmt: skip
    """Rows whose label the annotator rejected or skipped, as Prodigy records it."""
    gone: list[frozenset[int]] = []
    notes: list[Note] = []
    for table, own in zip(tables, columns, strict=True):
        name = next((name for name in table.columns if name.casefold() == _ANSWER), None)
        cells = [] if name is None else [str(cell).casefold() for cell in table.cells[name]]
        holds = name is not None and name != own.text and set(cells) <= _ANSWERS and bool(cells)
        wanted = _ANSWERS - {"ignore"} if own.labels == (name,) else {"accept"}
        gone.append(frozenset(i for i, cell in enumerate(cells) if cell not in wanted) if holds else frozenset())
        if gone[-1]:
            notes.append(note("data.note.rejected", file=table.path.name, rows=len(gone[-1])))
    return tuple(gone), tuple(notes)


def _refuse_one_answer(tables: Sequence[Table], columns: Sequence[Columns], names: Sequence[list[Names]],
                       rejected: Sequence[frozenset[int]]) -> None:  # fmt: skip
    """Raises: DataError if the rows that are left without the rejected ones carry a single label."""
    kept = {name for part, out in zip(names, rejected, strict=True) for i, row in enumerate(part) if i not in out
            for name in row}  # fmt: skip
    if any(rejected) and len(kept) < 2:
        raise DataError("data.ask.answers", path=str(tables[0].path), rows=sum(map(len, rejected)),
                        column=shown(columns[0].labels[0]), label=shown(next(iter(kept), "-")))  # fmt: skip


def _merged(parts: Sequence[list[Names]], how: Reading) -> tuple[tuple[list[Names], ...], tuple[Note, ...]]:
    """Unify the spellings of each label, and list the replaced spellings in a note."""
    counts = Counter(name for part in parts for names in part for name in names)
    kept = _main_spellings(counts, how)
    changed = sorted((name, kept[name]) for name in counts if kept[name] != name)
    if not changed:
        return tuple(parts), ()
    rows = tuple([tuple(dict.fromkeys(kept[name] for name in names)) for names in part] for part in parts)
    pairs = listed(f"{shown(old)} → {shown(new)}" for old, new in changed)
    touched = sum(counts[old] for old, _ in changed)
    return rows, (note("data.note.merged_labels", labels=len(changed), rows=touched, pairs=pairs),)


def _main_spellings(counts: Counter[str], how: Reading) -> dict[str, str]:
    """Spelling -> that of a known class, or the most frequent one of the same label; ties are broken alphabetically."""
    same: dict[str, list[str]] = {}
    for name in counts:
        same.setdefault(how.key(name), []).append(name)
    known = {how.key(name): name for name in how.classes}
    return {name: known.get(key) or _main(key, names, counts)
            for key, names in same.items() for name in names}  # fmt: skip


def _main(key: str, names: Sequence[str], counts: Counter[str]) -> str:
    """The most frequent spelling; 1 rather than 1.0, which a float column made of it."""
    whole = key in names and any(name.endswith("0") and "." in name for name in names)
    return key if whole else min(names, key=lambda name: (-counts[name], name))


def all_names(rows: Iterable[Names]) -> tuple[str, ...]:
    """(C,) sorted names that occur."""
    return tuple(sorted({name for names in rows for name in names}))


def rewritten(cell: object, names: Names, separator: str) -> object:
    """A label cell with other names, in the form in which it was written."""
    if isinstance(plain(cell), tuple):
        return list(names)
    if isinstance(cell, dict):
        key = next((key for key in KEYS if key in cell), None)
        return {**cell, key: list(names)} if key else dict.fromkeys(names, 1)
    if isinstance(cell, str) and isinstance(held := json_object(cell), dict):
        return json.dumps(rewritten(held, names, separator), ensure_ascii=False)
    if isinstance(cell, str) and cell.strip()[:1] in ("[", "{", "("):
        return json.dumps(list(names), ensure_ascii=False)
    return separator.join(names) if separator else names[0] if names else ""
