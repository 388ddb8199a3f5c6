"""Conclusions from one log: what it shows, what follows, what does not, which experiment would decide, what to keep.

Read LOOKS first: look -> the experiment that would decide it, and what the guard says to leave alone until then.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import isfinite, isnan, nan
from typing import Any, Final

from rankfirst.advice import arms, curve_figures
from rankfirst.advice import live_run as advice
from rankfirst.advice.curve_figures import Train, Val
from rankfirst.advice.live_run import Advice, Said
from rankfirst.advice.log_evidence import observed
from rankfirst.policy import thresholds as t
from rankfirst.records import Family
from rankfirst.records.training_log import TrainingLog
from rankfirst.report.phrases import Both, both, joined, knob_words, lr_words, plain_number, same


class Look(StrEnum):
    """The shape of a curve. A look is no verdict: it was not tested against a noise floor."""

    DIVERGED = "diverged"
    ROSE = "rose"
    TURNED = "turned"  # training loss far down, validation worse
    CREEPING = "creeping"  # validation loss up, its score not down
    FALLING = "falling"  # training loss still falling at the end
    RAN_OUT = "ran_out"  # flat, but lr had decayed by then
    PLATEAU = "plateau"  # flat before lr had decayed
    LEARNT = "learnt"  # flat because there is nothing left to learn
    UNCLEAR = "unclear"


@dataclass(frozen=True)
class Row:
    """What follows from one look, as message codes (`logs.*`, and reasons of the guard)."""

    experiment: str  # its placeholders are from `arms.numbers`
    leave: tuple[str, ...]
    smaller: bool = False  # whether the arms lower their knob instead of raising it


LOOKS: Final[Mapping[Look, Row]] = {
    Look.DIVERGED: Row("logs.try.numerics", ("logs.leave.rank_diverged",)),
    Look.ROSE: Row("logs.try.lower_lr", ("logs.leave.rank_rose",)),
    Look.TURNED: Row("logs.try.anew", ("no_lr_overfit", "no_dropout_capacity"), smaller=True),
    Look.CREEPING: Row("logs.try.dropout", ("logs.leave.rank_creeping", "logs.leave.lr_creeping")),
    Look.FALLING: Row("logs.try.arms", ("logs.leave.look_alike", "no_dropout_capacity")),
    Look.RAN_OUT: Row("logs.try.constant", ("logs.leave.all_ran_out",)),
    Look.PLATEAU: Row("logs.try.arms", ("no_lr_underfit", "no_scaling_underfit", "no_dropout_capacity")),
    Look.LEARNT: Row("logs.try.seeds", ("logs.leave.all_learnt",)),
    Look.UNCLEAR: Row("logs.try.again", ("logs.leave.all_unclear",)),
}
# Looks for which an lr outside the band must be corrected first: the others show that the lr was sufficient.
LR_FIRST: Final = frozenset({Look.ROSE, Look.TURNED, Look.FALLING, Look.PLATEAU, Look.UNCLEAR})


@dataclass(frozen=True)
class LogAdvice:
    """All conclusions from one log, as message codes and numbers."""

    log: TrainingLog
    look: Look
    advice: Advice  # of the policy; its `lines` mention settings that were filled in, so they are not shown
    shows: tuple[Said, ...]
    concludes: tuple[Said, ...]
    cannot: tuple[Said, ...]
    next: Said
    leave: tuple[Said, ...]


@dataclass(frozen=True)
class Figures:
    """The figures from which `look_of` derives the look."""

    train: Train | None
    loss: Val | None  # validation loss
    score: Val | None
    train_f1: Val | None
    rows: int  # validation rows; 0 = unknown


def conclude(log: TrainingLog, val_rows: int = 0) -> LogAdvice:
    """Apply the policy to one log, and collect what remains open.

    Args:
        log: the run. val_rows: rows of the validation split, from which the noise of scores follows; 0 if unknown.
    """
    run = observed(log)
    verdict = advice.advise(run)
    codes = {code for code, _ in verdict.refusal}
    figures = Figures(
        train=curve_figures.train_of(run.curve),
        loss=curve_figures.val_of(log, "loss"),
        score=curve_figures.score_of(log),
        train_f1=curve_figures.val_of(log, "train_f1"),
        rows=val_rows,
    )
    look = look_of(log, figures, "advice.rose" in codes)
    experiment, leave = _next(log, look, verdict)
    return LogAdvice(
        log=log,
        look=look,
        advice=verdict,
        shows=tuple(_shows(log, figures)),
        concludes=tuple(_concludes(log, look, figures, verdict)),
        cannot=tuple(_cannot(log, look, figures)),
        next=experiment,
        leave=tuple((code, {}) for code in leave),
    )


def _next(log: TrainingLog, look: Look, advice: Advice) -> tuple[Said, tuple[str, ...]]:
    """(experiment, what to leave alone); the policy's own step if it says that lr comes first."""
    row, first = LOOKS[look], dict(advice.refusal).get("advice.lr_first")
    if first is not None and log.recipe.lr and look in LR_FIRST:
        return ("logs.try.lr_first", first), ("logs.leave.rank_rose" if look is Look.ROSE else "logs.leave.rank_lr",)
    return (row.experiment, arms.numbers(log.recipe, row.smaller)), row.leave


def look_of(log: TrainingLog, figures: Figures, rose: bool) -> Look:
    """The first look that fits; a turn of the validation metrics precedes the shape of the training loss."""
    if log.broken_at is not None:
        return Look.DIVERGED
    if rose:
        return Look.ROSE
    train = figures.train
    if train is not None and (turned := _turned(figures, train)) is not None:
        return turned
    if train is None or train.falling is None:
        return Look.UNCLEAR
    if train.falling:
        return Look.FALLING
    if figures.train_f1.last >= t.TRAIN_F1_LEARNT if figures.train_f1 else train.share < t.LEARNT_LOSS:
        return Look.LEARNT
    return Look.RAN_OUT if train.lr_share < t.DECAYED and not train.flat_before else Look.PLATEAU


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


def _shows(log: TrainingLog, figures: Figures) -> Iterable[Said]:
    length = {"points": f"{len(log.points):,}", "evaluations": len(log.evaluations), "last": f"{log.last_step:,}"}
    if not log.counts_steps:
        yield "logs.length_rows", length
    elif isfinite(log.epochs):
        yield "logs.length", {**length, "epochs": f"{log.epochs:g}"}
    else:
        yield "logs.length_steps", length
    if figures.train is not None:
        yield "logs.train", {"start": figures.train.start, "end": figures.train.end}
    for val in (figures.loss, figures.score):
        if val is not None:
            yield _val(log, val)
    if figures.train_f1 is not None:
        yield "logs.train_f1", {"first": figures.train_f1.first, "last": figures.train_f1.last}
    if figures.rows and figures.score is not None:
        limit = 100 * curve_figures.noise_of(figures.score.last, figures.rows)
        code = "logs.noise_f1" if figures.score.name == "f1" else "logs.noise_accuracy"
        yield code, {"rows": f"{figures.rows:,}", "points": limit}
        yield _gain(figures.score, figures.rows)
    if log.repeated:
        yield "logs.repeated", {"count": f"{log.repeated:,}"}
    if log.healed:
        yield "logs.healed", {"count": f"{log.healed:,}"}


def _val(log: TrainingLog, val: Val) -> Said:
    at = both("logs.at_step" if log.counts_steps else "logs.at_row", {"step": f"{val.best_step:,}"})
    numbers = {"first": val.first, "last": val.last, "best": val.best, "at": at, "count": val.count}
    code = "logs.val_once" if val.count == 1 else "logs.val_loss" if val.name == "loss" else "logs.val_score"
    return code, {**numbers, "name": _named(log, val)}


def _named(log: TrainingLog, val: Val) -> Both:
    return both("logs.name.macro_f1" if val.name == "f1" and log.macro_f1 else f"logs.name.{val.name}")


def _gain(score: Val, rows: int) -> Said:
    """The last score against the first: neither was selected for being high."""
    gain, limit = score.last - score.first, curve_figures.noise_of_difference(score.first, score.last, rows)
    code = "logs.gain_beyond" if abs(gain) > limit else "logs.gain_inside"
    return code, {"gain": 100 * gain, "limit": 100 * limit}


def _concludes(log: TrainingLog, look: Look, figures: Figures, advice: Advice) -> Iterable[Said]:
    """The verdict if there is one, then the look."""
    if look is Look.DIVERGED:
        yield "logs.look.diverged", {"step": f"{log.broken_at or 0:,}"}
        return
    numbers = dict(advice.refusal)
    if look is Look.ROSE:
        yield "advice.rose", numbers["advice.rose"]
        return
    if "advice.off_band" in numbers and log.recipe.lr:
        yield "logs.off_band", numbers["advice.off_band"]
    if (advice.decisions and advice.decisions[0].family is Family.EVIDENCE) or look is Look.UNCLEAR:
        yield (
            "logs.too_little",
            {"points": len(log.points), "needed": t.LEAST_POINTS, "evaluations": len(log.evaluations)},
        )
    else:
        yield "logs.no_verdict", {}
    if look is not Look.UNCLEAR:
        unlearnt = "_unlearnt" if look is Look.PLATEAU and figures.train_f1 else ""
        yield f"logs.look.{look.value}{unlearnt}", _look_numbers(log, figures)


def _look_numbers(log: TrainingLog, figures: Figures) -> dict[str, Any]:
    train, loss, score = figures.train, figures.loss, figures.score
    worse = [_worse(log, val) for val in (loss, score) if val is not None and val.lost > 0]
    return {
        "share": 0.0 if train is None else train.share,
        "fall": 0.0 if train is None or isnan(train.fall) else train.fall,
        "lr": 1.0 if train is None else train.lr_share,
        "train_f1": figures.train_f1.last if figures.train_f1 else nan,
        "worse": joined(worse, ", ", "，") if worse else same("–"),
    }


def _worse(log: TrainingLog, val: Val) -> Both:
    """From its best to its last value, in words."""
    return both(
        "logs.worse", {"name": _named(log, val), "best": plain_number(val.best), "last": plain_number(val.last)}
    )


def _cannot(log: TrainingLog, look: Look, figures: Figures) -> Iterable[Said]:
    """What the log lacks, and what each of these would show. After a divergence only capacity is mentioned."""
    if look in (Look.DIVERGED, Look.ROSE):
        yield "logs.cannot.capacity", {}
        return
    yield ("logs.cannot.rows" if figures.rows else "logs.cannot.rows_unknown"), {}
    if figures.score is None or figures.score.name != "f1":
        yield "logs.cannot.f1", {}
    elif not log.macro_f1:
        yield "logs.cannot.macro", {}
    yield "logs.cannot.recall", {}
    if figures.train_f1 is None:
        yield "logs.cannot.subset", {}
    if not any(isfinite(p.lr) for p in log.points):
        yield "logs.cannot.schedule", {}
    if log.recipe.uneven:
        yield "logs.cannot.uneven", {}
    yield "logs.cannot.seeds", {}


def missing(log: TrainingLog) -> list[str]:
    """Settings that the experiment needs and the log does not contain: "rank", "alpha", "lr"."""
    return [name for name in ("rank", "alpha", "lr") if getattr(log.recipe, name) is None]


def recipe_words(log: TrainingLog) -> Both:
    """The settings that the log contains, in one line; none that was filled in."""
    recipe, parts = log.recipe, []
    if recipe.rank is not None:
        parts.append(knob_words("rank", same(recipe.rank)))
    if recipe.scaling is not None:
        parts.append(knob_words("scaling", same(f"{recipe.scaling:g}")))
    if recipe.lr is not None:
        parts.append(knob_words("lr", same(lr_words(recipe.lr))))
    if recipe.dropout is not None:
        parts.append(knob_words("dropout", same(f"{recipe.dropout:g}")))
    if recipe.roles is not None:
        parts.append(same("/".join(role.value for role in recipe.roles)))
    return joined(parts, " · ", " · ")
