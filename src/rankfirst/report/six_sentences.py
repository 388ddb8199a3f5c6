"""The six summary sentences of a run, as codes and numbers; each states only what the journal shows.

Numbers are independent of the language, so that result.json can hold them.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from rankfirst.messages import takes
from rankfirst.messages.grammar import INTERVAL
from rankfirst.records import (
    Advance,
    ArmKind,
    Change,
    Decision,
    ExperimentResult,
    Family,
    Number,
    Recipe,
    Shipping,
    Stage,
    Stop,
    Verdict,
)
from rankfirst.report import verdict
from rankfirst.report.events import Event, decode, last, number
from rankfirst.report.evidence import experiment_results, final_curve, learnt, memorised
from rankfirst.report.phrases import clean, lr_words, percent
from rankfirst.report.recipes import where
from rankfirst.report.rungs import RungFacts, recalls, rung_facts
from rankfirst.report.side_events import delivered_rival

Coded = tuple[str, dict[str, Number]]  # code, numbers

_UNDER: Final = (Family.UNDER_CAPACITY, Family.CAPACITY_LIMIT)
_FIT: Final = (*_UNDER, Family.OVER_CAPACITY)
_FELL: Final = 0.1  # loss of recall from which a class is counted


def six(events: Sequence[Event]) -> list[dict[str, Any]]:
    """The six sentences, each {"code": "six.<n>.<variant>", "numbers": {...}}.

    Empty before the verdict, and if another version wrote decisions that cannot be read: then nothing is known for
    sure.
    """
    story = _read(events)
    if story is None:
        return []
    sentences = (_capacity(story), _fit(story), _lr(story), _scaling(story), _sites(story), _feedback(events))
    return [{"code": code, "numbers": numbers} for code, numbers in sentences]


@dataclass(frozen=True)
class _Step:
    """A decision that changed the recipe and was carried out."""

    decision: Decision
    new: Recipe

    @property
    def old(self) -> Recipe:
        return self.decision.recipe

    def turned(self, *knobs: str) -> bool:
        """Whether one of these settings changed."""
        return any(getattr(self.old, knob) != getattr(self.new, knob) for knob in knobs)

    @property
    def back(self) -> bool:
        """Whether it reverted the previous change."""
        return self.decision.family is Family.TAKEN_BACK


@dataclass(frozen=True)
class _Story:
    """The facts that the sentences use."""

    decisions: tuple[Decision, ...]
    made: tuple[bool, ...]  # for every decision, whether the clock allowed it
    experiments: tuple[ExperimentResult, ...]
    trail: tuple[Recipe, ...]  # all recipes in order; empty if nothing was trained
    settled: Recipe | None  # the recipe at the end of the capacity stage
    probes: int  # in the capacity stage
    trials: int  # experiments in the capacity stage
    forced: frozenset[str]  # knobs the user set against the advice
    asked: Mapping[str, str]  # knob -> value that the user set and the guard postponed to its stage
    learnt: tuple[float, float] | None  # macro-F1 on training and validation rows at the end of the last training
    rival: Mapping[str, Any] | None = None  # the numbers of a rival that is delivered; the trail ends before it

    def steps(self, *stages: Stage) -> list[_Step]:
        """The changes made in these stages."""
        carried = [d for d, made in zip(self.decisions, self.made, strict=True) if made and d.stage in stages]
        return [_Step(d, d.move.recipe) for d in carried if isinstance(d.move, Change)]

    @property
    def denied(self) -> tuple[Decision, ...]:
        """The decisions that the clock did not allow."""
        return tuple(d for d, made in zip(self.decisions, self.made, strict=True) if not made)

    def unmade(self, *stages: Stage) -> bool:
        """Whether an experiment of these stages was skipped for lack of time or budget."""
        late = [d.family for d in self.denied if d.stage in stages]
        blocked = [about.family for d in self.decisions if d.stage in stages for about, _ in d.blocked]
        return Family.EXPERIMENT in (*late, *blocked)

    @property
    def tuned(self) -> bool:
        """Whether the dynamics stage was reached."""
        return any(d.stage is Stage.OPTIMISE for d in self.decisions)

    def path(self, knob: str) -> list[Any]:
        """The successive values of a setting."""
        values = [getattr(recipe, knob) for recipe in self.trail]
        return [v for n, v in enumerate(values) if n == 0 or v != values[n - 1]]


def _read(events: Sequence[Event]) -> _Story | None:
    if verdict.shipping(events) is None:
        return None
    read = [(event, decode(Decision, event.payload)) for event in events if event.kind == "decision"]
    decisions = [decision for _, decision in read if decision is not None]
    start = decode(Recipe, last(events, "start").get("recipe"))
    finals = [final_curve(event) for event in events if event.kind == "final"]
    probes = [event for event in events if event.kind == "probe"]
    if len(decisions) < len(read) or None in finals or (start is None and decisions):
        return None
    rival = delivered_rival(events)
    reached = finals[:1] if rival else finals[-1:]  # what the search ended with
    final = reached[0].recipe if reached and reached[0] is not None else None
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
        learnt=learnt(events),
        rival=rival,
        asked={clean(r.get("knob")): clean(r.get("value", "–")) for r in refusals if not r.get("forced")},
    )


def _settled(decisions: Sequence[Decision], final: Recipe | None) -> Recipe | None:
    """The recipe at the end of the capacity stage; None if it did not end with a decision."""
    later = next((d.recipe for d in decisions if d.stage is not Stage.CAPACITY), None)
    if later is not None or not decisions:
        return later or final
    return decisions[-1].recipe if isinstance(decisions[-1].move, Advance) else final


def _from(numbers: Mapping[str, Number]) -> dict[str, Number]:
    return {f"{name}_from": value for name, value in numbers.items()}


def _size(recipe: Recipe) -> dict[str, Number]:
    return {"rank": recipe.rank, **where(recipe.sites)}


def _capacity(s: _Story) -> Coded:
    """1: rank and target modules came first."""
    if not s.trail:
        return "six.1.untrained", {}
    counts: dict[str, Number] = {"probes": s.probes, "experiments": s.trials}
    if s.settled is None:
        move = s.decisions[-1].move if s.decisions else None
        return _stopped(move) if isinstance(move, Stop) else "six.1.unsettled", counts
    first, settled, end = _size(s.trail[0]), _size(s.settled), _size(s.trail[-1])
    counts["moves"] = sum(step.turned("rank", "sites") for step in s.steps(Stage.CAPACITY))
    again = sum(step.turned("rank", "sites") for step in s.steps(Stage.RECHECK))
    if again:
        return "six.1.rechecked", counts | {"again": again} | _from(settled) | end
    if not counts["moves"]:
        return "six.1.kept", counts | settled
    return "six.1.returned" if settled == first else "six.1.moved", counts | _from(first) | settled


def _stopped(move: Stop) -> str:
    code = move.reason.replace("stop.", "six.1.stopped_")
    return "six.1.stopped_other" if takes(code) is None else code


def _fit(s: _Story) -> Coded:
    """2: under- and overfitting moved capacity only."""
    if not s.trail:
        return "six.2.untrained", {}
    made = s.steps(Stage.CAPACITY, Stage.RECHECK)
    up = [step for step in made if step.decision.family in _UNDER]
    down = [step for step in made if step.decision.family is Family.OVER_CAPACITY]
    ranks = s.path("rank")
    moved = [f"rank {' → '.join(map(str, ranks))}"] if len(ranks) > 1 else []
    moved += ["target modules"] if len(s.path("sites")) > 1 else []
    numbers: dict[str, Number] = {"moves": ", ".join(moved), "count": len(up) + len(down)}
    if any(step.turned("lr", "scaling", "dropout") for step in up + down):
        return "six.2.mixed", numbers
    if up or down:
        code = "six.2.both" if up and down else "six.2.underfit" if up else "six.2.overfit"
        if up and all(step.decision.proven is False for step in up):
            code = "six.2.both_bet" if down else "six.2.bet"
        return code + ("_back" if any(step.back for step in made) else ""), numbers
    seen = {about.family for d in s.decisions if d.stage is not Stage.OPTIMISE for about, _ in d.blocked}
    if not seen.union(d.family for d in s.denied).isdisjoint(_FIT):
        return "six.2.no_room", {}
    spare = sum(step.decision.family is Family.SPARE_CAPACITY for step in made)
    known: dict[str, Number] = {"moves": ", ".join(moved), "count": spare} if spare else {}
    known["probes"] = s.probes
    code = "six.2.spare" if spare else "six.2.untested" if s.unmade(Stage.CAPACITY, Stage.RECHECK) else "six.2.none"
    if memorised(s.learnt):
        known |= dict(zip(("train", "val"), map(percent, s.learnt or ()), strict=True))
        code += "_memorised"
    return code, known


def _knob(s: _Story, at: str, knob: str, path: str) -> Coded | None:
    """How a dynamics knob moved, or why it could not, under the codes of `at`; None if no rule required a move."""
    every = [step for step in s.steps(Stage.CAPACITY, Stage.OPTIMISE, Stage.RECHECK) if step.turned(knob)]
    steps, back = [step for step in every if not step.back], any(step.back for step in every)
    numbers: dict[str, Number] = {"path": path, "count": len(steps)}
    wish = _float(s.asked.get(knob, ""))
    first = next((getattr(d.recipe, knob) for d in s.decisions if d.stage is Stage.OPTIMISE), None)
    if wish == first != s.path(knob)[0]:  # the user's setting is tried first, without a decision
        return f"{at}.asked" + ("_moved" if steps else "_back" if back else ""), numbers
    if steps:
        return _moved(at, steps, back, numbers)
    if knob in s.forced:
        return f"{at}.forced", {"value": path}
    if not s.tuned:
        return f"{at}.unreached", {"value": path}
    if knob in s.asked and wish not in s.path(knob):
        return f"{at}.waited", {"value": path}
    tuning = [d for d in s.decisions if d.stage is Stage.OPTIMISE]
    why = {code for d in tuning for about, code in d.blocked if knob in about.knobs}
    why |= {"clock" for d in s.denied if knob in d.meaning.knobs}
    if why:
        return f"{at}.pinned" if why == {"pinned"} else f"{at}.no_room", {"value": path}
    return None


def _moved(at: str, steps: Sequence[_Step], back: bool, numbers: dict[str, Number]) -> Coded:
    """Moves by one rule, with the evidence of the first step; by several rules, without evidence."""
    late = all(step.decision.stage is Stage.OPTIMISE for step in steps)
    quoted = _quoted(at, steps)
    if not late or quoted is None:
        return f"{at}.moved", numbers
    code, evidence = quoted
    return code + ("_back" if back else ""), numbers | evidence


def _quoted(at: str, steps: Sequence[_Step]) -> Coded | None:
    """The sentence of the rule that made these steps, with the numbers that it quotes from the finding of the first.

    If a step is not proven, none of them is claimed, and the numbers are those of that step. Standard errors are
    shown as half an interval. None for several rules, or if a number or the sentence is missing.
    """
    unproven = [step.decision for step in steps if step.decision.proven is False]
    decision = unproven[0] if unproven else steps[0].decision
    code = f"{at}.{decision.rule_id}"
    code += "_bet" if unproven and takes(f"{code}_bet") is not None else ""
    numbers: dict[str, Number] = {}
    for name in decision.meaning.quotes:
        value = number(decision.finding.numbers.get(name)) if decision.finding else None
        if value is None or not math.isfinite(value):
            return None
        numbers[name] = INTERVAL * value if name.endswith("_se") else value
    return (
        (code, numbers)
        if len({step.decision.rule_id for step in steps}) == 1 and numbers and takes(code) is not None
        else None
    )


def _float(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def _lr(s: _Story) -> Coded:
    """3: lr only if the model learns, but badly."""
    if not s.trail:
        return "six.3.untrained", {}
    path = " → ".join(lr_words(lr) for lr in s.path("lr"))
    sentence = _knob(s, "six.3", "lr", path)
    return sentence or ("six.3.untested" if s.unmade(Stage.OPTIMISE) else "six.3.quiet", {"value": path})


def _scaling(s: _Story) -> Coded:
    """4: scaling only if lr does not matter and rank must not rise."""
    if not s.trail:
        return "six.4.untrained", {}
    path = " → ".join(f"{a:g}" for a in s.path("scaling"))
    if s.rival is not None:
        code = "six.4.rival" if s.rival["code"] == "rival.won" else "six.4.start"
        return code, {**s.rival, "value": path}
    sentence = _knob(s, "six.4", "scaling", path)
    if sentence is not None:
        return sentence
    tried = [c for r in s.experiments for c in r.comparisons if (c.arm, c.against) == (ArmKind.SCALING, ArmKind.NONE)]
    if tried and math.isfinite(tried[-1].val_gain + tried[-1].val_se):
        return "six.4.tested", {"value": path, "gain": tried[-1].val_gain, "reach": INTERVAL * tried[-1].val_se}
    tuning = [d for d in s.decisions if d.stage is Stage.OPTIMISE]
    changes = [found.numbers.get(name) for d in tuning for about, found in d.read
               if "scaling" in about.knobs and found.verdict is Verdict.ABSENT
               for name in about.quotes if name == "change"]  # fmt: skip
    change = number(changes[-1]) if changes else None
    if change is not None and math.isfinite(change):
        return "six.4.answered", {"value": path, "change": abs(change)}
    return "six.4.quiet", {"value": path}


def _sites(s: _Story) -> Coded:
    """5: target modules by evidence."""
    if not s.trail:
        return "six.5.untrained", {}
    first, end = s.trail[0].sites, s.trail[-1].sites
    sizing = (Stage.CAPACITY, Stage.RECHECK)
    steps = [step for step in s.steps(*sizing) if step.turned("sites") and not step.back]
    numbers = _from(where(first)) | where(end)
    if steps and first == end:
        return "six.5.returned", {"count": len(steps)} | where(end)
    if steps:
        quoted = _quoted("six.5", steps)
        return (quoted[0], numbers | quoted[1]) if quoted else ("six.5.moved", numbers)
    tried = [c for r in s.experiments for c in r.comparisons if (c.arm, c.against) == (ArmKind.SITES, ArmKind.NONE)]
    reach = INTERVAL * tried[-1].val_se if tried else math.nan
    if not math.isfinite(reach) or tried[-1].beyond_noise or not math.isfinite(tried[-1].val_gain):
        seen = {family for d in s.decisions for family in (d.family, *(about.family for about, _ in d.blocked))}
        fits = not seen.isdisjoint(_FIT)
        if not fits and not tried and s.unmade(*sizing):
            return "six.5.untested", where(end)
        return "six.5.stayed" if fits or tried else "six.5.kept", where(end)
    if tried[-1].val_gain < -reach:
        return "six.5.worse", {"loss": -tried[-1].val_gain, "reach": reach} | where(end)
    return "six.5.tested", {"gain": tried[-1].val_gain, "reach": reach} | where(end)


def _feedback(events: Sequence[Event]) -> Coded:
    """6: validation macro-F1 and the recall of every class."""
    shipping = verdict.shipping(events)
    ship = shipping.ship if shipping and shipping.ship in ("lora", "frozen", "tfidf") else "other"
    rungs = {rung.name: rung for rung in rung_facts(events)}
    if shipping is None or ship == "other":
        return "six.6.other", {}
    lora = rungs.get("lora")
    if lora is None and ship != "lora":
        scores: dict[str, Number] = {
            n: percent(rungs[n].val.value if n in rungs else None) for n in ("frozen", "tfidf")
        }
        return f"six.6.{ship}_only", scores
    base = verdict.base_rung(shipping, rungs)
    gain, noise = number(shipping.numbers.get("gain")), number(shipping.numbers.get("noise"))
    recall = (recalls(events, "lora"), recalls(events, base.name if base else ""))
    known = gain is not None and noise is not None and math.isfinite(gain + noise)
    if lora is None or base is None or not known or gain is None or noise is None or not all(recall):
        return f"six.6.{ship}", {"f1": percent(_value(rungs.get(ship)))}
    fell = sum(before - recall[0].get(name, before) > _FELL + 1e-9 for name, before in recall[1].items())
    numbers: dict[str, Number] = {
        "lora": percent(_judged(shipping, "lora", lora)), "base": percent(_judged(shipping, "base", base)),
        "gain": gain, "low": gain - noise, "high": gain + noise, "fell": fell, "classes": len(recall[1]),
    }  # fmt: skip
    expected = "_expected" if "measured" in shipping.numbers else ""
    return f"six.6.{'forced' if shipping.forced else ship}{expected}_over_{base.name}", numbers


def _judged(shipping: Shipping, which: str, rung: RungFacts) -> float | None:
    """The scores behind the gain: macro-F1 over the classes with validation rows; in old runs that of the rung."""
    return number(shipping.numbers.get(f"{which}_occurring", _value(rung)))


def _value(rung: RungFacts | None) -> float | None:
    return None if rung is None else rung.val.value
