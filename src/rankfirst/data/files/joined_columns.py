"""Several text columns as one: `--text subject,body`."""

from collections.abc import Sequence
from dataclasses import replace

from rankfirst.data.files.columns import has_column, named_column
from rankfirst.data.files.table import Table
from rankfirst.data.files.texts import joined, number_text


def parts_of(table: Table, text: str | None) -> tuple[str, ...]:
    """The names in `subject,body`; () if this is one column, or a column for each split (`train=a,val=b`)."""
    if text is None or text in table.cells or "," not in text or "=" in text:
        return ()
    return tuple(name.strip() for name in text.split(",") if name.strip())


def with_joined(table: Table, text: str | None, optional: bool = False) -> Table:
    """The table with one column called `text` instead of those that it names; the same table if it names one.

    Args: optional: the same table if it lacks one of them. Raises: DataError if it does, unless optional.
    """
    names = parts_of(table, text)
    if not names or text is None or (optional and not all(has_column(table, name) for name in names)):
        return table
    columns = [named_column(table, name) for name in names]
    others = {name: cells for name, cells in table.cells.items() if name not in columns}
    return replace(table, cells={text: joined_cells([table.cells[name] for name in columns]), **others})


def joined_cells(columns: Sequence[Sequence[object]]) -> list[object]:
    """(n,) the cells of each row as one text; a cell that is no text is returned alone, for `texts_of` to refuse."""
    return [_joined(cells) for cells in zip(*columns, strict=True)]


def _joined(cells: Sequence[object]) -> object:
    wrong = [cell for cell in cells if not isinstance(cell, str | int | float) and cell is not None]
    if wrong:
        return wrong[0]
    return joined([number_text(cell) if isinstance(cell, int | float) else cell or "" for cell in cells])  # type: ignore[misc]
