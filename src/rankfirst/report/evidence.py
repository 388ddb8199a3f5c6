"""The evidence of decisions: training curves and experiments."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rankfirst.messages.grammar import INTERVAL
from rankfirst.records import ArmKind, ArmResult, Comparison, Curve, ExperimentResult, Health, Recipe
from rankfirst.report.events import Event, decode, last, mapping, number
from rankfirst.report.phrases import (
    Both,
    both,
    change_words,
    knob_values,
    knob_words,
    known,
    percent,
    phrase,
    plain_number,
    recipe_words,
    same,
)
from rankfirst.report.view_model import ArmView, ExperimentView, Knob, Plot, ProbeView, Series, Whisker

_STYLES = "abcdef"
_SHOWN = 5e-5  # nats; smaller gains are shown as zero
_ALIKE = 0.95  # share of validation rows with the same prediction
_MEMORISED, _GAP = 0.9, 0.2  # least macro-F1 on training rows, and least lead over validation
_NAMED_PROBES = 4  # more names do not fit below a chart


def knobs(recipe: Recipe, before: Recipe | None = None) -> tuple[Knob, ...]:
    """The settings of a recipe; those that differ from the previous recipe are marked."""
    old = knob_values(before) if before else {}
    return tuple(
        Knob(knob_words(name, value), bool(old) and old.get(name) != value)
        for name, value in knob_values(recipe).items()
    )


@dataclass(frozen=True)
class Training:
    """A probe or the final training."""

    event: Event
    number: int  # number of the probe, from 1; 0 for the final training
    curve: Curve | None  # None: another version wrote it
    tried_from: Recipe | None  # of the decision before it (arms move one knob of that), else of the first training

    @property
    def title(self) -> Both:
        return phrase("probe.title", number=self.number) if self.number else phrase("probe.final")


def trainings(events: Sequence[Event]) -> list[Training]:
    """All trainings, in the order of the journal."""
    found: list[Training] = []
    decided: Recipe | None = None
    for event in events:
        if event.kind == "decision":
            decided = decode(Recipe, event.payload.get("recipe")) or decided
        if event.kind not in ("probe", "final"):
            continue
        final = event.kind == "final"
        curve = final_curve(event) if final else decode(Curve, event.payload)
        first = next((t.curve.recipe for t in found if t.curve), None)
        number = 0 if final else 1 + sum(t.number > 0 for t in found)
        found.append(Training(event, number, curve, decided or first))
    return found


def probe_curves(events: Sequence[Event]) -> list[tuple[Training, Curve]]:
    """The probes that can be read."""
    return [(t, t.curve) for t in trainings(events) if t.number and t.curve]


def final_curve(event: Event) -> Curve | None:
    """The curve of the final training."""
    return decode(Curve, event.payload.get("curve") or event.payload)


def learnt(events: Sequence[Event]) -> tuple[float, float] | None:
    """Macro-F1 on training and on validation rows at the end of the last training; None without one."""
    last = trainings(events)[-1:]
    end = last[0].curve.last if last and last[0].curve is not None and last[0].curve.evaluations else None
    return None if end is None else (end.train_macro_f1, end.val_macro_f1)


def memorised(f1: tuple[float, float] | None) -> bool:
    """Whether a model knows nearly all training rows and does far worse on others. Args: f1: as `learnt` returns."""
    return f1 is not None and f1[0] >= _MEMORISED and f1[0] - f1[1] >= _GAP


def collapsed(predicted: Sequence[Sequence[int]], f1: float, before: float) -> bool:
    """Whether a model predicts the same class for nearly all validation rows and lost macro-F1 by that.

    Args:
        predicted: (n_val,) class indexes, empty in old journals, where macro-F1 alone decides.
        f1, before: macro-F1 of the model, and of its start: if one class dominates, good models predict it as often.
    """
    if not (math.isfinite(f1) and math.isfinite(before)):
        return False
    if not predicted:
        return f1 < before / 4
    most = max(Counter(map(tuple, predicted)).values())
    return f1 < before / 2 and most >= _ALIKE * len(predicted)


def outcome_words(curve: Curve) -> Both:
    """Scores at the start and end of a probe, or how it failed."""
    if curve.health is not Health.FINE:
        return phrase(f"health.{curve.health.value}", epochs=curve.epochs)
    if not curve.evaluations:
        return phrase("probe.nothing", epochs=curve.epochs)
    start, best = curve.start, curve.best
    fell = collapsed(curve.end_predicted, curve.last.val_macro_f1, start.val_macro_f1)
    return phrase(
        "probe.collapsed" if fell else "probe.outcome",
        epochs=curve.epochs,
        loss=phrase(f"probe.{_loss_name(curve)}"),
        start=percent(start.val_macro_f1),
        end=percent(curve.last.val_macro_f1),
        best=percent(best.val_macro_f1),
        train_from=plain_number(start.train_loss, ".2f"),
        train_to=plain_number(curve.last.train_loss, ".2f"),
        val_from=plain_number(start.shown_loss, ".2f"),
        val_to=plain_number(curve.last.shown_loss, ".2f"),
    )


def _loss_name(curve: Curve) -> str:
    """Old journals have the loss before temperature scaling only."""
    known = any(e.val_loss_calibrated is not None for e in curve.evaluations)
    return "val_loss_calibrated" if known else "val_loss"


def fitted_words(curve: Curve) -> Both | None:
    """What was done to fit its steps into memory; None if nothing was necessary."""
    if curve.pieces is None and not curve.recomputed:
        return None
    how = "both" if curve.pieces and curve.recomputed else "pieces" if curve.pieces else "again"
    return phrase(f"fitted.{how}", rows=curve.recipe.batch_size, tokens=curve.pieces or 0)


def fitted(events: Sequence[Event]) -> Both | None:
    """As `fitted_words` for a whole run, from the training that needed most."""
    short = [
        training.curve for training in trainings(events) if training.curve is not None and fitted_words(training.curve)
    ]
    tightest = min(short, key=lambda curve: (not curve.recomputed, curve.pieces or math.inf), default=None)
    return None if tightest is None else fitted_words(tightest)


def noise_of(events: Sequence[Event]) -> float | None:
    """Half the 95% interval of macro-F1 on these validation rows, as a share of 1; None if not measured."""
    se = number(last(events, "noise").get("f1_se"))
    return INTERVAL * se if se is not None and math.isfinite(se) else None


def probes(events: Sequence[Event]) -> tuple[ProbeView, ...]:
    """Every probe, then the final training, with its curves, each described by its change."""
    noise = noise_of(events)
    return tuple(
        ProbeView(
            training.title,
            knobs(curve.recipe, training.tried_from),
            outcome_words(curve),
            curve.health is Health.FINE,
            (_loss(curve), _score(curve, noise)),
            training.event.line,
        )
        for training in trainings(events)
        if (curve := training.curve) is not None
    )


def _loss(curve: Curve) -> Plot:
    at = tuple(float(e.step) for e in curve.evaluations)
    val, name = tuple(e.shown_loss for e in curve.evaluations), phrase(f"legend.{_loss_name(curve)}")
    return Plot(
        phrase("curve.loss"),
        (
            Series(phrase("legend.train_loss"), tuple(map(float, curve.steps)), curve.train_loss, "a"),
            Series(name, at, val, "b", dots=True),
        ),
    )


def _score(curve: Curve, noise: float | None) -> Plot:
    at = tuple(float(e.step) for e in curve.evaluations)
    val = tuple(e.val_macro_f1 for e in curve.evaluations)
    return Plot(
        phrase("curve.score"),
        (
            Series(phrase("legend.train_f1"), at, tuple(e.train_macro_f1 for e in curve.evaluations), "a", dots=True),
            Series(phrase("legend.val_f1"), at, val, "b", True, *band(val, noise)),
        ),
        share=True,
    )


def band(values: Sequence[float], reach: float | None) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """The noise band around each share of 1: (lowest, highest)."""
    if reach is None:
        return (), ()
    return tuple(max(0.0, v - reach) for v in values), tuple(min(1.0, v + reach) for v in values)


def overview(events: Sequence[Event], frozen: float | None) -> Plot | None:
    """Best validation macro-F1 of every probe against the frozen rung; None with fewer than two probes.

    A few probes are named after the change, many by their number.
    """
    read = [(probe, curve) for probe, curve in probe_curves(events) if curve.evaluations]
    if len(read) < 2:
        return None
    scores = tuple(curve.best.val_macro_f1 for _, curve in read)
    at = tuple(float(n) for n in range(1, len(read) + 1))
    best = Series(phrase("legend.best_f1"), at, scores, "b", True, *band(scores, noise_of(events)))
    moved = [change_words(probe.tried_from or curve.recipe, curve.recipe) for probe, curve in read[1:]]
    names = [phrase("walk.start_short"), *(words if words.en else phrase("walk.again") for words in moved)]
    numbers = [same(probe.number) for probe, _ in read]
    return Plot(
        phrase("curve.overview"),
        (best,),
        share=True,
        level=frozen,
        level_name=known("rung", "frozen"),
        labels=tuple(names if len(names) <= _NAMED_PROBES else numbers),
        across=phrase("across.probe"),
        notes=tuple(recipe_words(curve.recipe) for _, curve in read),
    )


def gain_words(comparison: Comparison) -> str:
    """A gain in nats/example with half its 95% interval."""
    gain = comparison.val_gain if abs(comparison.val_gain) >= _SHOWN else 0.0  # never -0.0000
    return f"{gain:+.4f} ± {INTERVAL * comparison.val_se:.4f}"


def loss_words(comparison: Comparison) -> Both:
    """As `gain_words`, with the sign in words: a negative gain is a higher loss."""
    return phrase("tell.loss", gain=comparison.val_gain, reach=INTERVAL * comparison.val_se)


def compared(result: ExperimentResult) -> tuple[tuple[ArmResult, Comparison | None], ...]:
    """Each arm with its comparison with the control arm; there may be several arms of one kind, in the same order."""
    waiting = [comparison for comparison in result.comparisons if comparison.against is ArmKind.NONE]
    found = []
    for arm in result.arms:
        comparison = next((each for each in waiting if each.arm is arm.kind), None)
        if comparison is not None:
            waiting.remove(comparison)
        found.append((arm, comparison))
    return tuple(found)


def arm_views(result: ExperimentResult) -> tuple[ArmView, ...]:
    """The arms, each compared with the control arm."""
    base = result.arms[0] if result.arms else None
    return tuple(_arm(arm, comparison, result.checkpoint, base) for arm, comparison in compared(result))


def _arm(arm: ArmResult, comparison: Comparison | None, checkpoint: Recipe, base: ArmResult | None) -> ArmView:
    moved = change_words(checkpoint, arm.recipe)
    return ArmView(
        name=known("arm", arm.kind.value),
        moved=moved if moved.en else same("–"),
        val_f1=percent(arm.val_macro_f1),
        train_f1=percent(arm.train_macro_f1),
        train_loss=plain_number(arm.train_subset_loss),
        update=plain_number(arm.update_norm, ".2f"),
        gain="–" if comparison is None else gain_words(comparison),
        loss=same("–") if comparison is None else loss_words(comparison),
        beyond=reading(arm, comparison, base),
    )


def reading(arm: ArmResult, comparison: Comparison | None, base: ArmResult | None) -> Both:
    """Beyond noise, within it, worse, or collapsed; `base` is the control arm."""
    if not arm.healthy:
        return phrase("arm.unhealthy")
    if comparison is None:
        return phrase("arm.base")
    worse = comparison.val_gain < -INTERVAL * comparison.val_se
    if worse and base is not None and collapsed(arm.val_predicted, arm.val_macro_f1, base.val_macro_f1):
        return phrase("arm.collapsed")
    return phrase("arm.worse") if worse else phrase("arm.beyond" if comparison.beyond_noise else "arm.within")


def experiment_results(events: Sequence[Event]) -> list[ExperimentResult]:
    """One result per probe, in order; arms are trained one at a time, and each event holds all arms so far."""
    return [result for result, _ in _experiments(events)]


def _experiments(events: Sequence[Event]) -> list[tuple[ExperimentResult, int]]:
    found: dict[str, tuple[ExperimentResult, int]] = {}
    for event in events:
        result = decode(ExperimentResult, event.payload) if event.kind == "experiment" else None
        if result is not None:
            found[result.checkpoint.key] = (result, event.line)
    return list(found.values())


def whole_experiment(event: Event) -> bool:
    """Whether the event holds all arms at once, as older runs wrote them, and not a new one beside those before it."""
    return " " not in event.key


def experiments(events: Sequence[Event]) -> tuple[ExperimentView, ...]:
    """Every experiment: the curves of its arms in one chart, and each comparison as a gain with its interval."""
    curves = {curve.recipe.key: curve for _, curve in probe_curves(events)}
    noise = noise_of(events)
    return tuple(
        ExperimentView(
            phrase("experiment.title", number=n),
            knobs(result.checkpoint),
            both(result.code, result.numbers),
            arm_views(result),
            tuple(_whisker(arm, comparison, result) for arm, comparison in compared(result) if comparison is not None),
            _overlaid(result, curves, noise),
            line,
        )
        for n, (result, line) in enumerate(_experiments(events), 1)
    )


def _overlaid(result: ExperimentResult, curves: Mapping[str, Curve], noise: float | None) -> tuple[Plot, ...]:
    """Training loss and validation macro-F1 of the arms; empty if the arms were not trained as probes."""
    known_arms = [(known("arm", arm.kind.value), curves[arm.recipe.key]) for arm in result.arms
                  if arm.recipe.key in curves and curves[arm.recipe.key].evaluations]  # fmt: skip
    if len(known_arms) < 2:
        return ()
    losses, scores = [], []
    for style, (name, curve) in zip(_STYLES, known_arms, strict=False):
        at = tuple(float(e.step) for e in curve.evaluations)
        val = tuple(e.val_macro_f1 for e in curve.evaluations)
        low, high = band(val, noise) if style == _STYLES[0] else ((), ())  # one band suffices for comparison
        losses.append(Series(name, tuple(map(float, curve.steps)), curve.train_loss, style))
        scores.append(Series(name, at, val, style, True, low, high))
    return (
        Plot(phrase("curve.arms_loss"), tuple(losses)),
        Plot(phrase("curve.arms_score"), tuple(scores), share=True),
    )


def _whisker(arm: ArmResult, comparison: Comparison, result: ExperimentResult) -> Whisker:
    """A gain; an arm is named by its change if there are several of its kind."""
    name, moved = known("arm", arm.kind.value), change_words(result.checkpoint, arm.recipe)
    several = sum(other.kind is arm.kind for other in result.arms) > 1
    return Whisker(
        moved if several and moved.en else name,
        comparison.val_gain,
        INTERVAL * comparison.val_se,
        same(gain_words(comparison)),
        comparison.beyond_noise,
        phrase("whisker.about", arm=name, recipe=recipe_words(arm.recipe), loss=loss_words(comparison)),
    )


def unreadable_payload(event: Event) -> bool:
    """Whether a probe, experiment or final training was written by a version with other fields."""
    if event.kind == "final":
        return final_curve(event) is None
    cls = {"probe": Curve, "experiment": ExperimentResult}.get(event.kind)
    return cls is not None and decode(cls, mapping(event.payload)) is None
