"""Events as pages need them: without single rows, which are most of a journal, and without what cannot be read."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from rankfirst.account.ledger import lean as bare
from rankfirst.account.sound import fits, readable
from rankfirst.records import Calibration, Recipe
from rankfirst.report.events import Event, decode

_KINDS: Final = frozenset({"probe", "final", "experiment", "rung"})


def lean(events: Sequence[Event]) -> list[Event]:
    """The same events; lists of one value a validation row are empty."""
    return [replace(event, payload=bare(event.payload)) if event.kind in _KINDS else event for event in events]


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
