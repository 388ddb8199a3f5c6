"""The walk through the recipes: decisions as a timeline, the curves and experiments they stand on."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from rankfirst.records import (
    Advance,
    Change,
    Curve,
    Decision,
    Experiment,
    ExperimentResult,
    Extend,
    Finding,
    Health,
    Move,
    Profile,
    Recipe,
    Rung,
    Shipping,
    Stop,
    Verdict,
)
from rankfirst.report import charts
from rankfirst.report.events import Event, decode, mapping, plain
from rankfirst.report.speech import Both, both, clean, known, percent, phrase, plain_number, recipe_words, same
from rankfirst.report.views import ArmView, ExperimentView, FindingView, ProbeView, StepView

_RECORDS = {
    "profile": Profile,
    "rung": Rung,
    "probe": Curve,
    "experiment": ExperimentResult,
    "decision": Decision,
    "final": Curve,
    "verdict": Shipping,
}
_VERDICT_ORDER = {Verdict.PRESENT: 0, Verdict.UNKNOWN: 1, Verdict.ABSENT: 2}


def unreadable(events: Sequence[Event]) -> int:
    """How many events hold a record this version cannot read."""
    return sum(e.kind in _RECORDS and decode(_RECORDS[e.kind], e.payload) is None for e in events)


def move_words(move: Move) -> Both:
    """What happens next."""
    match move:
        case Change(recipe):
            return phrase("move.change", recipe=recipe_words(recipe))
        case Extend(epochs):
            return phrase("move.extend", epochs=epochs)
        case Experiment(arms):
            names = [known("arm", arm.kind.value) for arm in arms]
            told = Both("; ".join(n.en for n in names), "；".join(n.zh for n in names))
            return phrase("move.experiment", arms=told, count=len(arms))
        case Advance(stage):
            return phrase("move.advance", stage=known("stage", stage.value))
        case Stop(reason):
            return phrase("move.stop", reason=both(reason))


def outcome_words(curve: Curve) -> Both:
    """From where to where a probe went, or how it ended."""
    if curve.health is not Health.FINE:
        return phrase(f"health.{curve.health.value}", epochs=curve.epochs)
    if not curve.evaluations:
        return phrase("probe.nothing", epochs=curve.epochs)
    start, best = curve.start, curve.best
    return phrase(
        "probe.outcome",
        epochs=curve.epochs,
        start=percent(start.val_macro_f1),
        end=percent(curve.last.val_macro_f1),
        best=percent(best.val_macro_f1),
        train_from=plain_number(start.train_loss),
        train_to=plain_number(curve.last.train_loss),
    )


@dataclass
class _Evidence:
    """What was measured since the last decision."""

    probe: int = 0
    experiment: int = 0
    fresh: list[Both] = field(default_factory=list)

    def take(self) -> Both | None:
        """Name it once."""
        told, self.fresh = self.fresh, []
        return Both(", ".join(b.en for b in told), "、".join(b.zh for b in told)) if told else None


def walk(events: Sequence[Event]) -> tuple[StepView, ...]:
    """The timeline, oldest entry first."""
    steps: list[StepView] = []
    seen = _Evidence()
    for event in events:
        if event.kind == "probe":
            seen.probe += 1
            seen.fresh.append(phrase("probe.title", number=seen.probe))
        elif event.kind == "experiment":
            seen.experiment += 1
            seen.fresh.append(phrase("experiment.title", number=seen.experiment))
        elif event.kind == "decision":
            decision = decode(Decision, event.payload)
            if decision is not None:
                steps.append(_decision(decision, seen.take()))
        elif event.kind == "start":
            steps.append(_start(event))
        elif event.kind == "refusal":
            steps.append(_refusal(event))
        elif event.kind == "note":
            steps.append(StepView("note", None, note_words(event)))
    return tuple(steps)


def note_words(event: Event) -> Both:
    """The sentence of a note."""
    return both(str(event.payload.get("code")), plain(mapping(event.payload.get("numbers"))))


def refusal_words(event: Event) -> Both:
    """The sentence of a refused or forced setting."""
    told = plain(event.payload)
    setting = {name: told[name] for name in ("knob", "value", "stage") if name in told}
    return both(str(told.get("code")), mapping(told.get("numbers")) | setting)


def ceiling_words(event: Event) -> Both:
    """The most capacity the data may carry."""
    ceiling = mapping(event.payload.get("ceiling"))
    return phrase("ceiling", rank=ceiling.get("max_rank", "–"), layers=ceiling.get("max_layers", "–"))


def _start(event: Event) -> StepView:
    recipe = decode(Recipe, event.payload.get("recipe"))
    title = recipe_words(recipe) if recipe else same("–")
    return StepView("start", phrase("walk.start"), title, conclusion=ceiling_words(event))


def _refusal(event: Event) -> StepView:
    told = event.payload
    code = "walk.forced" if told.get("forced") else "walk.refused"
    title = phrase(code, knob=told.get("knob", "–"), value=told.get("value", "–"))
    stage = known("stage", str(told["stage"])) if told.get("stage") else None
    return StepView("refusal", stage, title, conclusion=refusal_words(event))


def finding_view(rule: str, finding: Finding) -> FindingView:
    """One finding with its chip."""
    return FindingView(finding.verdict.value, clean(rule), both(finding.code, finding.numbers))


def _decision(decision: Decision, evidence: Both | None) -> StepView:
    ordered = sorted(decision.findings, key=lambda pair: _VERDICT_ORDER[pair[1].verdict])
    return StepView(
        kind="decision",
        stage=known("stage", decision.stage.value),
        title=recipe_words(decision.recipe),
        evidence=evidence,
        conclusion=both(f"conclusion.{decision.rule_id}", decision.numbers),
        move=move_words(decision.move),
        rule=clean(decision.rule_id),
        findings=tuple(finding_view(rule, finding) for rule, finding in ordered),
        turned_down=tuple((clean(rule), both(code, decision.numbers)) for rule, code in decision.turned_down),
        refused=tuple(both(code, decision.numbers) for code in decision.refused),
    )


def probes(events: Sequence[Event]) -> tuple[ProbeView, ...]:
    """Every probe, then the final training, with its curves."""
    found: list[ProbeView] = []
    count = 0
    for event in events:
        if event.kind not in ("probe", "final"):
            continue
        count += event.kind == "probe"
        curve = decode(Curve, event.payload)
        if curve is not None:
            title = phrase("probe.title", number=count) if event.kind == "probe" else phrase("probe.final")
            found.append(_probe(title, curve))
    return tuple(found)


def _probe(title: Both, curve: Curve) -> ProbeView:
    at = tuple(float(e.step) for e in curve.evaluations)
    loss = (
        charts.Line(tuple(map(float, curve.steps)), curve.train_loss, "a"),
        charts.Line(at, tuple(e.val_loss for e in curve.evaluations), "b", dots=True),
    )
    score = (
        charts.Line(at, tuple(e.train_macro_f1 for e in curve.evaluations), "a", dots=True),
        charts.Line(at, tuple(e.val_macro_f1 for e in curve.evaluations), "b", dots=True),
    )
    return ProbeView(
        title,
        recipe_words(curve.recipe),
        outcome_words(curve),
        charts.curves(loss, phrase("curve.loss")),
        charts.curves(score, phrase("curve.score"), share=True),
        curve.health is Health.FINE,
    )


def arm_views(result: ExperimentResult) -> tuple[ArmView, ...]:
    """The arms, each against doing nothing."""
    against = {c.arm: c for c in result.comparisons if c.against.value == "none"}
    views = []
    for arm in result.arms:
        told = against.get(arm.kind)
        beyond = phrase("arm.base") if told is None else phrase("arm.beyond" if told.beyond_noise else "arm.within")
        views.append(
            ArmView(
                name=known("arm", arm.kind.value),
                recipe=recipe_words(arm.recipe),
                val_f1=percent(arm.val_macro_f1),
                train_f1=percent(arm.train_macro_f1),
                train_loss=plain_number(arm.train_subset_loss),
                gain="–" if told is None else f"{told.val_gain:+.4f} ± {told.val_se:.4f}",
                beyond=beyond if arm.healthy else phrase("arm.unhealthy"),
            )
        )
    return tuple(views)


def experiments(events: Sequence[Event]) -> tuple[ExperimentView, ...]:
    """Every experiment as a table of arms."""
    results = [decode(ExperimentResult, e.payload) for e in events if e.kind == "experiment"]
    return tuple(
        ExperimentView(
            phrase("experiment.title", number=n),
            recipe_words(result.checkpoint),
            arm_views(result),
            both(result.code, result.numbers),
        )
        for n, result in enumerate(results, 1)
        if result is not None
    )
