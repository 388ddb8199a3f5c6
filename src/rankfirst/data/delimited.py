"""CSV and TSV.

Read with the csv module, whose cells are always text ("NA" and "null" are things people say) and which knows the line
of every row, so a row with a field too many can be named.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, Final

from rankfirst.data.decode import Survey, survey
from rankfirst.data.table import Bad, Chunk, Table, column_names, numbered
from rankfirst.errors import DataError

# Characters of one cell. The csv module refuses 131,072 by default; a text of 10 MB is shortened later, with a note.
CELL: Final = 2**31 - 1
# The same for a file read in pieces. A quote that is never closed swallows the rows after it; here it ends.
CELL_OF_PIECES: Final = 16_000_000
# A record of its own after the last line: it only survives when no quote is left open.
END: Final = "\x1eend\x1e"

Record = tuple[int, list[str]]  # line of its first character, fields


def read_delimited(path: Path, rows: int | None) -> Iterator[Chunk]:
    """A CSV or TSV file with a header, `rows` at a time; None: in one chunk.

    Raises: DataError for an empty file, a repeated column, an open quote; a row of another width is a bad row.
    """
    looked = survey(path)
    with path.open(encoding=looked.encoding, newline="") as file:
        header = next(line for line in iter(file.readline, "") if line.strip())
    tabs = path.suffix.lower() != ".csv"
    plain = tabs and _as_many_tabs(path, looked, header.count("\t"))
    before = csv.field_size_limit(CELL if rows is None else CELL_OF_PIECES)
    try:
        with path.open(encoding=looked.encoding, newline="\n" if plain else "") as file:
            records = _plain_tabs(file) if plain else _records(path, file, "\t" if tabs else _delimiter(header))
            yield from _gathered(path, looked, file, records, rows)
    finally:
        csv.field_size_limit(before)


def _delimiter(header: str) -> str:
    """The comma, unless the header has none: spreadsheets of many countries write semicolons into .csv files."""
    return "," if "," in header else max((",", ";", "\t"), key=header.count)


def _as_many_tabs(path: Path, looked: Survey, width: int) -> bool:
    """Whether every line has as many tabs as the header; then it is read line by line.

    Many TSV files quote nothing, so a stray quotation mark must not swallow the rows that follow it.
    """
    if not width:  # a single column, whose blank lines count
        return False
    with path.open(encoding=looked.encoding, newline="\n") as file:
        return all(line.count("\t") == width for line in file if line.strip("\r\n "))


def _plain_tabs(file: io.TextIOBase) -> Iterator[Record]:
    for number, line in enumerate(file, 1):
        text = line.rstrip("\r\n")
        if text.strip(" "):
            yield number, _unquoted(text)


def _unquoted(line: str) -> list[str]:
    """The cells of a tabbed line, without the quotes around them."""
    plain = line.split("\t")
    if '"' not in line:
        return plain
    try:
        fields = next(csv.reader([line], delimiter="\t", strict=True))
    except csv.Error:
        return plain
    return fields if len(fields) == len(plain) else plain


def _records(path: Path, file: io.TextIOBase, delimiter: str) -> Iterator[Record]:
    reader = csv.reader(chain(file, [END]), delimiter=delimiter)
    line = last = 1
    try:
        for fields in reader:
            if fields == [END]:
                return
            yield line, fields
            last, line = line, reader.line_num + 1
    except csv.Error:
        raise DataError("data.open_quote", path=str(path), line=line) from None
    raise DataError("data.open_quote", path=str(path), line=last)


def _gathered(path: Path, looked: Survey, file: Any, records: Iterator[Record],
              rows: int | None) -> Iterator[Chunk]:  # fmt: skip
    """Records to chunks. Blank lines are left out, but among the rows of a single column one is an empty text.

    Answers are given a row, so a row that is left out shifts every answer after it.
    """
    header = next((fields for _, fields in records if not _is_blank(fields)), [])
    names = column_names(path, header)
    names = names if rows is None else numbered(names)
    kept: list[Record] = []
    bad: list[Bad] = []
    waiting: list[Record] = []  # blank lines of a single column: texts only if another row follows
    first = True

    def chunk() -> Chunk:
        cells = {name: [fields[i] for _, fields in kept] for i, name in enumerate(names)}
        table = Table(path, cells, [line for line, _ in kept], looked.notes if first else ())
        return Chunk(table, tuple(bad), file.buffer.tell(), looked.size, first=first)

    for line, fields in records:
        if _is_blank(fields) and len(names) > 1:
            continue
        if not fields:
            waiting.append((line, [""]))
            continue
        kept += waiting
        waiting.clear()
        if len(fields) == len(names):
            kept.append((line, fields))
        else:
            bad.append((line, DataError("data.ragged_row", path=str(path), line=line, found=len(fields),
                                        expected=len(names))))  # fmt: skip
        if rows is not None and len(kept) + len(bad) >= rows:
            yield chunk()
            kept, bad, first = [], [], False
    yield chunk()


def _is_blank(fields: Sequence[str]) -> bool:
    """Whether a record is a line of white space."""
    return len(fields) < 2 and not "".join(fields).strip()
