"""Recognise Label Studio's exports: JSON (tasks with their annotations), JSON-MIN, and CSV or TSV."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from rankfirst.data.files.table import Note, Table, note
from rankfirst.data.files.votes import Chosen, Counts, agreed
from rankfirst.errors import DataError

# Columns of JSON-MIN and CSV that are about the annotation, not the text.
ABOUT: Final = frozenset({"id", "annotator", "annotation_id", "created_at", "updated_at", "lead_time"})
MARKS: Final = frozenset({"annotation_id", "annotator", "lead_time"})  # all in every export of these kinds
# Results that label parts of a text: another task.
PARTS: Final = frozenset({"labels", "hypertextlabels", "paragraphlabels", "rectanglelabels", "relation"})


def read_label_studio(table: Table) -> Table | None:
    """The annotated rows of a Label Studio export; None if it is none.

    Raises: DataError if no task is annotated, or if parts of texts are labelled instead of whole texts.
    """
    if {"data", "annotations"} <= set(table.columns):
        return _tasks(table)
    return _flat(table) if set(table.columns) >= MARKS else None


def _tasks(table: Table) -> Table | None:
    data = table.cells["data"]
    if not all(isinstance(cell, dict) for cell in data):
        return None
    chosen = [_answers(table, cell) for cell in table.cells["annotations"]]
    controls = list(dict.fromkeys(name for answers, _ in chosen for name in answers))
    kept = [i for i, (answers, _) in enumerate(chosen) if answers]
    if not kept:
        raise DataError("data.none_annotated", path=str(table.path), rows=len(data))
    rows = [content for i in kept if isinstance(content := data[i], dict)]
    columns = list(dict.fromkeys(key for row in rows for key in row))
    cells: dict[str, Sequence[object]] = {key: [row.get(key) for row in rows] for key in columns if key not in controls}
    if len(columns) == 1 and len(cells) == 1:  # whatever the project calls it, it is the text
        cells = {"text": cells[columns[0]]}
    for name in controls:
        labels = [chosen[i][0].get(name, ()) for i in kept]
        cells["label" if len(controls) == 1 else name] = _plain(labels)
    open_tasks, torn = len(data) - len(kept), sum(disagree for _, disagree in chosen)
    recognised = note("data.note.label_studio", file=table.path.name, rows=len(kept), open=open_tasks - torn, torn=torn)
    return Table(table.path, cells, [table.lines[i] for i in kept], (*table.notes, recognised))


def task_votes(table: Table, annotations: object) -> Mapping[str, Counts]:
    """Control -> what was chosen there, with its annotators. Raises: DataError if parts of texts are labelled."""
    votes: dict[str, Counts] = {}
    for annotation in annotations if isinstance(annotations, list) else []:
        if not isinstance(annotation, dict) or annotation.get("was_cancelled"):
            continue
        results = annotation.get("result")
        for result in results if isinstance(results, list) else []:
            if not isinstance(result, dict):
                continue
            if result.get("type") in PARTS:
                raise DataError("data.span_labels", path=str(table.path))
            value = result.get("value")
            choices = value.get("choices") if isinstance(value, dict) else None
            if isinstance(choices, list) and choices:
                name = str(result.get("from_name", "label"))
                votes.setdefault(name, Counter())[tuple(map(str, choices))] += 1
    return votes


def _answers(table: Table, annotations: object) -> tuple[Mapping[str, Chosen], bool]:
    """(control -> what most annotators chose there, whether a tie left nothing)."""
    votes = task_votes(table, annotations)
    agreed_on = {name: best for name, counted in votes.items() if (best := agreed(counted)) is not None}
    return agreed_on, bool(votes) and not agreed_on


def _flat(table: Table) -> Table:
    cells = {name: _opened(column) for name, column in table.cells.items() if name not in ABOUT}
    several = [name for name, column in cells.items() if any(isinstance(cell, tuple) for cell in column)]
    others = [name for name in cells if name != "text"]
    label = several[0] if len(several) == 1 else others[0] if "text" in cells and len(others) == 1 else None
    renamed = {"label" if name == label and "label" not in cells else name: column for name, column in cells.items()}
    if label is None:
        return replace(table, cells={name: _plain(column) for name, column in renamed.items()}, notes=_noted(table, 0))
    name = "label" if "label" not in cells else label
    kept = [i for i, cell in enumerate(renamed[name]) if cell not in (None, "", ())]
    if not kept:
        raise DataError("data.none_annotated", path=str(table.path), rows=len(table))
    narrowed = {key: _plain([column[i] for i in kept]) for key, column in renamed.items()}
    return replace(
        table, cells=narrowed, lines=[table.lines[i] for i in kept], notes=_noted(table, len(table) - len(kept))
    )


def _noted(table: Table, unlabelled: int) -> tuple[Note, ...]:
    rows = len(table) - unlabelled
    return (*table.notes, note("data.note.label_studio", file=table.path.name, rows=rows, open=unlabelled, torn=0))


def _opened(column: Sequence[object]) -> Sequence[object]:
    """The cells, with `{"choices": [...]}`, as an object or as JSON text, as a tuple of names."""
    return [_choices(cell) for cell in column]


def _choices(cell: object) -> object:
    content = cell
    if isinstance(cell, str) and cell.startswith('{"choices"'):
        try:
            content = json.loads(cell)
        except ValueError:
            return cell
    if isinstance(content, dict) and isinstance(content.get("choices"), list):
        return tuple(map(str, content["choices"]))
    return cell


def _plain(column: Sequence[object]) -> Sequence[object]:
    """Tuples as lists; as plain names if none has several or none."""
    if not any(isinstance(cell, tuple) for cell in column):
        return column
    cells = [cell if isinstance(cell, tuple) else ((cell,) if cell not in (None, "") else ()) for cell in column]
    single = all(len(cell) == 1 for cell in cells)
    return [cell[0] if single else list(cell) for cell in cells]
