"""Write the rows to label: the pool's own columns, an empty label, what the model answers, and why a row was chosen."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from rankfirst.data.files.table import Table
from rankfirst.data.files.write import SUFFIXES, write_table
from rankfirst.errors import RunError
from rankfirst.lifecycle.label_next.pool import Pool
from rankfirst.messages import Lang, say
from rankfirst.model.batch_predict import check_out, free_name
from rankfirst.records import RowToLabel, ToLabel

ADDED: Final = ("answer", "confidence", "runner_up", "why", "group")
EMPTY: Final = "-"  # an answer without labels


def check_target(pool: Path, out: Path, overwrite: bool = False) -> None:
    """Raises: OptionError if `out` has an unsupported format, is the pool, exists, or has no folder."""
    check_out(pool, out, overwrite, SUFFIXES)


def write_next(found: ToLabel, pool: Pool, out: Path, lang: Lang, bom: bool = False) -> str:
    """Write the chosen rows atomically, as CSV, TSV, JSON, JSON Lines or Parquet by the suffix of `out`.

    Returns: the column to fill in. Raises: RunError if the file cannot be written.
    """
    rows = [each.row for each in found.rows]
    own = {name: [column[row] for row in rows] for name, column in pool.table.cells.items()}
    label = pool.label or free_name("labels" if found.multi_label else "label", own)
    blank: list[object] = [None if out.suffix.lower() in (".parquet", ".pq") else ""] * len(rows)
    added = {name: [_cell(name, each, lang) for each in found.rows] for name in ADDED}
    cells = {**own, label: blank, **{free_name(name, {*own, label}): column for name, column in added.items()}}
    # Not the pool's path: Parquet is written from these cells, not from the file.
    table = replace(Table(out, cells, [each.line for each in found.rows]), path=Path(out.stem))
    try:
        write_table(table, cells, range(len(rows)), out, bom=bom)
    except OSError as error:
        raise RunError("predict.unwritable", path=str(out), reason=error.strerror or type(error).__name__) from error
    return label


def _cell(name: str, row: RowToLabel, lang: Lang) -> object:
    if name == "answer":
        return joined(row.answer)
    if name == "confidence":
        return round(row.confidence, 4)
    return reason(row, lang) if name == "why" else getattr(row, name)


def reason(row: RowToLabel, lang: Lang) -> str:
    """Why a row was chosen, in words."""
    return say(row.why, lang, answer=joined(row.answer), other=row.runner_up or EMPTY, name=row.group or EMPTY)


def joined(names: Sequence[str]) -> str:
    """Several labels as one cell."""
    return "|".join(names) or EMPTY
