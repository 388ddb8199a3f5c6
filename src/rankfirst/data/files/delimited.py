"""Read CSV and TSV.

Uses the csv module: its cells are always text ("NA" and "null" may be real texts), and it reports the line of every
row, so that an error can name a row with too many fields.
"""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path
from typing import Any, Final

from rankfirst.data.files.decode import Survey, survey
from rankfirst.data.files.table import Bad, Chunk, Table, column_names, note, number_unnamed
from rankfirst.errors import DataError

# Maximum characters of a cell. The csv module rejects 131,072 by default; long texts are truncated later, with a note.
CELL: Final = 2**31 - 1
# The same if a file is read in chunks. An unclosed quote would swallow the rows after it; this is where it stops.
CELL_OF_PIECES: Final = 16_000_000
# What spreadsheets put above the header to name the delimiter.
NAMED: Final = re.compile(r"\"?sep=(?P<delimiter>[^\w\s]|\t)\"?", re.IGNORECASE)
DELIMITERS: Final = (",", ";", "\t", "|")
TRIED: Final = 50  # lines by which the delimiter is chosen
# A sentinel record after the last line; it is only parsed as such if no quote is left open.
END: Final = "\x1eend\x1e"

Record = tuple[int, list[str]]  # (line of its first character, fields)


def read_delimited(path: Path, rows: int | None, encoding: str | None = None) -> Iterator[Chunk]:
    """Read a CSV or TSV file with a header, `rows` at a time; None: in one chunk.

    Raises: DataError for an empty file, a repeated column or an unclosed quote; a row of another width is a bad row.
    """
    looked = survey(path, encoding)
    with path.open(encoding=looked.encoding, newline="") as file:
        lines = list(islice((line for line in iter(file.readline, "") if line.strip()), TRIED))
    named = NAMED.fullmatch(lines[0].strip("\r\n "))
    tabs = path.suffix.lower() not in (".csv", ".txt") and named is None
    plain = tabs and _as_many_tabs(path, looked, lines[0].count("\t"))
    delimiter = named["delimiter"] if named else "\t" if tabs else _delimiter(lines)
    if named or delimiter == "|":
        recognised = note("data.note.delimiter", file=path.name, delimiter="Tab" if delimiter == "\t" else delimiter)
        looked = replace(looked, notes=(*looked.notes, recognised))
    before = csv.field_size_limit(CELL if rows is None else CELL_OF_PIECES)
    try:
        with path.open(encoding=looked.encoding, newline="\n" if plain else "") as file:
            records = _plain_tabs(file) if plain else _records(path, file, delimiter)
            yield from _gathered(path, looked, file, _after_first(records) if named else records, rows)
    finally:
        csv.field_size_limit(before)


def _delimiter(lines: Sequence[str]) -> str:
    """The delimiter that gives the most of the first records as many fields as the header; the comma on a tie.

    In many locales spreadsheets write semicolons into .csv files; databases write tabs or pipes.
    """
    return max(DELIMITERS, key=lambda delimiter: _agreeing(lines, delimiter))


def _agreeing(lines: Sequence[str], delimiter: str) -> float:
    """Share of the records with as many fields as the header; 0 if that has one field, or if a name is missing."""
    try:
        header, *rest = csv.reader(lines, delimiter=delimiter)
    except csv.Error:
        return 0.0
    if len(header) < 2 or not any(name.strip() for name in header):
        return 0.0
    # A record cut off at the end of the lines may have any number of fields.
    return (1 + sum(len(fields) == len(header) for fields in rest)) / (1 + len(rest))


def _after_first(records: Iterator[Record]) -> Iterator[Record]:
    """Without the first record that is not blank: the line that names the delimiter."""
    named = False
    for line, fields in records:
        if named:
            yield line, fields
        named = named or not _is_blank(fields)


def _as_many_tabs(path: Path, looked: Survey, width: int) -> bool:
    """Whether every line has as many tabs as the header; it is then parsed line by line.

    Many TSV files do not use quoting, so a stray quotation mark must not swallow the rows after it.
    """
    if not width:  # a single column, in which blank lines count
        return False
    with path.open(encoding=looked.encoding, newline="\n") as file:
        return all(line.count("\t") == width for line in file if line.strip("\r\n "))


def _plain_tabs(file: io.TextIOBase) -> Iterator[Record]:
    for number, line in enumerate(file, 1):
        text = line.rstrip("\r\n")
        if text.strip(" "):
            yield number, _unquoted(text)


def _unquoted(line: str) -> list[str]:
    """The cells of a tab-separated line, unquoted."""
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
    """Group records into chunks. Blank lines are skipped; in a file with a single column one is an empty text.

    Predictions are matched to rows by position, so a dropped row would shift every later one.
    """
    header = next((fields for _, fields in records if not _is_blank(fields)), [])
    names = column_names(path, header)
    names = names if rows is None else number_unnamed(names)
    kept: list[Record] = []
    bad: list[Bad] = []
    waiting: list[Record] = []  # blank lines of a single column: kept as texts only if another row follows
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
    """Whether a record is a line of whitespace."""
    return len(fields) < 2 and not "".join(fields).strip()
