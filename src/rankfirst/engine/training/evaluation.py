"""Compute the metrics that a curve stores for one evaluation, from logits and true labels."""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from rankfirst.measure.calibration import calibrated_log_loss, probabilities
from rankfirst.measure.scores import (
    Bools,
    Floats,
    accuracy,
    as_tuples,
    log_loss,
    macro_f1,
    macro_f1_occurring,
    predict_labels,
    recall_per_class,
)
from rankfirst.records import Evaluation


class Answers(NamedTuple):
    """A model's logits for some rows, and the true labels."""

    logits: Floats  # (n, C)
    truth: Bools  # (n, C)
    multi_label: bool


@dataclass(frozen=True)
class Judged:
    """One evaluation and its per-row results."""

    evaluation: Evaluation
    log_loss: tuple[float, ...]  # (n_val,) nats, after temperature scaling on the same rows
    predicted: tuple[tuple[int, ...], ...]  # (n_val,) class indexes
    missed: Bools  # (n_train,) whether a training row is misclassified; empty without training rows


def judge(step: int, epoch: float, val: Answers, train: Answers | None) -> Judged:
    """Score one evaluation. `train`: answers on a fixed subset of the training rows; None: its metrics are NaN."""
    logits, truth, multi = val
    p = probabilities(logits, multi)
    predicted = predict_labels(p, multi)
    train_loss, train_f1, missed = math.nan, math.nan, np.zeros(0, dtype=bool)
    if train is not None:
        p_train = probabilities(train.logits, multi)
        answered = predict_labels(p_train, multi)
        train_loss = float(log_loss(train.truth, p_train, multi).mean())
        train_f1 = macro_f1(train.truth, answered)
        missed = (answered != train.truth).any(axis=1)
    evaluation = Evaluation(
        step=step,
        epoch=epoch,
        val_loss=float(log_loss(truth, p, multi).mean()),
        val_macro_f1=macro_f1(truth, predicted),
        val_accuracy=accuracy(truth, predicted),
        recall=tuple(float(r) for r in recall_per_class(truth, predicted)),
        train_loss=train_loss,
        train_macro_f1=train_f1,
        val_f1_occurring=macro_f1_occurring(truth, predicted),
    )
    losses = tuple(float(x) for x in calibrated_log_loss(logits, truth, multi))
    return Judged(evaluation, losses, as_tuples(predicted), missed)
