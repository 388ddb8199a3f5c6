"""Read JSON Lines, and .json files that contain one list of objects, or one object with all rows."""

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TextIO

from rankfirst.data.files.decode import Survey, survey
from rankfirst.data.files.json_objects import pairs_in, rows_in, splits_in, texts_by_class
from rankfirst.data.files.table import (
    Bad,
    Chunk,
    Note,
    Table,
    column_names,
    listed,
    note,
    shown,
    single_chunk,
    without_unnamed,
)
from rankfirst.errors import DataError

Row = tuple[int, dict[str, object]]  # (line, or position in the list; object)


def read_json(path: Path, rows: int | None, encoding: str | None = None) -> Iterator[Chunk]:
    """Read one object per line, `rows` at a time; None, or a file that is a list of objects: in one chunk.

    Raises: DataError for an empty file, and in one chunk for anything but JSON objects; otherwise that is a bad row.
    """
    looked = survey(path, encoding)
    with path.open(encoding=looked.encoding) as file:
        filled = (line.strip() for line in file if line.strip())
        first, second = next(filled), next(filled, None)
    # Not universal newlines: a lone carriage return is whitespace between JSON tokens.
    with path.open(encoding=looked.encoding, newline="\n") as file:
        if first.startswith("["):
            yield single_chunk(without_unnamed(_table(path, _list(path, file.read()), looked.notes)))
        elif (whole := _whole(first, second, file)) is not None:
            notes, by_class = looked.notes, texts_by_class(whole)
            if by_class:
                notes += (note("data.note.json_classes", file=path.name, classes=len(whole)),)
            found = by_class or rows_in(path, whole)
            table = _table(path, [(row, _object(path, row, item)) for row, item in enumerate(found, 1)], notes)
            yield single_chunk(without_unnamed(table))
        else:
            yield from _lines(path, file, looked, rows)


def read_splits(path: Path, encoding: str | None = None) -> dict[str, Table]:
    """'train' / 'val' / 'test' -> its rows, if the file is one object whose keys are splits; else empty.

    Raises: DataError if it cannot be decoded, or if a row of a split is neither an object nor a text with its label.
    """
    looked = survey(path, encoding)
    with path.open(encoding=looked.encoding, newline="\n") as file:
        filled = (line.strip() for line in file if line.strip())
        first, second = next(filled), next(filled, None)
        file.seek(0)
        whole = _whole(first, second, file)
    splits = {} if whole is None else splits_in(path, whole)
    if not splits:
        return {}
    recognised = note("data.note.json_splits", file=path.name, splits=listed(whole or ()))
    return {
        split: _table(path, list(enumerate(rows, 1)), (*looked.notes, recognised) if split == "train" else ())
        for split, rows in splits.items()
    }


def _whole(first: str, second: str | None, file: TextIO) -> dict[str, object] | None:
    """The only object of a file that is not one object a line; None if it is, or cannot be parsed.

    Leaves the file at its start if None.
    """
    if not first.startswith("{"):
        return None
    try:
        json.loads(first)
        alone = second is None
    except (RecursionError, ValueError):
        alone = True
    if not alone:
        return None
    try:
        content = json.load(file)
    except (RecursionError, ValueError):
        content = None  # it is read line by line, for an error with a line
    file.seek(0)
    nested = isinstance(content, dict) and content and all(isinstance(v, dict | list) for v in content.values())
    return content if nested else None


def _lines(path: Path, file: Iterable[str], looked: Survey, rows: int | None) -> Iterator[Chunk]:
    first, read = True, 0  # in characters, which approximates bytes
    kept, bad = list[Row](), list[Bad]()

    def chunk(done: int) -> Chunk:
        table = _table(path, kept, looked.notes if first else ())
        return Chunk(table, tuple(bad), done, looked.size, [row for _, row in kept], first=first)

    for line, content in enumerate(file, 1):
        if not content.strip():
            continue
        try:
            kept.append((line, _object(path, line, _parsed(path, content.rstrip("\n"), line - 1))))
        except DataError as error:
            if rows is None:
                raise
            bad.append((line, error))
        read += len(content)
        if rows is not None and len(kept) + len(bad) >= rows:
            yield chunk(min(looked.size, read))
            kept, bad, first = [], [], False
    yield chunk(looked.size)


def _table(path: Path, rows: Sequence[Row], notes: tuple[Note, ...]) -> Table:
    keys = list(dict.fromkeys(key for _, row in rows for key in row))
    names = column_names(path, keys)
    cells = {name: [row.get(key) for _, row in rows] for name, key in zip(names, keys, strict=True)}
    return Table(path, cells, [line for line, _ in rows], notes)


def _list(path: Path, text: str) -> list[Row]:
    content = _parsed(path, text, 0)
    items: Sequence[object] = content if isinstance(content, list) else [content]
    # The parser does not report positions, so items of a list are numbered instead of lines.
    if (pairs := pairs_in(items)) is not None:
        return list(enumerate(pairs, 1))
    return [(row, _object(path, row, item)) for row, item in enumerate(items, 1)]


def _parsed(path: Path, text: str, lines_before: int) -> object:
    """Parse JSON. Raises: DataError with the line, counted from `lines_before`."""
    try:
        content: object = json.loads(text)
    except json.JSONDecodeError as error:
        line = lines_before + error.lineno
        raise DataError("data.bad_json", path=str(path), line=line, reason=shown(error.msg)) from error
    except (RecursionError, ValueError) as error:
        reason = shown(error) or type(error).__name__
        raise DataError("data.bad_json", path=str(path), line=lines_before + 1, reason=reason) from error
    return content


def _object(path: Path, line: int, value: object) -> dict[str, object]:
    """Return `value` if it is an object. Raises: DataError."""
    if not isinstance(value, dict):
        raise DataError("data.json_not_object", path=str(path), line=line, found=shown(json.dumps(value)))
    return value
