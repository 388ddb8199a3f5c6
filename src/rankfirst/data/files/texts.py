"""Convert cells to clean texts, and define when two texts count as equal."""

import re
import unicodedata
from collections.abc import Sequence

from rankfirst.data.files.table import Note, Table, note, shown
from rankfirst.errors import DataError
from rankfirst.records import JOINT

# Characters. Far beyond any base model's input; longer cells are unclosed quotes or whole documents.
TEXT_LIMIT = 100_000

# 1.0, as a spreadsheet or a float column writes the class id 1.
_WHOLE = re.compile(r"([+-]?\d+)\.0+")
_SURROGATES = re.compile("[\ud800-\udfff]")


def clean(text: str) -> str:
    """Collapse whitespace to single spaces; replace a lone surrogate (a broken JSON escape) by U+FFFD."""
    return " ".join(_SURROGATES.sub("\ufffd", text).split())


def joined(parts: Sequence[str]) -> str:
    """Several texts of a row as one, cleaned; empty if all are. A base reads JOINT as its own separator."""
    cleaned = [clean(part) for part in parts]
    return f" {JOINT} ".join(cleaned).strip() if any(cleaned) else ""


def text_key(text: str) -> str:
    """A key that is equal for texts that differ only in case, width (full-width forms) or spacing."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def label_key(name: str, keep_case: bool = False) -> str:
    """A key that is equal for spellings of one label: as `text_key`, and 1.0 is 1. keep_case: `A` is not `a`."""
    key = " ".join(unicodedata.normalize("NFKC", name).split()) if keep_case else text_key(name)
    whole = _WHOLE.fullmatch(key)
    return whole[1] if whole else key


def number_text(cell: int | float) -> str:
    """Format a number as people write it: true, 3 for 3.0, empty for NaN."""
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float):
        if cell != cell:
            return ""
        return str(int(cell)) if cell.is_integer() else str(cell)
    return str(cell)


def texts_of(table: Table, column: str) -> tuple[list[str], tuple[Note, ...]]:
    """(n,) clean texts, including empty ones, and notes on numbers read as text and on truncated texts.

    Raises: DataError for a list or object in place of a text, or a NUL character.
    """
    texts: list[str] = []
    numbers: list[int] = []
    cut: list[int] = []
    for line, cell in zip(table.lines, table.cells[column], strict=True):
        if isinstance(cell, (int, float)):
            cell = number_text(cell)
            numbers.append(line)
        elif cell is None:
            cell = ""
        elif not isinstance(cell, str):
            where = {"path": str(table.path), "line": line, "column": shown(column)}
            raise DataError("data.text_not_text", found=kind_of(cell), **where)
        if "\0" in cell:
            raise DataError("data.nul_byte", path=str(table.path), line=line)
        text = clean(cell)
        if len(text) > TEXT_LIMIT:
            text = text[:TEXT_LIMIT].rstrip()
            cut.append(line)
        texts.append(text)
    notes = []
    if numbers:
        notes.append(note("data.note.number_texts", file=table.path.name, rows=len(numbers), line=numbers[0]))
    if cut:
        notes.append(note("data.note.cut_texts", file=table.path.name, rows=len(cut), line=cut[0], limit=TEXT_LIMIT))
    return texts, tuple(notes)


def kind_of(cell: object) -> str:
    """The type of a cell, in the terms of the file formats."""
    return {"dict": "object", "bytes": "binary"}.get(type(cell).__name__, type(cell).__name__)
