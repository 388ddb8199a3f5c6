"""Events without what no page shows: losses and answers of single rows, most of a journal and slow to decode."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from rankfirst.report.events import Event

_ROWS: Final = frozenset({"val_log_loss", "val_predicted", "end_log_loss", "end_predicted"})
_KINDS: Final = frozenset({"probe", "final", "experiment", "rung"})


def lean(events: Sequence[Event]) -> list[Event]:
    """The same events; lists of one value a validation row are empty."""
    return [replace(event, payload=_without(event.payload)) if event.kind in _KINDS else event for event in events]


def _without(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: [] if name in _ROWS else _without(given) for name, given in value.items()}
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return [_without(one) for one in value]
    return value
