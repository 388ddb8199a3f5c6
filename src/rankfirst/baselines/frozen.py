"""Logistic regression on the untouched encoder's features: the rung LoRA has to beat."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from rankfirst.baselines.cross_validation import best, cross_fit, fit_path, held_out_logits
from rankfirst.baselines.folds import Indexes, assign_folds, subsample
from rankfirst.baselines.linear_head import LinearHead, Scaler
from rankfirst.baselines.logistic import Rows, Weights, fit_linear
from rankfirst.baselines.rung import Fit, latency, rung
from rankfirst.measure.calibration import fit_temperature, probabilities
from rankfirst.measure.predictions import Predictions
from rankfirst.measure.scores import Bools, Floats, indicator, log_loss
from rankfirst.records import Dataset, Number

FloatArray = npt.NDArray[np.floating]

C_PATH = (0.001, 0.01, 0.1, 1.0, 10.0)  # on standardised features
POOLING_C = 0.01  # amid the Cs that won on the sets measured (0.001 to 1)
POOLING_ROWS = 4000  # every pooling is tried on at most so many rows; only the winner on all
FOLDS = 5
FOLDS_WHEN_LARGE = 3
LARGE = 4000  # rows, from which on two thirds of them teach what four fifths do
# C is chosen on so many rows at most (stratified): the five Cs on all of 100,000 rows x 150 classes take minutes
# (benchmarks/ladder_scale.py). Out-of-fold probabilities and the classifier are of all rows.
CHOICE_ROWS = 20_000
# Rows with out-of-fold probabilities at most (stratified): 200,000 x 400 classes are 0.6 GB a copy and three fits. What
# they are for, suspect labels and the ceiling, needs no more rows. The classifier itself is of all rows.
FOLD_ROWS = 200_000
# Validation log-loss over held-out log-loss, and the gap in standard errors, from which the folds are taken to leak.
# MixATIS: 2.8 nats against 0.54.
LEAK_RATIO = 1.5
LEAK_SES = 3.0


@dataclass(frozen=True)
class FrozenFit(Fit):
    """The chosen classifier, and what it says about rows it did not see."""

    pooling: str  # key of the features it reads
    head: LinearHead  # on raw features
    rows: Indexes  # (k,) training rows that have out-of-fold probabilities: all, or FOLD_ROWS, classes in proportion
    out_of_fold: Floats  # (k, C) calibrated probabilities, each row by models fitted without it
    sober: Floats  # the same at the C with the least held-out log-loss: what labels are judged by


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
    multi = dataset.multi_label
    pooling = choose_pooling(features, truth, dataset, seed)
    scaler = Scaler.fit(features[pooling])  # once, not a fold: means and deviations know no labels
    search = _Search(features[pooling], scaler, truth, dataset.train.labels, multi, seed)
    unseen = val_features[pooling]
    chosen = _chosen(search, scaler, unseen, indicator(dataset.val.labels, len(dataset.classes)), seed)
    head, sober = chosen.head, search.sober()
    val = Predictions.of(dataset, dataset.val, head.logits(unseen), head.temperature)
    details: dict[str, Number] = {
        "pooling": pooling,
        "C": chosen.c,
        "temperature": head.temperature,
        "chosen_on": "validation" if chosen.leaky else "folds",
        "choice_rows": len(search.choice),
    }
    if search.many:
        details["fold_rows"] = len(search.kept)
    seconds = time.perf_counter() - started
    ms = latency(lambda row: head.predict_proba(unseen[row : row + 1]), len(unseen))  # reading the text comes on top
    return FrozenFit(
        rung=rung("frozen", val, tail, seconds, head.megabytes, details, ms),
        val=val,
        temperature=head.temperature,
        pooling=pooling,
        head=head,
        rows=search.kept,
        out_of_fold=probabilities(chosen.held_out, multi, head.temperature),
        sober=sober,
    )


@dataclass(frozen=True)
class _Chosen:
    """What C and temperature were chosen."""

    c: float
    head: LinearHead  # on raw features
    held_out: Floats  # (k, C) logits of training rows, each by a model that did not see it
    leaky: bool  # whether they were chosen on validation


def _chosen(search: "_Search", scaler: Scaler, unseen: FloatArray, val_truth: Bools, seed: int) -> _Chosen:
    """C and temperature by held-out training rows, or on validation if the folds leak.

    If training rows share parts (templates, component utterances), a held-out row is half seen: the folds then promise
    far less loss than validation shows, and any weak penalty looks good.

    Args: unseen: (m, d) raw validation features. val_truth: (m, C).
    """
    truth, multi = search.truth, search.multi
    c = C_PATH[best([search.tried[c] for c in C_PATH], truth[search.choice], multi, seed)]
    held_out, head = search.held_out(c), scaler.fold(search.weights(c), multi)
    # Held-out logits, because a head is overconfident only on rows it has not seen.
    temperature = fit_temperature(held_out[search.choice], truth[search.choice], multi)
    leaky = folds_leak(held_out, truth, head.logits(unseen), val_truth, multi, temperature)
    if leaky:
        trials = [scaler.fold(w, multi).logits(unseen).astype(np.float64) for w in search.path()]
        c = C_PATH[best(trials, val_truth, multi, seed)]
        held_out, head = search.held_out(c), scaler.fold(search.weights(c), multi)
        temperature = fit_temperature(head.logits(unseen).astype(np.float64), val_truth, multi)
    return _Chosen(c, replace(head, temperature=temperature), held_out, leaky)


class _Search:
    """Models along C_PATH on the rows that C is chosen on; on demand, for one C, on all that are held out in turn.

    The classifier is of all rows, which are more than those where there are more than FOLD_ROWS.
    """

    def __init__(
        self,
        features: FloatArray,
        scaler: Scaler,
        truth: Bools,
        labels: Sequence[Sequence[int]],
        multi: bool,
        seed: int,
    ) -> None:
        """Args: features: (n, d) raw. truth: (n, C). labels: (n,) the same."""
        self.kept = subsample(labels, FOLD_ROWS, seed + 2)  # other seeds than the folds': see `subsample`
        self.many = len(self.kept) < len(truth)
        given = [labels[row] for row in self.kept]
        self.all_rows: Rows = scaler.scaled(features) if self.many else scaler.apply(features)
        self.rows: Rows = self.all_rows[self.kept] if self.many else self.all_rows
        self.all_truth, self.truth, self.multi = truth, truth[self.kept] if self.many else truth, multi
        self.fold = assign_folds(given, FOLDS if len(given) <= LARGE else FOLDS_WHEN_LARGE, seed)
        self.choice = subsample(given, CHOICE_ROWS, seed + 1)
        self.whole = len(self.choice) == len(self.rows)
        self.known: dict[float, Floats] = {}
        # All rows where they are few, because they are needed out of fold anyway.
        some = self.choice
        self.tried, self.models = cross_fit(self.rows[some], self.truth[some], self.fold[some], C_PATH, multi)

    def held_out(self, c: float) -> Floats:
        """(n, C) logits of every row from a model that did not see it: each fold starts from its own smaller one."""
        if self.whole:
            return self.tried[c]
        if c not in self.known:
            logits, models = cross_fit(self.rows, self.truth, self.fold, (c,), self.multi, self.models[c])
            self.models |= models
            self.known |= logits
        return self.known[c]

    def sober(self) -> Floats:
        """(n, C) calibrated probabilities at the C with the least held-out log-loss.

        Macro-F1 may prefer a weak penalty under which a wrong label is learnt by heart, and its row's neighbours with
        it: on CrossWOZ the stronger one finds three of a hundred planted mistakes more (benchmarks/assess_suspects.py).
        """
        truth = self.truth[self.choice]
        heat = {c: fit_temperature(logits, truth, self.multi) for c, logits in self.tried.items()}
        losses = {
            c: log_loss(truth, probabilities(self.tried[c], self.multi, heat[c]), self.multi).mean() for c in heat
        }
        c = min(losses, key=lambda c: losses[c])
        return probabilities(self.held_out(c), self.multi, heat[c])

    def weights(self, c: float) -> Weights:
        """Of all rows: along the path, or from amid the folds' models, which is as near."""
        if self.whole and not self.many:
            return fit_path(self.rows, self.truth, C_PATH[: C_PATH.index(c) + 1], self.multi)
        return fit_linear(self.all_rows, self.all_truth, c, self.multi, Weights.mean(list(self.models[c].values())))

    def path(self) -> list[Weights]:
        """A C: of the rows that C is chosen on."""
        made: list[Weights] = []
        for c in C_PATH:
            start = made[-1] if made else None
            made.append(fit_linear(self.rows[self.choice], self.truth[self.choice], c, self.multi, start))
        return made


def folds_leak(
    held_out: Floats, truth: Bools, unseen: FloatArray, val_truth: Bools, multi: bool, temperature: float
) -> bool:
    """Whether validation loses so much more than held-out training rows that these cannot have been unseen.

    Args:
        held_out: (n, C) logits of training rows. truth: (n, C). unseen: (m, C) validation logits. val_truth: (m, C).
    """
    folds = log_loss(truth, probabilities(held_out, multi, temperature), multi)
    val = log_loss(val_truth, probabilities(np.asarray(unseen, dtype=np.float64), multi, temperature), multi)
    if len(val) < 2:
        return False
    gap, error = val.mean() - folds.mean(), val.std(ddof=1) / np.sqrt(len(val))
    return bool(gap > LEAK_SES * error and val.mean() > LEAK_RATIO * folds.mean())


def choose_pooling(features: Mapping[str, FloatArray], truth: Bools, dataset: Dataset, seed: int) -> str:
    """The pooling that `best` prefers on held-out training rows, at one C."""
    names = sorted(features)
    if len(names) == 1:
        return names[0]
    some = subsample(dataset.train.labels, POOLING_ROWS, seed)
    labels = [dataset.train.labels[i] for i in some]
    chosen = {name: features[name][some] for name in names}
    trials = pooling_trials(chosen, truth[some], labels, dataset.multi_label, seed)
    return names[best([trials[name] for name in names], truth[some], dataset.multi_label, seed)]


def pooling_trials(
    features: Mapping[str, FloatArray], truth: Bools, labels: Sequence[Sequence[int]], multi: bool, seed: int
) -> dict[str, Floats]:
    """Pooling -> (n, C) held-out logits at one C, by name.

    Args: features: pooling -> (n, d) raw. truth: (n, C). labels: (n,) the same.
    """
    fold = assign_folds(labels, FOLDS_WHEN_LARGE, seed)
    trials = {}
    for name in sorted(features):
        rows = Scaler.fit(features[name]).apply(features[name])
        trials[name] = held_out_logits(rows, truth, fold, (POOLING_C,), multi)[POOLING_C]
    return trials
