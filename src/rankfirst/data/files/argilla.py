"""Recognise Argilla's exports: records as JSON (`records.to_json`), and flattened ones (`to_list(flatten=True)`)."""

import ast
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from rankfirst.data.files.notations import json_object
from rankfirst.data.files.table import Table, note
from rankfirst.data.files.votes import Chosen, Counts, agreed, as_labels
from rankfirst.errors import DataError

RESPONSES: Final = ".responses"  # a flattened question is `label.responses`, beside `label.responses.users` and others
OWN: Final = ("id", "_server_id", "status", "inserted_at", "updated_at")
_IGNORED: Final = frozenset({"draft", "discarded", "pending"})


def read_argilla(table: Table) -> Table | None:
    """The rows with responses of an Argilla export; None if it is none.

    Raises: DataError if no record has a response.
    """
    found = argilla_votes(table)
    if found is None:
        return None
    fields, votes = found
    chosen = [agreed(counts) for counts in votes]
    kept = [i for i, names in enumerate(chosen) if names is not None]
    if not kept:
        raise DataError("data.none_answered", path=str(table.path), rows=len(table))
    cells: dict[str, Sequence[object]] = {name: [column[i] for i in kept] for name, column in fields.items()}
    cells["label"] = as_labels([chosen[i] or () for i in kept])
    torn = sum(bool(counts) and names is None for counts, names in zip(votes, chosen, strict=True))
    recognised = note(
        "data.note.argilla", file=table.path.name, rows=len(kept), open=len(table) - len(kept) - torn, torn=torn
    )
    return replace(table, cells=cells, lines=[table.lines[i] for i in kept], notes=(*table.notes, recognised))


def argilla_votes(table: Table) -> tuple[Mapping[str, Sequence[object]], list[Counts]] | None:
    """(fields and metadata by column, (n,) answers of each record with their annotators); None: no Argilla export."""
    if {"fields", "responses"} <= set(table.columns):
        return _nested(table)
    flat = [name for name in table.columns if name.endswith(RESPONSES)]
    return _flat(table, flat[0]) if len(flat) == 1 else None


def _nested(table: Table) -> tuple[Mapping[str, Sequence[object]], list[Counts]] | None:
    fields, responses = table.cells["fields"], table.cells["responses"]
    if not all(isinstance(cell, dict) for cell in fields):
        return None
    questions = list(dict.fromkeys(q for cell in responses if isinstance(cell, dict) for q in cell))
    if len(questions) > 1:
        return None
    votes = []
    for cell in responses:
        given = cell.get(questions[0]) if isinstance(cell, dict) and questions else None
        votes.append(_counted([_value(each) for each in given] if isinstance(given, list) else []))
    metadata = table.cells.get("metadata", [{}] * len(table))
    rows = [{**(more if isinstance(more, dict) else {}), **own} for own, more in zip(fields, metadata, strict=True)
            if isinstance(own, dict)]  # fmt: skip
    columns = list(dict.fromkeys(key for row in rows for key in row))
    return {name: [row.get(name) for row in rows] for name in columns}, votes


def _flat(table: Table, column: str) -> tuple[Mapping[str, Sequence[object]], list[Counts]]:
    status = table.cells.get(f"{column}.status", [None] * len(table))
    votes = []
    for cell, states in zip(table.cells[column], status, strict=True):
        values, statuses = _list(cell), _list(states)
        pairs = zip(values, statuses if len(statuses) == len(values) else [None] * len(values), strict=True)
        votes.append(_counted([value for value, state in pairs if str(state) not in _IGNORED]))
    question = column.removesuffix(RESPONSES)
    others = {name: cells for name, cells in table.cells.items()
              if not name.startswith(f"{question}.") and name not in OWN}  # fmt: skip
    return others, votes


def _value(response: object) -> object:
    if not isinstance(response, dict) or str(response.get("status")) in _IGNORED:
        return None
    return response.get("value")


def _list(cell: object) -> list[object]:
    """The items of a list, which CSV holds as JSON or in Python's notation."""
    if isinstance(cell, str) and cell.strip().startswith("["):
        try:
            cell = ast.literal_eval(cell.strip())
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            cell = json_object(f'{{"items": {cell}}}')
            cell = cell["items"] if isinstance(cell, dict) else []
    return list(cell) if isinstance(cell, list | tuple) else [] if cell in (None, "") else [cell]


def _counted(values: Sequence[object]) -> Counts:
    chosen: list[Chosen] = [
        tuple(map(str, value)) if isinstance(value, list | tuple) else (str(value),)
        for value in values
        if value not in (None, "", [])
    ]
    return Counter(chosen)
