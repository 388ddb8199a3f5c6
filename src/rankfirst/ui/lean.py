"""Events as pages need them: without single rows, which are most of a journal, and without what cannot be read."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from rankfirst.account.sound import fits, readable
from rankfirst.records import Calibration, Recipe
from rankfirst.report.events import Event, decode

_ROWS: Final = frozenset({"val_log_loss", "val_predicted", "end_log_loss", "end_predicted"})
_KINDS: Final = frozenset({"probe", "final", "experiment", "rung"})


def lean(events: Sequence[Event]) -> list[Event]:
    """The same events; lists of one value a validation row are empty."""
    return [replace(event, payload=_without(event.payload)) if event.kind in _KINDS else event for event in events]


def sound(events: Sequence[Event]) -> tuple[list[Event], int]:
    """(lean events that hold what they should, how many do not: edited, or from another version)."""
    told = lean(events)
    kept = [_result(event) for event in told if readable(event) and _calibrated(event)]
    return kept, len(told) - len(kept)


def _calibrated(event: Event) -> bool:
    record = decode(Calibration, event.payload) if event.kind == "calibration" else None
    return record is None or fits(record, Calibration)


def _result(event: Event) -> Event:
    """A result without a recipe that is none: the rest of it is worth showing."""
    recipe = decode(Recipe, event.payload.get("recipe")) if event.kind == "result" else None
    if recipe is None or fits(recipe, Recipe):
        return event
    return replace(event, payload={**event.payload, "recipe": None})


def _without(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: [] if name in _ROWS else _without(given) for name, given in value.items()}
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return [_without(one) for one in value]
    return value
