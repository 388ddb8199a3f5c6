"""Conclusions from one log: a judgement with its numbers, what to do next, what to leave alone, what is not in the log.

`looks` holds what follows from each look; `faults` finds trainings that went wrong; `scope` says what is not judged.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import isfinite, isnan, nan
from typing import Any, Final

from rankfirst.advice import arms, curve_figures, evidence_lines, fault_words, faults, scope
from rankfirst.advice import live_run as advice
from rankfirst.advice.curve_figures import Train, Val
from rankfirst.advice.faults import Figures
from rankfirst.advice.live_run import Advice, Said
from rankfirst.advice.log_evidence import observed
from rankfirst.advice.looks import LOOKS, LR_FIRST, Look
from rankfirst.policy import thresholds as t
from rankfirst.records import Curve
from rankfirst.records.training_log import LoggedRecipe, TrainingLog
from rankfirst.report.phrases import Both, both, joined, knob_words, lr_words, plain_number, same

# nats/example: a lower training loss counts as learnt if no training F1 was logged. Assumption.
LEARNT_NATS: Final = 0.1
MOST_OPEN: Final = 3  # of the questions that a log leaves open, the first are shown


@dataclass(frozen=True)
class LogAdvice:
    """All conclusions from one log, as message codes and numbers."""

    log: TrainingLog
    look: Look
    advice: Advice  # of the policy; its `lines` mention settings that were filled in, so they are not shown
    shows: tuple[Said, ...]
    concludes: tuple[Said, ...]
    cannot: tuple[Said, ...]
    next: Said | None
    leave: tuple[Said, ...]
    scope: Said | None = None  # why only part of the log is judged; None if it is a text classifier with LoRA


def conclude(log: TrainingLog, val_rows: int = 0) -> LogAdvice:
    """Apply the policy to one log, and collect what remains open.

    Args:
        log: the run. val_rows: rows of the validation split, from which the noise of scores follows; 0 if unknown.
    """
    run = observed(log)
    # The band is LoRA's, and a peak that may be on both sides of its edge is on neither.
    verdict = advice.advise(run, wide_lr=not off_band(log))
    rose = dict(verdict.refusal).get("advice.rose")
    figures = _figures(log, run.curve, val_rows)
    outside = scope.outside(log)
    if outside is not None:
        return _out_of_scope(log, run.curve, figures, verdict, outside)
    look = look_of(log, run.curve, figures, rose is not None)
    return LogAdvice(
        log=log,
        look=look,
        advice=verdict,
        shows=tuple(evidence_lines.shows(log, figures)),
        concludes=tuple(_concludes(log, look, figures, verdict)),
        cannot=tuple(_cannot(log, look, figures))[:MOST_OPEN],
        next=_next(log, look, figures, verdict),
        leave=tuple((code, {}) for code in _leave(log, look, verdict)),
    )


def _figures(log: TrainingLog, curve: Curve, rows: int) -> Figures:
    broken = log.broken_at is not None  # the curve then ends with a point that is not finite
    finite = replace(curve, train_loss=curve.train_loss[:-1], steps=curve.steps[:-1], lr=curve.lr[:-1])
    return Figures(
        train=curve_figures.train_of(finite if broken else curve),
        loss=curve_figures.val_of(log, "loss"),
        score=curve_figures.score_of(log),
        accuracy=curve_figures.val_of(log, "accuracy"),
        train_f1=curve_figures.val_of(log, "train_f1"),
        rows=rows,
    )


def off_band(log: TrainingLog) -> bool:
    """Whether the peak lr of a LoRA run is certainly outside the range that the capacity rules assume."""
    low, high = lr_bounds(log.recipe)
    least, most = t.BAND[0] / 2, 2 * t.BAND[1]
    return log.lora and (high < least * (1 - t.SAME_LR) or low > most * (1 + t.SAME_LR))


def lr_bounds(recipe: LoggedRecipe) -> tuple[float, float]:
    """The least and the most that the peak lr can be; (0, infinity) if nothing is known."""
    if recipe.lr_low is None:
        return (recipe.lr, recipe.lr) if recipe.lr is not None else (0.0, float("inf"))
    if recipe.lr is not None:
        return recipe.lr, recipe.lr
    return recipe.lr_low, float("inf") if recipe.lr_high is None else recipe.lr_high


def _out_of_scope(
    log: TrainingLog, curve: Curve, figures: Figures, verdict: Advice, outside: scope.Outside
) -> LogAdvice:
    """What can still be said of a run that is no text classifier with LoRA: faults, schedule, best evaluation."""
    rose = "advice.rose" in dict(verdict.refusal) and outside.losses_compare
    found = faults.fault_of(log, curve, figures, rose)
    fault = found if found in outside.looks else None
    sentences = [] if fault is None else list(fault_words.said(log, fault, figures))
    return LogAdvice(
        log=log,
        look=fault or Look.UNCLEAR,
        advice=verdict,
        shows=(),
        concludes=(*sentences, *scope.still(log, figures, fault, outside)),
        cannot=(),
        next=None if fault is None else _next(log, fault, figures, verdict),
        leave=(),
        scope=outside.said,
    )


def _next(log: TrainingLog, look: Look, figures: Figures, advice: Advice) -> Said:
    """The experiment; the policy's own step if it says that lr comes first."""
    row, first = LOOKS[look], dict(advice.refusal).get("advice.lr_first")
    if first is not None and log.recipe.lr and look in LR_FIRST and log.lora:
        return "logs.try.lr_first", first
    code = row.experiment if log.lora or not row.plain else row.plain
    numbers = arms.numbers(log.recipe, row.smaller)
    return fault_words.next_step(log, look, figures, code, numbers)


def _leave(log: TrainingLog, look: Look, advice: Advice) -> tuple[str, ...]:
    if not log.lora:
        return ()
    first = "advice.lr_first" in dict(advice.refusal)
    if first and log.recipe.lr and look in LR_FIRST:
        return ("logs.leave.rank_rose",) if look is Look.ROSE else ("logs.leave.rank_lr",)
    return LOOKS[look].leave


def look_of(log: TrainingLog, curve: Curve, figures: Figures, rose: bool) -> Look:
    """The first look that fits: a fault, then a turn of the validation metrics, then the shape of the training loss.

    A run that was cut short and had turned by then has turned; nothing else follows from its end.
    """
    fault = faults.fault_of(log, curve, figures, rose)
    if fault is not None and fault is not Look.CUT_SHORT:
        return fault
    train = figures.train
    if train is not None and (turned := _turned(figures, train)) is not None:
        return turned
    if fault is not None:
        return fault
    if train is None or train.falling is None:
        return Look.UNCLEAR
    if train.falling:
        return Look.FALLING
    if _learnt(figures, train):
        return Look.LEARNT
    return Look.RAN_OUT if train.lr_share < t.DECAYED and not train.flat_before else Look.PLATEAU


def _learnt(figures: Figures, train: Train) -> bool:
    """Whether the training rows are learnt: by their F1, or by their loss if it was not logged."""
    if figures.train_f1 is not None:
        return figures.train_f1.last >= t.TRAIN_F1_LEARNT
    return train.share < t.LEARNT_LOSS or train.end < LEARNT_NATS


def _turned(figures: Figures, train: Train) -> Look | None:
    """The look if validation got worse while the training loss fell far; which one depends on the score."""
    if isnan(train.share) or train.share >= t.COLLAPSED_LOSS:
        return None
    score, loss = figures.score, figures.loss
    up = loss is not None and loss.lost > t.LOSS_UP * abs(loss.best)
    if score is not None and score.lost > fall_limit(score, figures.rows):
        return Look.TURNED
    if up:
        return Look.TURNED if score is None else Look.CREEPING
    return None


def fall_limit(score: Val, rows: int) -> float:
    """How far a score must be below its best to count as fallen, 0 to 1.

    At least the policy's swing limit; more if few rows make the score noisier than that.
    """
    noise = curve_figures.noise_of_difference(score.best, score.last, rows) if rows else 0.0
    return max(t.F1_SWING, noise)


def _concludes(log: TrainingLog, look: Look, figures: Figures, advice: Advice) -> Iterable[Said]:
    """The judgement first, then what else the log shows of its cause."""
    numbers = dict(advice.refusal)
    if look is Look.ROSE:
        yield "logs.look.rose", numbers["advice.rose"]
        return
    if (sentences := list(fault_words.said(log, look, figures))) or look is Look.UNCLEAR:
        yield from sentences or [fault_words.unclear(log, figures)]
    else:
        yield _look_code(log, look, figures), _look_numbers(log, figures)
    if look is not Look.CUT_SHORT and faults.cut_short(log):
        yield fault_words.cut(log)
    if "advice.off_band" in numbers and look in LR_FIRST:
        yield "logs.off_band", numbers["advice.off_band"]


def _look_code(log: TrainingLog, look: Look, figures: Figures) -> str:
    unlearnt = "_unlearnt" if look is Look.PLATEAU and figures.train_f1 else ""
    plain = "_plain" if look is Look.FALLING and not log.lora else ""
    return f"logs.look.{look.value}{unlearnt}{plain}"


def _look_numbers(log: TrainingLog, figures: Figures) -> dict[str, Any]:
    train, loss, score = figures.train, figures.loss, figures.score
    worse = [_worse(log, val) for val in (loss, score) if val is not None and val.lost > 0]
    return {
        "share": 0.0 if train is None else train.share,
        "end": 0.0 if train is None else train.end,
        "fall": 0.0 if train is None or isnan(train.fall) else train.fall,
        "lr": 1.0 if train is None else train.lr_share,
        "train_f1": figures.train_f1.last if figures.train_f1 else nan,
        "worse": joined(worse, ", ", "，") if worse else same("–"),
    }


def _worse(log: TrainingLog, val: Val) -> Both:
    """From its best to its last value, in words."""
    numbers = {"best": plain_number(val.best), "last": plain_number(val.last)}
    return both("logs.worse", {"name": evidence_lines.named(log, val), **numbers})


def _cannot(log: TrainingLog, look: Look, figures: Figures) -> Iterable[Said]:
    """What the log lacks, and what each of these would show, the most useful first. Nothing beside a fault."""
    if look not in (Look.TURNED, Look.CREEPING, Look.FALLING, Look.RAN_OUT, Look.PLATEAU, Look.LEARNT, Look.UNCLEAR):
        return
    if not log.evaluations:
        yield "logs.cannot.validation", {}
    elif figures.score is None:
        yield "logs.cannot.f1", {}
    elif figures.score.name != "f1" or not log.macro_f1:
        yield "logs.cannot.macro", {}
    yield ("logs.cannot.rows" if figures.rows else "logs.cannot.rows_unknown"), {}
    if not any(isfinite(lr) for _, lr in log.rates):
        yield "logs.cannot.schedule", {}
    if figures.train_f1 is None:
        yield "logs.cannot.subset", {}
    if log.lora and log.recipe.uneven:
        yield "logs.cannot.uneven", {}
    yield "logs.cannot.seeds", {}


def missing(log: TrainingLog) -> list[str]:
    """Settings that the experiment needs and the log does not contain: "rank", "alpha", "lr".

    Rank and alpha are missing only if the run is known to use LoRA.
    """
    known = lr_bounds(log.recipe)[0] > 0 or log.schedule is not None
    return [
        name
        for name in ("rank", "alpha", "lr")
        if getattr(log.recipe, name) is None and (not known if name == "lr" else log.lora)
    ]


def recipe_words(log: TrainingLog, lr_only: bool = False) -> Both:
    """The settings that the log contains, in one line, without defaults. Args: lr_only: nothing but lr."""
    recipe, parts = log.recipe, []
    lora = log.lora and not lr_only
    if lora and recipe.rank is not None:
        parts.append(knob_words("rank", same(recipe.rank)))
    if lora and recipe.scaling is not None:
        parts.append(knob_words("scaling", same(f"{recipe.scaling:g}")))
    if (lr := lr_phrase(recipe)) is not None:
        parts.append(knob_words("lr", lr))
    if lora and recipe.dropout is not None:
        parts.append(knob_words("dropout", same(f"{recipe.dropout:g}")))
    if lora and recipe.roles is not None:
        parts.append(same("/".join(role.value for role in recipe.roles)))
    return joined(parts, " · ", " · ")


def lr_phrase(recipe: LoggedRecipe) -> Both | None:
    """The peak lr, or its bounds; None if nothing is known of it."""
    if recipe.lr is not None:
        return same(lr_words(recipe.lr))
    if recipe.lr_low is None:
        return None
    if recipe.lr_high is None:
        return both("logs.lr_least", {"low": lr_words(recipe.lr_low)})
    return both("logs.lr_between", {"low": lr_words(recipe.lr_low), "high": lr_words(recipe.lr_high)})
