"""Write rows with added columns in chunks; the output file appears only when it is complete."""

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final, Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from rankfirst.data.files.table import Chunk
from rankfirst.data.files.write import plain, without_breaks
from rankfirst.measure.disk import replaced

SUFFIXES: Final = (".csv", ".tsv", ".tab", ".jsonl", ".ndjson", ".parquet", ".pq")
Added = Mapping[str, Sequence[object]]  # column -> (n,) cells: text, number, boolean, list of texts, or None


class Sink(Protocol):
    """Receives chunks in order."""

    def write(self, chunk: Chunk, added: Added) -> None:
        """Write the rows of a chunk with their new cells."""
        ...

    def close(self) -> None:
        """Flush everything to disk."""
        ...


@contextmanager
def sink(out: Path, lists: bool) -> Iterator[Sink]:
    """A writer of the format that `out`'s suffix names; OUT.part is renamed to `out` on success.

    Args: lists: whether list cells are joined by "|" if the format has no lists; otherwise they become JSON.
    Raises: OSError.
    """
    suffix = out.suffix.lower()
    writer: Sink
    with replaced(out, out.with_name(f"{out.name}.part")) as part:
        if suffix in (".parquet", ".pq"):
            writer = _Parquet(part)
        elif suffix in (".jsonl", ".ndjson"):
            writer = _JsonLines(part)
        else:
            writer = _Delimited(part, suffix != ".csv", lists)
        with closing(writer):
            yield writer


def _text(cell: object) -> str:
    """A cell of the source as text; a text is returned unchanged."""
    return plain(cell, lambda cells: json.dumps(cells, ensure_ascii=False, default=str))


class _Delimited:
    def __init__(self, part: Path, tabs: bool, lists: bool) -> None:
        self.tabs, self.lists = tabs, lists
        self.file = part.open("w", encoding="utf-8", errors="replace", newline="")
        self.writer = csv.writer(self.file, delimiter="\t" if tabs else ",", lineterminator="\n" if tabs else "\r\n")
        self.columns: tuple[str, ...] | None = None

    def write(self, chunk: Chunk, added: Added) -> None:
        cells = chunk.table.cells
        if self.columns is None:
            self.columns = tuple(cells)
            self.writer.writerow([*self.columns, *added])
        rows = len(chunk.table)
        own = [[_text(cell) for cell in cells[name]] if name in cells else [""] * rows for name in self.columns]
        new = [[self._format_new(cell) for cell in column] for column in added.values()]
        for row in zip(*own, *new, strict=True):
            # A .tsv is read line by line, so its cells must not contain line breaks or tabs.
            self.writer.writerow([without_breaks(cell) for cell in row] if self.tabs else row)

    def _format_new(self, cell: object) -> str:
        if isinstance(cell, list) and self.lists:
            return "|".join(map(str, cell))
        return repr(cell) if isinstance(cell, float) else _text(cell)

    def close(self) -> None:
        self.file.close()


class _JsonLines:
    def __init__(self, part: Path) -> None:
        # A lone surrogate is written as its JSON escape.
        self.file = part.open("w", encoding="utf-8", errors="backslashreplace", newline="\n")

    def write(self, chunk: Chunk, added: Added) -> None:
        cells = chunk.table.cells
        rows = chunk.objects
        if rows is None:
            rows = [dict(zip(cells, row, strict=True)) for row in zip(*cells.values(), strict=True)]
        for row, new in zip(rows, zip(*added.values(), strict=True), strict=True):
            record = {**row, **dict(zip(added, new, strict=True))}
            self.file.write(json.dumps(record, ensure_ascii=False, default=str) + "\n")

    def close(self) -> None:
        self.file.close()


class _Parquet:
    """Columns read from Parquet keep their types; those of other formats are strings, as later rows may be anything."""

    def __init__(self, part: Path) -> None:
        self.part = part
        self.writer: Any = None
        self.columns: tuple[str, ...] = ()
        part.open("wb").close()  # fails immediately if the file cannot be written

    def write(self, chunk: Chunk, added: Added) -> None:
        names = list(chunk.table.cells)
        if chunk.batch is not None:
            fields = [chunk.batch.schema.field(i) for i in range(len(names))]
            arrays = [chunk.batch.column(i) for i in range(len(names))]
        else:
            names = list(self.columns) if self.writer is not None else names
            fields = [pa.field(name, pa.string()) for name in names]
            arrays = [self._texts(chunk, name) for name in names]
        new = {name: pa.array(list(cells), _kind(cells)) for name, cells in added.items()}
        if self.writer is None:
            self.columns = tuple(names)
            schema = pa.schema([*fields, *(pa.field(name, array.type) for name, array in new.items())])
            self.writer = pq.ParquetWriter(self.part, schema)
        schema = self.writer.schema
        own = [array.cast(schema.field(i).type) for i, array in enumerate(new.values(), len(fields))]
        self.writer.write_batch(pa.record_batch([*arrays, *own], schema=schema))

    def _texts(self, chunk: Chunk, name: str) -> Any:
        cells = chunk.table.cells.get(name) or [None] * len(chunk.table)
        return pa.array([None if cell is None else _text(cell) for cell in cells], pa.string())

    def close(self) -> None:
        if self.writer is not None:
            self.writer.close()


def _kind(cells: Sequence[object]) -> Any:
    """The Arrow type of a new column; explicit, because all cells of a chunk may be None."""
    example = next((cell for cell in cells if cell is not None), "")
    if isinstance(example, bool):
        return pa.bool_()
    if isinstance(example, float):
        return pa.float64()
    return pa.list_(pa.string()) if isinstance(example, list) else pa.string()
