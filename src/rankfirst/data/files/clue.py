"""Recognise the JSON Lines of CLUE's sets: class ids in `label`, their names in `label_desc` or `label_des`."""

from dataclasses import replace

from rankfirst.data.files.table import Table, note

NAMES = ("label_desc", "label_des")


def read_clue(table: Table) -> Table | None:
    """The rows with the names of their classes as labels; None if the file is none of CLUE's.

    A class id must always have the same name; else both columns stay.
    """
    name = next((column for column in NAMES if column in table.cells), None)
    if name is None or not {"sentence", "label"} <= set(table.columns):
        return None
    pairs = set(zip(map(str, table.cells["label"]), map(str, table.cells[name]), strict=True))
    ids, names = {pair[0] for pair in pairs}, {pair[1] for pair in pairs}
    if not len(ids) == len(names) == len(pairs) or not all(names):
        return None
    cells = {column: table.cells[name] if column == "label" else values
             for column, values in table.cells.items() if column != name}  # fmt: skip
    return replace(table, cells=cells, notes=(*table.notes, note("data.note.clue", file=table.path.name, column=name)))
