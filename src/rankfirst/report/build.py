"""From events to the view model."""

from collections.abc import Sequence
from typing import Any, TypeVar

from markupsafe import Markup

from rankfirst.records import Profile, Shipping
from rankfirst.report import charts
from rankfirst.report.events import Event, decode, listing, mapping, number, plain
from rankfirst.report.rungs import RungFacts, rung_facts
from rankfirst.report.speech import (
    Both,
    both,
    clean,
    duration,
    interval,
    known,
    percent,
    phrase,
    points,
    same,
    size,
)
from rankfirst.report.views import (
    CheckView,
    ConfusionView,
    CostView,
    DataView,
    RecallView,
    RungView,
    Tile,
    VerdictView,
    View,
)
from rankfirst.report.walk import experiments, probes, unreadable, walk

T = TypeVar("T")
_EXAMPLE_CHARS = 200
_ROWS_SHOWN = 12


def last(events: Sequence[Event], kind: str) -> dict[str, Any]:
    """The newest payload of a kind, or an empty one."""
    return next((e.payload for e in reversed(events) if e.kind == kind), {})


def shipping(events: Sequence[Event]) -> Shipping | None:
    """What is delivered: the verdict event, or the one inside the result."""
    told = decode(Shipping, last(events, "verdict") or None)
    return told or decode(Shipping, last(events, "result").get("verdict"))


def build(events: Sequence[Event]) -> View:
    """The view model of a run, finished or not."""
    run, result = mapping(last(events, "run")), mapping(last(events, "result"))
    profile = decode(Profile, last(events, "profile") or None)
    verdict, rungs = shipping(events), rung_facts(events)
    command = clean(run.get("command") or "")
    return View(
        dataset=clean(run.get("dataset") or "rankfirst"),
        when=clean(events[-1].at if events else "")[:16].replace("T", " "),
        synthetic=bool(run.get("synthetic")),
        unfinished=None if result else phrase("unfinished", command=command or "rankfirst fit"),
        verdict=_verdict(verdict, rungs, result),
        six=tuple(both(str(mapping(s).get("code")), plain(mapping(mapping(s).get("numbers")))) for s in
                  listing(result.get("six"))),
        ladder_chart=_ladder_chart(rungs, verdict),
        ladder=tuple(_rung(rung, verdict) for rung in rungs),
        data=_data(profile) if profile else None,
        walk=walk(events),
        probes=probes(events),
        experiments=experiments(events),
        recall=_recall(result, profile),
        confusions=tuple(_confusion(mapping(c)) for c in listing(result.get("confusions"))),
        costs=_costs(mapping(result.get("costs"))),
        cost_notes=_cost_notes(result),
        command=command,
        facts=_facts(run, result),
        unread=unreadable(events),
    )  # fmt: skip


def _verdict(told: Shipping | None, rungs: Sequence[RungFacts], result: dict[str, Any]) -> VerdictView | None:
    if told is None:
        return None
    by_name = {rung.name: rung for rung in rungs}
    mine, frozen = by_name.get(told.ship), by_name.get("frozen")
    score = number(mapping(result.get("val")).get("macro_f1"))
    score = score if score is not None else mine.val if mine else None
    test = number(mapping(result.get("test")).get("macro_f1"))
    test = test if test is not None else mine.test if mine else None
    span = interval(mine.low, mine.high) if mine else ""
    tiles = [Tile(phrase("tile.val"), same(percent(score)), phrase("tile.interval", span=span) if span else None)]
    if test is not None:
        tiles.append(Tile(phrase("tile.test"), same(percent(test)), phrase("tile.test_note")))
    if told.ship != "frozen" and frozen is not None and score is not None and frozen.val is not None:
        below = phrase("tile.gain_from", frozen=percent(frozen.val))
        if test is not None and frozen.test is not None:
            below = phrase("tile.gain_test", frozen=percent(frozen.val), gain=points(test - frozen.test))
        tiles.append(Tile(phrase("tile.gain"), points(score - frozen.val), below))
    if (seconds := number(result.get("seconds"))) is not None:
        memory = number(result.get("peak_memory_mb"))
        note = phrase("tile.memory", memory=f"{memory:.0f}") if memory is not None else None
        tiles.append(Tile(phrase("tile.seconds"), duration(seconds), note))
    return VerdictView(known("ship", told.ship), both(told.code, told.numbers), told.forced, tuple(tiles))


def _ladder_chart(rungs: Sequence[RungFacts], verdict: Shipping | None) -> Markup:
    shipped = verdict.ship if verdict else ""
    rows = [
        charts.Bar(known("rung", r.name), r.val, r.low, r.high, r.name == shipped) for r in rungs if r.val is not None
    ]
    return charts.bars(rows, phrase("ladder.chart"))


def _rung(rung: RungFacts, verdict: Shipping | None) -> RungView:
    return RungView(
        name=known("rung", rung.name),
        shipped=verdict is not None and verdict.ship == rung.name,
        val=percent(rung.val),
        interval=interval(rung.low, rung.high) or "–",
        accuracy=percent(rung.accuracy),
        tail=percent(rung.tail),
        test=percent(rung.test),
        seconds=duration(rung.seconds),
        size=size(rung.megabytes),
    )


def _positions(rows: Sequence[int]) -> str:
    more = ", …" if len(rows) > _ROWS_SHOWN else ""
    return ", ".join(str(row) for row in rows[:_ROWS_SHOWN]) + more


def _name(classes: Sequence[str], index: int) -> str:
    return clean(classes[index]) if 0 <= index < len(classes) else str(index)


def _data(profile: Profile) -> DataView:
    counts = f"{profile.n_train} / {profile.n_val} / {profile.n_test}"
    facts = (
        (phrase("data.rows"), same(counts)),
        (phrase("data.classes"), same(len(profile.classes))),
        (phrase("data.labels"), same(f"{profile.labels_per_row:.2f}")),
        (phrase("data.imbalance"), same(f"{profile.imbalance:.1f} : 1")),
        (phrase("data.tail"), same(f"{len(profile.tail_classes)} ({profile.tail_share:.1%})")),
        (phrase("data.script"), known("script", profile.script)),
        (phrase("data.chars"), same(f"{profile.chars_mean:.0f} / {profile.chars_p95:.0f}")),
        (phrase("data.complexity"), known("complexity", profile.complexity.value)),
    )
    order = {"warn": 0, "note": 1, "ok": 2}
    checks = [CheckView(c.level.value, both(c.code, c.numbers), _positions(c.rows)) for c in profile.checks]
    pairs = [(_name(profile.classes, a), _name(profile.classes, b), percent(r)) for a, b, r in profile.ambiguous_pairs]
    return DataView(
        facts,
        tuple(sorted(checks, key=lambda c: order.get(c.level, 3))),
        tuple(pairs[:_ROWS_SHOWN]),
        _positions(profile.suspects),
    )


def _recall(result: dict[str, Any], profile: Profile | None) -> tuple[RecallView, ...]:
    """Worst class first; classes without validation rows last."""
    val = mapping(mapping(result.get("val")).get("per_class_recall"))
    test = mapping(mapping(result.get("test")).get("per_class_recall"))
    classes = profile.classes if profile else ()
    counts = dict(zip(classes, profile.class_counts, strict=False)) if profile else {}
    tail = {classes[i] for i in profile.tail_classes if i < len(classes)} if profile else set()
    measured = {name: number(value) for name, value in val.items()}
    ordered = sorted(measured.items(), key=lambda pair: (pair[1] is None, pair[1] or 0.0, pair[0]))
    return tuple(
        RecallView(
            name=clean(name),
            rows=str(counts.get(name, "–")),
            val=percent(value),
            bar=charts.share_bar(value),
            test=percent(number(test.get(name))),
            tail=name in tail,
        )
        for name, value in ordered
    )


def _confusion(told: dict[str, Any]) -> ConfusionView:
    texts = [clean(mapping(e).get("text", "") if isinstance(e, dict) else e) for e in listing(told.get("examples"))]
    cut = [text if len(text) <= _EXAMPLE_CHARS else text[:_EXAMPLE_CHARS] + "…" for text in texts]
    return ConfusionView(
        clean(told.get("a", "")), clean(told.get("b", "")), clean(told.get("count", "–")), tuple(filter(None, cut))
    )


def _costs(told: dict[str, Any]) -> tuple[CostView, ...]:
    spent = {stage: seconds for stage, value in told.items() if (seconds := number(value)) is not None}
    total = sum(spent.values()) or 1.0
    return tuple(
        CostView(known("cost", stage), duration(seconds), percent(seconds / total), charts.share_bar(seconds / total))
        for stage, seconds in spent.items()
    )


def _cost_notes(result: dict[str, Any]) -> tuple[tuple[Both, Both], ...]:
    if not result:
        return ()
    memory, decisions = number(result.get("peak_memory_mb")), number(result.get("decisions"))
    notes = [(phrase("cost.total"), duration(number(result.get("seconds"))))]
    if memory is not None:
        notes.append((phrase("cost.memory"), same(f"{memory:.0f} MB")))
    if decisions is not None:
        notes.append((phrase("cost.decisions"), same(f"{decisions:.0f}")))
    return tuple(notes)


def _facts(run: dict[str, Any], result: dict[str, Any]) -> tuple[tuple[Both, Both], ...]:
    """What somebody else needs to run it again."""
    names = ("dataset", "fingerprint", "base_model", "base_sha256", "seed", "device", "threads")
    facts = [(phrase(f"fact.{name}"), same(run[name])) for name in names if run.get(name) not in (None, "")]
    versions = mapping(run.get("versions")) or mapping(result.get("versions"))
    if versions:
        facts.append((phrase("fact.versions"), same(", ".join(f"{k} {v}" for k, v in versions.items()))))
    return tuple(facts)
