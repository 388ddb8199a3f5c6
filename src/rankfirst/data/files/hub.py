"""Read a data set of the Hugging Face Hub by its id, `hf:NAME` or `hf:NAME:CONFIG`, if `datasets` is installed."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from rankfirst.data.files.columnar import SPLIT_NAMES
from rankfirst.data.files.table import Table, column_names, listed, note, shown
from rankfirst.errors import DataError

PREFIX: Final = "hf:"


def hub_splits(name: str) -> dict[str, Table]:
    """'train' / 'val' / 'test' -> its rows, class ids replaced by their names.

    Raises: DataError if `datasets` is missing, if the set cannot be loaded, or if it has no training rows.
    """
    try:
        import datasets
    except ImportError as error:
        raise DataError("data.no_datasets", path=name) from error
    repository, _, config = name.removeprefix(PREFIX).partition(":")
    try:
        loaded: Any = datasets.load_dataset(repository, config or None)
    except Exception as error:  # whatever a network, a cache or another package may raise
        raise DataError("data.hub_failed", path=name, reason=shown(error) or type(error).__name__) from error
    splits = loaded if isinstance(loaded, Mapping) else {"train": loaded}
    tables: dict[str, Table] = {}
    for title, rows in splits.items():
        split = SPLIT_NAMES.get(str(title).casefold())
        if split is not None and split not in tables:
            tables[split] = hub_table(name, rows)
    if "train" not in tables:
        raise DataError("data.no_train_folder", path=name, splits=listed(splits))
    recognised = note("data.note.hub", name=name, splits=listed(splits))
    tables["train"] = replace(tables["train"], notes=(recognised,))
    return tables


def hub_table(name: str, rows: Any) -> Table:
    """One split of `datasets`, class ids replaced by their names."""
    columns = list(rows.column_names)
    cells: dict[str, Sequence[object]] = {}
    coded = set()
    for column, title in zip(column_names(Path(name), columns), columns, strict=True):
        names = getattr(rows.features.get(title), "names", None)
        values = list(rows[title])
        if names and all(value is None or isinstance(value, int) for value in values):
            coded.add(column)
            values = [None if value is None or value < 0 else names[value] for value in values]
        cells[column] = values
    return Table(Path(name), cells, range(1, len(rows) + 1), coded=frozenset(coded))
