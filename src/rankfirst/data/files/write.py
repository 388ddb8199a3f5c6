"""Write rows to a file in the format that its suffix names."""

import csv
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from rankfirst.data.files.table import Table, shown
from rankfirst.data.files.texts import number_text
from rankfirst.errors import DataError
from rankfirst.measure.disk import replaced

_BREAKS = re.compile(r"[\t\r\n]+")

Cells = Mapping[str, Sequence[object]]  # column -> (n,) cells


def write_table(
    table: Table, changed: Cells, rows: Sequence[int], out: Path, separator: str = "|", bom: bool = False
) -> None:
    """Write some rows of a table atomically.

    Args:
        changed: columns that replace those of the table, already restricted to `rows`. rows: positions in the table.
        separator: joins lists if the format has none. bom: byte-order mark for CSV and TSV.
    Raises: DataError if a label contains the separator it would be joined by; OSError.
    """
    cells = {name: changed[name] if name in changed else [column[i] for i in rows]
             for name, column in table.cells.items()}  # fmt: skip
    suffix = out.suffix.lower()
    with replaced(out) as part:
        if suffix in (".parquet", ".pq"):
            pq.write_table(_arrow(table, cells, rows, set(changed)), part)
        elif suffix in (".csv", ".tsv", ".tab"):
            with part.open("w", encoding="utf-8-sig" if bom else "utf-8", errors="replace", newline="") as file:
                _delimited(file, cells, suffix != ".csv", lambda cell: _joined(table, cell, separator))
        else:
            # A lone surrogate is written as its JSON escape.
            with part.open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
                _json(file, cells, suffix == ".json")


SUFFIXES: Final = (".csv", ".tsv", ".tab", ".jsonl", ".ndjson", ".json", ".parquet", ".pq")


def _delimited(file: Any, cells: Cells, tabs: bool, joined: Callable[[list[object]], str]) -> None:
    # TSV files are read line by line, so their cells must not contain line breaks or tabs.
    writer = csv.writer(file, delimiter="\t" if tabs else ",", lineterminator="\n" if tabs else "\r\n")
    writer.writerow(cells)
    for row in _rows(cells):
        texts = (plain(cell, joined) for cell in row)
        writer.writerow([without_breaks(cell) if tabs else cell for cell in texts])


def without_breaks(cell: str) -> str:
    """The cell on one line and without tabs."""
    return _BREAKS.sub(" ", cell)


def _rows(cells: Cells) -> Iterator[tuple[object, ...]]:
    return zip(*cells.values(), strict=True)


def plain(cell: object, joined: Callable[[list[object]], str]) -> str:
    """A cell as text; `joined` formats lists."""
    if isinstance(cell, str):
        return cell
    if cell is None:
        return ""
    if isinstance(cell, int | float):
        return number_text(cell)
    if isinstance(cell, list | tuple):
        return joined(list(cell))
    return json.dumps(cell, ensure_ascii=False, default=str) if isinstance(cell, dict) else str(cell)


def _joined(table: Table, cell: list[object], separator: str) -> str:
    if any(isinstance(item, list | tuple | dict) for item in cell):
        return json.dumps(cell, ensure_ascii=False, default=str)
    items = ["" if item is None else item if isinstance(item, str) else str(item) for item in cell]
    torn = next((item for item in items if separator in item), None)
    if torn is not None:
        raise DataError("fix.separator_inside", path=str(table.path), label=shown(torn), separator=separator)
    return separator.join(items)


def _json(file: Any, cells: Cells, as_list: bool) -> None:
    rows = (json.dumps(dict(zip(cells, row, strict=True)), ensure_ascii=False, default=str) for row in _rows(cells))
    if as_list:
        file.write("[\n")
    for n, row in enumerate(rows):
        file.write((",\n" if as_list and n else "") + row + ("" if as_list else "\n"))
    if as_list:
        file.write("\n]\n")


def _arrow(table: Table, cells: Cells, rows: Sequence[int], changed: set[str]) -> Any:
    """From Parquet the other columns keep their types; from other formats Arrow infers them, with text as fallback."""
    if table.path.suffix.lower() not in (".parquet", ".pq"):
        return pa.table({name: _column(column) for name, column in cells.items()})
    with pq.ParquetFile(table.path) as file:
        whole = file.read().take(pa.array(rows, type=pa.int64()))
    for i, name in enumerate(whole.column_names):
        own = " ".join(name.split())
        if own in changed:
            whole = whole.set_column(i, name, _column(cells[own]))
    kept = dict(whole.schema.metadata or {})
    kept.pop(b"huggingface", None)  # it may name class ids, but labels are written as names
    whole = whole.replace_schema_metadata(kept or None)
    return whole


def _column(cells: Sequence[object]) -> Any:
    try:
        return pa.array(cells)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return pa.array([None if cell is None else plain(cell, lambda items: json.dumps(items, default=str))
                         for cell in cells])  # fmt: skip
