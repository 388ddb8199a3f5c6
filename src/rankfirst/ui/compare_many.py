"""Any number of runs in one table, with what differs between them, and charts."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rankfirst.report.events import Event, last, listing, mapping, number
from rankfirst.report.phrases import Both, both, knob_name, knob_values, known, same
from rankfirst.report.rungs import RungFacts, rung_facts
from rankfirst.report.view_model import Plot, Series
from rankfirst.ui.compare import settings_of
from rankfirst.ui.run_row import Card, recipe_of

MOST: Final = 30  # runs in one comparison
_STYLES: Final = "abcdef"
_APART: Final = ("fingerprint", "dataset", "base_model")  # of the settings: shown with the name of a run


@dataclass(frozen=True)
class ManyRow:
    """One run."""

    card: Card
    shipped: RungFacts | None  # the model that it delivers
    work: float | None  # TFLOP
    memory: float | None  # MB, at the peak
    comparable: bool  # evaluated on the same rows as most of the others
    values: tuple[Both, ...]  # of the columns that differ


@dataclass(frozen=True)
class Many:
    """The page."""

    dataset: str
    subtitle: Both
    rows: tuple[ManyRow, ...]
    columns: tuple[Both, ...]  # settings and knobs that differ
    plots: tuple[Plot, ...]

    @property
    def apart(self) -> int:
        """Runs that were evaluated on other rows than most."""
        return sum(not row.comparable for row in self.rows)


def compare_many(cards: Sequence[Card], events: Sequence[Sequence[Event]]) -> Many:
    """Args: events: of each card."""
    usual = Counter(card.fingerprint for card in cards if card.fingerprint).most_common(1)
    facts = [_facts(run) for run in events]
    every = {key: name for fact in facts for key, (name, _) in fact.items()}
    absent = same("–")
    values = {key: [fact.get(key, (name, absent))[1] for fact in facts] for key, name in every.items()}
    columns = [key for key in every if len(set(values[key])) > 1]
    rows = [
        ManyRow(
            card=card,
            shipped=next((rung for rung in rung_facts(run) if rung.name == card.ship), None),
            work=_work(run),
            memory=number(last(run, "result").get("peak_memory_mb")),
            comparable=bool(usual) and card.fingerprint == usual[0][0],
            values=tuple(values[key][n] for key in columns),
        )
        for n, (card, run) in enumerate(zip(cards, events, strict=True))
    ]
    names = list(dict.fromkeys(card.dataset or card.name for card in cards))
    return Many(
        dataset=names[0] if len(names) == 1 else f"{names[0]} +{len(names) - 1}",
        subtitle=both("ui.many.subtitle", {"count": len(cards)}),
        rows=tuple(rows),
        columns=tuple(every[key] for key in columns),
        plots=tuple(plot for plot in (_ladders(cards, events), _prices(cards)) if plot is not None),
    )


def _facts(events: Sequence[Event]) -> dict[str, tuple[Both, Both]]:
    """Key -> (name, value) of the final recipe's knobs, then of the settings."""
    recipe = recipe_of(events)
    knobs = {f"knob.{name}": (knob_name(name), value) for name, value in knob_values(recipe).items()} if recipe else {}
    return knobs | {key: setting for key, setting in settings_of(events).items() if key not in _APART}


def _work(events: Sequence[Event]) -> float | None:
    work = [number(mapping(step).get("work")) or 0.0 for step in listing(last(events, "result").get("costs"))]
    return sum(work) if work else None


def _ladders(cards: Sequence[Card], events: Sequence[Sequence[Event]]) -> Plot | None:
    """Macro-F1 of each model of each run, from the simplest up."""
    measured = [{rung.name: rung.val for rung in rung_facts(run) if rung.val.value is not None} for run in events]
    names = list(dict.fromkeys(name for each in measured for name in each))
    places = {name: n for n, name in enumerate(names, 1)}
    series = []
    for n, (card, each) in enumerate(zip(cards, measured, strict=True)):
        points = [(float(places[name]), each[name].value or 0.0) for name in names if name in each]
        if points:
            xs, ys = zip(*points, strict=True)
            series.append(Series(same(card.name), xs, ys, _STYLES[n % len(_STYLES)], dots=True))
    labels = tuple(known("rung", name) for name in names)
    return Plot(both("ui.many.ladders"), tuple(series), share=True, labels=labels) if series else None


def _prices(cards: Sequence[Card]) -> Plot | None:
    """Macro-F1 of the best model of each run over the minutes that the run took."""
    series = []
    for n, card in enumerate(cards):
        f1, seconds = card.val.value, card.seconds
        if f1 is not None and seconds is not None:
            series.append(Series(same(card.name), (seconds / 60,), (f1,), _STYLES[n % len(_STYLES)], dots=True))
    return Plot(both("ui.many.prices"), tuple(series), share=True, across=both("ui.many.minutes")) if series else None
