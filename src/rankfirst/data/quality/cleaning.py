"""Write a cleaned copy of a training file, and record every change with its reason.

The changes lose no information: rows without a text or label, exact repeats, spellings of one label, and invisible
characters. Which of two labels is right is decided by people: their corrections are applied, and conflicting or suspect
rows are dropped only on request.
"""

import html
import os
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rankfirst.data.files.columns import Columns, choose_columns, named_column
from rankfirst.data.files.formats import read_table, splits_beside
from rankfirst.data.files.indicators import zero_one
from rankfirst.data.files.joined_columns import parts_of, with_joined
from rankfirst.data.files.labels import Labelled, Names, read_labels, rewritten
from rankfirst.data.files.reading import Reading
from rankfirst.data.files.table import Table
from rankfirst.data.files.texts import clean, joined, number_text, text_key, texts_of
from rankfirst.data.files.write import SUFFIXES, write_table
from rankfirst.data.quality.corrections import Corrections, Ignored, read_corrections
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


@dataclass(frozen=True)
class Fixed:
    """What `fix` did."""

    changes: tuple[Changed, ...]  # in row order
    ignored: tuple[Ignored, ...] = ()  # corrections that were not applied
    corrected: int = 0  # rows whose labels were reviewed, whether they changed or not


@dataclass(frozen=True)
class _Row:
    """The cleaned cells of a row."""

    texts: tuple[str, ...]  # of each text column
    names: Names
    reviewed: bool = False  # by people


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
    corrections: Sequence[Path] = (),
) -> Fixed:
    """Write a cleaned copy of the training file `path` to `out` atomically, with all its other columns.

    Drops rows without a text or (single-label) a label, and repeats of a text with the same labels; replaces spellings
    of a label by the most frequent one; removes invisible characters from texts. Labels keep their meaning, except
    where people corrected them.

    Args:
        out: its suffix decides the format. text, label, encoding: as for `load_dataset`. how: see `Reading`.
        drop: of `DROPPED`: rows to drop in addition; lines: their lines in `path`, from 1. Reviewed rows are kept.
        bom: begin a CSV or TSV file with a byte-order mark, for Excel.
        corrections: files with corrected labels, see `read_corrections`.
    Raises: DataError, OptionError, OSError.
    """
    check_drop(drop)
    check_target(out, [path, *corrections], overwrite)
    read = _read(path, text, label, how or Reading(), encoding, corrections)
    unwanted = {line: name for name in DROPPED if name in drop for line in (lines or {}).get(name, ())}
    changes: list[Changed] = []
    kept = _kept(read.table, read.parts, read.labelled, unwanted, read.given.labels, changes)
    if not kept:
        raise DataError("fix.nothing_left", path=str(path))
    cells = _cells(read.table, read.parts, read.columns, read.labelled, kept, changes, how or Reading())
    out.parent.mkdir(parents=True, exist_ok=True)
    write_table(read.table, cells, list(kept), out, read.labelled.separator or "|", bom)
    reviewed = sum(row.reviewed for row in kept.values())
    return Fixed(tuple(sorted(changes, key=lambda change: change.line)), read.given.ignored, reviewed)


@dataclass(frozen=True)
class _Read:
    """The training file with the corrections for it."""

    table: Table
    parts: tuple[str, ...]  # its text columns
    columns: Columns
    labelled: Labelled
    given: Corrections


def _read(
    path: Path, text: str | None, label: str | None, how: Reading, encoding: str | None, corrections: Sequence[Path]
) -> _Read:
    """Raises: DataError."""
    folders = splits_beside(path)
    table = read_table(folders.get("train", path), encoding)
    whole = with_joined(table, text)
    columns = choose_columns(whole, text, label)
    parts = tuple(named_column(table, name) for name in parts_of(table, text)) or (columns.text,)
    texts, _ = texts_of(whole, columns.text)  # raises for cells that are not text
    labelled = read_labels([whole], [columns], how)
    given = Corrections()
    if corrections:
        named = columns.text, ",".join(columns.labels)
        given = read_corrections(corrections, texts, labelled, how, named)
    return _Read(table, parts, columns, labelled, given)


def _kept(table: Table, parts: Sequence[str], labelled: Labelled, unwanted: Mapping[int, str],
          corrected: Mapping[str, Names], changes: list[Changed]) -> dict[int, _Row]:  # fmt: skip
    """Row -> its cleaned text and labels; records every dropped row and changed text in `changes`."""
    kept: dict[int, _Row] = {}
    first: dict[tuple[str, frozenset[str]], int] = {}
    (names,), (out,) = labelled.names, labelled.left_out
    for i, (line, *cells) in enumerate(zip(table.lines, *(table.cells[name] for name in parts), strict=True)):
        before = [cell if isinstance(cell, str) else _number(cell) for cell in cells]
        cleaned = [clean_text(was) if isinstance(cell, str) else (was, ())
                   for was, cell in zip(before, cells, strict=True)]  # fmt: skip
        after = [text for text, _ in cleaned]
        whole = after[0] if len(after) == 1 else joined(after)
        # A correction is matched by the text as it was read.
        read = text_key(clean(before[0]) if len(before) == 1 else joined(before))
        own, reviewed = corrected.get(read) or (() if i in out else names[i]), read in corrected
        key = (text_key(whole), frozenset(own))
        may_be_none = labelled.multi_label and (i not in out or reviewed)
        dropped = None if reviewed and unwanted.get(line) != "leaks" else unwanted.get(line)
        why = _unwanted(whole, own, may_be_none, key in first, dropped)
        if why:
            changes.append(Changed(line, "row", " | ".join(before), "", (why,), {"line": first.get(key, line)}))
            continue
        first[key] = line
        changes += [Changed(line, "text", was, now, reasons)
                    for was, (now, reasons) in zip(before, cleaned, strict=True) if reasons]  # fmt: skip
        kept[i] = _Row(tuple(after), own, reviewed)
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


def _cells(table: Table, parts: Sequence[str], columns: Columns, labelled: Labelled, kept: Mapping[int, _Row],
           changes: list[Changed], how: Reading) -> dict[str, list[object]]:  # fmt: skip
    """Text and label columns of the kept rows as they will be written; records every changed label."""
    cells: dict[str, list[object]] = {
        name: [row.texts[n] if isinstance(table.cells[name][i], str) else table.cells[name][i]
               for i, row in kept.items()]
        for n, name in enumerate(parts)
    }  # fmt: skip
    for name in columns.labels:
        cells[name] = []
    for i, row in kept.items():
        before = [table.cells[name][i] for name in columns.labels]
        pieces = labelled.raw[0][i]
        if pieces == row.names or (row.reviewed and set(pieces) == set(row.names)):
            after = before
        else:
            join = labelled.separator or "|"
            why = "fix.corrected" if row.reviewed and set(labelled.names[0][i]) != set(row.names) else "fix.spelling"
            changes.append(Changed(table.lines[i], "label", join.join(pieces), join.join(row.names), (why,)))
            after = list(_relabelled(columns, before, row.names, labelled.separator, how))
        for name, value in zip(columns.labels, after, strict=True):
            cells[name].append(value)
    return cells


def _number(cell: object) -> str:
    """A non-text cell, as the reader converts it."""
    return number_text(cell) if isinstance(cell, int | float) else ""


def _relabelled(
    columns: Columns, cells: Sequence[object], names: Names, separator: str, how: Reading
) -> Iterator[object]:
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
        yield _label_cell(cells[0], names, separator, how)


def _label_cell(cell: object, names: Names, separator: str, how: Reading) -> object:
    """One cell with other labels: a vector of 0 and 1, a class id, or names, as it was."""
    if isinstance(cell, list | tuple) and cell and all(isinstance(item, int | float) for item in cell):
        positions = how.label_names or tuple(map(str, range(len(cell))))
        return [type(item)(name in names) for item, name in zip(cell, positions, strict=True)]
    if how.label_names and set(names) <= set(how.label_names) and str(_number(cell) or cell).strip().isdigit():
        ids = [how.label_names.index(name) for name in names]
        return type(cell)(ids[0]) if isinstance(cell, int | float) and len(ids) == 1 else separator.join(map(str, ids))
    return rewritten(cell, names, separator)


def _same(out: Path, path: Path) -> bool:
    """Whether both paths lead to the same file, through any links."""
    if out.exists() and path.exists() and out.samefile(path):
        return True
    return _real(out) == _real(path)


def _real(path: Path) -> Path:
    """Resolve links; `Path.resolve` fails on circular links."""
    return Path(os.path.realpath(path))
