"""A run in one row of the list."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import PurePath
from typing import Any, Final

from rankfirst.account.sound import fits
from rankfirst.errors import RunError
from rankfirst.records import Recipe
from rankfirst.report.events import Event, decode, last, mapping, number, read
from rankfirst.report.outcome import shipping
from rankfirst.report.rungs import rung_facts, span
from rankfirst.report.speech import Both, clean, duration, known, recipe_words, same
from rankfirst.report.views import Span
from rankfirst.runs import in_use
from rankfirst.ui.scan import Found
from rankfirst.ui.tail import finite, last_seconds

# What reading a value of another kind than it should be raises, in a journal somebody edited or another tool wrote.
_STRANGE: Final = (TypeError, ValueError, AttributeError, KeyError, IndexError, OverflowError)


class State(StrEnum):
    """What a run is doing."""

    FINISHED = "finished"
    RUNNING = "running"  # a living process holds its lock
    INTERRUPTED = "interrupted"
    DAMAGED = "damaged"  # its journal cannot be read


@dataclass(frozen=True)
class Card:
    """What the list shows. Shares of 1; None where nothing was measured."""

    id: str
    name: str  # path below the folder that was given
    state: State
    dataset: str = ""
    base: str = ""
    synthetic: bool = False
    ship: str = ""  # the rung that is delivered; "" while that is open
    best: str = ""  # the rung whose figures follow
    val: Span = field(default_factory=Span)  # macro-F1 on validation rows
    test: float | None = None
    gain: float | None = None  # of LoRA over the cheaper rung, points of macro-F1
    noise: float | None = None  # what noise explains of it, points
    recipe: Recipe | None = None
    recipe_words: Both = field(default_factory=lambda: same(""))
    seconds: float | None = None
    lines: int = 0  # of the journal
    begun: str = ""  # UTC
    updated: str = ""  # UTC, the last line
    command: str = ""  # continues it
    fingerprint: str = ""
    wrong: RunError | None = None


def card(found: Found) -> Card:
    """The row of a run; a damaged journal has one too."""
    try:
        return _card(found, read(found.journal))
    except RunError as error:
        wrong = error
    except OSError:
        wrong = RunError("run.missing", path=found.name)
    except _STRANGE as error:  # one odd journal must not take the list with it
        wrong = RunError("ui.unreadable", path=found.name, what=type(error).__name__)
    return Card(found.id, clean(found.name), State.DAMAGED, wrong=wrong)


def _card(found: Found, events: Sequence[Event]) -> Card:
    run, result, told = last(events, "run"), last(events, "result"), shipping(events)
    best, val, test = _figures(events, result, told.ship if told else "")
    gain, noise = (number(told.numbers.get(name)) if told else None for name in ("gain", "noise"))
    recipe = recipe_of(events)
    return Card(
        id=found.id,
        name=clean(found.name),
        state=state(found, bool(result)),
        dataset=clean(run.get("dataset") or ""),
        base=short_base(run),
        synthetic=bool(run.get("synthetic")),
        ship=clean(told.ship) if told else "",
        best=best,
        val=val,
        test=test,
        gain=gain,
        noise=noise,
        recipe=recipe,
        recipe_words=recipe_words(recipe) if recipe else same(""),
        seconds=finite(result.get("seconds")) if result else last_seconds(found.journal),
        lines=len(events),
        begun=clean(events[0].at) if events else "",
        updated=clean(events[-1].at) if events else "",
        command=clean(run.get("command") or ""),
        fingerprint=clean(run.get("fingerprint") or ""),
    )


def state(found: Found, finished: bool) -> State:
    """A finished run holds its lock no longer than it takes to write the result, so it is not asked for."""
    if finished:
        return State.FINISHED
    return State.RUNNING if in_use(found.folder) else State.INTERRUPTED


def recipe_of(events: Sequence[Event]) -> Recipe | None:
    """The recipe of the result, else of the newest decision, else the one it started from."""
    for kind in ("result", "decision", "start"):
        recipe = decode(Recipe, last(events, kind).get("recipe"))
        if recipe is not None and fits(recipe, Recipe):
            return recipe
    return None


def short_base(run: dict[str, Any]) -> str:
    """The base model without the folders before it."""
    told = clean(run.get("base_model") or "")
    return PurePath(told).name if told.startswith(("/", ".", "~")) else told


def _figures(events: Sequence[Event], result: dict[str, Any], ship: str) -> tuple[str, Span, float | None]:
    """(rung, validation, test) of what is delivered, or of the best rung so far."""
    rungs = {rung.name: rung for rung in rung_facts(events)}
    whole = span(mapping(result.get("val")))
    test = span(mapping(result.get("test"))).value
    if whole.value is not None:
        return ship, whole, test
    scored = [rung for rung in rungs.values() if rung.val.value is not None and math.isfinite(rung.val.value)]
    chosen = rungs.get(ship) or max(scored, key=lambda rung: rung.val.value or 0.0, default=None)
    return (chosen.name, chosen.val, chosen.test.value) if chosen else ("", Span(), None)


def rung_word(name: str) -> Both:
    """What a rung is called."""
    return known("rung", name) if name else same("–")


def time_words(card: Card) -> Both:
    """How long it took, or has taken so far."""
    return duration(card.seconds)
