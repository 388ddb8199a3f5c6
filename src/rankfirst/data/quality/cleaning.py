"""Write a cleaned copy of a training file, and record every change with its reason.

The changes lose no information: rows without a text or label, exact repeats, spellings of one label, and invisible
characters. Which of two labels is right is not decided here; conflicting or suspect rows are dropped only on request.
"""

import html
import os
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rankfirst.data.files.columns import Columns, choose_columns
from rankfirst.data.files.formats import read_table, splits_beside
from rankfirst.data.files.indicators import zero_one
from rankfirst.data.files.joint import parts_of
from rankfirst.data.files.labels import Labelled, Names, read_labels, rewritten
from rankfirst.data.files.reading import Reading
from rankfirst.data.files.table import Table
from rankfirst.data.files.texts import clean, number_text, text_key, texts_of
from rankfirst.data.files.write import SUFFIXES, write_table
from rankfirst.errors import DataError, OptionError
from rankfirst.records import Changed

# Rows that a user may ask to drop, once the checks have identified their lines.
DROPPED: Final = ("conflicts", "suspects", "leaks")

# Excludes U+0080 to U+009F: they remain in text decoded with the wrong encoding, and are needed to repair it. Excludes
# U+200C and U+200D between letters of joining scripts and inside emoji, where they change the rendering.
_FLAT = "\\s\x21-\x7e\u3000-\u9fff\uff00-\uffef"
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f\xad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]"
    f"|(?:^|(?<=[{_FLAT}]))[\u200c\u200d]+|[\u200c\u200d]+(?=[{_FLAT}]|$)"
)
# Requires the semicolon: "?a=1&copy=2" is a URL, not an entity.
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_FULL_WIDTH = {c: c - 0xFEE0 for a, b in (("０", "９"), ("Ａ", "Ｚ"), ("ａ", "ｚ")) for c in range(ord(a), ord(b) + 1)}
_WIDE = re.compile("[０-９Ａ-Ｚａ-ｚ]")
# Number of passes. "&amp;amp;lt;" needs three; a text that needs more is adversarial.
_PASSES: Final = 8


@dataclass
class _Row:
    """The cleaned cells of a row."""

    text: str
    names: Names


def changes_path(out: Path) -> Path:
    """The file that records the changes of the cleaned copy `out`."""
    return out.with_name(f"{out.stem}.changes.csv")


def check_drop(drop: Collection[str]) -> None:
    """Raises: OptionError for a name that is not in `DROPPED`."""
    unknown = sorted(set(drop) - set(DROPPED))
    if unknown:
        raise OptionError("option.bad_choice", flag="--drop", value=unknown[0], known=", ".join(DROPPED))


def check_target(out: Path, inputs: Collection[Path], overwrite: bool = False) -> None:
    """Raises: OptionError if `out` has an unsupported format, is one of `inputs`, or already exists."""
    if out.suffix.lower() not in SUFFIXES:
        raise OptionError("fix.unknown_format", path=str(out), suffix=out.suffix or "-", known=", ".join(SUFFIXES))
    for path in inputs:
        if _same(out, path) or (path.is_dir() and _real(path) in _real(out).parents):
            raise OptionError("fix.over_input", path=str(out), input=str(path))
    folder = next(place for place in out.absolute().parents if place.exists())
    if not (folder.is_dir() and os.access(folder, os.W_OK)):
        raise OptionError("fix.no_folder", path=str(out), folder=str(folder))
    if out.is_dir() or (os.path.lexists(out) and not overwrite):  # a dangling link counts as existing
        raise OptionError("fix.exists", path=str(out))


def fix(
    path: Path,
    out: Path,
    *,
    text: str | None = None,
    label: str | None = None,
    how: Reading | None = None,
    drop: Collection[str] = (),
    lines: Mapping[str, Collection[int]] | None = None,
    overwrite: bool = False,
    bom: bool = False,
    encoding: str | None = None,
) -> list[Changed]:
    """Write a cleaned copy of the training file `path` to `out` atomically, with all its other columns.

    Drops rows without a text or (single-label) a label, and repeats of a text with the same labels; replaces spellings
    of a label by the most frequent one; removes invisible characters from texts. Labels keep their meaning.

    Args:
        out: its suffix decides the format. text, label, encoding: as for `load_dataset`. how: see `Reading`.
        drop: of `DROPPED`: rows to drop in addition; lines: their lines in `path`, from 1.
        bom: begin a CSV or TSV file with a byte-order mark, for Excel.
    Returns: every change, in row order. Raises: DataError, OptionError, OSError.
    """
    check_drop(drop)
    check_target(out, [path], overwrite)
    folders = splits_beside(path)
    table = read_table(folders.get("train", path), encoding)
    if parts_of(table, text):
        raise OptionError("fix.joined", text=text)
    columns = choose_columns(table, text, label)
    texts_of(table, columns.text)  # raises for cells that are not text
    labelled = read_labels([table], [columns], how or Reading())
    unwanted = {line: name for name in DROPPED if name in drop for line in (lines or {}).get(name, ())}
    changes: list[Changed] = []
    kept = _kept(table, columns, labelled, unwanted, changes)
    if not kept:
        raise DataError("fix.nothing_left", path=str(path))
    separator = labelled.separator or "|"
    cells = _cells(table, columns, labelled, kept, changes)
    out.parent.mkdir(parents=True, exist_ok=True)
    write_table(table, cells, list(kept), out, separator, bom)
    return sorted(changes, key=lambda change: change.line)


def _kept(table: Table, columns: Columns, labelled: Labelled, unwanted: Mapping[int, str],
          changes: list[Changed]) -> dict[int, _Row]:  # fmt: skip
    """Row -> its cleaned text and labels; records every dropped row and changed text in `changes`."""
    kept: dict[int, _Row] = {}
    first: dict[tuple[str, frozenset[str]], int] = {}
    (names,), (out,) = labelled.names, labelled.left_out
    for i, (line, cell) in enumerate(zip(table.lines, table.cells[columns.text], strict=True)):
        before = cell if isinstance(cell, str) else _number(cell)
        after, reasons = clean_text(before) if isinstance(cell, str) else (before, ())
        own = () if i in out else names[i]
        key = (text_key(after), frozenset(own))
        why = _unwanted(after, own, labelled.multi_label and i not in out, key in first, unwanted.get(line))
        if why:
            changes.append(Changed(line, "row", before, "", (why,), {"line": first.get(key, line)}))
            continue
        first[key] = line
        if reasons:
            changes.append(Changed(line, "text", before, after, reasons))
        kept[i] = _Row(after, own)
    return kept


def _unwanted(text: str, names: Names, may_be_none: bool, repeat: bool, dropped: str | None) -> str:
    """Why a row is dropped; "" if it is kept."""
    if not text:
        return "fix.no_text"
    if not names and not may_be_none:
        return "fix.no_label"
    if dropped:
        return f"fix.dropped.{dropped}"
    return "fix.repeat" if repeat else ""


def clean_text(text: str) -> tuple[str, tuple[str, ...]]:
    """Clean a text. Returns: the text, and codes of what was changed; cleaning is idempotent."""
    if text.isascii() and text.isprintable() and "&" not in text and "  " not in text and text == text.strip():
        return text, ()  # nearly every text of a clean file
    reasons: dict[str, None] = {}
    for _ in range(_PASSES):
        before = text
        for code, step in _STEPS.items():
            changed = step(text)
            if changed != text:
                reasons[code] = None
                text = changed
        if text == before:
            break
    return text, tuple(reasons)


_STEPS: Final = {
    "fix.entities": lambda text: _ENTITY.sub(lambda found: html.unescape(found[0]), text) if "&" in text else text,
    "fix.invisible": lambda text: text if text.isascii() and text.isprintable() else _INVISIBLE.sub("", text),
    "fix.full_width": lambda text: text.translate(_FULL_WIDTH) if _WIDE.search(text) else text,
    "fix.whitespace": clean,
}


def _cells(table: Table, columns: Columns, labelled: Labelled, kept: Mapping[int, _Row],
           changes: list[Changed]) -> dict[str, list[object]]:  # fmt: skip
    """Text and label columns of the kept rows as they will be written; records every changed label spelling."""
    texts = table.cells[columns.text]
    cells: dict[str, list[object]] = {
        columns.text: [row.text if isinstance(texts[i], str) else texts[i] for i, row in kept.items()]
    }
    for name in columns.labels:
        cells[name] = []
    for i, row in kept.items():
        before = [table.cells[name][i] for name in columns.labels]
        pieces = labelled.raw[0][i]
        if pieces == row.names:
            after = before
        else:
            join = labelled.separator or "|"
            changes.append(Changed(table.lines[i], "label", join.join(pieces), join.join(row.names), ("fix.spelling",)))
            after = list(_relabelled(columns, before, row.names, labelled.separator))
        for name, value in zip(columns.labels, after, strict=True):
            cells[name].append(value)
    return cells


def _number(cell: object) -> str:
    """A non-text cell, as the reader converts it."""
    return number_text(cell) if isinstance(cell, int | float) else ""


def _relabelled(columns: Columns, cells: Sequence[object], names: Names, separator: str) -> Iterator[object]:
    """The label cells of one row in their original form."""
    if columns.by_column:
        for name, cell in zip(columns.labels, cells, strict=True):
            wanted = name in names
            yield (
                cell
                if zero_one(cell) == wanted
                else type(cell)(wanted)
                if isinstance(cell, int | float)
                else f"{wanted:d}"
            )
    else:
        yield rewritten(cells[0], names, separator)


def _same(out: Path, path: Path) -> bool:
    """Whether both paths lead to the same file, through any links."""
    if out.exists() and path.exists() and out.samefile(path):
        return True
    return _real(out) == _real(path)


def _real(path: Path) -> Path:
    """Resolve links; `Path.resolve` fails on circular links."""
    return Path(os.path.realpath(path))
