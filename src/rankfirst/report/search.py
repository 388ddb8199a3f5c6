"""The search, stage by stage: decisions, their evidence, and knobs that were left alone."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from rankfirst.messages import takes
from rankfirst.messages.grammar import INTERVAL
from rankfirst.records import (
    Advance,
    Change,
    Curve,
    Decision,
    Experiment,
    ExperimentResult,
    Extend,
    Family,
    Finding,
    Move,
    Recipe,
    Stage,
    Stop,
    Verdict,
)
from rankfirst.report.events import Event, decode, mapping, number, plain
from rankfirst.report.evidence import arm_views, final_curve, knobs, outcome_words, whole_experiment
from rankfirst.report.phrases import (
    Both,
    both,
    change_words,
    clean,
    conclusion_words,
    joined,
    known,
    phrase,
    plain_number,
    same,
)
from rankfirst.report.side_events import clock_words, derivation, plan_words, refusal_reason, refusal_words
from rankfirst.report.view_model import ArmView, FindingView, StageView, StepView

_STAGES = ("assess", "capacity", "optimise", "recheck", "final")
_VERDICT_ORDER = {Verdict.PRESENT: 0, Verdict.UNKNOWN: 1, Verdict.ABSENT: 2}


def move_words(move: Move, now: Recipe) -> Both:
    """The move in words, relative to the recipe `now`."""
    match move:
        case Change(recipe):
            moved = change_words(now, recipe)
            return phrase("move.change", moved=moved) if moved.en else phrase("move.same")
        case Extend(epochs):
            return phrase("move.extend", epochs=epochs)
        case Experiment(arms):
            names = joined([known("arm", arm.kind.value) for arm in arms])
            return phrase("move.experiment", arms=names, count=len(arms))
        case Advance(stage) if stage is Stage.FINAL:  # a re-check of capacity may come before
            return phrase("move.settled")
        case Advance(stage):
            return phrase("move.advance", stage=known("stage", stage.value))
        case Stop(reason):
            return phrase("move.stop", reason=both(reason))


def note_words(event: Event) -> Both:
    """The sentence of a note."""
    return both(str(event.payload.get("code")), plain(mapping(event.payload.get("numbers"))))


def noise_words(event: Event) -> Both:
    """The noise of validation figures, as 95% intervals."""
    f1, loss = number(event.payload.get("f1_se")), number(event.payload.get("loss_se"))
    return phrase(
        "noise",
        rows=clean(event.payload.get("rows", "–")),
        f1=plain_number(None if f1 is None else 100 * INTERVAL * f1, ".1f"),
        loss=plain_number(None if loss is None else INTERVAL * loss),
    )


def arm_words(arm: ArmView) -> Both:
    """The result of an arm, and whether it is beyond noise."""
    return phrase("tell.arm", name=arm.name, val=arm.val_f1, loss=arm.loss, beyond=arm.beyond)


def finding_words(finding: Finding) -> Both:
    """The sentence of a finding."""
    return both(finding.code, finding.numbers)


def evident(decision: Decision, arms: bool = True) -> list[Finding]:
    """Findings worth quoting: without those listed as turned down, and without those that have no figures.

    Args:
        arms: include findings that lead to an experiment or quote the figures of its arms; but not of the arm that was
            followed, which the conclusion quotes.
    """
    idle = {rule for rule, _ in decision.turned_down}
    if decision.proven is not None and decision.finding is not None and by_experiment(decision.finding):
        idle.add(decision.rule_id)
    read = [(about, finding) for (rule, finding), (about, _) in zip(decision.findings, decision.read, strict=True)
            if rule not in idle and (finding.verdict is not Verdict.PRESENT or _figures(finding))]  # fmt: skip
    return [f for about, f in read if arms or not (about.family is Family.EXPERIMENT or by_experiment(f))]


def _figures(finding: Finding) -> bool:
    """Whether the sentence of a finding quotes figures; one without them only repeats the conclusion."""
    return bool(finding.numbers) and takes(finding.code) != frozenset()


def by_experiment(finding: Finding) -> bool:
    """Whether a finding is about the arms of an experiment rather than a curve."""
    return finding.code.startswith("limit_")


def turned_down_words(decision: Decision) -> tuple[Both, ...]:
    """Rules whose symptom was PRESENT too, and why they could not act."""
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
    """The timeline under construction."""

    stages: list[tuple[str, list[StepView]]] = field(default_factory=list)
    evidence: list[Both] = field(default_factory=list)  # since the last decision
    recipe: Recipe | None = None  # of the step before
    probes: int = 0
    experiments: dict[str, int] = field(default_factory=dict)  # recipe of the probe -> number of its experiment
    line: int = 0  # of the current event

    def add(self, step: StepView, stage: str = "") -> None:
        """Append a step, by default to the current stage."""
        now = self.stages[-1][0] if self.stages else ""
        stage = stage or now or "assess"
        if stage != now:
            self.stages.append((stage, []))
        self.stages[-1][1].append(replace(step, line=self.line))


def walk(events: Sequence[Event]) -> tuple[StageView, ...]:
    """The timeline by stages, oldest step first."""
    grown = _Walk()
    for event in events:
        grown.line = event.line
        if event.kind == "probe":
            grown.probes += 1
            curve = decode(Curve, event.payload)
            if curve is not None:
                grown.evidence.append(phrase("walk.probe", number=grown.probes, outcome=outcome_words(curve)))
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
    result = decode(ExperimentResult, event.payload)
    if result is not None:
        grown.experiments.setdefault(result.checkpoint.key, len(grown.experiments) + 1)
        number, arm = grown.experiments[result.checkpoint.key], known("arm", result.arms[-1].kind.value)
        whole = whole_experiment(event)
        title = phrase("experiment.title", number=number) if whole else phrase("experiment.arm", number=number, arm=arm)
        new = () if whole else tuple(arm_words(a) for a in arm_views(result)[-1:])
        evidence, grown.evidence = (*grown.evidence, *new), [] if not whole else grown.evidence
        sentence = both(result.code, result.numbers)
        grown.add(StepView("experiment", title, evidence=() if whole else evidence, conclusion=sentence))


def _decision(grown: _Walk, event: Event) -> None:
    decision = decode(Decision, event.payload)
    if decision is None:
        return
    trial = decision.family is Family.EXPERIMENT  # it only announces the next trial
    ordered = sorted(evident(decision), key=lambda f: _VERDICT_ORDER[f.verdict])
    step = StepView(
        kind="try" if trial else "decision",
        title=conclusion_words(decision),
        rule=clean(decision.rule_id),
        knobs=knobs(decision.recipe, grown.recipe),
        evidence=tuple(grown.evidence),
        move=move_words(decision.move, decision.recipe),
        findings=tuple(dict.fromkeys(FindingView(f.verdict.value, finding_words(f)) for f in ordered)),
        turned_down=turned_down_words(decision),
        refused=tuple(both(code, decision.numbers) for code in decision.refused),
    )
    grown.evidence = []
    grown.recipe = decision.recipe
    grown.add(step, decision.stage.value)


def _clock(grown: _Walk, event: Event) -> None:
    grown.add(StepView("refusal", phrase("walk.clock"), conclusion=clock_words(event)))


def _plan(grown: _Walk, event: Event) -> None:
    grown.add(StepView("note", phrase("walk.plan"), evidence=plan_words(event)))


def _final(grown: _Walk, event: Event) -> None:
    curve = final_curve(event)
    if curve is not None:
        settings = knobs(curve.recipe, grown.recipe)
        grown.add(StepView("start", phrase("probe.final"), knobs=settings, conclusion=outcome_words(curve)), "final")


_STEPS = {
    "clock": _clock,
    "plan": _plan,
    "final": _final,
    "start": _start,
    "noise": _noise,
    "note": _note,
    "refusal": _refusal,
    "experiment": _experiment,
    "decision": _decision,
}
