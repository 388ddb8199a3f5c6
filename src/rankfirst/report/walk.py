"""The walk: what was decided, stage by stage, on what evidence, and what was left alone."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from rankfirst.records import (
    Advance,
    Change,
    Decision,
    Experiment,
    ExperimentResult,
    Extend,
    Finding,
    Move,
    Recipe,
    Stop,
    Verdict,
)
from rankfirst.report.events import Event, decode, listing, mapping, number, plain
from rankfirst.report.evidence import knobs, probe_curves
from rankfirst.report.speech import (
    Both,
    both,
    change_words,
    clean,
    joined,
    known,
    phrase,
    plain_number,
    same,
)
from rankfirst.report.views import FindingView, StageView, StepView

_STAGES = ("assess", "capacity", "optimise", "recheck", "final")
_VERDICT_ORDER = {Verdict.PRESENT: 0, Verdict.UNKNOWN: 1, Verdict.ABSENT: 2}


def move_words(move: Move, now: Recipe) -> Both:
    """What happens next, as seen from the recipe `now`."""
    match move:
        case Change(recipe):
            moved = change_words(now, recipe)
            return phrase("move.change", moved=moved) if moved.en else phrase("move.same")
        case Extend(epochs):
            return phrase("move.extend", epochs=epochs)
        case Experiment(arms):
            names = joined([known("arm", arm.kind.value) for arm in arms])
            return phrase("move.experiment", arms=names, count=len(arms))
        case Advance(stage):
            return phrase("move.advance", stage=known("stage", stage.value))
        case Stop(reason):
            return phrase("move.stop", reason=both(reason))


def note_words(event: Event) -> Both:
    """The sentence of a note."""
    return both(str(event.payload.get("code")), plain(mapping(event.payload.get("numbers"))))


def refusal_words(event: Event) -> Both:
    """Which setting was refused, or forced against advice."""
    told = event.payload
    forced = bool(told.get("forced"))
    return phrase(
        "walk.forced" if forced else "walk.refused",
        knob=clean(told.get("knob", "–")),
        value=clean(told.get("value", "–")),
    )


def refusal_reason(event: Event) -> Both:
    """Why it was refused."""
    told = plain(event.payload)
    return both(str(told.get("code")), {**mapping(told.get("numbers")), **told})


def derivation(event: Event) -> tuple[Both, ...]:
    """How the starting recipe and its ceiling came about, a sentence each."""
    steps = [mapping(step) for step in listing(event.payload.get("derivation"))]
    told = [both(str(step.get("code")), plain(mapping(step.get("numbers")))) for step in steps]
    ceiling = plain(mapping(event.payload.get("ceiling")))
    if ceiling.get("max_rank") is None:
        return tuple(told)
    if "kbit" in (numbers := mapping(ceiling.get("numbers"))) and not told:
        told = [phrase("ceiling.why", **numbers)]
    limits = {"rank": ceiling["max_rank"], "layers": ceiling.get("max_layers", "–")}
    if "layers" not in ceiling:
        return (*told, phrase("ceiling.plain", **limits))
    return (*told, phrase("ceiling.of", of=ceiling["layers"], **limits))


def noise_words(event: Event) -> Both:
    """How much validation figures move for no reason."""
    f1, loss = number(event.payload.get("f1_se")), number(event.payload.get("loss_se"))
    return phrase(
        "noise",
        rows=clean(event.payload.get("rows", "–")),
        f1=plain_number(None if f1 is None else 100 * f1, ".1f"),
        loss=plain_number(loss),
    )


def finding_words(finding: Finding) -> Both:
    """The sentence of a finding."""
    return both(finding.code, finding.numbers)


def turned_down_words(decision: Decision) -> tuple[Both, ...]:
    """Rules whose symptom was there as well, and why they could not act."""
    findings = dict(decision.findings)
    return tuple(
        phrase(
            "walk.turned_down_line",
            symptom=finding_words(findings[rule]) if rule in findings else same(rule),
            why=both(code, decision.numbers),
        )
        for rule, code in decision.turned_down
    )


@dataclass
class _Walk:
    """The timeline while it grows."""

    stages: list[tuple[str, list[StepView]]] = field(default_factory=list)
    evidence: list[Both] = field(default_factory=list)  # since the last decision
    recipe: Recipe | None = None  # of the step before
    probes: int = 0
    experiments: int = 0

    def add(self, step: StepView, stage: str = "") -> None:
        """Append a step; without a stage it belongs to the present one."""
        now = self.stages[-1][0] if self.stages else ""
        stage = stage or now or "assess"
        if stage != now:
            self.stages.append((stage, []))
        self.stages[-1][1].append(step)


def walk(events: Sequence[Event]) -> tuple[StageView, ...]:
    """The timeline by stages, oldest step first."""
    grown = _Walk()
    outcomes = iter(probe_curves(events))
    for event in events:
        if event.kind == "probe":
            grown.probes += 1
            curve = next(outcomes)
            if curve is not None:
                grown.evidence.append(phrase("walk.probe", number=grown.probes, outcome=curve.outcome))
        elif event.kind in _STEPS:
            _STEPS[event.kind](grown, event)
    return tuple(
        StageView(
            key if key in _STAGES else "other", known("stage", key), known("stage_rule", key, silent=True), tuple(steps)
        )
        for key, steps in grown.stages
    )


def _start(grown: _Walk, event: Event) -> None:
    recipe = decode(Recipe, event.payload.get("recipe"))
    settings = knobs(recipe) if recipe else ()
    grown.add(StepView("start", phrase("walk.start"), knobs=settings, evidence=derivation(event)), "capacity")
    grown.recipe = recipe


def _noise(grown: _Walk, event: Event) -> None:
    grown.add(StepView("note", phrase("walk.noise"), conclusion=noise_words(event)))


def _note(grown: _Walk, event: Event) -> None:
    grown.add(StepView("note", phrase("walk.note"), conclusion=note_words(event)))


def _refusal(grown: _Walk, event: Event) -> None:
    step = StepView("refusal", refusal_words(event), conclusion=refusal_reason(event))
    grown.add(step, clean(event.payload.get("stage") or ""))


def _experiment(grown: _Walk, event: Event) -> None:
    grown.experiments += 1
    result = decode(ExperimentResult, event.payload)
    if result is not None:
        title = phrase("experiment.title", number=grown.experiments)
        grown.add(StepView("experiment", title, conclusion=both(result.code, result.numbers)))


def _decision(grown: _Walk, event: Event) -> None:
    decision = decode(Decision, event.payload)
    if decision is None:
        return
    idle = {rule for rule, _ in decision.turned_down}  # told apart, with the reason
    ordered = sorted((f for rule, f in decision.findings if rule not in idle), key=lambda f: _VERDICT_ORDER[f.verdict])
    step = StepView(
        kind="decision",
        title=both(f"conclusion.{decision.rule_id}", decision.numbers),
        rule=clean(decision.rule_id),
        knobs=knobs(decision.recipe, grown.recipe),
        evidence=tuple(grown.evidence),
        move=move_words(decision.move, decision.recipe),
        findings=tuple(FindingView(f.verdict.value, finding_words(f)) for f in ordered),
        turned_down=turned_down_words(decision),
        refused=tuple(both(code, decision.numbers) for code in decision.refused),
    )
    grown.evidence = []
    grown.recipe = decision.recipe
    grown.add(step, decision.stage.value)


_STEPS = {
    "start": _start,
    "noise": _noise,
    "note": _note,
    "refusal": _refusal,
    "experiment": _experiment,
    "decision": _decision,
}
