"""Read .txt files: fastText's `__label__x text`, delimited text with a header, or one text a line."""

import csv
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Final

from rankfirst.data.files.decode import Survey, survey
from rankfirst.data.files.delimited import DELIMITERS, read_delimited
from rankfirst.data.files.table import Chunk, Note, Table, note

Line = tuple[int, str]  # (its number, its text)
PREFIX: Final = "__label__"
LOOKED_AT: Final = 20  # lines
# A first line of several fields is a header if one of them is called so.
HEADER: Final = frozenset({"text", "sentence", "label", "labels", "intent", "category", "文本", "标签"})


def read_lines(path: Path, rows: int | None, encoding: str | None = None) -> Iterator[Chunk]:
    """Read a text file, `rows` at a time; None: in one chunk. Raises: DataError for an empty file, or as CSV does."""
    looked = survey(path, encoding)
    with path.open(encoding=looked.encoding, newline=None) as file:
        first = list(islice((line for line in file if line.strip()), LOOKED_AT))
    if any(line.lstrip().startswith(PREFIX) for line in first):
        yield from _fasttext(path, looked, rows)
    elif _has_header(first[0]):
        yield from read_delimited(path, rows, encoding)
    else:
        yield from _plain(path, looked, rows)


def _has_header(line: str) -> bool:
    fields = (next(csv.reader([line], delimiter=delimiter), []) for delimiter in DELIMITERS)
    return any(len(names) > 1 and HEADER & {name.strip().casefold() for name in names} for names in fields)


def _fasttext(path: Path, looked: Survey, rows: int | None) -> Iterator[Chunk]:
    recognised = note("data.note.fasttext", file=path.name)
    for index, part in enumerate(_chunks(path, looked, rows)):
        read = [_parted(line) for _, line in part]
        several = any(len(labels) != 1 for labels, _ in read)
        cells: dict[str, Sequence[object]] = {
            "text": [text for _, text in read],
            "label": [list(labels) if several else labels[0] for labels, _ in read],
        }
        yield _chunk(path, looked, cells, part, (*looked.notes, recognised), index)


def _parted(line: str) -> tuple[list[str], str]:
    """(labels without their prefix, the rest of the line)."""
    words = line.split()
    labels = [word.removeprefix(PREFIX) for word in words if word.startswith(PREFIX)]
    return labels, " ".join(word for word in words if not word.startswith(PREFIX))


def _plain(path: Path, looked: Survey, rows: int | None) -> Iterator[Chunk]:
    for index, part in enumerate(_chunks(path, looked, rows)):
        yield _chunk(path, looked, {"text": [line for _, line in part]}, part, looked.notes, index)


def _chunks(path: Path, looked: Survey, rows: int | None) -> Iterator[list[Line]]:
    """Lines that are not blank, with their numbers; at least one chunk."""
    with path.open(encoding=looked.encoding, newline=None) as file:
        lines = ((number, line.strip()) for number, line in enumerate(file, 1) if line.strip())
        yield list(islice(lines, rows))
        while rows is not None and (part := list(islice(lines, rows))):
            yield part


def _chunk(path: Path, looked: Survey, cells: dict[str, Sequence[object]], part: Sequence[Line],
           notes: tuple[Note, ...], index: int) -> Chunk:  # fmt: skip
    table = Table(path, cells, [number for number, _ in part], notes if index == 0 else ())
    return Chunk(table, (), looked.size, looked.size, first=index == 0)
