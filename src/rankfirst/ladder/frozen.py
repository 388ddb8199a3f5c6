"""Logistic regression on the untouched encoder's features: the rung LoRA has to beat."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rankfirst.ladder.choose import best, held_out_logits
from rankfirst.ladder.folds import assign_folds, subsample
from rankfirst.ladder.head import LinearHead, Scaler
from rankfirst.ladder.linear import Matrix, fit_linear
from rankfirst.ladder.rungs import rung
from rankfirst.measure.calibration import fit_temperature, probabilities
from rankfirst.measure.scores import Bools, Floats, indicator
from rankfirst.records import Dataset, Number, Rung

FloatArray = npt.NDArray[np.floating]

C_PATH = (0.001, 0.01, 0.1, 1.0, 10.0)  # on standardised features
POOLING_C = 0.01  # near the best C of every set measured, so poolings are compared at their strength
CHOICE_FOLDS = 3
CHOICE_ROWS = 4000
OUT_OF_FOLD = 5  # folds; CHOICE_FOLDS beyond CHOICE_ROWS rows, where four fifths and two thirds teach the same


@dataclass(frozen=True)
class FrozenFit:
    """The chosen classifier, and what it says about rows it did not see."""

    pooling: str  # key of the features it reads
    head: LinearHead  # on raw features
    out_of_fold: Floats  # (n_train, C) calibrated probabilities, each row by models fitted without it
    rung: Rung


def fit_frozen(
    features: Mapping[str, FloatArray],
    val_features: Mapping[str, FloatArray],
    dataset: Dataset,
    tail: Sequence[int],
    seed: int = 0,
) -> FrozenFit:
    """Choose pooling, then C, by cross-validation on training rows; fit, calibrate and judge.

    Args:
        features: pooling name -> (n_train, d) raw features. val_features: same keys, (n_val, d).
        dataset: the rows behind them. tail: class indexes whose mean recall is reported.
    """
    started = time.perf_counter()
    truth = indicator(dataset.train.labels, len(dataset.classes))
    pooling, c = choose(features, truth, dataset, seed)
    scaler = Scaler.fit(features[pooling])
    rows = scaler.apply(features[pooling])
    large = len(dataset.train) > CHOICE_ROWS
    # Another shuffle than the choice's, so that C is not judged on the very folds it was picked on.
    fold = assign_folds(dataset.train.labels, CHOICE_FOLDS if large else OUT_OF_FOLD, seed + 1)
    logits = held_out_logits(rows, truth, fold, (c,), dataset.multi_label)[c]
    # Held-out logits, because a head is overconfident only on rows it has not seen.
    temperature = fit_temperature(logits, truth, dataset.multi_label)
    head = scaler.fold(fit_linear(rows, truth, c, dataset.multi_label), dataset.multi_label, temperature)
    probs = head.predict_proba(val_features[pooling])
    details: dict[str, Number] = {"pooling": pooling, "C": c, "temperature": temperature}
    seconds = time.perf_counter() - started
    return FrozenFit(
        pooling=pooling,
        head=head,
        out_of_fold=probabilities(logits, dataset.multi_label, temperature),
        rung=rung("frozen", dataset, tail, probs, seconds, head.megabytes, details),
    )


def choose(features: Mapping[str, FloatArray], truth: Bools, dataset: Dataset, seed: int) -> tuple[str, float]:
    """The pooling (at one C) and then the C that `best` prefers on held-out training rows."""
    some = subsample(dataset.train.labels, CHOICE_ROWS, seed)
    fold = assign_folds([dataset.train.labels[i] for i in some], CHOICE_FOLDS, seed)
    truth = truth[some]
    # Scaled once, not a fold: means and deviations know no labels.
    scaled: dict[str, Matrix] = {}
    for name in sorted(features):
        chosen = features[name][some]
        scaled[name] = Scaler.fit(chosen).apply(chosen)
    names = list(scaled)
    pooling = names[0]
    if len(names) > 1:
        trials = [held_out_logits(scaled[n], truth, fold, (POOLING_C,), dataset.multi_label)[POOLING_C] for n in names]
        pooling = names[best(trials, truth, dataset.multi_label, seed)]
    logits = held_out_logits(scaled[pooling], truth, fold, C_PATH, dataset.multi_label)
    return pooling, C_PATH[best([logits[c] for c in C_PATH], truth, dataset.multi_label, seed)]
