"""Read a journal as a list of events; `build` interprets them."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from rankfirst.errors import RunError
from rankfirst.records import from_json

T = TypeVar("T")


@dataclass(frozen=True)
class Event:
    """One line of the journal; `payload` is its JSON, unchanged."""

    kind: str
    key: str
    payload: dict[str, Any]
    at: str = ""
    line: int = 0  # line of the journal, from 1; 0 if not read from one


def read(journal: Path) -> list[Event]:
    """The events of a journal, oldest first; an incomplete last line is left out.

    Raises: RunError if there is no journal, or if a line before the last one is no event.
    """
    if not journal.is_file():
        raise RunError("run.missing", path=journal.parent.name or ".")
    lines = journal.read_bytes().split(b"\n")
    while lines and not lines[-1].strip():
        lines.pop()
    events = [_event(line, number) for number, line in enumerate(lines, 1)]
    if events and events[-1] is None:
        events.pop()  # a crash can only truncate the last line
    if None in events:
        raise RunError("run.damaged", line=events.index(None) + 1, path=journal.name)
    return [event for event in events if event is not None]


def _event(line: bytes, number: int) -> Event | None:
    record = record_of(line)
    if record is None:
        return None
    key = record.get("key")
    return Event(str(record.get("kind", "")), str(key or ""), record["payload"], str(record.get("at") or ""), number)


def record_of(line: bytes) -> dict[str, Any] | None:
    """The JSON object of a journal line; None if it is not an event."""
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) and isinstance(record.get("payload"), dict) else None


def last(events: Sequence[Event], kind: str) -> dict[str, Any]:
    """The latest payload of a kind, or an empty one."""
    return next((e.payload for e in reversed(events) if e.kind == kind), {})


def decode(cls: type[T], payload: Any) -> T | None:
    """The record in `payload`; None if a version with other fields wrote it."""
    if not isinstance(payload, dict):
        return None
    try:
        return from_json(cls, payload)
    except (TypeError, ValueError, KeyError, AttributeError, IndexError):
        return None


def plain(value: Any) -> Any:
    """JSON with the codec's {"float": "nan"} turned back into floats."""
    if isinstance(value, dict):
        if set(value) == {"float"}:
            return _float(value["float"])
        return {str(k): plain(v) for k, v in value.items()}
    return [plain(v) for v in value] if isinstance(value, list) else value


def number(value: Any) -> float | None:
    """A finite or infinite number as float; NaN, text and everything else as None."""
    if isinstance(value, dict) and set(value) == {"float"}:
        value = _float(value["float"])
    if isinstance(value, bool) or not isinstance(value, int | float) or math.isnan(value):
        return None
    return float(value)


def _float(text: Any) -> float:
    try:
        return float(text)
    except (TypeError, ValueError):
        return math.nan


def mapping(value: Any) -> dict[str, Any]:
    """`value` if it is a JSON object, otherwise an empty one."""
    return value if isinstance(value, dict) else {}


def listing(value: Any) -> list[Any]:
    """`value` if it is a JSON array, otherwise an empty one."""
    return value if isinstance(value, list) else []
