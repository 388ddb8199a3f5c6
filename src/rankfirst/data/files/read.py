"""Read files into a `Dataset`; every row is checked, and every automatic repair is recorded as a note."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import compress
from pathlib import Path
from typing import Any, Final, Unpack

from rankfirst.data.files.columns import (
    Columns,
    choose_columns,
    has_column,
    named_for,
    same_columns,
    text_or_only_column,
)
from rankfirst.data.files.dates import dates_of
from rankfirst.data.files.dropped_rows import Rows, with_known_labels, without_empty
from rankfirst.data.files.formats import read_table, read_tables
from rankfirst.data.files.frames import NAME as IN_PYTHON
from rankfirst.data.files.group_splits import Apart
from rankfirst.data.files.joined_columns import with_joined
from rankfirst.data.files.labels import Labelled, Names, all_names, read_labels
from rankfirst.data.files.reading import CellOptions, Reading
from rankfirst.data.files.standard_input import NAME as STANDARD_INPUT
from rankfirst.data.files.table import Note, Table, listed, note, shown
from rankfirst.data.files.texts import clean, text_key, texts_of
from rankfirst.data.quality.out_of_scope import usable_outside, without_outside
from rankfirst.data.split import hold_out
from rankfirst.errors import DataError
from rankfirst.records import Dataset, Split

# Share of all rows in each split that the user did not provide.
HELD_OUT: Final = 0.15
SPLITS: Final = ("train", "val", "test")


def load_dataset(
    train: Path | Any,
    val: Path | None = None,
    test: Path | None = None,
    *,
    text: str | None = None,
    label: str | None = None,
    date: str | None = None,
    oos_label: str | None = None,
    group: str | None = None,
    time: str | None = None,
    seed: int = 0,
    encoding: str | None = None,
    **cells: Unpack[CellOptions],
) -> Dataset:
    """Read the rows, determine whether they are single- or multi-label, and create missing splits.

    Args:
        train: a file, a folder, `-`, `hf:NAME` or rows in Python (docs/formats.md); splits that it holds are used.
        val, test: the same formats; missing ones are held out of `train`: stratified, with equal texts on one side.
        text, label: column names, or `train=a,val=b`; default: well-known names (docs/columns.md), or 0/1 columns.
        date: the column of dates. oos_label: label of out-of-scope rows, which become `outside` and `outside_test`.
        group: a column; no group is on two sides. time: a date column; training rows are before the other splits.
        seed: decides the splits made here. encoding: of files that are not UTF-8. cells: see `CellOptions`.
    Returns: rows in file order, classes sorted by name, a note for every change that was made.
    Raises: DataError with a one-sentence message for anything that cannot be read or used.
    """
    apart = Apart.of(group, time)
    tables = {split: with_joined(each, text) for split, each in read_tables(train, val, test, encoding).items()}
    first = choose_columns(tables["train"], text, label)
    columns = [first if split == "train" else same_columns(table, split, first, text, label)
               for split, table in tables.items()]  # fmt: skip
    labelled = read_labels(list(tables.values()), columns, Reading.of(cells))
    rows, dropped = rows_of(tables, columns, labelled, date, apart)
    rows, outside, outside_test, left_out = without_outside(rows, oos_label, str(tables["train"].path), seed)
    rows, kept_apart = apart.splits(tables, rows, labelled.multi_label, HELD_OUT, seed) if apart else (rows, [])
    classes, rows, changed = with_splits(tables, rows, labelled.multi_label, seed)
    files = {split: str((tables.get(split) or tables["train"]).path) for split in rows}
    read = [each for table in tables.values() for each in table.notes]
    return Dataset(
        name=_name(train),
        classes=classes,
        multi_label=labelled.multi_label,
        **{split: as_split(part, classes, files[split]) for split, part in rows.items()},
        notes=(*read, *labelled.notes, *dropped, *left_out, *kept_apart, *changed),
        fingerprint=fingerprint_of(rows),
        outside=outside,
        outside_test=outside_test,
        text=first.text,
    )


def rows_of(
    tables: Mapping[str, Table],
    columns: Sequence[Columns],
    labelled: Labelled,
    date: str | None = None,
    apart: Apart | None = None,
) -> tuple[dict[str, Rows], list[Note]]:
    """The rows of each split that have a text and a label, and notes on what was dropped. Raises: DataError."""
    rows: dict[str, Rows] = {}
    notes: list[Note] = []
    outs = labelled.left_out or [frozenset[int]()] * len(tables)
    for (split, table), own, names, out in zip(tables.items(), columns, labelled.names, outs, strict=True):
        texts, more = texts_of(table, own.text)
        dates = dates_of(table, date) if date and (split == "train" or has_column(table, date)) else ()
        sides = apart.cells(table, split == "train") if apart else ()
        read = Rows(texts, names, table.lines, dates, sides)
        labelled_rows = read.where([i not in out for i in range(len(read))]) if out else read
        rows[split], dropped = without_empty(table, labelled_rows, labelled.multi_label)
        notes += [*more, *dropped]
    return rows, notes


def with_splits(
    tables: Mapping[str, Table], rows: Mapping[str, Rows], multi_label: bool, seed: int
) -> tuple[tuple[str, ...], dict[str, Rows], list[Note]]:
    """The classes of the training rows, all three splits, and notes.

    Raises: DataError if fewer than two classes are usable, or if too many labels are unknown to training.
    """
    classes = all_names(rows["train"].names)
    notes = judge_classes(tables["train"], rows["train"], classes)
    restricted = dict(rows)
    for split in [split for split in rows if split != "train"]:
        table = tables.get(split, tables["train"])
        restricted[split], changed = with_known_labels(table, rows[split], classes, multi_label)
        notes += changed
    splits, split_notes = with_all_splits(tables["train"], restricted, multi_label, seed)
    return classes, splits, notes + split_notes


def read_labelled(
    path: Path,
    *,
    text: str | None = None,
    label: str | None = None,
    how: Reading | None = None,
    trained: tuple[str | None, str | None] = (None, None),
    encoding: str | None = None,
) -> Rows:
    """Read labelled rows of any classes for evaluation; nothing is held out.

    Args:
        path, text, label, encoding: as for `load_dataset`. how: see `Reading`.
        trained: text and label column of the training file, used if this file has them and no others are named.
    Returns: texts and label names of every row that has both.
    Raises: DataError if the file or one of its columns cannot be read.
    """
    table = with_joined(read_tables(path, None, None, encoding)["train"], text)
    table = with_joined(table, None if text else trained[0], optional=True)
    how = how or Reading()
    own = [column_named_as_in(table, named_for(table, "test", name)) for name in trained]
    columns = choose_columns(table, text or own[0], label or own[1], "test", how.classes)
    labelled = read_labels([table], [columns], how)
    return rows_of({"train": table}, [columns], labelled)[0]["train"]


def read_texts(path: Path, text: str | None = None, encoding: str | None = None) -> tuple[tuple[str, ...], str]:
    """Read texts to predict, and the name of their column.

    Args:
        path, encoding: as for `load_dataset`. text: column name, default the first well-known name or the only column.
    Returns: (n,) texts cleaned as for training, one for every row; empty ones are kept, so that predictions line up.
    Raises: DataError if the file or its text column cannot be read.
    """
    table = with_joined(read_table(path, encoding), text)
    column = text_or_only_column(table, text)
    texts, _ = texts_of(table, column)
    return tuple(texts), column


def read_outside(path: Path, dataset: Dataset, text: str | None = None, encoding: str | None = None) -> tuple[str, ...]:
    """Read the distinct out-of-scope texts of a file that are not rows of the data.

    Args: text: column name, used if this file has it; default the first well-known name or the only column.
        encoding: as for `load_dataset`.
    Raises: DataError if the file cannot be read, or holds too few texts to choose a score by.
    """
    table = with_joined(read_table(path, encoding), text, optional=True)
    texts, _ = read_texts(path, column_named_as_in(table, text), encoding)
    return usable_outside(texts, dataset, str(path))


def column_named_as_in(table: Table, name: str | None) -> str | None:
    """The column name if this table has it, else None."""
    return name if name is not None and has_column(table, name) else None


def judge_classes(table: Table, rows: Rows, classes: Sequence[str]) -> list[Note]:
    """A note if classes have a single row. Raises: DataError if fewer than two classes are usable."""
    if len(classes) < 2:
        only = shown(classes[0]) if classes else "-"
        raise DataError("data.one_class", path=str(table.path), classes=len(classes), label=only)
    counts = Counter(name for names in rows.names for name in names)
    single = [name for name in classes if counts[name] == 1]
    if len(classes) - len(single) < 2:
        counted = {"rows": len(rows), "classes": len(classes), "labels": listed(single)}
        raise DataError("data.too_few_rows", path=str(table.path), **counted)
    if not single:
        return []
    return [note("data.note.single_row_classes", classes=len(single), labels=listed(single))]


def with_all_splits(
    table: Table, rows: Mapping[str, Rows], multi_label: bool, seed: int
) -> tuple[dict[str, Rows], list[Note]]:
    """Complete the three splits; missing ones are held out of the training rows, the test rows first."""
    splits = dict(rows)
    whole = len(rows["train"])
    missing = [split for split in ("test", "val") if split not in rows]
    keys = [text_key(text) for text in splits["train"].texts] if missing else []
    owed = _divisible(keys, rows["train"].names)
    for later, split in zip(range(len(missing) - 1, -1, -1), missing, strict=True):
        train = splits["train"]
        ids = {name: i for i, name in enumerate(all_names(train.names))}
        labels = [[ids[name] for name in names] for names in train.names]
        share = round(HELD_OUT * whole) / len(train)
        held = hold_out(keys, labels, multi_label, share, seed, [ids[n] for n in owed if n in ids], later)
        if not held.any():
            raise DataError("data.too_few_texts", path=str(table.path), texts=len(set(keys)))
        left = (~held).tolist()
        splits[split], splits["train"] = train.where(held.tolist()), train.where(left)
        keys = list(compress(keys, left))
    if not missing:
        return splits, []
    sizes = {split: len(part) for split, part in splits.items()}
    return splits, [note("data.note.split_made", made=" + ".join(sorted(missing, reverse=True)), **sizes)]


def _divisible(keys: Sequence[str], names: Sequence[Names]) -> list[str]:
    """The classes with a distinct text for each of three splits."""
    pairs = {(name, key) for key, carried in zip(keys, names, strict=False) for name in carried}
    return sorted(name for name, texts in Counter(name for name, _ in pairs).items() if texts >= len(SPLITS))


def as_split(rows: Rows, classes: Sequence[str], file: str = "") -> Split:
    """The split with these rows. Args: classes: every name that occurs in `rows`, in the order of the indexes."""
    ids = {name: i for i, name in enumerate(classes)}
    same: dict[Names, tuple[int, ...]] = {}  # share equal tuples: a million rows have few distinct ones
    for names in rows.names:
        if names not in same:
            same[names] = tuple(sorted(ids[name] for name in names))
    labels = tuple(same[names] for names in rows.names)
    groups = tuple(side for side in rows.sides if isinstance(side, str))
    return Split(tuple(rows.texts), labels, tuple(rows.lines), file, tuple(rows.dates), groups)


def fingerprint_of(rows: Mapping[str, Rows]) -> str:
    """SHA-256 over texts and label names of all splits, in order."""
    digest, encode = hashlib.sha256(), json.JSONEncoder(ensure_ascii=False).encode
    for split in (name for name in SPLITS if name in rows):
        digest.update(f"{split}\n".encode())
        for text, names in zip(rows[split].texts, rows[split].names, strict=True):
            digest.update(encode([text, sorted(names)]).encode())
    return digest.hexdigest()


def _name(train: Path | Any) -> str:
    """The file's stem, or the folder's name if the file is just called train."""
    if not isinstance(train, Path):
        return IN_PYTHON
    if str(train) == STANDARD_INPUT:
        return "stdin"
    path = train.absolute()
    return clean(path.parent.name if path.stem.casefold() == "train" and path.parent.name else path.stem)
