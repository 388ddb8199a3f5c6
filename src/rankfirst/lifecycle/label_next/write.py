"""Write the rows to label: the pool's own columns, an empty label, what the model answers, and why a row was chosen."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from rankfirst.data.files.annotation_tools import QUESTION, Task, labelling_config, tool_for, write_tasks
from rankfirst.data.files.table import Table
from rankfirst.data.files.write import SUFFIXES, write_table
from rankfirst.errors import RunError
from rankfirst.lifecycle.label_next.pool import Pool
from rankfirst.measure.disk import write_whole
from rankfirst.messages import Lang, say
from rankfirst.model.batch_predict import check_out, free_name
from rankfirst.records import IN_MEMORY, RowToLabel, ToLabel

# No column is called "answer": in exports of Prodigy that says whether a row was accepted.
ADDED: Final = ("prediction", "confidence", "runner_up", "why", "new_group")
CONFIG: Final = ".xml"
EMPTY: Final = "-"  # an answer without labels


def check_target(pool: Path | Any, out: Path, overwrite: bool = False, to: str | None = None) -> None:
    """Raises: OptionError if `out` has an unsupported format, is the pool, exists, or has no folder."""
    tool = tool_for(out, to)
    pool = pool if isinstance(pool, Path) else Path(IN_MEMORY)
    check_out(pool, out, overwrite, SUFFIXES)
    if tool == "label-studio":
        check_out(pool, config_path(out), overwrite, (CONFIG,))


def config_path(out: Path) -> Path:
    """The file beside `out` with the labelling interface for Label Studio."""
    return out.with_suffix(CONFIG)


def write_next(found: ToLabel, pool: Pool, out: Path, lang: Lang, bom: bool = False, to: str | None = None) -> str:
    """Write the chosen rows atomically, as CSV, TSV, JSON, JSON Lines or Parquet by the suffix of `out`.

    Args: to: the annotation tool that imports them; default: by the name of `out`.
    Returns: the column to fill in; the name of the question in an annotation tool.
    Raises: RunError if the file cannot be written.
    """
    tool = tool_for(out, to)
    try:
        return _table(found, pool, out, lang, bom) if tool is None else _tasks(tool, found, pool, out, lang)
    except OSError as error:
        raise RunError("predict.unwritable", path=str(out), reason=error.strerror or type(error).__name__) from error


def _tasks(tool: str, found: ToLabel, pool: Pool, out: Path, lang: Lang) -> str:
    tasks = []
    for row in found.rows:
        own = {
            name: column[row.row] for name, column in pool.table.cells.items() if name not in (pool.text, pool.label)
        }
        about = {**own, "line": row.line, **{name: _cell(name, row, lang) for name in ADDED}}
        tasks.append(Task(row.text, row.answer, (), row.confidence, about))
    write_tasks(tool, tasks, found.multi_label, out)
    if tool == "label-studio":
        write_whole(config_path(out), labelling_config(found.classes, found.multi_label))
    return QUESTION


def _table(found: ToLabel, pool: Pool, out: Path, lang: Lang, bom: bool) -> str:
    rows = [each.row for each in found.rows]
    own = {name: [column[row] for row in rows] for name, column in pool.table.cells.items()}
    label = pool.label or free_name("labels" if found.multi_label else "label", own)
    blank: list[object] = [None if out.suffix.lower() in (".parquet", ".pq") else ""] * len(rows)
    added = {name: [_cell(name, each, lang) for each in found.rows] for name in ADDED}
    cells = {**own, label: blank, **{free_name(name, {*own, label}): column for name, column in added.items()}}
    # Not the pool's path: Parquet is written from these cells, not from the file.
    table = replace(Table(out, cells, [each.line for each in found.rows]), path=Path(out.stem))
    write_table(table, cells, range(len(rows)), out, bom=bom)
    return label


def _cell(name: str, row: RowToLabel, lang: Lang) -> object:
    cells = {"prediction": joined(row.answer), "confidence": round(row.confidence, 4), "runner_up": row.runner_up,
             "why": reason(row, lang), "new_group": row.group}  # fmt: skip
    return cells[name]


def reason(row: RowToLabel, lang: Lang) -> str:
    """Why a row was chosen, in words."""
    return say(row.why, lang, answer=joined(row.answer), other=row.runner_up or EMPTY, name=row.group or EMPTY)


def joined(names: Sequence[str]) -> str:
    """Several labels as one cell."""
    return "|".join(names) or EMPTY
