"""What the policy says of a run that somebody else drove, and what it cannot say from one curve. Trains nothing."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import fmean
from typing import Any

from rankfirst import policy, report
from rankfirst.messages import Lang
from rankfirst.policy import experiments, noise
from rankfirst.policy import thresholds as t
from rankfirst.records import (
    Advance,
    Change,
    Curve,
    Decision,
    Evaluation,
    Family,
    Health,
    Stage,
    Verdict,
)
from rankfirst.records.observed import Observed
from rankfirst.report.evidence import outcome_words
from rankfirst.report.phrases import both, change_words, joined, lr_words, percent, recipe_words, same, sites_words

WORST_CLASSES = 3  # named in the summary

Said = tuple[str, dict[str, Any]]
"""A code of words.advice and its numbers."""


@dataclass(frozen=True)
class Advice:
    """The verdict on one run."""

    decisions: tuple[Decision, ...]  # capacity, then the optimiser where capacity is settled; none: rules not asked
    lines: tuple[str, ...]
    refusal: tuple[Said, ...] = ()  # why there is no decision, and what to do first

    @property
    def decision(self) -> Decision | None:
        return self.decisions[-1] if self.decisions else None


def advise(seen: Observed, lang: Lang = "en", wide_lr: bool = False) -> Advice:
    """The policy's decision on this run, in plain lines, followed by what one curve cannot tell.

    Args:
        seen: the run. wide_lr: judge capacity even where lr lies outside the usual band.
    """
    e = evidence(seen, wide_lr)
    refusal = _not_asked(seen, wide_lr)
    decisions = () if refusal else _decide(e)
    no_verdict = _no_verdict(seen, e, decisions)
    if no_verdict:
        refusal, decisions = no_verdict, ()
    lines = [_say(("advice.run", {"recipe": recipe_words(seen.curve.recipe)}), lang)]
    lines += [f"  {_say(said, lang)}" for said in _summary(seen)]
    lines += [f"{'  ' * (at > 0)}{_say(said, lang)}" for at, said in enumerate(refusal)]
    for decision in decisions:
        lines += report.tell("decision", "", decision, lang)
    lines += [f"  {_say(said, lang)}" for said in _in_their_terms(seen, decisions)]
    unsaid = _unsaid(seen, e, decisions)
    if unsaid:
        lines += [_say(("advice.cannot", {}), lang), *(f"  - {_say(said, lang)}" for said in unsaid)]
    return Advice(decisions, tuple(lines), tuple(refusal))


def evidence(seen: Observed, wide_lr: bool = False) -> policy.Evidence:
    """The run as the policy reads it, at the stage of capacity."""
    profile = seen.profile()
    curve = seen.curve
    return policy.Evidence(
        stage=Stage.CAPACITY,
        curve=replace(curve, checkpoint="", evaluations=_an_epoch_apart(curve)),  # nothing can be tried from there
        truth=seen.truth,
        profile=profile,
        facts=seen.facts,
        noise=noise.floor(seen.truth, curve.val_predicted, curve.val_log_loss, len(seen.classes)),
        ceiling=policy.ceiling(profile, seen.facts),
        tried=frozenset({curve.recipe.key}),
        wide_lr=wide_lr,
    )


def _decide(e: policy.Evidence) -> tuple[Decision, ...]:
    capacity = policy.decide(e)
    # A look-alike is lr or rank: only an experiment tells, and a reading of lr must not stand in for it.
    if not isinstance(capacity.move, Advance) or capacity.family is Family.AMBIGUOUS:
        return (capacity,)
    return capacity, policy.decide(replace(e, stage=Stage.OPTIMISE))


def _no_verdict(seen: Observed, e: policy.Evidence, decisions: tuple[Decision, ...]) -> list[Said]:
    """Why a decision is not told after all: nothing could be seen, or a plateau has another explanation.

    A head that starts at random can be slower than any adapter: our own starts taught. And an lr running out flattens
    every curve, unless it was flat before that, too.
    """
    family = decisions[0].family if decisions else None
    if seen.curve.health is Health.FINE and family not in (None, Family.EVIDENCE) and _blind(seen):
        return [("advice.blind", {})]
    if family is not Family.UNDER_CAPACITY:
        return []
    prior, loss = seen.prior_loss(), seen.curve.last.train_loss
    if loss > t.UNTAUGHT * prior:
        return [("advice.untaught", {"loss": loss, "prior": prior}), ("advice.longer_next", {})]
    looks = e.curve.evaluations
    while len(looks) >= 3 and _lr_share(seen.curve, looks) < t.DECAYED:
        looks = looks[:-1]
    before = replace(e, curve=replace(e.curve, evaluations=looks))
    if len(looks) >= 3 and policy.decide(before).family is Family.UNDER_CAPACITY:
        return []
    return [("advice.ran_out", {"share": _lr_share(seen.curve, e.curve.evaluations)}), ("advice.constant_next", {})]


def _an_epoch_apart(curve: Curve) -> tuple[Evaluation, ...]:
    """The evaluations the rules are made for: the first, the last, and about one an epoch between (three in all in a
    short run). Slopes an epoch between closer ones, and the best of many, would be noise."""
    if len(curve.evaluations) < 3:
        return curve.evaluations
    apart = t.EPOCH_APART * min(1.0, (curve.last.epoch - curve.start.epoch) / 2)
    kept = [curve.start]
    for evaluation in curve.evaluations[1:-1]:
        if evaluation.epoch - kept[-1].epoch >= apart and curve.last.epoch - evaluation.epoch >= apart:
            kept.append(evaluation)
    return (*kept, curve.last)


def _not_asked(seen: Observed, wide_lr: bool) -> list[Said]:
    """Why the rules are not asked about this run, and what to do first; nothing when they are.

    The walk they are made for starts inside the lr band and ends a run that diverges; another trainer does neither.
    """
    lr = seen.curve.recipe.lr
    low, high = t.BAND[0] / 2, 2 * t.BAND[1]
    if seen.curve.health is not Health.FINE:
        return []
    rose = _rose(seen.curve)
    if rose is not None:
        to = t.START_LR if lr > t.BAND[1] else lr / 2
        return [("advice.rose", {"start": rose[0], "end": rose[1]}), _lr_first(lr, to)]
    if wide_lr or low * (1 - t.SAME_LR) <= lr <= high * (1 + t.SAME_LR):
        return []
    band = {"lr": lr_words(lr), "low": lr_words(low), "high": lr_words(high)}
    return [("advice.off_band", band), _lr_first(lr, t.START_LR if lr > high else t.BAND[0])]


def _lr_first(lr: float, to: float) -> Said:
    return "advice.lr_first", {"lr": lr_words(lr), "to": lr_words(to)}


def _rose(curve: Curve) -> tuple[float, float] | None:
    """(start, end) of a training loss that ended above where it began."""
    if len(curve.evaluations) >= 2 and math.isfinite(curve.start.train_loss + curve.last.train_loss):
        start, end = curve.start.train_loss, curve.last.train_loss
    elif len(curve.train_loss) >= t.LEAST_POINTS:
        quarter = len(curve.train_loss) // 4
        start, end = fmean(curve.train_loss[:quarter]), fmean(curve.train_loss[-quarter:])
    else:
        return None
    return (start, end) if end - start > max(t.ROSE_NATS, t.ROSE * start) else None


def _summary(seen: Observed) -> Iterable[Said]:
    yield "advice.outcome", {"outcome": outcome_words(seen.curve)}
    if seen.curve.evaluations:
        found = [(r, name) for r, name in zip(seen.curve.last.recall, seen.classes, strict=False) if math.isfinite(r)]
        worst = sorted(found)[:WORST_CLASSES]
        told = [both("advice.class", {"name": same(name), "recall": percent(r, 0)}) for r, name in worst]
        yield "advice.recall", {"classes": joined(told)}


def _in_their_terms(seen: Observed, decisions: tuple[Decision, ...]) -> Iterable[Said]:
    """The move in the words of PEFT and the Trainer, where ours differ."""
    move = decisions[-1].move if decisions else None
    if not isinstance(move, Change):
        return
    old, new = seen.curve.recipe, move.recipe
    if new.safe_numerics and not old.safe_numerics:
        yield "advice.safe", {}
    if (new.rank, new.scaling) != (old.rank, old.scaling):
        alpha = new.scaling * (math.sqrt(new.rank) if seen.rslora else new.rank)
        yield "advice.alpha", {"rank": new.rank, "alpha": alpha, "scaling": new.scaling}


def _blind(seen: Observed) -> Said | None:
    """What keeps every symptom of capacity from being read, if something does."""
    evaluations = max(0, len(seen.curve.evaluations) - 1)
    if evaluations < 2:
        return "advice.few_looks", {"evaluations": evaluations}
    if len(seen.truth) < t.LEAST_VAL_ROWS:
        return "advice.few_rows", {"rows": len(seen.truth), "needed": t.LEAST_VAL_ROWS}
    return None if math.isfinite(seen.curve.last.train_loss) else ("advice.no_subset", {})


def _unsaid(seen: Observed, e: policy.Evidence, decisions: tuple[Decision, ...]) -> list[Said]:
    """What one curve cannot tell, each with what could."""
    curve, blind = seen.curve, _blind(seen)
    if curve.health is not Health.FINE:
        return []
    slow = _fired(decisions, Family.AMBIGUOUS, Family.LR_TOO_SMALL)
    flat = _fired(decisions, Family.UNDER_CAPACITY)
    asked = [
        (blind is not None, blind or ("", {})),
        (slow or flat, ("advice.look_alike", _arms(e))),
        (slow or flat, ("advice.random_head", {})),
        (bool(decisions) and not blind and curve.last.train_macro_f1 < t.TRAIN_F1_LEARNT, ("advice.labels", {})),
        (bool(decisions) and decisions[-1].stage is Stage.OPTIMISE, ("advice.seeds", {})),
        (not seen.exact_sites, ("advice.sites", {"rank": curve.recipe.rank, "sites": sites_words(curve.recipe.sites)})),
    ]
    return [said for applies, said in asked if applies]


def _fired(decisions: tuple[Decision, ...], *families: Family) -> bool:
    """Whether a symptom of these families was there, acted on or not."""
    return any(m.family in families and f.verdict is Verdict.PRESENT for d in decisions for m, f in d.read)


def _arms(e: policy.Evidence) -> dict[str, Any]:
    """The experiment that discriminates, in words."""
    told = [change_words(e.curve.recipe, arm.recipe) for arm in experiments.every(e)]
    return {"steps": e.curve.steps[-1] if e.curve.steps else 0, "arms": joined(told, "; ", "；")}


def _lr_share(curve: Curve, evaluations: Sequence[Evaluation]) -> float:
    """Mean lr between the last two evaluations over its peak; 1 when it is not known."""
    before, last = evaluations[-2:]
    return lr_share(curve, before.step, last.step)


def _say(said: Said, lang: Lang) -> str:
    return both(*said)[lang]


def lr_share(curve: Curve, after: int, upto: int) -> float:
    """Mean lr of the steps (after, upto] over the peak of the run; 1 when it is not known."""
    known = [(step, lr) for step, lr in zip(curve.steps, curve.lr, strict=False) if math.isfinite(lr)]
    between = [lr for step, lr in known if after < step <= upto]
    peak = max((lr for _, lr in known), default=0.0)
    return fmean(between) / peak if between and peak > 0 else 1.0
