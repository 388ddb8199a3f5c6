"""Recognise doccano's exports: JSON Lines of `id`, `text` (or `data`) and a list of labels."""

from dataclasses import replace

from rankfirst.data.files.table import Table, note
from rankfirst.errors import DataError

LABELS = ("label", "labels")
# Columns that only doccano writes beside the rows.
OWN = frozenset({"id", "Comments", "annotation_approver", "meta", "entities", "relations", "cats"})


def read_doccano(table: Table) -> Table | None:
    """The rows of a doccano export; None if it is none.

    Raises: DataError if its labels mark parts of texts, which is another task.
    """
    columns = set(table.columns)
    text = next((name for name in ("text", "data") if name in columns), None)
    label = next((name for name in LABELS if name in columns), None)
    if text is None or "id" not in columns or not columns <= OWN | {text, *LABELS}:
        return None
    cells = table.cells[label] if label else table.cells.get("entities", ())
    if not cells or not all(cell is None or isinstance(cell, list) for cell in cells):
        return None
    items = [item for cell in cells if isinstance(cell, list) for item in cell]
    if any(isinstance(item, list | dict) for item in items):
        raise DataError("data.span_labels", path=str(table.path))
    if label is None:
        return None
    renamed = {"text" if name == text else name: values for name, values in table.cells.items()}
    return replace(table, cells=renamed, notes=(*table.notes, note("data.note.doccano", file=table.path.name)))
