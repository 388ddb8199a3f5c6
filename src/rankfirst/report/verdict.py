"""The outcome of a run: the delivered model, whether LoRA is worth it, recall by class, and costs."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from rankfirst.records import Calibration, Profile, Recipe, Shipping
from rankfirst.report.answers import tested_facts
from rankfirst.report.events import Event, decode, last, listing, mapping, number, plain
from rankfirst.report.evidence import fitted, knobs
from rankfirst.report.figure_notes import moves_words
from rankfirst.report.phrases import (
    Both,
    both,
    clean,
    duration,
    interval,
    joined,
    known,
    percent,
    phrase,
    points,
    same,
    size,
)
from rankfirst.report.rungs import RungFacts, about, span
from rankfirst.report.side_events import refit_words, trust_facts, work_words
from rankfirst.report.view_model import (
    ConfusionView,
    CostView,
    Plot,
    RecallView,
    RungView,
    Series,
    Span,
    Tile,
    VerdictView,
    Whisker,
)

_EXAMPLE_CHARS = 200
_MIXED = (("truth", "a"), ("predicted", "b"))
_NUMBERED = ("probe", "experiment")
_KINDS = ("profile", "final", "held_out")
_LEAST_IN_BIN = 10  # predictions; a dot of fewer is too noisy
_SAME = 5e-4  # difference below which two shares look equal


def shipping(events: Sequence[Event]) -> Shipping | None:
    """The delivered model, from the verdict event or from the result."""
    shipping = decode(Shipping, last(events, "verdict") or None)
    inside = last(events, "result").get("verdict")
    if shipping is None and isinstance(inside, str):
        return Shipping(inside, "")
    return shipping or decode(Shipping, inside)


def verdict(
    shipping: Shipping | None, rungs: Sequence[RungFacts], result: dict[str, Any], refit: dict[str, Any]
) -> VerdictView | None:
    """The verdict, the score on unseen rows, and the gain of LoRA. Args: refit: payload of that event, if any."""
    if shipping is None:
        return None
    by_name = {rung.name: rung for rung in rungs}
    mine = by_name.get(shipping.ship)
    whisker, label = _gain(shipping, by_name)
    recipe = decode(Recipe, result.get("recipe"))
    return VerdictView(
        headline=known("ship", shipping.ship),
        why=both(shipping.code, shipping.numbers) if shipping.code else Both("", ""),
        forced=shipping.forced,
        knobs=knobs(recipe) if shipping.ship == "lora" and recipe is not None else (),
        tiles=_tiles(mine, result),
        gain=whisker,
        gain_label=label,
        gain_words=_gain_words(whisker, "chance" in shipping.numbers) if whisker else None,
        moves=moves_words(shipping),
        trained=refit_words(Event("refit", "", refit), bool(result.get("test"))),
    )


def _tiles(mine: RungFacts | None, result: dict[str, Any]) -> tuple[Tile, ...]:
    scores = {split: mapping(result.get(split)) for split in ("val", "test")}
    val = _measured(span(scores["val"]), mine.val if mine else Span())
    test = _measured(span(scores["test"]), mine.test if mine else Span())
    first = [Tile(phrase("tile.val"), same(percent(val.value)), _tile_words(val, scores["val"]))]
    if test.value is not None:
        seen = _tile_words(test, scores["test"]) or phrase("tile.test_note")
        first.insert(0, Tile(phrase("tile.test"), same(percent(test.value)), seen))
    tail = number(scores["val"].get("tail_recall"))  # of the answers as delivered, as all other tiles
    if tail is not None and (mine is None or mine.tail is not None):
        first.append(Tile(phrase("tile.tail"), same(percent(tail)), phrase("tile.tail_note")))
    if mine is not None and mine.megabytes is not None:
        first.append(Tile(phrase("tile.size"), same(size(mine.megabytes)), phrase("tile.size_note")))
    seconds = number(result.get("seconds"))
    if seconds is not None:
        first.append(Tile(phrase("tile.seconds"), duration(seconds), phrase("tile.seconds_note")))
    return tuple(first)


def _measured(measured: Span, otherwise: Span) -> Span:
    if measured.value is None:
        return otherwise
    same_one = otherwise.value is not None and abs(measured.value - otherwise.value) < _SAME
    return otherwise if measured.low is None and same_one else measured


def _tile_words(measured: Span, scores: dict[str, Any]) -> Both | None:
    """The interval of macro-F1, and how many classes it leaves out."""
    recall = mapping(scores.get("per_class_recall"))
    missing = sum(number(share) is None for share in recall.values())
    gap = phrase("tile.unjudged", unjudged=missing, class_count=len(recall)) if missing else None
    parts = [words for words in (_interval_words(measured), gap) if words is not None]
    return joined(parts, "; ", "；") if parts else None


def _interval_words(measured: Span) -> Both | None:
    words = interval(measured.low, measured.high)
    return phrase("tile.interval", span=words) if words else None


def _gain(shipping: Shipping, rungs: dict[str, RungFacts]) -> tuple[Whisker | None, Both | None]:
    """The gain of LoRA over the cheaper rung it was compared with, in points, with its noise."""
    gain, noise = number(shipping.numbers.get("gain")), number(shipping.numbers.get("noise"))
    lora, base = rungs.get("lora"), base_rung(shipping, rungs)
    if gain is None and lora is not None and base is not None and None not in (lora.val.value, base.val.value):
        gain = 100 * ((lora.val.value or 0.0) - (base.val.value or 0.0))
    if gain is None or not math.isfinite(gain) or (gain == 0.0 and noise == 0.0):  # identical predictions
        return None, None
    label = phrase(
        "gain.expected" if "measured" in shipping.numbers else "gain.over",
        base=known("rung", base.name if base else "frozen"),
    )
    reach = noise if noise is not None and math.isfinite(noise) else None
    whisker = Whisker(phrase("gain.lora"), gain, reach, points(gain / 100), reach is not None and abs(gain) > reach)
    return whisker, label


def base_rung(shipping: Shipping, rungs: dict[str, RungFacts]) -> RungFacts | None:
    """The cheaper rung that LoRA was compared with."""
    if (below := rungs.get(str(shipping.numbers.get("below")))) is not None:
        return below
    named = number(shipping.numbers.get("base"))  # an old run
    for name in ("frozen", "tfidf"):
        rung = rungs.get(name)
        if rung is not None and named is not None and abs((rung.val.value or 0.0) - named) < _SAME:
            return rung
    return rungs.get(shipping.ship if shipping.ship != "lora" else "frozen")


def _gain_words(gain: Whisker, expected: bool) -> Both:
    """What dot and band show. Args: expected: whether the run decided by expectation; older ones needed proof."""
    if gain.reach is None:
        return phrase("gain.unmeasured")
    inside = "unproven" if expected else "inside"
    code = inside if not gain.beyond else "beyond" if gain.value > 0 else "worse"
    return phrase(f"gain.{code}", noise=f"{gain.reach:.1f}")


def rung_view(rung: RungFacts, shipping: Shipping | None) -> RungView:
    """One row of the ladder."""
    unmoved = rung.name == "lora" and shipping is not None and shipping.code in ("ship.frozen_same", "ship.forced_same")
    return RungView(
        name=known("rung", rung.name),
        about=about("unmoved") if unmoved else rung.about,
        shipped=shipping is not None and shipping.ship == rung.name,
        val=rung.val,
        interval=interval(rung.val.low, rung.val.high),
        tail=rung.tail,
        accuracy=percent(rung.accuracy),
        test=percent(rung.test.value),
        seconds=duration(rung.seconds),
        size=size(rung.megabytes),
        line=rung.line,
    )


def recall(result: dict[str, Any], profile: Profile | None, missed: Sequence[Any] = ()) -> tuple[RecallView, ...]:
    """Worst class first; classes without validation rows last. Args: missed: "classes" of examples.json."""
    judged = mapping(result.get("test")) or mapping(result.get("val"))
    precision = mapping(judged.get("per_class_precision"))
    wrong = {str(entry.get("class")): entry for entry in map(mapping, missed)}
    val, test = (mapping(mapping(result.get(split)).get("per_class_recall")) for split in ("val", "test"))
    val_rows, test_rows = (mapping(mapping(result.get(split)).get("class_rows")) for split in ("val", "test"))
    classes = profile.classes if profile else ()
    counts = dict(zip(classes, profile.class_counts, strict=False)) if profile else {}
    tail = {classes[i] for i in profile.rare if i < len(classes)} if profile else set()
    measured = {name: number(value) for name, value in val.items()}
    ordered = sorted(measured.items(), key=lambda pair: (pair[1] is None, pair[1] or 0.0, pair[0]))
    return tuple(
        RecallView(
            clean(name),
            str(counts.get(name, "–")),
            value,
            number(test.get(name)),
            name in tail,
            clean(val_rows.get(name, "")),
            clean(test_rows.get(name, "")),
            number(precision.get(name)),
            int(number(wrong.get(name, {}).get("missed")) or 0),
            tuple(_missed(mapping(row)) for row in listing(wrong.get(name, {}).get("rows"))),
        )
        for name, value in ordered
    )


def _missed(row: Mapping[str, Any]) -> tuple[str, str]:
    """Text and prediction of a row."""
    text = clean(row.get("text", ""))
    cut = text if len(text) <= _EXAMPLE_CHARS else text[:_EXAMPLE_CHARS] + "…"
    return cut, clean(" | ".join(map(str, listing(row.get("predicted"))))) or "–"


def confusion(payload: dict[str, Any], profile: Profile | None = None) -> ConfusionView:
    """Rows of one class that were predicted as another."""
    texts = [clean(mapping(e).get("text", "") if isinstance(e, dict) else e) for e in listing(payload.get("examples"))]
    cut = [text if len(text) <= _EXAMPLE_CHARS else text[:_EXAMPLE_CHARS] + "…" for text in texts]
    truth, predicted = (_class(payload.get(new, payload.get(old, "")), profile) for new, old in _MIXED)
    return ConfusionView(truth, predicted, clean(payload.get("count", "–")), tuple(filter(None, cut)))


def _class(name: object, profile: Profile | None) -> str:
    """The name of a class, given by name or by index."""
    if isinstance(name, int) and profile and 0 <= name < len(profile.classes):
        return clean(profile.classes[name])
    return clean(name)


def trust(events: Sequence[Event], result: dict[str, Any]) -> tuple[tuple[Both, Both], ...]:
    """How reliable the probabilities are, and when the model abstains."""
    ship = result.get("verdict")
    fitted = [e.payload for e in events if e.kind == "calibration"]
    mine = [entry for entry in fitted if entry.get("rung") == ship] or fitted or [mapping(result.get("calibration"))]
    if mine[-1]:
        return (*trust_facts(mine[-1]), *tested_facts(result))
    val = mapping(result.get("val"))
    return tuple(trust_facts({**val, "abstain": plain(mapping(result.get("abstain")))}))


def trust_plots(events: Sequence[Event]) -> tuple[Plot, ...]:
    """Accuracy against confidence, and accuracy against coverage."""
    calibration = decode(Calibration, next((e.payload for e in reversed(events) if e.kind == "calibration"), None))
    if calibration is None or not calibration.reliability_after:
        return ()
    named = (("before", calibration.reliability_before, "c"), ("after", calibration.reliability_after, "a"))
    bins = [
        Series(phrase(f"trust.{name}"), tuple(b[0] for b in cells), tuple(b[1] for b in cells), style, True)
        for name, every_cell, style in named
        if (cells := [b for b in every_cell if b[2] >= _LEAST_IN_BIN])
    ]
    shares, right = zip(*calibration.answered, strict=True) if calibration.answered else ((), ())
    kept = Series(phrase("trust.kept"), tuple(shares), tuple(right), "b")
    abstain = calibration.abstain
    mark = Series(phrase("trust.chosen"), (abstain.coverage,), (abstain.accuracy_kept,), "a", True) if abstain else None
    drawn = Plot(phrase("trust.reliability"), tuple(bins), share=True, across=phrase("trust.says"), across_share=True,
                 diagonal=True)  # fmt: skip
    curve = Plot(phrase("trust.answered"), (kept, *([mark] if mark else [])), share=True,
                 across=phrase("trust.share_answered"), across_share=True)  # fmt: skip
    return (drawn, curve) if kept.xs else (drawn,)


def costs(recorded: Any) -> tuple[CostView, ...]:
    """Time and work of each step; old runs have seconds per stage."""
    steps = (
        [{"step": stage, "seconds": seconds} for stage, seconds in recorded.items()]
        if isinstance(recorded, dict)
        else [mapping(step) for step in listing(recorded)]
    )
    counts: dict[str, int] = {}
    rows = []
    for step in steps:
        seconds, work = number(step.get("seconds")), number(step.get("work"))
        name = _step(clean(step.get("step", "–")), counts)
        if seconds is not None and math.isfinite(seconds) and (seconds > 0 or work):
            rows.append((name, max(0.0, seconds), work))
    total = sum(seconds for _, seconds, _ in rows) or 1.0
    return tuple(CostView(name, duration(s), s / total, work_words(work) if work else "–") for name, s, work in rows)


def time_spent(recorded: Any) -> tuple[CostView, ...]:
    """Wall clock by stage; () for runs that kept no account of it. The shares are of the whole run."""
    parts = {str(name): seconds for name, value in mapping(recorded).items()
             if (seconds := number(value)) is not None and math.isfinite(seconds) and seconds > 0}  # fmt: skip
    total = sum(parts.values())
    return tuple(CostView(known("spent", clean(name)), duration(s), s / total) for name, s in parts.items())


def _step(name: str, counts: dict[str, int]) -> Both:
    """The name of a step: probes and experiments by number, rungs by name."""
    kind, _, key = name.partition(" ")
    counts[kind] = counts.get(kind, 0) + 1
    if kind in _NUMBERED:
        return phrase(f"{kind}.title", number=counts[kind])
    if kind == "rung" and key:
        return known("rung", key)
    return known("cost", kind if kind in _KINDS else name)


def cost_notes(result: dict[str, Any], events: Sequence[Event] = ()) -> tuple[tuple[Both, Both], ...]:
    """The totals, and measures taken against a lack of memory."""
    if not result:
        return ()
    memory, decisions = number(result.get("peak_memory_mb")), number(result.get("decisions"))
    notes = [(phrase("cost.total"), duration(number(result.get("seconds"))))]
    if memory is not None:
        notes.append((phrase("cost.memory"), same(f"{memory:,.0f} MB")))
    short = fitted(events)
    if short is not None:
        notes.append((phrase("cost.fitted"), short))
    if decisions is not None:
        notes.append((phrase("cost.decisions"), same(f"{decisions:.0f}")))
    return tuple(notes)
