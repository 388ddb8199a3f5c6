"""Convert rows in memory to a `Dataset`, cleaned, checked and split as files are; and class names back to user labels.

Does not import pandas: a Series or DataFrame is used only through attributes that it shares with arrays.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, Final

import numpy as np

from rankfirst.data.files.columns import Columns
from rankfirst.data.files.dropped_rows import Rows
from rankfirst.data.files.indicators import zero_one
from rankfirst.data.files.labels import read_labels
from rankfirst.data.files.read import as_split, fingerprint_of, rows_of, with_splits
from rankfirst.data.files.reading import LISTS, Reading
from rankfirst.data.files.table import Table, non_empty, shown
from rankfirst.data.files.texts import clean, kind_of, number_text, text_key, texts_of
from rankfirst.data.files.vectors import read_vectors, refuse_scores
from rankfirst.errors import DataError
from rankfirst.records import Dataset

NAME: Final = "memory"
_SEVERAL: Final = (list, tuple, set, frozenset, np.ndarray)
_Cell = str | tuple[str, ...]


class Form(Enum):
    """The form in which labels were given, and in which predictions are returned."""

    SINGLE = "single"  # one label per row
    SETS = "sets"  # a list, tuple or set of labels per row
    INDICATOR = "indicator"  # one 0/1 column per label


@dataclass(frozen=True)
class Memory:
    """A dataset with the caller's own labels."""

    dataset: Dataset
    form: Form
    values: Mapping[str, Any]  # class name -> the caller's label; for an indicator its column index
    columns: tuple[Any, ...] = ()  # (C,) for an indicator: a DataFrame's column names, else 0 .. C-1


@dataclass(frozen=True)
class _Labels:
    """The labels of one split, before the splits are compared."""

    form: Form
    cells: list[_Cell]  # (n,) names, as `read_labels` expects them
    seen: Counter[tuple[str, Any]]  # (name, the caller's label) -> count
    columns: tuple[Any, ...] = ()


def dataset_of(texts: Any, labels: Any, *, val: tuple[Any, Any] | None = None, name: str = NAME,
               seed: int = 0) -> Dataset:  # fmt: skip
    """Convert rows in memory to a `Dataset` without test rows.

    Args:
        texts: (n,) strings: a list, an array, a Series. labels: (n,) strings, integers or booleans; or (n,) lists,
            tuples or sets of them; or an (n, C) table of 0 and 1, dense or sparse.
        val: validation texts and labels; if None, they are held out. name: of the rows, used in messages.
        seed: decides the split made here.
    Returns: as `load_dataset`; spellings of one label are likewise merged (a note lists them).
    Raises: DataError with a one-sentence message for anything unusable; it counts rows from 1.
    """
    return read_memory(texts, labels, val=val, name=name, seed=seed).dataset


def read_memory(texts: Any, labels: Any, *, val: tuple[Any, Any] | None = None, name: str = NAME,
               seed: int = 0) -> Memory:  # fmt: skip
    """`dataset_of`, plus the mapping from class names to the caller's labels. Raises: DataError."""
    sources = {"train": (name, texts, labels)}
    if val is not None:
        if val[0] is None or val[1] is None:
            raise DataError("data.memory.half_val", path=name)
        sources["val"] = (f"{name} (val)", *val)
    read = {split: _labels(title, own) for split, (title, _, own) in sources.items()}
    form = _one_form(name, list(read.values()))
    column = "label" if form is Form.SINGLE else "labels"
    tables = {}
    for split, (title, own, _) in sources.items():
        cells = texts_in(own, title)
        if len(cells) != len(read[split].cells):
            raise DataError("data.memory.lengths", path=title, texts=len(cells), labels=len(read[split].cells))
        named: dict[str, Sequence[object]] = {"text": cells, column: read[split].cells}
        tables[split] = non_empty(Table(Path(title), named, range(1, len(cells) + 1)))
    columns = [Columns("text", (column,))] * len(tables)
    # A text is one label, unless it is written as a list: in Python, several labels come as a list.
    how = Reading(LISTS, vectors=form is Form.SINGLE, multi_label=form is not Form.SINGLE or None)
    labelled = read_labels(list(tables.values()), columns, how)
    rows, dropped = rows_of(tables, columns, labelled)
    rows["test"] = Rows((), (), ())  # none are held out for a test
    classes, rows, changed = with_splits(tables, rows, labelled.multi_label, seed)
    train, held = as_split(rows["train"], classes), as_split(rows["val"], classes)
    notes = (*labelled.notes, *dropped, *changed)
    dataset = Dataset(clean(name), classes, labelled.multi_label, train, held, None, notes, fingerprint_of(rows))
    form = Form.SETS if labelled.multi_label and form is Form.SINGLE else form
    values: dict[str, Any] = {}  # of several labels that were cleaned to the same name, the most frequent
    for (class_name, value), _ in sum((part.seen for part in read.values()), Counter[tuple[str, Any]]()).most_common():
        values.setdefault(class_name, value)
    return Memory(dataset, form, {name: values.get(name, name) for name in dataset.classes}, read["train"].columns)


def texts_in(texts: Any, name: str = NAME) -> list[object]:
    """(n,) the cells of a one-dimensional sequence, None if missing.

    Raises: DataError for a single string, a table, or an unordered collection.
    """
    return [_plain(cell) for cell in _sequence(texts, name, "texts")]


def clean_texts(texts: Any, name: str = NAME) -> tuple[str, ...]:
    """(n,) texts to predict, cleaned as for training; empty ones are kept. Raises: DataError."""
    cells = texts_in(texts, name)
    cleaned, _ = texts_of(Table(Path(name), {"text": cells}, range(1, len(cells) + 1)), "text")
    return tuple(cleaned)


def _sequence(values: Any, name: str, what: str) -> list[Any]:
    """The elements of an ordered, one-dimensional collection."""
    values = _array(values)
    shape = getattr(values, "shape", None)
    flat = not isinstance(shape, tuple) or len(shape) == 1
    unordered = isinstance(values, (str, bytes, Mapping, set, frozenset)) or not isinstance(values, Iterable)
    if unordered or not flat:
        kind = "sparse " * hasattr(values, "toarray") + kind_of(values)
        raise DataError(f"data.memory.not_{what}", path=name, found=kind if shape is None else f"{kind} {shape}")
    # A Series is iterated by value whatever its index; array scalars become Python objects.
    return list(values.tolist()) if isinstance(values, np.ndarray) else list(values)


def _array(values: Any) -> Any:
    """Convert tensors and other array-likes to an array; a DataFrame or Series is kept, with its own missing values."""
    foreign = hasattr(values, "__array__") and not hasattr(values, "iloc") and not isinstance(values, np.generic)
    return np.asarray(values) if foreign else values


def _plain(value: Any) -> Any:
    """Convert numpy scalars to Python objects, and pandas' missing values to None."""
    if isinstance(value, np.generic):
        return value.item()
    return None if type(value).__name__ in {"NAType", "NaTType"} else value


def _labels(name: str, labels: Any) -> _Labels:
    labels = _array(labels)
    table = _table(labels)
    if table is not None and table.shape[1] == 1:  # one column: one label per row, as in scikit-learn
        labels, table = table[:, 0], None
    if table is not None:
        return _indicator(name, table, labels)
    rows = [_plain(row) for row in _sequence(labels, name, "labels")]
    if _looks_indicator(rows):
        return _indicator(name, np.array([list(row) for row in rows], dtype=object), labels)
    form = Form.SETS if any(isinstance(row, _SEVERAL) for row in rows) else Form.SINGLE
    if rows and all(isinstance(row, list | tuple | np.ndarray) and len(row) > 1 for row in rows):
        read_vectors([tuple(map(_plain, row)) for row in rows], {"path": name, "column": "labels"}, Reading())
    seen: Counter[tuple[str, Any]] = Counter()
    kinds: dict[str, int] = {}
    cells: list[_Cell] = []
    for line, row in enumerate(rows, 1):
        own = [_plain(value) for value in row] if isinstance(row, _SEVERAL) else [row]
        named = [(_name(name, line, value), value) for value in own]
        for label, value in named:
            if label:
                seen[label, value] += 1
                kinds.setdefault(_kind(value), line)
        cells.append(tuple(label for label, _ in named) if isinstance(row, _SEVERAL) else named[0][0])
    if len(kinds) > 1:
        (one, first), (other, second), *_ = kinds.items()
        raise DataError("data.memory.mixed_labels", path=name, one=one, first=first, other=other, second=second)
    return _Labels(form, cells, seen)


def _table(labels: Any) -> Any:
    """(n, C) if the labels are a two-dimensional array, DataFrame or sparse matrix, else None."""
    if len(getattr(labels, "shape", ())) != 2:
        return None
    return np.asarray(labels.toarray() if hasattr(labels, "toarray") else labels)


def _looks_indicator(rows: Sequence[Any]) -> bool:
    """Whether the rows are lists of one length >= 2 that contain only 0 and 1; lists of length one may be labels."""
    if not rows or not all(isinstance(row, (list, tuple, np.ndarray)) for row in rows):
        return False
    if len(rows[0]) < 2 or len({len(row) for row in rows}) > 1:
        return False
    return all(not isinstance(cell, str) and zero_one(_plain(cell)) is not None for row in rows for cell in row)


def _indicator(name: str, table: Any, labels: Any) -> _Labels:
    columns, names = _column_names(labels, table.shape[1])
    if table.dtype.kind not in "biuf":
        table = np.array([[_zero_or_one(_plain(cell)) for cell in row] for row in table]).reshape(table.shape)
    if table.dtype.kind == "f" and not np.isnan(table).any():
        refuse_scores([tuple(map(float, row)) for row in table], {"path": name, "column": "labels"})
    wrong = np.argwhere((table != 0) & (table != 1))
    if len(wrong):
        row, column = wrong[0]
        where = {"path": name, "line": row + 1, "column": shown(columns[column])}
        raise DataError("data.not_zero_one", found=shown(table[row, column]), **where)
    held = [np.flatnonzero(row).tolist() for row in table]
    counts = table.sum(axis=0)
    seen = Counter({(class_name, i): int(counts[i]) for i, class_name in enumerate(names)})
    return _Labels(Form.INDICATOR, [tuple(names[i] for i in row) for row in held], seen, columns)


def _zero_or_one(cell: object) -> float:
    value = zero_one(cell)
    return float("nan") if value is None else float(value)


def _column_names(labels: Any, width: int) -> tuple[tuple[Any, ...], tuple[str, ...]]:
    """(C,) the caller's column names, and (C,) class names; numbers if a DataFrame's names are not distinct."""
    numbers = tuple(range(width))
    columns = tuple(_plain(column) for column in getattr(labels, "columns", numbers))
    names = tuple(clean(str(column)) for column in columns)
    alike = len({text_key(name) for name in names}) < width or not all(names)
    return columns, tuple(map(str, numbers)) if alike else names


def _name(title: str, line: int, value: Any) -> str:
    """The class name of one label; "" if missing."""
    if value is None:
        return ""
    if isinstance(value, str):
        return clean(value.replace("\0", " "))
    if isinstance(value, int) or (isinstance(value, float) and (value != value or value.is_integer())):
        return number_text(value)
    if isinstance(value, float):
        raise DataError("data.memory.continuous", path=title, line=line, found=value)
    raise DataError("data.label_not_text", path=title, line=line, column="label", found=kind_of(value))


def _kind(value: Any) -> str:
    return "str" if isinstance(value, str) else "bool" if isinstance(value, bool) else "int"


def _one_form(name: str, read: Sequence[_Labels]) -> Form:
    """The common form of all splits. Raises: DataError if they differ; lists may be combined with single labels."""
    forms = [part.form for part in read]
    kinds = {(Form.INDICATOR, part.columns) if part.form is Form.INDICATOR else Form.SETS for part in read}
    values = {_kind(value) for part in read for _, value in part.seen} if Form.INDICATOR not in forms else set()
    if len(kinds) > 1 or len(values) > 1:
        raise DataError("data.memory.other_labels", path=name)
    return forms[0] if len(set(forms)) == 1 else Form.SETS
