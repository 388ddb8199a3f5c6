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
    """The rows of a parsed document: its history, a plain list of rows, or Keras's lists by metric."""
    history = content.get("log_history") if isinstance(content, Mapping) else content
    if history is None and isinstance(content, Mapping):
        history = by_metric(content)
    if not isinstance(history, list):
        raise DataError("logs.no_history", path=path.name)
    yield from (row for row in history if isinstance(row, Mapping))


def by_metric(content: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """Rows from lists of equal length, one a metric and one value an epoch; None for any other document."""
    columns = {key: values for key, values in content.items() if isinstance(values, list)}
    lengths = {len(values) for values in columns.values()}
    if len(lengths) != 1 or not any("loss" in str(key) for key in columns):
        return None
    return [{"epoch": at + 1} | {key: values[at] for key, values in columns.items()} for at in range(lengths.pop())]
