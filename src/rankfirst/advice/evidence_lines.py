"""What a log shows, line by line: lengths, levels, the schedule, and how much scores vary at random."""

from collections.abc import Iterable
from math import isfinite

from rankfirst.advice import curve_figures, faults
from rankfirst.advice.curve_figures import Val
from rankfirst.advice.faults import Figures
from rankfirst.advice.live_run import Said
from rankfirst.records.training_log import TrainingLog
from rankfirst.report.phrases import Both, both, lr_words


def shows(log: TrainingLog, figures: Figures) -> Iterable[Said]:
    """The evidence of one log, as message codes and numbers."""
    yield _length(log)
    if figures.train is not None:
        yield "logs.train", {"start": figures.train.start, "end": figures.train.end}
    scores = [figures.loss, figures.score]
    if figures.accuracy is not None and figures.score is not None and figures.score.name == "f1":
        scores.append(figures.accuracy)
    for val in scores:
        if val is not None:
            yield _val(log, val)
    if figures.train_f1 is not None:
        yield "logs.train_f1", {"first": figures.train_f1.first, "last": figures.train_f1.last}
    if (lr := schedule(log)) is not None:
        yield lr
    if figures.rows and figures.score is not None:
        limit = 100 * curve_figures.noise_of(figures.score.last, figures.rows)
        code = "logs.noise_f1" if figures.score.name == "f1" else "logs.noise_accuracy"
        yield code, {"rows": f"{figures.rows:,}", "points": limit}
        yield _gain(figures.score, figures.rows)
    yield from _oddities(log, figures)


def _oddities(log: TrainingLog, figures: Figures) -> Iterable[Said]:
    """What is unusual in the log, and what was done about it."""
    if faults.same_scores(log, figures) and figures.score is not None:
        numbers = {"name": named(log, figures.score), "value": figures.score.last, "count": figures.score.count}
        yield "logs.same_score", numbers
    if log.dead_gradients and log.broken_at is None:
        yield "logs.dead_gradients", {"dead": f"{log.dead_gradients:,}", "count": f"{log.gradients:,}"}
    if log.setup.early_stopping and log.setup.planned_steps and (log.done or 1.0) < 1:
        done, planned = log.setup.done_steps or log.last_step, log.setup.planned_steps
        yield "logs.early_stop", {"done": f"{done:,}", "planned": f"{planned:,}"}
    if log.repeated:
        yield "logs.repeated", {"count": f"{log.repeated:,}"}
    if log.healed:
        yield "logs.healed", {"count": f"{log.healed:,}"}


def _length(log: TrainingLog) -> Said:
    length = {"points": f"{len(log.points):,}", "evaluations": len(log.evaluations), "last": f"{log.last_step:,}"}
    if not log.counts_steps:
        return "logs.length_rows", length
    if isfinite(log.epochs):
        return "logs.length", {**length, "epochs": f"{log.epochs:.3g}"}
    return "logs.length_steps", length


def schedule(log: TrainingLog) -> Said | None:
    """The lr schedule; None if no lr was logged, or a constant one, which the recipe names."""
    fitted = log.schedule
    if fitted is None or fitted.kind == "constant" or len(log.rates) < 2:
        return None
    numbers = {"first": rate(fitted.first), "last": rate(fitted.last)}
    if fitted.rising:
        return "logs.lr_rising", numbers
    kind = both(f"logs.schedule.{fitted.kind or 'other'}")
    if fitted.peak is None or fitted.peak <= fitted.low * 1.005:
        return "logs.lr_logged", {**numbers, "kind": kind}
    return "logs.lr_extrapolated", {**numbers, "kind": kind, "peak": lr_words(fitted.peak)}


def rate(lr: float) -> str:
    """A logged learning rate, which may be 0."""
    return lr_words(lr) if lr else "0"


def _val(log: TrainingLog, val: Val) -> Said:
    at = both("logs.at_step" if log.counts_steps else "logs.at_row", {"step": f"{val.best_step:,}"})
    numbers = {"first": val.first, "last": val.last, "best": val.best, "at": at, "count": val.count}
    code = "logs.val_once" if val.count == 1 else "logs.val_loss" if val.name == "loss" else "logs.val_score"
    return code, {**numbers, "name": named(log, val)}


def named(log: TrainingLog, val: Val) -> Both:
    """The name of a metric."""
    return both("logs.name.macro_f1" if val.name == "f1" and log.macro_f1 else f"logs.name.{val.name}")


def _gain(score: Val, rows: int) -> Said:
    """The last score against the first: neither was selected for being high."""
    gain, limit = score.last - score.first, curve_figures.noise_of_difference(score.first, score.last, rows)
    code = "logs.gain_beyond" if abs(gain) > limit else "logs.gain_inside"
    return code, {"gain": 100 * gain, "limit": 100 * limit}
