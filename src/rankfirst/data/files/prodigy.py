"""Recognise Prodigy's exports: JSON Lines with an `answer` a row, of which the accepted ones are labelled."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from rankfirst.data.files.table import Table, note
from rankfirst.errors import DataError

ANSWERS = frozenset({"accept", "reject", "ignore"})
# Columns that Prodigy writes into every row.
OWN = frozenset({"_input_hash", "_task_hash", "_session_id", "_view_id", "_timestamp", "_annotator_id"})


def read_prodigy(table: Table) -> Table | None:
    """The accepted rows of a Prodigy export, with their label or the options chosen; None if it is none.

    Raises: DataError if no row was accepted.
    """
    answers = table.cells.get("answer", ())
    if not answers or not set(map(str, answers)) <= ANSWERS or not (OWN | {"options"}) & set(table.columns):
        return None
    kept = [i for i, answer in enumerate(answers) if answer == "accept"]
    if not kept:
        raise DataError("data.none_accepted", path=str(table.path), rows=len(answers))
    cells: dict[str, Sequence[object]] = {
        name: [column[i] for i in kept] for name, column in table.cells.items() if name not in OWN
    }
    if "accept" in cells:
        chosen = [list(cell) if isinstance(cell, list) else [] for cell in cells.pop("accept")]
        single = all(len(cell) == 1 for cell in chosen)
        cells["label"] = [cell[0] for cell in chosen] if single else chosen
    for name in ("answer", "options"):
        cells.pop(name, None)
    counted = Counter(map(str, answers))
    recognised = note("data.note.prodigy", file=table.path.name, rows=len(kept), rejected=counted["reject"],
                ignored=counted["ignore"])  # fmt: skip
    return replace(table, cells=cells, lines=[table.lines[i] for i in kept], notes=(*table.notes, recognised))
