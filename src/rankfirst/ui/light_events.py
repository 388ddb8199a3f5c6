"""Events reduced to what pages need: without per-row values, the bulk of a journal, and without unreadable events."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from rankfirst.records import Calibration, Recipe
from rankfirst.report.events import Event, decode
from rankfirst.report.narrative.ledger import lean as bare
from rankfirst.report.narrative.valid_lines import fits, readable

_KINDS: Final = frozenset({"probe", "final", "experiment", "rung"})


def lean(events: Sequence[Event]) -> list[Event]:
    """The same events with per-row lists emptied."""
    return [replace(event, payload=bare(event.payload)) if event.kind in _KINDS else event for event in events]


def sound(events: Sequence[Event]) -> tuple[list[Event], int]:
    """(lean events with valid content, number of invalid ones: edited, or written by another version)."""
    leaned = lean(events)
    valid = [_result(event) for event in leaned if readable(event) and _calibrated(event)]
    return valid, len(leaned) - len(valid)


def _calibrated(event: Event) -> bool:
    record = decode(Calibration, event.payload) if event.kind == "calibration" else None
    return record is None or fits(record, Calibration)


def _result(event: Event) -> Event:
    """Remove an invalid recipe from a result: the rest of it is still worth showing."""
    recipe = decode(Recipe, event.payload.get("recipe")) if event.kind == "result" else None
    if recipe is None or fits(recipe, Recipe):
        return event
    return replace(event, payload={**event.payload, "recipe": None})
