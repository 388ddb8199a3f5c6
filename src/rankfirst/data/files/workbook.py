"""Read the first sheet with rows of an .xlsx workbook, with openpyxl (extra `excel`)."""

import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, time
from itertools import islice
from pathlib import Path
from typing import Any, Final

from rankfirst.data.files.compressed import LARGEST, RATIO, SMALL
from rankfirst.data.files.table import Chunk, Note, Table, column_names, listed, note, number_unnamed, shown
from rankfirst.errors import DataError

Cells = Sequence[object]
FAILURES: Final = (OSError, zipfile.BadZipFile, ValueError, KeyError, TypeError, SyntaxError, EOFError)


def read_workbook(path: Path, rows: int | None, encoding: str | None = None) -> Iterator[Chunk]:
    """Read the first sheet that has a cell, `rows` at a time; None: in one chunk. Its first row is the header.

    Args: encoding: not used, workbooks are always UTF-8.
    Raises: DataError if openpyxl is missing, if the file is no workbook, or unpacks to far more than rows would.
    """
    try:
        import openpyxl
    except ImportError as error:
        raise DataError("data.no_openpyxl", path=str(path)) from error
    _check_size(path)
    try:
        # Values, not formulas; read row by row.
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        try:
            sheets = [sheet for sheet in book.worksheets if next(_filled(sheet), None) is not None]
            if not sheets:
                raise DataError("data.empty_file", path=str(path))
            yield from _sheet(path, sheets[0], [sheet.title for sheet in sheets], rows)
        finally:
            book.close()
    except DataError:
        raise
    except FAILURES as error:
        raise DataError("data.bad_workbook", path=str(path), reason=shown(error) or type(error).__name__) from error


def _check_size(path: Path) -> None:
    """Raises: DataError if the workbook would unpack to far more than rows of text do."""
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(info.file_size for info in archive.infolist())
    except (OSError, zipfile.BadZipFile) as error:
        raise DataError("data.bad_workbook", path=str(path), reason=shown(error) or type(error).__name__) from error
    limit = min(LARGEST, max(SMALL, RATIO * path.stat().st_size))
    if size > limit:
        raise DataError("data.archive_too_large", path=str(path), limit=f"{limit >> 20:,}")


def _filled(sheet: Any) -> Iterator[tuple[int, Cells]]:
    """(row of the sheet, from 1; cells) of the rows that have a cell."""
    for number, cells in enumerate(sheet.iter_rows(values_only=True), 1):
        if any(cell is not None and str(cell).strip() for cell in cells):
            yield number, cells


def _sheet(path: Path, sheet: Any, titles: Sequence[str], rows: int | None) -> Iterator[Chunk]:
    filled = _filled(sheet)
    _, header = next(filled)
    width = max(i for i, cell in enumerate(header, 1) if cell is not None and str(cell).strip())
    names = column_names(path, ["" if cell is None else str(cell) for cell in header[:width]])
    names = names if rows is None else number_unnamed(names)
    notes: tuple[Note, ...] = ()
    if len(titles) > 1:
        notes = (note("data.note.sheet", file=path.name, sheet=shown(titles[0]), others=listed(titles[1:])),)
    first = True
    while (part := list(islice(filled, rows))) or first:
        columns = {
            name: [_cell(cells[i] if i < len(cells) else None) for _, cells in part] for i, name in enumerate(names)
        }
        table = Table(path, columns, [number for number, _ in part], notes if first else ())
        done = part[-1][0] if part else 0
        yield Chunk(table, (), done, max(done, sheet.max_row or 0), first=first)
        first = False
        if rows is None:
            return


def _cell(value: object) -> object:
    """Text, number or boolean as it is; an empty cell is an empty text, as in CSV."""
    if value is None:
        return ""
    if isinstance(value, (date, time)):
        return value.isoformat(*((" ",) if hasattr(value, "hour") and hasattr(value, "year") else ()))
    return value if isinstance(value, (str, int, float)) else str(value)
