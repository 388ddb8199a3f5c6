"""transformers' `trainer_state.json`: its `log_history` holds loss rows, evaluation rows and a last summary row."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from rankfirst.errors import DataError
from rankfirst.logs.collect import Row
from rankfirst.logs.text import document, whole


def recognise(path: Path, head: str) -> bool:
    """By its name, or by the key that only this document has."""
    return path.name == "trainer_state.json" or (path.suffix == ".json" and '"log_history"' in head)


def rows(path: Path) -> Iterator[Row]:
    """Raises: DataError for a document that is cut off or has no history."""
    found = document(whole(path))
    if found is None:
        raise DataError("logs.bad_json", path=path.name)
    yield from of_document(found, path)


def of_document(found: Any, path: Path) -> Iterator[Row]:
    """The rows of a document that was read: a history, or simply a list of rows."""
    told = found.get("log_history") if isinstance(found, Mapping) else found
    if not isinstance(told, list):
        raise DataError("logs.no_history", path=path.name)
    yield from (row for row in told if isinstance(row, Mapping))
