"""Read a second file to compare with the training rows: texts, and labels if it has them."""

from collections.abc import Sequence
from pathlib import Path

from rankfirst.data.files.columns import choose_columns, text_or_only_column
from rankfirst.data.files.formats import read_table
from rankfirst.data.files.labels import Names, read_labels
from rankfirst.data.files.read import column_named_as_in
from rankfirst.data.files.table import Table
from rankfirst.data.files.texts import text_key, texts_of
from rankfirst.errors import DataError
from rankfirst.records import Dataset, Split


def read_newer(
    path: Path,
    dataset: Dataset,
    text: str | None = None,
    label: str | None = None,
    separator: str = "|",
    encoding: str | None = None,
) -> Split:
    """Read the rows of another file, with labels if it has them.

    Args:
        path: as for `load_dataset`; a label column is optional. text, label: column names of the training file, used if
            this file has them. separator, encoding: as for `load_dataset`.
    Returns: rows with a text, in file order; labels that do not occur in training are removed.
    Raises: DataError if the file or its text column cannot be read, or if no row has a text.
    """
    return read_against(path, dataset.classes, text, label, separator, encoding)[0]


def read_against(
    path: Path,
    classes: Sequence[str],
    text: str | None = None,
    label: str | None = None,
    separator: str = "|",
    encoding: str | None = None,
) -> tuple[Split, list[Names]]:
    """As `read_newer`, plus (n,) the label names of each row that are not in `classes`."""
    table = read_table(path, encoding)
    column = text_or_only_column(table, column_named_as_in(table, text))
    texts, _ = texts_of(table, column)
    names_by_row = _labels(table, column, column_named_as_in(table, label), separator)
    index = {text_key(name): i for i, name in enumerate(classes)}
    labels = [
        tuple(sorted({index[key] for name in names if (key := text_key(name)) in index})) for names in names_by_row
    ]
    unknown = [tuple(name for name in names if text_key(name) not in index) for names in names_by_row]
    kept = [row for row, cell in enumerate(texts) if cell]
    if not kept:
        raise DataError("data.no_rows", path=str(path))
    split = Split(
        tuple(texts[row] for row in kept),
        tuple(labels[row] for row in kept),
        tuple(table.lines[row] for row in kept),
        str(path),
    )
    return split, [unknown[row] for row in kept]


def _labels(table: Table, text: str, label: str | None, separator: str) -> list[Names]:
    """(n,) label names per row; all () if the file has no labels."""
    try:
        columns = choose_columns(table, text, label)
    except DataError:
        return [()] * len(table)
    return read_labels([table], [columns], separator).names[0]
