"""Compare two runs: settings, scores, whether the difference is significant, and the decisions of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from rankfirst.options.fit_options import journal_keys
from rankfirst.report.events import Event, last, listing, mapping, number
from rankfirst.report.phrases import (
    Both,
    both,
    clean,
    duration,
    interval,
    knob_name,
    knob_values,
    known,
    percent,
    plain_number,
    points,
    same,
    size,
)
from rankfirst.report.rungs import RungFacts, rung_facts
from rankfirst.report.search import walk
from rankfirst.report.view_model import Span, StageView, StepView
from rankfirst.ui.light_events import sound
from rankfirst.ui.run_row import Card, recipe_of, rung_word
from rankfirst.ui.significance import Gap, Rows, differing_answers, f1_gap, loss_gap, rows_of, same_rows

_FACTS: Final = ("dataset", "base_model", "device", "threads", "budget_work", "fingerprint")
_STEP_KINDS: Final = frozenset({"start", "decision", "try", "experiment", "refusal"})
_SHORT: Final = 16  # characters shown of a hash


@dataclass(frozen=True)
class FactPair:
    """One fact of both runs."""

    name: Both
    first: Both
    second: Both
    differs: bool


@dataclass(frozen=True)
class RungPair:
    """One model in both runs; None if a run has not measured it."""

    name: Both
    first: RungFacts | None
    second: RungFacts | None
    gap: Both  # of macro-F1, second minus first
    loss: Both  # log-loss saved per row, paired
    first_ships: bool = False
    second_ships: bool = False


@dataclass(frozen=True)
class StagePair:
    """The decisions of both runs in one stage."""

    name: Both
    rule: Both
    first: tuple[StepView, ...]
    second: tuple[StepView, ...]


@dataclass(frozen=True)
class Comparison:
    """The page."""

    dataset: str  # the page's title
    subtitle: Both
    first: Card
    second: Card
    answer: Both  # significant, not significant, or inconclusive
    kind: str  # "good", "open" or "none": how the answer is styled
    grounds: tuple[Both, ...]
    knobs: tuple[FactPair, ...]
    settings: tuple[FactPair, ...]
    rungs: tuple[RungPair, ...]
    stages: tuple[StagePair, ...]
    costs: tuple[FactPair, ...]


def compare(cards: tuple[Card, Card], first: Sequence[Event], second: Sequence[Event]) -> Comparison:
    """The comparison of two runs, finished or not."""
    a, b = cards
    answer, kind, grounds = _verdict(cards, first, second)
    title = a.dataset if a.dataset == b.dataset else f"{a.dataset} · {b.dataset}"
    return Comparison(
        dataset=title or "rankfirst",
        subtitle=both("ui.compare.subtitle", {"first": a.name, "second": b.name}),
        first=a,
        second=b,
        answer=answer,
        kind=kind,
        grounds=grounds,
        knobs=_knobs(first, second),
        settings=_settings(first, second),
        rungs=_rungs(cards, first, second),
        stages=_stages(first, second),
        costs=_costs(first, second),
    )


# --- significance ---


def _verdict(cards: tuple[Card, Card], first: Sequence[Event], second: Sequence[Event]) -> tuple[
    Both, str, tuple[Both, ...]
]:  # fmt: skip
    """(answer, its styling, its grounds) for the models that the two runs deliver."""
    a, b = cards
    shared = same_rows(first, second)
    if not shared:
        return both("ui.chance.other_rows" if shared is False else "ui.chance.no_fingerprint"), "open", ()
    if not a.ship or not b.ship:
        return both("ui.chance.unfinished"), "open", ()
    rows_first, rows_second = rows_of(first, a.ship), rows_of(second, b.ship)
    f1, loss = f1_gap(a.val, b.val), loss_gap(rows_first, rows_second)
    return (*_answer(f1, loss), _grounds(f1, loss, rows_first, rows_second))


def _answer(f1: Gap | None, loss: Gap | None) -> tuple[Both, str]:
    if f1 is None and loss is None:
        return both("ui.chance.nothing"), "open"
    if f1 is not None and f1.beyond:
        return both("ui.chance.f1.second" if f1.value > 0 else "ui.chance.f1.first", _points(f1)), "good"
    if loss is not None and loss.beyond:
        return both("ui.chance.loss.second" if loss.value > 0 else "ui.chance.loss.first", _nats(loss)), "good"
    return both("ui.chance.inside"), "none"


def _grounds(f1: Gap | None, loss: Gap | None, first: Rows, second: Rows) -> tuple[Both, ...]:
    grounds = [both("ui.ground.rows")]
    if f1 is not None:
        grounds.append(both("ui.ground.f1", _points(f1)))
    if loss is not None:
        grounds.append(both("ui.ground.loss", _nats(loss)))
    if (moved := differing_answers(first, second)) is not None:
        grounds.append(both("ui.ground.unlike", {"count": moved[0], "rows": moved[1]}))
    return (*grounds, both("ui.ground.seed"))


def _points(gap: Gap) -> dict[str, str]:
    return {"gap": f"{100 * gap.value:+.1f}", "size": f"{100 * abs(gap.value):.1f}", "reach": f"{100 * gap.reach:.1f}"}


def _nats(gap: Gap) -> dict[str, str]:
    return {"gap": f"{gap.value:+.3f}", "size": f"{abs(gap.value):.3f}", "reach": f"{gap.reach:.3f}"}


# --- differences ---


def _pair(name: Both, first: Both, second: Both) -> FactPair:
    return FactPair(name, first, second, first != second)


def _knobs(first: Sequence[Event], second: Sequence[Event]) -> tuple[FactPair, ...]:
    """The final recipe of each run, knob by knob."""
    recipes = recipe_of(first), recipe_of(second)
    before, after = (knob_values(recipe) if recipe else {} for recipe in recipes)
    absent = same("–")
    return tuple(
        _pair(knob_name(name), before.get(name, absent), after.get(name, absent)) for name in {**before, **after}
    )


def _settings(first: Sequence[Event], second: Sequence[Event]) -> tuple[FactPair, ...]:
    """The options and the environment of each run."""
    of_first, of_second = settings_of(first), settings_of(second)
    pairs = tuple(_pair(name, value, of_second[key][1]) for key, (name, value) in of_first.items())
    return tuple(pair for pair in pairs if pair.differs or pair.first.en != "–")


def settings_of(events: Sequence[Event]) -> dict[str, tuple[Both, Both]]:
    """Key -> (name, value) of every option and fact of a run, in one order for all runs."""
    run = last(events, "run")
    settings = {name: (known("fact", name), same(_plain(run.get(name)))) for name in _FACTS}
    for key, one in journal_keys().items():
        named = known("fact", key, silent=True)
        settings[key] = named if named.en else same(one.flag), same(_plain(run.get(key)))
    settings["precision"] = both("ui.precision"), same(_plain(last(events, "pace").get("dtype")))
    return settings


def _plain(value: Any) -> str:
    if value is None or value in ("", {}, []):
        return "–"
    if isinstance(value, Mapping):
        return clean(", ".join(f"{name}={item}" for name, item in value.items()))
    text = clean(value)
    return text[:_SHORT] + "…" if len(text) == 64 and " " not in text else text


# --- scores, decisions, costs ---


def _rungs(cards: tuple[Card, Card], first: Sequence[Event], second: Sequence[Event]) -> tuple[RungPair, ...]:
    of_first, of_second = ({rung.name: rung for rung in rung_facts(events)} for events in (first, second))
    shared = same_rows(first, second)
    pairs = []
    for name in {**of_first, **of_second}:
        a, b = of_first.get(name), of_second.get(name)
        gap = _f1_difference(a, b) if shared else same("–")
        loss = loss_gap(rows_of(first, name), rows_of(second, name)) if shared else None
        ships = [card.ship == name for card in cards]
        pairs.append(RungPair(rung_word(name), a, b, gap, _loss_words(loss), *ships))
    return tuple(pairs)


def _f1_difference(first: RungFacts | None, second: RungFacts | None) -> Both:
    if first is None or second is None or first.val.value is None or second.val.value is None:
        return same("–")
    return points(second.val.value - first.val.value)


def _loss_words(gap: Gap | None) -> Both:
    if gap is None:
        return same("–")
    if gap.value == gap.reach == 0:
        return both("ui.loss.none")
    code = "ui.loss.beyond" if gap.beyond else "ui.loss.inside"
    return both(code, _nats(gap))


def _stages(first: Sequence[Event], second: Sequence[Event]) -> tuple[StagePair, ...]:
    """Decisions by stage; notes are left to the reports."""
    of_first, of_second = ({stage.key: stage for stage in walk(sound(events)[0])} for events in (first, second))
    keys = [
        key
        for key in ("assess", "capacity", "optimise", "recheck", "final", "other")
        if key in {**of_first, **of_second}
    ]
    pairs = []
    for key in keys:
        one = of_first.get(key) or of_second[key]
        steps = _steps(of_first.get(key)), _steps(of_second.get(key))
        if any(steps):
            pairs.append(StagePair(one.name, one.rule, *steps))
    return tuple(pairs)


def _steps(stage: StageView | None) -> tuple[StepView, ...]:
    return tuple(step for step in stage.steps if step.kind in _STEP_KINDS) if stage else ()


def _costs(first: Sequence[Event], second: Sequence[Event]) -> tuple[FactPair, ...]:
    """Time, work, memory and delivered size."""
    costs = [spent(events) for events in (first, second)]
    names = list({**costs[0], **costs[1]})
    absent = same("–")
    return tuple(_pair(both(f"ui.cost.{n}"), costs[0].get(n, absent), costs[1].get(n, absent)) for n in names)


def spent(events: Sequence[Event]) -> dict[str, Both]:
    """Cost -> its figure, for the costs that a run has recorded."""
    result = last(events, "result")
    work = [number(mapping(step).get("work")) or 0.0 for step in listing(result.get("costs"))]
    memory = number(result.get("peak_memory_mb"))
    counts = {kind: sum(event.kind == kind for event in events) for kind in ("probe", "decision")}
    costs = {"seconds": duration(number(result.get("seconds"))) if result else same("–")}
    if work:
        costs["work"] = same(plain_number(sum(work), ",.1f"))
    if memory is not None:
        costs["memory"] = same(f"{memory:,.0f} MB")
    costs |= {name: same(count) for name, count in counts.items()}
    shipped = next((rung for rung in rung_facts(events) if rung.name == result.get("verdict")), None)
    if shipped is not None:
        costs["size"] = same(size(shipped.megabytes))
    return costs


def span_words(span: Span) -> str:
    """87.3% (85.1–89.2%)"""
    inside = interval(span.low, span.high)
    return f"{percent(span.value)} ({inside})" if inside else percent(span.value)
