"""A file of any size, some rows at a time: memory does not grow with the file.

A row that cannot be read does not end the file: it comes back with its error beside the rows that can. A .json file
that is one list, and a folder saved by `datasets`, are read whole: their formats have no rows to stop at.
"""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from rankfirst.data.delimited import END, delimiter_of, is_blank, unquoted
from rankfirst.data.formats import read_table, reader_of
from rankfirst.data.jsonlines import json_object, parsed
from rankfirst.data.survey import Survey, survey
from rankfirst.data.table import Note, Table, column_names, shown
from rankfirst.errors import DataError

# Characters of one cell. A quote that is never closed swallows the rows after it; here it ends.
CELL: Final = 16_000_000
Bad = tuple[int, DataError]  # line, why


@dataclass(frozen=True)
class Chunk:
    """Some rows of a file, in its order."""

    table: Table  # may have no rows
    bad: tuple[Bad, ...]  # rows among these that cannot be read
    done: int  # of `total`: bytes or rows read so far
    total: int
    objects: Sequence[Mapping[str, object]] | None = None  # the same rows as JSON had them
    batch: Any = None  # the same rows as Arrow has them
    first: bool = True  # whether no chunk was before
    notes: tuple[Note, ...] = ()  # of the whole file, in its first chunk


def chunks(path: Path, rows: int) -> Iterator[Chunk]:
    """The rows of a CSV, TSV, JSON Lines or Parquet file, `rows` at a time; at least one chunk.

    Raises: DataError for what makes the rest of the file unreadable, and for a file that has no row to read.
    """
    reader_of(path)  # raises for a kind nobody reads
    suffix = path.suffix.lower()
    if path.is_dir():
        yield _whole(path)
    elif suffix in (".parquet", ".pq"):
        yield from _parquet(path, rows)
    elif suffix in (".csv", ".tsv", ".tab"):
        yield from _delimited(path, rows)
    else:
        looked = survey(path)
        with path.open(encoding=looked.encoding) as file:
            is_list = _first_character(file) == "["
        if is_list:
            yield _whole(path)
        else:
            yield from _json_lines(path, looked, rows)


def _whole(path: Path) -> Chunk:
    table = read_table(path)
    return Chunk(table, (), len(table), len(table), notes=table.notes)


def _first_character(file: io.TextIOBase) -> str:
    while character := file.read(1):
        if not character.isspace():
            return character
    return ""


def _delimited(path: Path, rows: int) -> Iterator[Chunk]:
    looked = survey(path)
    with path.open(encoding=looked.encoding, newline="") as file:
        header = _header_line(file)
    tabs = path.suffix.lower() != ".csv"
    delimiter = "\t" if tabs else delimiter_of(header)
    plain = tabs and _as_many_tabs(path, looked, header.count("\t"))
    before = csv.field_size_limit(CELL)
    try:
        with path.open(encoding=looked.encoding, newline="") as file:
            records = _plain_tabs(file) if plain else _records(path, file, delimiter)
            yield from _gathered(path, looked, file, records, rows)
    finally:
        csv.field_size_limit(before)


def _header_line(file: io.TextIOBase) -> str:
    return next((line for line in iter(file.readline, "") if line.strip()), "")


def _as_many_tabs(path: Path, looked: Survey, width: int) -> bool:
    """Whether every line has as many tabs as the header: then no cell is quoted over lines (see `delimited`)."""
    if not width:
        return False
    with path.open(encoding=looked.encoding, newline="\n") as file:
        return all(line.count("\t") == width for line in file if line.strip("\r\n "))


def _plain_tabs(file: io.TextIOBase) -> Iterator[tuple[int, list[str]]]:
    for number, line in enumerate(file, 1):
        text = line.rstrip("\r\n")
        if text.strip(" "):
            yield number, unquoted(text, text.count("\t") + 1)


def _records(path: Path, file: io.TextIOBase, delimiter: str) -> Iterator[tuple[int, list[str]]]:
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


def _gathered(path: Path, looked: Survey, file: Any, records: Iterator[tuple[int, list[str]]],
              rows: int) -> Iterator[Chunk]:  # fmt: skip
    """Records to chunks; blank lines are left out, but among the rows of a single column one is an empty text."""
    header = next(fields for _, fields in records if not is_blank(fields))
    names = _named(path, header)
    kept: list[tuple[int, list[str]]] = []
    bad: list[Bad] = []
    waiting: list[int] = []  # blank lines of a single column: texts only if another row follows
    first = True

    def chunk() -> Chunk:
        cells = {name: [fields[i] for _, fields in kept] for i, name in enumerate(names)}
        table = Table(path, cells, [line for line, _ in kept])
        return Chunk(table, tuple(bad), file.buffer.tell(), looked.size, first=first,
                     notes=looked.notes if first else ())  # fmt: skip

    for line, fields in records:
        if is_blank(fields) and len(names) > 1:
            continue
        if not fields:
            waiting.append(line)
            continue
        kept += [(empty, [""]) for empty in waiting]
        waiting.clear()
        if len(fields) == len(names):
            kept.append((line, fields))
        else:
            numbers = {"found": len(fields), "expected": len(names)}
            bad.append((line, DataError("data.ragged_row", path=str(path), line=line, **numbers)))
        if len(kept) + len(bad) >= rows:
            yield chunk()
            kept, bad, first = [], [], False
    yield chunk()


def _named(path: Path, header: Sequence[str]) -> list[str]:
    """Column names; one without a name (a saved index) keeps its place."""
    names = list(column_names(path, header))
    nameless = [i for i, name in enumerate(names) if not name]
    for place in nameless[1:]:
        names[place] = f"column {place + 1}"
    return names


def _json_lines(path: Path, looked: Survey, rows: int) -> Iterator[Chunk]:
    first, read = True, 0  # characters: about as many as bytes
    kept, bad = list[tuple[int, dict[str, object]]](), list[Bad]()

    def chunk(done: int) -> Chunk:
        keys = list(dict.fromkeys(key for _, row in kept for key in row))
        names = column_names(path, keys)
        cells = {name: [row.get(key) for _, row in kept] for name, key in zip(names, keys, strict=True)}
        table = Table(path, cells, [line for line, _ in kept])
        return Chunk(table, tuple(bad), done, looked.size, [row for _, row in kept], first=first,
                     notes=looked.notes if first else ())  # fmt: skip

    with path.open(encoding=looked.encoding, newline="\n") as file:
        # Not universal newlines: a lone carriage return is white space between JSON's tokens.
        for line, content in enumerate(file, 1):
            if not content.strip():
                continue
            try:
                kept.append((line, json_object(path, line, parsed(path, content, line - 1))))
            except DataError as error:
                bad.append((line, error))
            read += len(content)
            if len(kept) + len(bad) >= rows:
                yield chunk(min(looked.size, read))
                kept, bad, first = [], [], False
        yield chunk(looked.size)


class _Columns(Mapping[str, Sequence[object]]):
    """Columns of an Arrow batch, made Python objects only when somebody asks."""

    def __init__(self, path: Path, names: Sequence[str], batch: Any) -> None:
        self._path, self._names, self._batch = path, list(names), batch

    def __getitem__(self, name: str) -> Sequence[object]:
        if name not in self._names:
            raise KeyError(name)
        try:
            values: list[object] = self._batch.column(self._names.index(name)).to_pylist()
        except (OverflowError, ValueError) as error:  # such as a date that Python cannot hold
            raise DataError("data.bad_column", path=str(self._path), column=name, reason=shown(error)) from error
        return values

    def __contains__(self, name: object) -> bool:
        return name in self._names  # without reading it

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def _parquet(path: Path, rows: int) -> Iterator[Chunk]:
    try:
        # Not pre-buffered: whole column chunks of a row group would be held.
        with pq.ParquetFile(path, pre_buffer=False, buffer_size=1 << 20) as file:
            names, total, done = _named(path, file.schema_arrow.names), file.metadata.num_rows, 0
            for batch in file.iter_batches(batch_size=rows):
                lines = range(done + 1, done + batch.num_rows + 1)
                done += batch.num_rows
                yield Chunk(Table(path, _Columns(path, names, batch), lines), (), done, total, batch=batch,
                            first=lines.start == 1)  # fmt: skip
            if not done:
                empty = pa.RecordBatch.from_pylist([], schema=file.schema_arrow)
                yield Chunk(Table(path, _Columns(path, names, empty), ()), (), 0, 0, batch=empty)
    except (pa.ArrowException, OSError, ValueError) as error:
        if isinstance(error, DataError):
            raise
        raise DataError("data.bad_parquet", path=str(path), reason=shown(error)) from error


def as_json(value: object) -> str:
    """A cell that is no text, for a format that has only texts."""
    return json.dumps(value, ensure_ascii=False, default=str)
