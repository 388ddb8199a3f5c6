"""Apply the policy to a run of another trainer, and list what one curve cannot show. Trains nothing."""

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
"""A message code and its placeholders."""


@dataclass(frozen=True)
class Advice:
    """The verdict on one run."""

    decisions: tuple[Decision, ...]  # capacity, then the optimiser if capacity is settled; empty: rules not applied
    lines: tuple[str, ...]
    refusal: tuple[Said, ...] = ()  # why there is no decision, and what to do first

    @property
    def decision(self) -> Decision | None:
        return self.decisions[-1] if self.decisions else None


def advise(run: Observed, lang: Lang = "en", wide_lr: bool = False) -> Advice:
    """The policy's decision on this run as lines of text, followed by what one curve cannot show.

    Args:
        run: the observed run. wide_lr: judge capacity even if lr is outside the usual band.
    """
    e = evidence(run, wide_lr)
    refusal = _refusal(run, wide_lr)
    decisions = () if refusal else _decide(e)
    no_verdict = _no_verdict(run, e, decisions)
    if no_verdict:
        refusal, decisions = no_verdict, ()
    lines = [_say(("advice.run", {"recipe": recipe_words(run.curve.recipe)}), lang)]
    lines += [f"  {_say(sentence, lang)}" for sentence in _summary(run)]
    lines += [f"{'  ' * (at > 0)}{_say(sentence, lang)}" for at, sentence in enumerate(refusal)]
    for decision in decisions:
        lines += report.tell("decision", "", decision, lang)
    lines += [f"  {_say(sentence, lang)}" for sentence in _in_peft_terms(run, decisions)]
    unsaid = _open_questions(run, e, decisions)
    if unsaid:
        lines += [_say(("advice.cannot", {}), lang), *(f"  - {_say(sentence, lang)}" for sentence in unsaid)]
    return Advice(decisions, tuple(lines), tuple(refusal))


def evidence(run: Observed, wide_lr: bool = False) -> policy.Evidence:
    """The run as evidence for the policy, at the capacity stage."""
    profile = run.profile()
    curve = run.curve
    return policy.Evidence(
        stage=Stage.CAPACITY,
        # Without a checkpoint: no experiment can start from it.
        curve=replace(curve, checkpoint="", evaluations=_about_one_per_epoch(curve)),
        truth=run.truth,
        profile=profile,
        facts=run.facts,
        noise=noise.floor(run.truth, curve.val_predicted, curve.val_log_loss, len(run.classes)),
        ceiling=policy.ceiling(profile, run.facts),
        tried=frozenset({curve.recipe.key}),
        wide_lr=wide_lr,
    )


def _decide(e: policy.Evidence) -> tuple[Decision, ...]:
    capacity = policy.decide(e)
    # An ambiguous curve may be caused by lr or by rank: only an experiment decides, so the lr rules must not.
    if not isinstance(capacity.move, Advance) or capacity.family is Family.AMBIGUOUS:
        return (capacity,)
    return capacity, policy.decide(replace(e, stage=Stage.OPTIMISE))


def _no_verdict(run: Observed, e: policy.Evidence, decisions: tuple[Decision, ...]) -> list[Said]:
    """Why a decision is withheld: the data show too little, or a plateau has another explanation.

    A random head may learn more slowly than any adapter; our own runs start from a fitted head. And a decayed lr
    flattens every curve; it is no explanation only if the curve was flat before.
    """
    family = decisions[0].family if decisions else None
    if run.curve.health is Health.FINE and family not in (None, Family.EVIDENCE) and _blind(run):
        return [("advice.blind", {})]
    if family is not Family.UNDER_CAPACITY:
        return []
    prior, loss = run.prior_loss(), run.curve.last.train_loss
    if loss > t.UNTAUGHT * prior:
        return [("advice.untaught", {"loss": loss, "prior": prior}), ("advice.longer_next", {})]
    looks = e.curve.evaluations
    while len(looks) >= 3 and _lr_share(run.curve, looks) < t.DECAYED:
        looks = looks[:-1]
    before = replace(e, curve=replace(e.curve, evaluations=looks))
    if len(looks) >= 3 and policy.decide(before).family is Family.UNDER_CAPACITY:
        return []
    return [("advice.ran_out", {"share": _lr_share(run.curve, e.curve.evaluations)}), ("advice.constant_next", {})]


def _about_one_per_epoch(curve: Curve) -> tuple[Evaluation, ...]:
    """The evaluations that the rules expect: the first, the last, and about one per epoch between (three or more).

    Slopes per epoch between closer evaluations, and the best of many, would be noise.
    """
    if len(curve.evaluations) < 3:
        return curve.evaluations
    apart = t.EPOCH_APART * min(1.0, (curve.last.epoch - curve.start.epoch) / 2)
    kept = [curve.start]
    for evaluation in curve.evaluations[1:-1]:
        if evaluation.epoch - kept[-1].epoch >= apart and curve.last.epoch - evaluation.epoch >= apart:
            kept.append(evaluation)
    return (*kept, curve.last)


def _refusal(run: Observed, wide_lr: bool) -> list[Said]:
    """Why the rules are not applied to this run, and what to do first; empty if they are.

    The rules expect a search that starts inside the lr band and stops diverging runs; another trainer does neither.
    """
    lr = run.curve.recipe.lr
    low, high = t.BAND[0] / 2, 2 * t.BAND[1]
    if run.curve.health is not Health.FINE:
        return []
    rose = _rose(run.curve)
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
    """(start, end) of a training loss that ended above its start; None if it did not."""
    if len(curve.evaluations) >= 2 and math.isfinite(curve.start.train_loss + curve.last.train_loss):
        start, end = curve.start.train_loss, curve.last.train_loss
    elif len(curve.train_loss) >= t.LEAST_POINTS:
        quarter = len(curve.train_loss) // 4
        start, end = fmean(curve.train_loss[:quarter]), fmean(curve.train_loss[-quarter:])
    else:
        return None
    return (start, end) if end - start > max(t.ROSE_NATS, t.ROSE * start) else None


def _summary(run: Observed) -> Iterable[Said]:
    yield "advice.outcome", {"outcome": outcome_words(run.curve)}
    if run.curve.evaluations:
        recalls = [(r, name) for r, name in zip(run.curve.last.recall, run.classes, strict=False) if math.isfinite(r)]
        worst = sorted(recalls)[:WORST_CLASSES]
        classes = [both("advice.class", {"name": same(name), "recall": percent(r, 0)}) for r, name in worst]
        yield "advice.recall", {"classes": joined(classes)}


def _in_peft_terms(run: Observed, decisions: tuple[Decision, ...]) -> Iterable[Said]:
    """The move in the terms of PEFT and the Trainer, if they differ from ours."""
    move = decisions[-1].move if decisions else None
    if not isinstance(move, Change):
        return
    old, new = run.curve.recipe, move.recipe
    if new.safe_numerics and not old.safe_numerics:
        yield "advice.safe", {}
    if (new.rank, new.scaling) != (old.rank, old.scaling):
        alpha = new.scaling * (math.sqrt(new.rank) if run.rslora else new.rank)
        yield "advice.alpha", {"rank": new.rank, "alpha": alpha, "scaling": new.scaling}


def _blind(run: Observed) -> Said | None:
    """Why no capacity symptom can be evaluated; None if they can."""
    evaluations = max(0, len(run.curve.evaluations) - 1)
    if evaluations < 2:
        return "advice.few_looks", {"evaluations": evaluations}
    if len(run.truth) < t.LEAST_VAL_ROWS:
        return "advice.few_rows", {"rows": len(run.truth), "needed": t.LEAST_VAL_ROWS}
    return None if math.isfinite(run.curve.last.train_loss) else ("advice.no_subset", {})


def _open_questions(run: Observed, e: policy.Evidence, decisions: tuple[Decision, ...]) -> list[Said]:
    """What one curve cannot show, each with what could."""
    curve, blind = run.curve, _blind(run)
    if curve.health is not Health.FINE:
        return []
    slow = _fired(decisions, Family.AMBIGUOUS, Family.LR_TOO_SMALL)
    flat = _fired(decisions, Family.UNDER_CAPACITY)
    candidates = [
        (blind is not None, blind or ("", {})),
        (slow or flat, ("advice.look_alike", _arms(e))),
        (slow or flat, ("advice.random_head", {})),
        (bool(decisions) and not blind and curve.last.train_macro_f1 < t.TRAIN_F1_LEARNT, ("advice.labels", {})),
        (bool(decisions) and decisions[-1].stage is Stage.OPTIMISE, ("advice.seeds", {})),
        (not run.exact_sites, ("advice.sites", {"rank": curve.recipe.rank, "sites": sites_words(curve.recipe.sites)})),
    ]
    return [sentence for applies, sentence in candidates if applies]


def _fired(decisions: tuple[Decision, ...], *families: Family) -> bool:
    """Whether a symptom of these families was PRESENT, acted on or not."""
    return any(m.family in families and f.verdict is Verdict.PRESENT for d in decisions for m, f in d.read)


def _arms(e: policy.Evidence) -> dict[str, Any]:
    """Placeholders that describe the discriminating experiment."""
    arms = [change_words(e.curve.recipe, arm.recipe) for arm in experiments.all_arms(e)]
    return {"steps": e.curve.steps[-1] if e.curve.steps else 0, "arms": joined(arms, "; ", "；")}


def _lr_share(curve: Curve, evaluations: Sequence[Evaluation]) -> float:
    """Mean lr between the last two evaluations, relative to its peak; 1 if unknown."""
    before, last = evaluations[-2:]
    return lr_share(curve, before.step, last.step)


def _say(sentence: Said, lang: Lang) -> str:
    return both(*sentence)[lang]


def lr_share(curve: Curve, after: int, upto: int) -> float:
    """Mean lr of the steps (after, upto], relative to the peak of the run; 1 if unknown."""
    logged = [(step, lr) for step, lr in zip(curve.steps, curve.lr, strict=False) if math.isfinite(lr)]
    between = [lr for step, lr in logged if after < step <= upto]
    peak = max((lr for _, lr in logged), default=0.0)
    return fmean(between) / peak if between and peak > 0 else 1.0
