"""Read a pool of unlabelled rows: what has a label, is labelled elsewhere, or is repeated is left out and counted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from rankfirst import data
from rankfirst.data.files.column_names import label_rank
from rankfirst.data.files.columns import named_for, text_or_only_column
from rankfirst.data.files.formats import read_table
from rankfirst.data.files.frames import frame_table
from rankfirst.data.files.joined_columns import with_joined
from rankfirst.data.files.read import column_named_as_in
from rankfirst.data.files.second_file import labels_if_any
from rankfirst.data.files.table import Table, non_empty, note
from rankfirst.data.files.texts import text_key, texts_of
from rankfirst.data.shift.compare import first_occurrences
from rankfirst.errors import DataError
from rankfirst.measure.scores import Ints

# Distinct unlabelled texts that are examined, sampled at random if there are more: a few hundred rows chosen from
# these are hardly better or worse than from all (assumption), and encoding them takes minutes.
MOST_ROWS: Final = 20_000


@dataclass(frozen=True)
class Pool:
    """The file, and its rows that may be chosen."""

    table: Table  # as read, with all its columns
    text: str  # its text column, or several joined by commas
    label: str | None  # its label column; None if it has none
    texts: Sequence[str]  # (n,) of all rows, cleaned
    rows: Ints  # (k,) positions of the candidates, distinct texts in file order
    left_out: Mapping[str, int]  # why -> rows


def read_pool(
    rows_in: Path | Any,
    how: data.Reading,
    known: Sequence[str],
    columns: tuple[str | None, str | None],
    text: str | None = None,
    encoding: str | None = None,
    seed: int = 0,
) -> Pool:
    """Read the pool: a file, or rows in Python (a frame, or a list of texts).

    Args:
        how: as the training rows were read. known: texts that are labelled elsewhere. columns: text and label column of
            the training rows, used if this file has them. text: the text column to use instead. encoding: as for `fit`.
    Raises: DataError if the file or its text column cannot be read, or if it has no row that may be chosen.
    """
    table = _table(rows_in, encoding)
    joined = with_joined(table, text) if text else with_joined(table, columns[0], optional=True)
    named = named_for(joined, "train", text) or column_named_as_in(joined, named_for(joined, "train", columns[0]))
    column = text_or_only_column(joined, named)
    texts, notes = texts_of(joined, column)
    label, labelled = _labelled(joined, column, columns[1], how)
    there, own = {text_key(each) for each in known}, [text_key(each) for each in texts]
    why = [
        "empty" if not cell else "labelled" if done else "trained" if key in there else ""
        for cell, done, key in zip(texts, labelled, own, strict=True)
    ]
    free = np.array([row for row, reason in enumerate(why) if not reason], dtype=np.intp)
    # Another copy of a text may be labelled: then the text is.
    done_keys = {key for key, reason in zip(own, why, strict=True) if reason == "labelled"}
    free = free[[own[row] not in done_keys for row in free]] if done_keys else free
    rows = free[first_occurrences([own[row] for row in free])] if len(free) else free
    left_out = {name: why.count(name) for name in ("empty", "labelled", "trained")}
    left_out["repeated"] = len(texts) - len(rows) - sum(left_out.values())
    if not len(rows):
        raise DataError("label.nothing", path=str(table.path), rows=len(texts), **left_out)
    some = rows
    if len(rows) > MOST_ROWS:
        notes += (note("label.note.sampled", rows=f"{len(rows):,}", looked=f"{MOST_ROWS:,}"),)
        some = np.sort(np.random.default_rng((seed, 23)).permutation(rows)[:MOST_ROWS])
    return Pool(replace(table, notes=(*table.notes, *notes)), column, label, texts, some, left_out)


def _table(rows: Path | Any, encoding: str | None) -> Table:
    if isinstance(rows, Path):
        return read_table(rows, encoding)
    texts = [] if isinstance(rows, Mapping) or not isinstance(rows, Sequence) else list(rows)
    plain = bool(texts) and all(isinstance(text, str) for text in texts)
    return non_empty(frame_table({"text": texts} if plain else rows))


def _labelled(table: Table, text: str, label: str | None, how: data.Reading) -> tuple[str | None, Sequence[bool]]:
    """(the label column, if any; (n,) whether a row has a label). A guessed column counts for known classes alone."""
    named = column_named_as_in(table, named_for(table, "train", label))
    try:
        column, names = labels_if_any(table, text, named, how)
    except DataError:  # cells that are no labels
        return None, [False] * len(table)
    if named is not None or (column is not None and label_rank(column) == 0):
        return column, [bool(row) for row in names]  # with a class that the model knows, or a new one
    classes = {how.key(name) for name in how.classes}
    labelled = [any(how.key(name) in classes for name in row) for row in names]
    return column if any(labelled) else None, labelled
