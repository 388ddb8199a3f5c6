"""The sentences of each fault: the judgement with its numbers, signs of its cause, and the next step."""

from collections.abc import Iterable
from math import isfinite, log
from typing import Any

from rankfirst.advice import faults
from rankfirst.advice.faults import Figures
from rankfirst.advice.live_run import Said
from rankfirst.advice.looks import Look
from rankfirst.policy import thresholds as t
from rankfirst.records.training_log import TrainingLog
from rankfirst.report.phrases import Both, both, lr_words, same

FEW_STEPS = 60  # optimiser steps in which hardly any classifier learns. Assumption.
WARMUP_SHARE = 0.06  # of all steps: what is recommended for a warm-up that never ended


def said(run: TrainingLog, look: Look, figures: Figures) -> Iterable[Said]:
    """The judgement on a fault and what points at its cause; nothing if the look is no fault."""
    level = faults.level_of(figures) or 0.0
    if look is Look.DIVERGED:
        yield _diverged(run)
    elif look is Look.NO_LOSS:
        yield "logs.look.no_loss", {"points": f"{len(run.points):,}"}
    elif look in (Look.NO_LR, Look.NO_GRADIENT):
        yield f"logs.look.{look.value}", {"end": level}
    elif look is Look.FELL_BACK:
        yield "logs.look.fell_back", {"least": min(p.loss for p in run.points), "end": level}
    elif look is Look.WARMUP:
        yield _warmup(run)
    elif look is Look.TOO_EASY:
        yield _easy(run, figures)
    elif look is Look.ONE_CLASS:
        yield _one_class(run, figures)
        yield from _causes(run)
    elif look is Look.UNLEARNT:
        yield _unlearnt(run, figures, level)
        if faults.same_scores(run, figures) and figures.score is not None:
            yield "logs.cause.same", {"count": figures.score.count}
        yield from _causes(run)
    elif look is Look.CUT_SHORT:
        yield cut(run)


def _diverged(run: TrainingLog) -> Said:
    step = f"{run.broken_at or 0:,}"
    if _from_the_start(run):
        return "logs.look.diverged_start", {"step": step}
    if run.broken_evaluation:
        return "logs.look.diverged_eval", {"step": step}
    return ("logs.look.overflow" if run.setup.fp16 else "logs.look.diverged"), {"step": step}


def _from_the_start(run: TrainingLog) -> bool:
    """Whether a run was broken before any learning rate could have done it."""
    return not run.points and (run.broken_at or 0) <= faults.EASY_STEPS


def _warmup(run: TrainingLog) -> Said:
    fitted, warmup = run.schedule, run.setup.warmup_steps
    last = f"{run.setup.done_steps or run.last_step:,}"
    if fitted is None:
        return "logs.look.warmup_planned", {"last": last, "warmup": f"{warmup or 0:,.0f}"}
    numbers = {"last": last, "lr": lr_words(fitted.last), "points": len(run.rates)}
    if run.recipe.lr is not None and fitted.last < run.recipe.lr * (1 - t.SAME_LR):
        return "logs.look.warmup_of", {**numbers, "peak": lr_words(run.recipe.lr)}
    return "logs.look.warmup", numbers


def _easy(run: TrainingLog, figures: Figures) -> Said:
    step = faults.easy_at(run, figures) or 0
    first = next((p for p in run.points if p.step >= step), run.points[-1])
    at = both("logs.at_step" if run.counts_steps else "logs.at_row", {"step": f"{step:,}"})
    return "logs.look.too_easy", {
        "at": at,
        "loss": _small(first.loss),
        "end": _small(run.points[-1].loss),
        "score": _score(run, figures),
    }


def _small(loss: float) -> str:
    return f"{loss:.2g}" if loss >= 1e-4 else "0"


def _score(run: TrainingLog, figures: Figures) -> Both:
    val = figures.score or figures.loss
    if val is None:
        return same("")
    name = "macro_f1" if val.name == "f1" and run.macro_f1 else val.name
    return both("logs.ends_at", {"name": both(f"logs.name.{name}"), "value": f"{val.last:.3g}"})


def _one_class(run: TrainingLog, figures: Figures) -> Said:
    score, accuracy = figures.score, figures.accuracy
    if score is not None and score.best <= faults.SAME:
        return "logs.look.no_positive", {"count": score.count}
    if score is not None and faults.likely_one_class(run, figures):
        return "logs.look.one_class_likely", {"f1": score.last, "count": score.count}
    numbers = {"f1": 0.0 if score is None else score.last, "accuracy": 0.0 if accuracy is None else accuracy.last}
    return "logs.look.one_class", numbers | {"count": 0 if score is None else score.count}


def _unlearnt(run: TrainingLog, figures: Figures, level: float) -> Said:
    classes = faults.classes_of(run, figures)
    near = classes is not None and abs(level - log(classes)) <= 0.05 * log(classes)
    if classes is None or not near:
        start = figures.train.start if figures.train else figures.loss.first if figures.loss else level
        return "logs.look.unlearnt", {"start": start, "end": level, "score": _score(run, figures)}
    numbers = {"end": level, "classes": classes, "chance": log(classes), "score": _score(run, figures)}
    return "logs.look.unlearnt_chance", numbers


def _causes(run: TrainingLog) -> Iterable[Said]:
    """What in the settings explains that nothing was learnt: the lr, or a head that was not trained."""
    lr, low, high = run.recipe.lr, *t.BAND
    if run.lora and lr is not None and lr < low / 2 * (1 - t.SAME_LR):
        yield "logs.cause.lr_low", {"lr": lr_words(lr), "low": lr_words(low), "high": lr_words(high)}
    if run.lora and lr is not None and lr > 2 * high * (1 + t.SAME_LR):
        yield "logs.cause.lr_high", {"lr": lr_words(lr), "low": lr_words(low), "high": lr_words(high)}
    if run.setup.head_frozen:
        yield "logs.cause.head", {}
    if run.counts_steps and run.last_step < FEW_STEPS:
        yield "logs.cause.few_steps", {"steps": run.last_step}


def cut(run: TrainingLog) -> Said:
    """How far a run got that its own file says was not finished."""
    setup = run.setup
    if setup.planned_steps:
        done, planned = f"{setup.done_steps or run.last_step:,}", f"{setup.planned_steps:,}"
        unit = both("logs.unit.steps")
    else:
        epochs = setup.done_epochs or run.epochs
        done, planned, unit = f"{epochs:.3g}", f"{setup.planned_epochs or 0:g}", both("logs.unit.epochs")
    numbers = {"done": done, "planned": planned, "unit": unit, "share": run.done or 0.0}
    if faults.warming(run):
        return "logs.look.cut_warming", numbers
    if run.schedule is None or not run.schedule.last or not run.schedule.low:
        return "logs.look.cut_short", numbers
    peak = run.recipe.lr or run.schedule.low
    return "logs.look.cut_lr", {**numbers, "lr": lr_words(run.schedule.last), "peak": lr_words(peak)}


def unclear(run: TrainingLog, figures: Figures) -> Said:
    """Why a log shows too little."""
    points, evaluations = len(run.points), len(run.evaluations)
    if not points:
        return "logs.too_little.no_train", {"evaluations": evaluations, "last": f"{run.last_step:,}"}
    if points == 1:
        return "logs.too_little.one", {"step": f"{run.points[0].step:,}"}
    return "logs.too_little", {"points": points, "needed": t.LEAST_POINTS, "evaluations": evaluations}


def next_step(run: TrainingLog, look: Look, figures: Figures, code: str, numbers: dict[str, Any]) -> Said:
    """The experiment of a look with what this log adds to it."""
    if look is Look.DIVERGED and _from_the_start(run):
        return "logs.try.labels", numbers
    if look is Look.DIVERGED and run.broken_evaluation:
        return "logs.try.evaluation", numbers
    if look is Look.DIVERGED and run.setup.fp16:
        return "logs.try.overflow", numbers
    if look is Look.CUT_SHORT and run.setup.later:
        return "logs.try.later", {"later": same(run.setup.later)}
    if look is Look.CREEPING:
        return _creeping(run, figures, numbers)
    if look in (Look.UNLEARNT, Look.ONE_CLASS):
        return _trains(run, look, numbers)
    if look is Look.WARMUP:
        return _shorter_warmup(run)
    if look is Look.UNCLEAR and not run.points and run.counts_steps:
        return "logs.try.log_steps", {"every": max(1, run.last_step // 30)}
    return code, numbers


def _creeping(run: TrainingLog, figures: Figures, numbers: dict[str, Any]) -> Said:
    """Which checkpoint to keep: the one with the lowest loss only if the score did not rise after it."""
    score = figures.score
    code = "logs.try.dropout" if run.lora else "logs.try.dropout_plain"
    if score is None or not isfinite(score.at_low_loss) or score.best - score.at_low_loss > faults.SAME:
        return f"{code}_score", numbers
    return code, numbers


def _trains(run: TrainingLog, look: Look, numbers: dict[str, Any]) -> Said:
    """Check first that head and adapter train; then one change of lr, or of the weights of the classes."""
    lr, suffix = run.recipe.lr, "" if run.lora else "_plain"
    if run.setup.head_frozen:
        return "logs.try.head", {}
    in_band = lr is not None and t.BAND[0] / 2 <= lr * (1 + t.SAME_LR) <= 2.02 * t.BAND[1]
    if look is Look.UNLEARNT and run.lora and lr is not None and in_band:
        return "logs.try.trains_in_band", {"lr": lr_words(lr)}
    if run.lora and lr is not None and not in_band:
        to = t.BAND[0] if lr < t.BAND[0] else t.START_LR
        change = both("logs.arm.lr", {"old": lr_words(lr), "new": lr_words(to)})
    else:
        change = numbers["lr"]
    code = "logs.try.trains_balanced" if look is Look.ONE_CLASS else "logs.try.trains"
    return f"{code}{suffix}", {**numbers, "change": change}


def _shorter_warmup(run: TrainingLog) -> Said:
    steps = run.setup.planned_steps or (run.last_step if run.counts_steps else 0)
    if not steps:
        return "logs.try.warmup_share", {"share": WARMUP_SHARE}
    return "logs.try.warmup", {"warmup": max(1, round(WARMUP_SHARE * steps)), "steps": f"{steps:,}"}
