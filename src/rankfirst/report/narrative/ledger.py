"""The journal with line numbers: trainings, comparisons, decisions and refusals, each with its line.

Events of another version that cannot be read are left out; `unread` holds their lines.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

from rankfirst.records import (
    ArmKind,
    ArmResult,
    Change,
    Comparison,
    Curve,
    Decision,
    ExperimentResult,
    Profile,
    Recipe,
    Shipping,
    Stage,
)
from rankfirst.report import verdict
from rankfirst.report.events import Event, decode, mapping, plain
from rankfirst.report.evidence import final_curve, whole_experiment
from rankfirst.report.narrative.valid_lines import readable


@dataclass(frozen=True)
class Probe:
    """One training run; `number` counts probes from 1, 0 for the final training."""

    line: int
    number: int
    curve: Curve


@dataclass(frozen=True)
class ArmLine:
    """One arm of an experiment, the control arm, and their comparison."""

    line: int
    base: ArmResult
    arm: ArmResult
    against_base: Comparison | None

    @property
    def start(self) -> Recipe:
        return self.base.recipe


@dataclass(frozen=True)
class DecisionLine:
    """A decision; `denied` is the line of the clock that forbade it, or 0."""

    line: int
    key: str
    decision: Decision
    denied: int = 0

    @property
    def new(self) -> Recipe | None:
        """The recipe it changed to, when it was carried out."""
        move = self.decision.move
        return move.recipe if isinstance(move, Change) and not self.denied else None


# Figures of every row or step, most of a journal: paired tests need them, sentences do not.
_PER_ROW: Final = frozenset({"val_log_loss", "val_predicted", "end_log_loss", "end_predicted", "step_norm"})
_RECORDS_INSIDE: Final = ("arms", "curve")


def lean(value: Any) -> Any:
    """A payload without the figures of every row, which are most of a journal."""
    if isinstance(value, list):
        return [lean(part) for part in value]
    if not isinstance(value, dict):
        return value
    kept = {name: [] if name in _PER_ROW and isinstance(part, list) else part for name, part in value.items()}
    return kept | {name: lean(kept[name]) for name in _RECORDS_INSIDE if name in kept}


class Ledger:
    """Events by line, read once."""

    def __init__(self, events: Sequence[Event]) -> None:
        events = [replace(event, payload=lean(event.payload)) for event in events]
        whole_events = [readable(event) for event in events]
        self.unread = tuple(n for n, whole in enumerate(whole_events, 1) if not whole)
        self.events = tuple(  # one per line
            event if whole else replace(event, kind="", payload={})
            for event, whole in zip(events, whole_events, strict=True)
        )

    def lines(self, kind: str) -> list[int]:
        """The lines of all events of a kind."""
        return [n for n, event in enumerate(self.events, 1) if event.kind == kind]

    def of(self, kind: str) -> list[tuple[int, Event]]:
        """(line, event) of a kind, oldest first."""
        return [(n, event) for n, event in enumerate(self.events, 1) if event.kind == kind]

    def last(self, kind: str) -> tuple[int, dict[str, Any]]:
        """The latest of a kind as (line, payload with plain floats); (0, {}) if there is none."""
        found = self.of(kind)
        return (found[-1][0], mapping(plain(found[-1][1].payload))) if found else (0, {})

    @cached_property
    def run(self) -> tuple[int, dict[str, Any]]:
        return self.last("run")

    @cached_property
    def result(self) -> tuple[int, dict[str, Any]]:
        return self.last("result")

    @cached_property
    def profile(self) -> tuple[int, Profile | None]:
        line, payload = self.last("profile")
        return line, decode(Profile, payload or None)

    @cached_property
    def start(self) -> tuple[int, Recipe | None, dict[str, Any]]:
        """(line, recipe, ceiling)."""
        line, payload = self.last("start")
        return line, decode(Recipe, payload.get("recipe")), mapping(payload.get("ceiling"))

    @cached_property
    def shipping(self) -> tuple[int, Shipping | None]:
        line, _ = self.last("verdict")
        return line or self.result[0], verdict.shipping(self.events)

    @cached_property
    def probes(self) -> tuple[Probe, ...]:
        read = [(n, count, decode(Curve, e.payload)) for count, (n, e) in enumerate(self.of("probe"), 1)]
        return tuple(Probe(n, count, curve) for n, count, curve in read if curve is not None)

    @cached_property
    def finals(self) -> tuple[Probe, ...]:
        """The final trainings; empty if there was none."""
        read = [(n, final_curve(event)) for n, event in self.of("final")]
        return tuple(Probe(n, 0, curve) for n, curve in read if curve is not None)

    @cached_property
    def arms(self) -> tuple[ArmLine, ...]:
        """Every arm once, at its first comparison with the control arm."""
        found: dict[tuple[str, str], ArmLine] = {}
        for n, event in self.of("experiment"):
            result = decode(ExperimentResult, event.payload)
            if result is None or not result.arms:
                continue
            arms = result.arms[1:] if whole_experiment(event) else result.arms[1:][-1:]
            for arm in arms:
                compared = [c for c in result.comparisons if (c.arm, c.against) == (arm.kind, ArmKind.NONE)]
                key = (result.checkpoint.key, arm.recipe.key)
                found.setdefault(key, ArmLine(n, result.arms[0], arm, compared[-1] if compared else None))
        return tuple(found.values())

    @cached_property
    def decisions(self) -> tuple[DecisionLine, ...]:
        clock = {event.key: n for n, event in self.of("clock")}
        read = [(n, e.key, decode(Decision, e.payload)) for n, e in self.of("decision")]
        return tuple(DecisionLine(n, key, made, clock.get(key, 0)) for n, key, made in read if made is not None)

    @cached_property
    def trail(self) -> tuple[tuple[int, Recipe], ...]:
        """(line, recipe) of every recipe of the search in order, without repetitions in a row."""
        line, recipe, _ = self.start
        stood = [(line, recipe)] if recipe is not None else []
        for made in self.decisions:
            if not stood or stood[-1][1].key != made.decision.recipe.key:
                stood.append((made.line, made.decision.recipe))
            if made.new is not None and made.new.key != stood[-1][1].key:
                stood.append((made.line, made.new))
        return tuple(stood)

    @property
    def settled(self) -> Recipe | None:
        """The latest recipe of the search."""
        if self.finals:
            return self.finals[-1].curve.recipe
        return self.trail[-1][1] if self.trail else None

    def reached(self, stage: Stage) -> bool:
        """Whether a decision of this stage was made."""
        return any(made.decision.stage is stage for made in self.decisions)

    def probe_of(self, recipe: Recipe, before: int | None = None) -> Probe | None:
        """The latest probe of a recipe, or the latest one before a line."""
        found = [p for p in self.probes if p.curve.recipe.key == recipe.key and (before is None or p.line < before)]
        return found[-1] if found else None
