"""A run as one row of the list."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import PurePath
from typing import Any, Final

from rankfirst.errors import RunError
from rankfirst.records import Recipe
from rankfirst.report.events import Event, decode, last, mapping, number, read
from rankfirst.report.narrative.valid_lines import fits
from rankfirst.report.phrases import Both, clean, duration, known, recipe_words, same
from rankfirst.report.rungs import rung_facts, span
from rankfirst.report.verdict import shipping
from rankfirst.report.view_model import Span
from rankfirst.run.folder import in_use
from rankfirst.ui.journal_tail import finite, last_seconds
from rankfirst.ui.notes import Notes
from rankfirst.ui.scan import RunFolder

# Raised on reading a value of the wrong type, from a journal that was edited or written by another tool.
_STRANGE: Final = (TypeError, ValueError, AttributeError, KeyError, IndexError, OverflowError)


class State(StrEnum):
    """The state of a run."""

    FINISHED = "finished"
    RUNNING = "running"  # a running process holds its lock
    INTERRUPTED = "interrupted"
    DAMAGED = "damaged"  # its journal cannot be read


@dataclass(frozen=True)
class Card:
    """The columns of the list. Shares range from 0 to 1; None if not measured."""

    id: str
    name: str  # path relative to the given folder
    state: State
    dataset: str = ""
    base: str = ""
    synthetic: bool = False
    ship: str = ""  # the delivered model; "" if not decided yet
    best: str = ""  # the model that the following figures belong to
    val: Span = field(default_factory=Span)  # macro-F1 on validation rows
    test: float | None = None
    gain: float | None = None  # of LoRA over the best cheaper model, macro-F1 in points
    noise: float | None = None  # the part of it that random variation explains, in points
    recipe: Recipe | None = None
    recipe_words: Both = field(default_factory=lambda: same(""))
    seconds: float | None = None
    lines: int = 0  # in the journal
    begun: str = ""  # UTC
    updated: str = ""  # UTC time of the last line
    command: str = ""  # the command that resumes it
    fingerprint: str = ""
    wrong: RunError | None = None
    notes: Notes = field(default_factory=Notes)


def card(run_folder: RunFolder) -> Card:
    """The card of a run; a damaged journal gets one too."""
    try:
        return _card(run_folder, read(run_folder.journal))
    except RunError as error:
        wrong = error
    except OSError:
        wrong = RunError("run.missing", path=run_folder.name)
    except _STRANGE as error:  # one malformed journal must not break the list
        wrong = RunError("ui.unreadable", path=run_folder.name, what=type(error).__name__)
    return Card(run_folder.id, clean(run_folder.name), State.DAMAGED, wrong=wrong)


def _card(run_folder: RunFolder, events: Sequence[Event]) -> Card:
    run, result, shipped = last(events, "run"), last(events, "result"), shipping(events)
    best, val, test = _figures(events, result, shipped.ship if shipped else "")
    gain, noise = (number(shipped.numbers.get(name)) if shipped else None for name in ("gain", "noise"))
    trained = shipped is None or shipped.ship == "lora"  # else the delivered model has no recipe
    recipe = recipe_of(events) if trained else None
    return Card(
        id=run_folder.id,
        name=clean(run_folder.name),
        state=state(run_folder, bool(result)),
        dataset=clean(run.get("dataset") or ""),
        base=short_base(run),
        synthetic=bool(run.get("synthetic")),
        ship=clean(shipped.ship) if shipped else "",
        best=best,
        val=val,
        test=test,
        gain=gain,
        noise=noise,
        recipe=recipe,
        recipe_words=recipe_words(recipe) if recipe else same(""),
        seconds=finite(result.get("seconds")) if result else last_seconds(run_folder.journal),
        lines=len(events),
        begun=clean(events[0].at) if events else "",
        updated=clean(events[-1].at) if events else "",
        command=clean(run.get("command") or ""),
        fingerprint=clean(run.get("fingerprint") or ""),
    )


def state(run_folder: RunFolder, finished: bool) -> State:
    """A finished run needs no lock check: it releases its lock as soon as the result is written."""
    if finished:
        return State.FINISHED
    return State.RUNNING if in_use(run_folder.folder) else State.INTERRUPTED


def recipe_of(events: Sequence[Event]) -> Recipe | None:
    """The recipe of the result, else of the latest decision, else the initial one."""
    for kind in ("result", "decision", "start"):
        recipe = decode(Recipe, last(events, kind).get("recipe"))
        if recipe is not None and fits(recipe, Recipe):
            return recipe
    return None


def short_base(run: dict[str, Any]) -> str:
    """The base model's name without its parent folders."""
    name = clean(run.get("base_model") or "")
    return PurePath(name).name if name.startswith(("/", ".", "~")) else name


def _figures(events: Sequence[Event], result: dict[str, Any], ship: str) -> tuple[str, Span, float | None]:
    """(model, validation, test) of the delivered model, or of the best so far."""
    rungs = {rung.name: rung for rung in rung_facts(events)}
    whole = span(mapping(result.get("val")))
    test = span(mapping(result.get("test"))).value
    if whole.value is not None:
        return ship, whole, test
    scored = [rung for rung in rungs.values() if rung.val.value is not None and math.isfinite(rung.val.value)]
    chosen = rungs.get(ship) or max(scored, key=lambda rung: rung.val.value or 0.0, default=None)
    return (chosen.name, chosen.val, chosen.test.value) if chosen else ("", Span(), None)


def rung_word(name: str) -> Both:
    """Display name of a baseline or model."""
    return known("rung", name) if name else same("–")


def time_words(card: Card) -> Both:
    """Elapsed time of the run."""
    return duration(card.seconds)
