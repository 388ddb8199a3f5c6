"""Compute the metrics that a curve stores for one evaluation, from logits and true labels."""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from rankfirst.measure.calibration import fit_temperature, probabilities
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
    at_least_one: bool = False  # multi-label: a row without a label above 0.5 gets its likeliest one, as delivered


@dataclass(frozen=True)
class Judged:
    """One evaluation and its per-row results."""

    evaluation: Evaluation
    log_loss: tuple[float, ...]  # (n_val,) nats, after temperature scaling on the same rows
    predicted: tuple[tuple[int, ...], ...]  # (n_val,) class indexes
    missed: Bools  # (n_train,) whether a training row is misclassified; empty without training rows


def judge(step: int, epoch: float, val: Answers, train: Answers | None) -> Judged:
    """Score one evaluation. `train`: answers on a fixed subset of the training rows; None: its metrics are NaN.

    Label sets are decoded from calibrated probabilities, as the delivered model does it: early in training no label of
    a sparse set reaches 0.5 uncalibrated, and macro-F1 would be that of a model that says nothing.
    """
    logits, truth, multi, at_least_one = val
    temperature = fit_temperature(logits, truth, multi)
    p, calibrated = (probabilities(logits, multi, each) for each in (1.0, temperature))
    predicted = predict_labels(calibrated, multi, None, at_least_one)
    train_loss, train_f1, missed = math.nan, math.nan, np.zeros(0, dtype=bool)
    if train is not None:
        p_train = probabilities(train.logits, multi)
        answered = predict_labels(probabilities(train.logits, multi, temperature), multi, None, at_least_one)
        train_loss = float(log_loss(train.truth, p_train, multi).mean())
        train_f1 = macro_f1(train.truth, answered)
        missed = (answered != train.truth).any(axis=1)
    losses = log_loss(truth, calibrated, multi)
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
        val_loss_calibrated=float(losses.mean()),
    )
    return Judged(evaluation, tuple(float(x) for x in losses), as_tuples(predicted), missed)
