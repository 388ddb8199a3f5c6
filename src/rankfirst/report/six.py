"""The seed's six sentences about one run, as codes and numbers: only what its journal shows to be true.

Numbers are plain and the same in both languages, so that result.json may carry them.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from rankfirst.records import (
    ALL_ROLES,
    ATTENTION_QV,
    FFN,
    Advance,
    ArmKind,
    Change,
    Decision,
    ExperimentResult,
    Finding,
    Number,
    Recipe,
    Shipping,
    Sites,
    Stage,
    Stop,
    Verdict,
)
from rankfirst.report import outcome
from rankfirst.report.events import Event, decode, last, mapping, number
from rankfirst.report.evidence import experiment_results, final_curve
from rankfirst.report.rungs import RungFacts, rung_facts
from rankfirst.report.speech import clean, lr_words, percent
from rankfirst.words.grammar import INTERVAL

Told = tuple[str, dict[str, Number]]  # variant, numbers

_UNDER: Final = ("underfit", "rank_limited", "sites_limited")
_OVER: Final = ("overfit",)
_BACK: Final = ("took_worse", "recall_lost")
# What the sentence about a move of lr quotes, by the rule that made the move.
_LR: Final[Mapping[str, tuple[str, ...]]] = {
    "oscillate": ("variation", "swing"),
    "seeds": ("spread", "limit"),
    "lr_small": ("lr", "lr_se"),
    "lr_large": ("lr_down", "lr_down_se"),
    "unlearning": ("fell",),
    "falls_slowly": ("rate", "train_f1"),
}
_SCALING: Final[Mapping[str, tuple[str, ...]]] = {"insensitive": ("change",)}
_SITES: Final[Mapping[str, tuple[str, ...]]] = {
    "sites_limited": ("sites", "sites_se"),
    "underfit": ("train_f1",),
    "overfit": ("train_from", "train_to"),
}
_STOPS: Final = {"stop.diverged": "diverged", "stop.memory": "memory"}
_ROLES: Final = {ATTENTION_QV: "q/v", (*ATTENTION_QV, *FFN): "q/v + FFN", ALL_ROLES: "q/k/v/o + FFN"}
_FELL: Final = 0.1  # recall lost by a class before it is counted


def six(events: Sequence[Event]) -> list[dict[str, Any]]:
    """The six sentences, each {"code": "six.<n>.<variant>", "numbers": {...}}.

    Empty before the verdict, and when another version wrote decisions that cannot be read: then nothing is known for
    sure.
    """
    story = _read(events)
    if story is None:
        return []
    told = (_capacity(story), _fit(story), _lr(story), _scaling(story), _sites(story), _feedback(events))
    return [{"code": f"six.{n}.{variant}", "numbers": numbers} for n, (variant, numbers) in enumerate(told, 1)]


@dataclass(frozen=True)
class _Step:
    """A decision that changed the recipe, and was carried out."""

    decision: Decision
    new: Recipe

    @property
    def old(self) -> Recipe:
        return self.decision.recipe

    def turned(self, *knobs: str) -> bool:
        """Whether one of these settings differs."""
        return any(getattr(self.old, knob) != getattr(self.new, knob) for knob in knobs)


@dataclass(frozen=True)
class _Story:
    """What the sentences draw on."""

    decisions: tuple[Decision, ...]
    made: tuple[bool, ...]  # for every decision, whether the clock allowed it
    experiments: tuple[ExperimentResult, ...]
    trail: tuple[Recipe, ...]  # every recipe in turn; empty when nothing was trained
    settled: Recipe | None  # what the capacity stage ended with
    probes: int  # in the capacity stage
    trials: int  # experiments in the capacity stage
    forced: frozenset[str]  # knobs the user set against the advice
    asked: Mapping[str, str]  # knob -> value the user set, and the guard kept for its stage

    def steps(self, *stages: Stage) -> list[_Step]:
        """Changes made in these stages."""
        carried = [d for d, made in zip(self.decisions, self.made, strict=True) if made and d.stage in stages]
        return [_Step(d, d.move.recipe) for d in carried if isinstance(d.move, Change)]

    @property
    def denied(self) -> tuple[Decision, ...]:
        """Decisions the clock did not allow."""
        return tuple(d for d, made in zip(self.decisions, self.made, strict=True) if not made)

    def untested(self, *stages: Stage) -> bool:
        """Whether an experiment of these stages was not made, for lack of time or budget."""
        late = any(d.rule_id == "untested" and d.stage in stages for d in self.denied)
        here = [rule for d in self.decisions if d.stage in stages for rule, _ in d.turned_down]
        return late or "untested" in here

    @property
    def tuned(self) -> bool:
        """Whether the dynamics stage was reached."""
        return any(d.stage is Stage.OPTIMISE for d in self.decisions)

    def path(self, knob: str) -> list[Any]:
        """The values a setting went through."""
        values = [getattr(recipe, knob) for recipe in self.trail]
        return [v for n, v in enumerate(values) if n == 0 or v != values[n - 1]]


def _read(events: Sequence[Event]) -> _Story | None:
    if outcome.shipping(events) is None:
        return None
    read = [(event, decode(Decision, event.payload)) for event in events if event.kind == "decision"]
    decisions = [decision for _, decision in read if decision is not None]
    start = decode(Recipe, last(events, "start").get("recipe"))
    finals = [final_curve(event) for event in events if event.kind == "final"]
    probes = [event for event in events if event.kind == "probe"]
    if len(decisions) < len(read) or None in finals or (start is None and decisions):
        return None
    final = finals[-1].recipe if finals and finals[-1] is not None else None
    trail = [] if start is None else [start]
    denied = {event.key for event in events if event.kind == "clock"}
    made = tuple(event.key not in denied for event, _ in read)
    for decision, done in zip(decisions, made, strict=True):
        trail.append(decision.recipe)
        if isinstance(decision.move, Change) and done:
            trail.append(decision.move.recipe)
    if final is not None:
        trail.append(final)
    if not (probes or decisions or finals):
        trail = []
    sized = [n for n, e in enumerate(events) if e.kind == "decision" and e.payload.get("stage") == "capacity"]
    early = events[: sized[-1]] if sized else events
    refusals = [e.payload for e in events if e.kind == "refusal"]
    return _Story(
        decisions=tuple(decisions),
        made=made,
        experiments=tuple(experiment_results(events)),
        trail=tuple(trail),
        settled=_settled(decisions, final),
        probes=sum(e.kind == "probe" for e in early),
        trials=len(experiment_results(early)),
        forced=frozenset(clean(r.get("knob")) for r in refusals if r.get("forced")),
        asked={clean(r.get("knob")): clean(r.get("value", "–")) for r in refusals if not r.get("forced")},
    )


def _settled(decisions: Sequence[Decision], final: Recipe | None) -> Recipe | None:
    """What the capacity stage ended with; None when it did not end in an answer."""
    later = next((d.recipe for d in decisions if d.stage is not Stage.CAPACITY), None)
    if later is not None or not decisions:
        return later or final
    return decisions[-1].recipe if isinstance(decisions[-1].move, Advance) else final


def _where(sites: Sites) -> dict[str, Number]:
    return {
        "roles": _ROLES.get(sites.roles) or "/".join(role.value for role in sites.roles),
        "layers": sites.top_layers,
    }


def _from(numbers: Mapping[str, Number]) -> dict[str, Number]:
    return {f"{name}_from": value for name, value in numbers.items()}


def _size(recipe: Recipe) -> dict[str, Number]:
    return {"rank": recipe.rank, **_where(recipe.sites)}


def _capacity(s: _Story) -> Told:
    """1: rank and target modules came first."""
    if not s.trail:
        return "untrained", {}
    counts: dict[str, Number] = {"probes": s.probes, "experiments": s.trials}
    if s.settled is None:
        move = s.decisions[-1].move if s.decisions else None
        return (f"stopped_{_STOPS.get(move.reason, 'other')}" if isinstance(move, Stop) else "unsettled"), counts
    first, settled, end = _size(s.trail[0]), _size(s.settled), _size(s.trail[-1])
    counts["moves"] = sum(step.turned("rank", "sites") for step in s.steps(Stage.CAPACITY))
    again = sum(step.turned("rank", "sites") for step in s.steps(Stage.RECHECK))
    if again:
        return "rechecked", counts | {"again": again} | _from(settled) | end
    if not counts["moves"]:
        return "kept", counts | settled
    return ("returned" if settled == first else "moved"), counts | _from(first) | settled


def _fit(s: _Story) -> Told:
    """2: under- and overfitting moved capacity only."""
    if not s.trail:
        return "untrained", {}
    made = s.steps(Stage.CAPACITY, Stage.RECHECK)
    up = [step for step in made if step.decision.rule_id in _UNDER]
    down = [step for step in made if step.decision.rule_id in _OVER]
    ranks = s.path("rank")
    moved = [f"rank {' → '.join(map(str, ranks))}"] if len(ranks) > 1 else []
    moved += ["target modules"] if len(s.path("sites")) > 1 else []
    numbers: dict[str, Number] = {"moves": ", ".join(moved), "count": len(up) + len(down)}
    if any(step.turned("lr", "scaling", "dropout") for step in up + down):
        return "mixed", numbers
    if up or down:
        back = any(step.decision.rule_id in _BACK for step in made)
        variant = "both" if up and down else "underfit" if up else "overfit"
        return variant + ("_back" if back else ""), numbers
    seen = {rule for d in s.decisions if d.stage is not Stage.OPTIMISE for rule, _ in d.turned_down}
    seen |= {d.rule_id for d in s.denied}
    if seen & {*_UNDER, *_OVER}:
        return "no_room", {}
    return ("untested" if s.untested(Stage.CAPACITY, Stage.RECHECK) else "none"), {"probes": s.probes}


def _knob(s: _Story, knob: str, rules: Mapping[str, tuple[str, ...]], path: str) -> Told | None:
    """How a dynamics knob moved, or why it could not; None when it simply was not asked for."""
    every = s.steps(Stage.CAPACITY, Stage.OPTIMISE, Stage.RECHECK)
    steps = [step for step in every if step.turned(knob) and step.decision.rule_id not in _BACK]
    back = any(step.turned(knob) for step in every if step.decision.rule_id in _BACK)
    told: dict[str, Number] = {"path": path, "count": len(steps)}
    wish = _float(s.asked.get(knob, ""))
    first = next((getattr(d.recipe, knob) for d in s.decisions if d.stage is Stage.OPTIMISE), None)
    if wish == first != s.path(knob)[0]:  # the user's own setting is tried first, without a decision
        return ("asked_moved" if steps else "asked_back" if back else "asked"), told
    if steps:
        return _moved(steps, rules, back, told)
    if knob in s.forced:
        return "forced", {"value": path}
    if not s.tuned:
        return "unreached", {"value": path}
    if knob in s.asked and wish not in s.path(knob):
        return "waited", {"value": path}
    why = {code for d in s.decisions if d.stage is Stage.OPTIMISE for rule, code in d.turned_down if rule in rules}
    why |= {"clock" for d in s.denied if d.rule_id in rules}
    if why:
        return ("pinned" if why == {"pinned"} else "no_room"), {"value": path}
    return None


def _moved(
    steps: Sequence[_Step], rules: Mapping[str, tuple[str, ...]], back: bool, numbers: dict[str, Number]
) -> Told:
    """By one rule, with the evidence of its first step; by several, without."""
    made = {step.decision.rule_id for step in steps}
    rule = steps[0].decision.rule_id
    late = all(step.decision.stage is Stage.OPTIMISE for step in steps)
    quoted = _quoted(_finding(steps[0].decision, rule), rules.get(rule, ()))
    if len(made) > 1 or not late or quoted is None:
        return "moved", numbers
    return rule + ("_back" if back else ""), numbers | quoted


def _quoted(found: Finding | None, names: Sequence[str]) -> dict[str, Number] | None:
    """These numbers of a finding, standard errors as half an interval; None unless all of them are there."""
    told: dict[str, Number] = {}
    for name in names:
        value = number(found.numbers.get(name)) if found else None
        if value is None or not math.isfinite(value):
            return None
        told[name] = INTERVAL * value if name.endswith("_se") else value
    return told or None


def _finding(decision: Decision, rule: str) -> Finding | None:
    return next((finding for name, finding in decision.findings if name == rule), None)


def _float(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def _lr(s: _Story) -> Told:
    """3: lr only when the model learns, but badly."""
    if not s.trail:
        return "untrained", {}
    path = " → ".join(lr_words(lr) for lr in s.path("lr"))
    return _knob(s, "lr", _LR, path) or ("untested" if s.untested(Stage.OPTIMISE) else "quiet", {"value": path})


def _scaling(s: _Story) -> Told:
    """4: a only when lr does not matter and rank must not rise."""
    if not s.trail:
        return "untrained", {}
    path = " → ".join(f"{a:g}" for a in s.path("scaling"))
    told = _knob(s, "scaling", _SCALING, path)
    if told is not None:
        return told
    looked = [_finding(d, "insensitive") for d in s.decisions if d.stage is Stage.OPTIMISE]
    answers = [f.numbers.get("change") for f in looked if f is not None and f.verdict is Verdict.ABSENT]
    change = number(answers[-1]) if answers else None
    if change is not None and math.isfinite(change):
        return "answered", {"value": path, "change": abs(change)}
    return "quiet", {"value": path}


def _sites(s: _Story) -> Told:
    """5: target modules by evidence."""
    if not s.trail:
        return "untrained", {}
    first, end = s.trail[0].sites, s.trail[-1].sites
    every = s.steps(Stage.CAPACITY, Stage.RECHECK)
    steps = [step for step in every if step.turned("sites") and step.decision.rule_id not in _BACK]
    numbers = _from(_where(first)) | _where(end)
    if steps and first == end:
        return "returned", {"count": len(steps)} | _where(end)
    if steps:
        rule = steps[0].decision.rule_id
        quoted = _quoted(_finding(steps[0].decision, rule), _SITES.get(rule, ()))
        single = all(step.decision.rule_id == rule for step in steps)
        return (rule, numbers | quoted) if single and quoted else ("moved", numbers)
    tried = [c for r in s.experiments for c in r.comparisons if (c.arm, c.against) == (ArmKind.SITES, ArmKind.NONE)]
    reach = INTERVAL * tried[-1].val_se if tried else math.nan
    if not math.isfinite(reach) or tried[-1].beyond_noise or not math.isfinite(tried[-1].val_gain):
        fits = {rule for d in s.decisions for rule in (d.rule_id, *dict(d.turned_down)) if rule in (*_UNDER, *_OVER)}
        if not fits and not tried and s.untested(Stage.CAPACITY, Stage.RECHECK):
            return "untested", _where(end)
        return ("stayed" if fits or tried else "kept"), _where(end)
    if tried[-1].val_gain < -reach:
        return "worse", {"loss": -tried[-1].val_gain, "reach": reach} | _where(end)
    return "tested", {"gain": tried[-1].val_gain, "reach": reach} | _where(end)


def _feedback(events: Sequence[Event]) -> Told:
    """6: validation macro-F1 and the recall of every class."""
    told = outcome.shipping(events)
    ship = told.ship if told and told.ship in ("lora", "frozen", "tfidf") else "other"
    rungs = {rung.name: rung for rung in rung_facts(events)}
    if told is None or ship == "other":
        return "other", {}
    lora = rungs.get("lora")
    if lora is None and ship != "lora":
        scores: dict[str, Number] = {
            n: percent(rungs[n].val.value if n in rungs else None) for n in ("frozen", "tfidf")
        }
        return f"{ship}_only", scores
    base = outcome.base_rung(told, rungs)
    gain, noise = number(told.numbers.get("gain")), number(told.numbers.get("noise"))
    recalls = (_recalls(events, "lora"), _recalls(events, base.name if base else ""))
    known = gain is not None and noise is not None and math.isfinite(gain + noise)
    if lora is None or base is None or not known or gain is None or noise is None or not all(recalls):
        return ship, {"f1": percent(_value(rungs.get(ship)))}
    fell = sum(before - recalls[0].get(name, before) > _FELL + 1e-9 for name, before in recalls[1].items())
    numbers: dict[str, Number] = {
        "lora": percent(_judged(told, "lora", lora)), "base": percent(_judged(told, "base", base)), "gain": gain,
        "low": gain - noise, "high": gain + noise, "fell": fell, "classes": len(recalls[1]),
    }  # fmt: skip
    return f"{'forced' if told.forced else ship}_over_{base.name}", numbers


def _judged(told: Shipping, which: str, rung: RungFacts) -> float | None:
    """What the gain was computed from: macro-F1 over the classes with validation rows; the rung's own in old runs."""
    return number(told.numbers.get(f"{which}_occurring", _value(rung)))


def _value(rung: RungFacts | None) -> float | None:
    return None if rung is None else rung.val.value


def _recalls(events: Sequence[Event], name: str) -> dict[str, float]:
    """Validation recall of every class that has rows, as the rung's event tells it."""
    told = next(
        (e.payload for e in reversed(events) if e.kind == "rung" and name in (e.payload.get("name"), e.key)), {}
    )
    found = mapping(mapping(told.get("val")).get("per_class_recall"))
    return {label: value for label, told in found.items() if (value := number(told)) is not None}
