"""Read a second file to compare with the training rows: texts, and labels if it has them."""

from dataclasses import replace
from pathlib import Path

from rankfirst.data.files.columns import choose_columns, named_for, text_or_only_column
from rankfirst.data.files.formats import read_table
from rankfirst.data.files.joined_columns import with_joined
from rankfirst.data.files.labels import Names, read_labels
from rankfirst.data.files.read import column_named_as_in
from rankfirst.data.files.reading import Reading
from rankfirst.data.files.table import Table
from rankfirst.data.files.texts import texts_of
from rankfirst.errors import DataError
from rankfirst.records import Dataset, Split


def read_newer(
    path: Path,
    dataset: Dataset,
    text: str | None = None,
    label: str | None = None,
    how: Reading | None = None,
    encoding: str | None = None,
) -> Split:
    """Read the rows of another file, with labels if it has them.

    Args:
        path: as for `load_dataset`; a label column is optional. text, label: column names of the training file, used if
            this file has them. how: as the training file was read. encoding: as for `load_dataset`.
    Returns: rows with a text, in file order; labels that do not occur in training are removed.
    Raises: DataError if the file or its text column cannot be read, or if no row has a text.
    """
    known = replace(how or Reading(), multi_label=dataset.multi_label, classes=dataset.classes)
    return read_against(path, known, text, label, encoding)[0]


def read_against(
    path: Path, how: Reading, text: str | None = None, label: str | None = None, encoding: str | None = None
) -> tuple[Split, list[Names]]:
    """As `read_newer`, plus (n,) the label names of each row that are not in `how.classes`."""
    table = with_joined(read_table(path, encoding), text, optional=True)
    text, label = named_for(table, "train", text), named_for(table, "train", label)
    column = text_or_only_column(table, column_named_as_in(table, text))
    texts, _ = texts_of(table, column)
    _, names_by_row = labels_if_any(table, column, column_named_as_in(table, label), how)
    index = {how.key(name): i for i, name in enumerate(how.classes)}
    labels = [
        tuple(sorted({index[key] for name in names if (key := how.key(name)) in index})) for names in names_by_row
    ]
    unknown = [tuple(name for name in names if how.key(name) not in index) for names in names_by_row]
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


def labels_if_any(table: Table, text: str, label: str | None, how: Reading) -> tuple[str | None, list[Names]]:
    """(label column, (n,) label names per row); None and all () without labels, or if they may be something else.

    Args: text: the text column. label: the label column, if it is known. The column is None if labels have one each.
    """
    try:
        columns = choose_columns(table, text, label, classes=how.classes)
    except DataError:
        return None, [()] * len(table)
    if columns.by_column and label is None and not set(columns.labels) & set(how.classes):
        return None, [()] * len(table)
    names = read_labels([table], [columns], how).names[0]
    return None if columns.by_column else columns.labels[0], names
