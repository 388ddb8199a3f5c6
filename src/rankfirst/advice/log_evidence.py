"""Convert a log to evidence for the policy: what was not logged is NaN or empty, so symptoms are UNKNOWN."""

from collections.abc import Sequence
from itertools import pairwise
from math import isfinite, nan
from statistics import fmean, median
from typing import Final

from rankfirst.policy import thresholds as t
from rankfirst.records import BaseFacts, Curve, Evaluation, Head, Health, Recipe, Sites
from rankfirst.records.observed import Observed
from rankfirst.records.recipe import ATTENTION_QV
from rankfirst.records.training_log import LoggedEvaluation, LossPoint, TrainingLog

# Maximum loss points per epoch, as in our own engine, and in all: slopes are computed over pairs of points.
POINTS_PER_EPOCH: Final = 50
MOST_POINTS: Final = 600


def observed(log: TrainingLog) -> Observed:
    """The run without rows: no labels, no predictions, and no training subset unless the log evaluates one.

    Unknown settings are filled with usual values so that the rules can be applied; no sentence mentions those.
    """
    points = thinned(log)
    evaluations = _evaluations(log)
    if log.broken_at is not None:  # as in our own runs, the curve includes the step at which it diverged
        points = (*points, LossPoint(log.broken_at, nan, nan, nan, nan))
    epochs = log.epochs if isfinite(log.epochs) else max(0.0, evaluations[-1].epoch if evaluations else 0.0)
    curve = Curve(
        recipe=_recipe(log),
        health=Health.FINE if log.broken_at is None else Health.DIVERGED,
        epochs=epochs,
        steps_per_epoch=max(1, round(log.last_step / epochs)) if epochs > 1e-6 else 1,
        steps=tuple(p.step for p in points),
        train_loss=tuple(p.loss for p in points),
        grad_norm=tuple(p.grad_norm for p in points),
        evaluations=evaluations,
        val_log_loss=(),
        val_predicted=(),
        train_wrong=(),
        train_seen=0,
        update_norm=nan,
        adapter_parameters=0,
        work=0.0,
        lr=tuple(p.lr for p in points),
    )
    facts = BaseFacts("", log.recipe.layers or 1, 0, {}, 0, 0, 0, 0, 0, curve.steps_per_epoch)
    return Observed(curve, (), facts, (), (), False, 0)


def thinned(log: TrainingLog) -> tuple[LossPoint, ...]:
    """The loss points; neighbours are averaged if there are more than a slope needs."""
    epochs = log.epochs if isfinite(log.epochs) else 1.0
    most = int(min(MOST_POINTS, POINTS_PER_EPOCH * max(1.0, epochs)))
    if len(log.points) <= most:
        return log.points
    ends = [round(i * len(log.points) / most) for i in range(most + 1)]
    return tuple(_mean(log.points[a:b]) for a, b in pairwise(ends))


def _mean(points: Sequence[LossPoint]) -> LossPoint:
    last, norms = points[-1], [p.grad_norm for p in points if isfinite(p.grad_norm)]
    return LossPoint(last.step, fmean(p.loss for p in points), last.epoch, last.lr, fmean(norms) if norms else nan)


def _evaluations(log: TrainingLog) -> tuple[Evaluation, ...]:
    """The evaluations; a missing one at step 0 is NaN. If epochs are unknown, evaluations count as one epoch apart."""
    logged = log.evaluations
    if not logged:
        return ()
    apart = median(b.step - a.step for a, b in pairwise(logged)) if len(logged) > 1 else logged[0].step
    start = () if logged[0].step == 0 else (LoggedEvaluation(0, 0.0),)
    return tuple(
        Evaluation(
            step=e.step,
            epoch=e.epoch if isfinite(e.epoch) else e.step / max(1.0, apart),
            val_loss=e.loss,
            val_macro_f1=e.f1,
            val_accuracy=e.accuracy,
            recall=(),
            train_loss=e.train_loss,
            train_macro_f1=e.train_f1,
        )
        for e in (*start, *logged)
    )


def _recipe(log: TrainingLog) -> Recipe:
    recipe = log.recipe
    return Recipe(
        rank=recipe.rank or t.START_RANK,
        sites=Sites(recipe.roles or ATTENTION_QV, recipe.layers or 1),
        scaling=recipe.scaling or t.SCALINGS[0],
        lr=recipe.lr or t.START_LR,
        dropout=t.START_DROPOUT if recipe.dropout is None else recipe.dropout,
        head=Head.RANDOM,
        batch_size=recipe.batch_size or 32,
        seed=recipe.seed or 0,
    )
