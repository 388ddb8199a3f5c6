"""transformers' `trainer_state.json`: its `log_history` holds loss rows, evaluation rows and a last summary row."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from rankfirst.advice.logs.collect import Row
from rankfirst.advice.logs.text import document, whole
from rankfirst.errors import DataError


def recognise(path: Path, head: str) -> bool:
    """Whether the name or the key that only this document has matches."""
    return path.name == "trainer_state.json" or (path.suffix == ".json" and '"log_history"' in head)


def rows(path: Path) -> Iterator[Row]:
    """Raises: DataError for a document that is truncated or has no history."""
    state = document(whole(path))
    if state is None:
        raise DataError("logs.bad_json", path=path.name)
    yield from document_rows(state, path)


def document_rows(content: Any, path: Path) -> Iterator[Row]:
    """The rows of a parsed document: its history, or a plain list of rows."""
    history = content.get("log_history") if isinstance(content, Mapping) else content
    if not isinstance(history, list):
        raise DataError("logs.no_history", path=path.name)
    yield from (row for row in history if isinstance(row, Mapping))
