"""Columns that hold one label each: 0 and 1, True and False, yes and no, 是 and 否, or a mark and an empty cell."""

import re
from collections.abc import Sequence
from itertools import combinations
from typing import Final

import numpy as np

from rankfirst.data.files.column_names import is_flag, is_index, is_origin
from rankfirst.data.files.table import Note, Table, listed, note, shown
from rankfirst.errors import DataError

_YES: Final = ("1", "1.0", "true", "t", "yes", "y", "on", "x", "是", "有", "对", "真", "√", "✓", "✔")
_NO: Final = ("0", "0.0", "false", "f", "no", "n", "off", "否", "无", "错", "假", "×", "✗", "✘")
_WORDS: Final = dict.fromkeys(_YES, True) | dict.fromkeys(_NO, False)
# Share of the cells. A column with more 0 and 1 than this is one of 0 and 1 with gaps or slips (assumption).
_NEARLY: Final = 0.9
# Share of the rows. A column whose values repeat more than this looks like the label (assumption).
_REPEATED: Final = 0.5
_BESIDE: Final = 3  # columns that may stand beside one-hot ones
_ROWS: Final = 8  # rows; among fewer, two columns may differ in all of them by chance
_MANY: Final = 40  # columns; a search among more takes too long
_JOINTS: Final = re.compile(r"\s*[|;,、；，]\s*")
_LONG: Final = 60  # characters; a longer value is a text


def zero_one(cell: object) -> bool | None:
    """A 0/1 cell as a boolean; None for anything else."""
    if isinstance(cell, str):
        return _WORDS.get(cell.strip().casefold())
    value = cell.item() if isinstance(cell, np.generic) else cell
    return bool(value) if isinstance(value, int | float) and value in (0, 1) else None


def is_zero_one(cells: Sequence[object]) -> bool:
    """Whether all cells are 0 or 1, or a mark for 1 and nothing for 0."""
    found = {zero_one(cell) for cell in cells if not is_blank(cell)}
    return found <= ({True} if any(is_blank(cell) for cell in cells) else {True, False}) and bool(found)


def is_blank(cell: object) -> bool:
    """Whether a cell is missing or holds no character."""
    if isinstance(cell, str):
        return not cell.strip()
    return cell is None or (isinstance(cell, float) and cell != cell) or type(cell).__name__ in ("NAType", "NaTType")


def guessed(table: Table, text: str) -> tuple[tuple[str, ...], tuple[Note, ...]]:
    """The 0/1 columns of a table without a well-known label column, and a note; none if there are fewer than two.

    Raises: DataError if another column may be the label, or if these may be facts about the row.
    """
    others = [name for name in table.columns if name != text and not is_index(name) and not is_origin(name)]
    found = tuple(name for name in others if is_zero_one(table.cells[name]))
    if len(found) < 2:
        return (), ()
    columns = {"path": str(table.path), "columns": listed(found), "count": len(found)}
    gaps = [name for name in others if name not in found and _is_nearly(table.cells[name])]
    if gaps:
        line, cell = _first_gap(table, gaps[0])
        raise DataError("data.ask.nearly_zero_one", **columns, column=shown(gaps[0]), line=line, found=shown(cell))
    rivals = [name for name in others if name not in found and looks_like_label(table.cells[name])]
    if rivals:
        raise DataError("data.ask.flags_or_label", **columns, rivals=listed(rivals), first=shown(rivals[0]))
    whole = one_each(table, found)
    facts = [name for name in found if is_flag(name)] or ([] if whole else _beside_one_hot(table, found))
    if facts and not (whole and len(found) > 2):
        raise DataError("data.ask.flags", **columns, facts=listed(facts), joined=",".join(found)[:200])
    return found, (note("data.note.label_columns", file=table.path.name, columns=listed(found), count=len(found)),)


def named(table: Table, text: str, classes: Sequence[str]) -> tuple[str, ...]:
    """The 0/1 columns named as known classes, if there are at least two."""
    known = {name.casefold() for name in classes}
    found = [name for name in table.columns if name != text and name.casefold() in known]
    return tuple(found) if len(found) > 1 and all(is_zero_one(table.cells[name]) for name in found) else ()


def one_each(table: Table, columns: Sequence[str]) -> bool:
    """Whether every row has exactly one 1."""
    cells = [table.cells[name] for name in columns]
    return all(sum(zero_one(cell) is True for cell in row) == 1 for row in zip(*cells, strict=True))


def _beside_one_hot(table: Table, columns: Sequence[str]) -> list[str]:
    """Up to three columns without which every row has exactly one 1 in the others; none if there are none."""
    ones = np.array([[zero_one(cell) is True for cell in table.cells[name]] for name in columns])
    counts = ones.sum(axis=0)
    for size in range(1, min(_BESIDE, len(columns) - 2 if len(table) >= _ROWS else 0) + 1):
        for apart in combinations(range(len(columns)), size) if len(columns) <= _MANY else ():
            if (counts - ones[list(apart)].sum(axis=0) == 1).all():
                return [columns[i] for i in apart]
    return []


def _is_nearly(cells: Sequence[object]) -> bool:
    known = sum(zero_one(cell) is not None for cell in cells)
    return known >= _NEARLY * len(cells)


def _first_gap(table: Table, name: str) -> tuple[int, object]:
    cells = zip(table.lines, table.cells[name], strict=True)
    return next((line, cell) for line, cell in cells if zero_one(cell) is None)


def looks_like_label(cells: Sequence[object]) -> bool:
    """Whether short values repeat: two to half as many as rows. Numbers with fractions, dates and texts do not."""
    present = [cell for cell in cells if not is_blank(cell)]
    if not present or any(isinstance(cell, float) and not cell.is_integer() for cell in present):
        return False
    if any(isinstance(cell, list | tuple) for cell in present):
        return True
    values = {str(cell).strip() for cell in present}
    if max(map(len, values)) > _LONG:
        return False
    parts = [part for cell in present for part in _JOINTS.split(str(cell))]  # several labels in a cell
    return any(
        2 <= len(set(each)) <= _REPEATED * len(each) for each in ([str(cell).strip() for cell in present], parts)
    )
