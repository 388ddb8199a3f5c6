"""The rungs for the report, from the result or, before it exists, from the rung events."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from rankfirst.records import Profile
from rankfirst.report.events import Event, decode, last, listing, mapping, number
from rankfirst.report.phrases import Both, duration, interval, known, percent, phrase
from rankfirst.report.view_model import Span

_ORDER = ("majority", "tfidf", "frozen", "lora")


@dataclass(frozen=True)
class RungFacts:
    """The figures of a rung as shares of 1; None if not measured."""

    name: str
    val: Span
    test: Span
    accuracy: float | None
    tail: float | None
    seconds: float | None
    megabytes: float | None
    line: int = 0  # of the journal
    prototypes: float = 0.0  # share of class prototypes in the frozen rung's head
    normalize: bool = False  # whether that head reads states of unit length

    @property
    def about(self) -> Both:
        """What it is, in a few words."""
        return about(self.name, self.prototypes, self.normalize)


def span(payload: dict[str, Any]) -> Span:
    """Macro-F1 and its interval from the JSON of `Scores`."""
    ends = [number(end) for end in listing(payload.get("interval"))]
    low, high = ends if len(ends) == 2 else (None, None)
    return Span(number(payload.get("macro_f1")), low, high)


def one(payload: dict[str, Any], name: str = "", line: int = 0) -> RungFacts:
    """A rung from its JSON; a Rung record and an entry of the result share their field names."""
    val, details = mapping(payload.get("val")), mapping(payload.get("details"))
    return RungFacts(
        name=str(payload.get("name") or name),
        val=span(val),
        test=span(mapping(payload.get("test"))),
        accuracy=number(val.get("accuracy")),
        tail=number(val.get("tail_recall")),
        seconds=number(payload.get("seconds")),
        megabytes=number(payload.get("megabytes")),
        line=line,
        prototypes=number(details.get("prototypes")) or 0.0,
        normalize=bool(number(details.get("normalize"))),
    )


def about(name: str, prototypes: float = 0.0, normalize: bool = False) -> Both:
    """What a rung is, in a few words; "" for an unknown one.

    Args: prototypes: share of them in its head. normalize: whether its head reads states of unit length.
    """
    if prototypes:
        shares = {"share": percent(prototypes, 0), "rest": percent(1 - prototypes, 0)}
        return phrase("rung_about.mixed_unit" if normalize else "rung_about.mixed", **shares)
    return known("rung_about", "unit" if normalize else name, silent=True)


def rung_facts(events: Sequence[Event]) -> tuple[RungFacts, ...]:
    """The latest record of every rung, from the bottom of the ladder up."""
    found: dict[str, RungFacts] = {}
    for event in events:
        if event.kind == "rung":
            rung = one(event.payload, event.key, event.line)
            found[rung.name] = rung
        elif event.kind == "result":
            facts = [one(mapping(facts)) for facts in listing(event.payload.get("rungs"))]
            for rung in facts:
                before = found.get(rung.name, replace(rung, line=event.line))
                found[rung.name] = replace(
                    rung, line=before.line, prototypes=before.prototypes, normalize=before.normalize
                )
    if (profile := decode(Profile, last(events, "profile"))) is not None and not profile.rare:
        found = {name: replace(rung, tail=None) for name, rung in found.items()}
    return tuple(sorted(found.values(), key=lambda r: _ORDER.index(r.name) if r.name in _ORDER else len(_ORDER)))


def rung_words(rung: RungFacts) -> Both:
    """The validation macro-F1 of a rung, with its 95% interval if measured, and its time."""
    reach = interval(rung.val.low, rung.val.high)
    return phrase("tell.rung_interval" if reach else "tell.rung", name=known("rung", rung.name), span=reach,
                  score=percent(rung.val.value), time=duration(rung.seconds))  # fmt: skip


def recalls(events: Sequence[Event], name: str) -> dict[str, float]:
    """Validation recall of every class that has rows, from the rung's event."""
    rung = next(
        (e.payload for e in reversed(events) if e.kind == "rung" and name in (e.payload.get("name"), e.key)), {}
    )
    found = mapping(mapping(rung.get("val")).get("per_class_recall"))
    return {label: value for label, rung in found.items() if (value := number(rung)) is not None}
