"""Logistic regression, with few rows beside class prototypes, on the frozen encoder: the rung that LoRA has to beat."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from rankfirst.baselines.cross_validation import best, cross_fit, fit_path
from rankfirst.baselines.folds import Indexes, assign_folds, subsample
from rankfirst.baselines.linear_head import LinearHead, Scaler
from rankfirst.baselines.logistic import Rows, Weights, fit_linear
from rankfirst.baselines.pooling_choice import choose_pooling
from rankfirst.baselines.prototypes import FloatArray, Mix, choose_mix, prototype_head, prototype_logits
from rankfirst.baselines.rung import Fit, latency, rung
from rankfirst.measure.calibration import fit_temperature, probabilities
from rankfirst.measure.predictions import Predictions
from rankfirst.measure.scores import Bools, Floats, indicator, log_loss, macro_f1, predict_labels
from rankfirst.records import Dataset, Number

C_PATH = (0.001, 0.01, 0.1, 1.0, 10.0)  # on standardised features
# Share of the C with the lowest held-out log-loss at which the head that LoRA starts from is fitted. A head that has
# memorised the training rows leaves LoRA almost no gradient: on NLU++ (r 16, q/v and FFN of four blocks, lr 1.6e-3)
# LoRA reaches 85.3% test macro-F1 from the rung's head and 88.2% from one at C 0.001 (benchmarks/head_starts.py).
START_SHARE = 0.1
# Share of its held-out log-loss that such a head must have left on the rows it was fitted on, or C falls by START_SHARE
# once more. With few rows a stronger penalty still memorises: 800 rows of BANKING77 at C 0.1 leave 0.13 of 0.75 nats,
# at 0.01 0.67 of 1.25. Good starts have left 0.55 or more of it; one at C 0.001 knows too little there.
LEAST_LEFT = 0.3
LEAST_START_C = 1e-4
# Poolings whose states leave a LayerNorm: their lengths hardly differ, so they are not brought to unit length; and
# transformers' and vLLM's classes for classification, which read these alone, have no place for that step.
LEVEL = ("cls", "last")
FOLDS = 5
FOLDS_WHEN_LARGE = 3
LARGE = 4000  # rows; above this, a model fitted on two thirds is as good as one fitted on four fifths
# Maximum number of rows (stratified) on which C is chosen: five Cs on 100,000 rows x 150 classes take minutes
# (benchmarks/ladder_scale.py). Out-of-fold probabilities and the classifier use all rows.
CHOICE_ROWS = 20_000
# Maximum number of rows (stratified) with out-of-fold probabilities: 200,000 x 400 classes take 0.6 GB per copy and
# three fits. Suspect labels and the ceiling need no more rows. The classifier itself uses all rows.
FOLD_ROWS = 200_000
# The folds count as leaking if validation log-loss exceeds LEAK_RATIO times the out-of-fold log-loss, and by more than
# LEAK_SES standard errors.
# MixATIS: 2.8 nats against 0.54.
LEAK_RATIO = 1.5
LEAK_SES = 3.0


@dataclass(frozen=True)
class FrozenFit(Fit):
    """The chosen classifier and its out-of-fold probabilities."""

    pooling: str  # key of the features that the classifier reads
    head: LinearHead  # on raw features, which it may bring to unit length itself
    # From which LoRA starts, on raw features: fitted at a stronger penalty, so that training rows are not yet learnt.
    start: LinearHead
    rows: Indexes  # (k,) training rows with out-of-fold probabilities: all, or a stratified sample of FOLD_ROWS
    out_of_fold: Floats  # (k, C) calibrated out-of-fold probabilities
    sober: Floats  # at the C with the lowest out-of-fold log-loss, alone; suspect labels are searched with these
    mix: Mix | None = None  # how class prototypes are added to the logistic regression; None: they are not


def fit_frozen(
    features: Mapping[str, FloatArray],
    val_features: Mapping[str, FloatArray],
    dataset: Dataset,
    tail: Sequence[int],
    seed: int = 0,
    prototypes: bool = True,
    normalize: bool = True,
) -> FrozenFit:
    """Choose pooling, C, and raw states or states of unit length by cross-validation on training rows; fit, calibrate
    and score on validation.

    Args:
        features: pooling name -> (n_train, d) raw features. val_features: same keys, (n_val, d).
        dataset: the rows of these features. tail: class indexes whose mean recall is reported.
        prototypes: whether class prototypes may be added. normalize: whether states of unit length may be chosen.
    """
    started = time.perf_counter()
    truth = indicator(dataset.train.labels, len(dataset.classes))
    multi = dataset.multi_label
    pooling = choose_pooling(features, truth, dataset, seed)
    scaler = Scaler.fit(features[pooling])  # once, not per fold: means and deviations use no labels
    search = _Search(features[pooling], scaler, truth, dataset.train.labels, multi, seed)
    unseen = val_features[pooling]
    val_truth = indicator(dataset.val.labels, len(dataset.classes))
    chosen = _chosen(search, unseen, val_truth, seed, prototypes)
    weakest = start_c(chosen.trials, chosen.truth, multi, search.left)
    start = scaler.fold(search.fitted(weakest), multi)
    if normalize and pooling not in LEVEL:
        search, chosen = _in_unit_length(search, chosen, unseen, val_truth, seed, prototypes)
    head, sober = chosen.head, search.sober()
    val = Predictions.of(dataset, dataset.val, head.logits(unseen), head.temperature)
    details: dict[str, Number] = {"pooling": pooling, **_details(search, chosen), "start_C": weakest}
    seconds = time.perf_counter() - started
    ms = latency(lambda row: head.predict_proba(unseen[row : row + 1]), len(unseen))  # without the encoder's time
    return FrozenFit(
        rung=rung("frozen", val, tail, seconds, head.megabytes, details, ms),
        val=val,
        temperature=head.temperature,
        pooling=pooling,
        head=head,
        start=start,
        rows=search.kept,
        out_of_fold=probabilities(chosen.held_out, multi, head.temperature),
        sober=sober,
        mix=chosen.mix,
    )


def refit_frozen(fit: FrozenFit, train: FloatArray, val: FloatArray, dataset: Dataset) -> LinearHead:
    """The head for training and validation rows together, at the C and the temperature that were chosen.

    With more than FOLD_ROWS training rows it is the head of `fit`: more of them would change nothing.

    Args: train, val: (n, d) raw features in the pooling of `fit`.
    """
    if len(train) > FOLD_ROWS:
        return fit.head
    truth = indicator(dataset.train.labels + dataset.val.labels, len(dataset.classes))
    features, c, multi = np.concatenate([train, val]), float(fit.rung.details["C"]), dataset.multi_label
    scaler = Scaler.fit(features, fit.head.normalize)
    rows = scaler.apply(features)
    if len(rows) <= CHOICE_ROWS:
        weights = fit_path(rows, truth, [each for each in C_PATH if each <= c], multi)
    else:
        weights = fit_linear(rows, truth, c, multi, scaler.unfold(fit.head))
    head = scaler.fold(weights, multi, fit.temperature)
    if fit.mix is None:
        return head
    return fit.mix.head(head, prototype_head(features, truth, head.normalize), fit.temperature)


def refit_start(fit: FrozenFit, train: FloatArray, val: FloatArray, dataset: Dataset) -> LinearHead:
    """The head that LoRA starts from, for training and validation rows together. Args: as `refit_frozen`."""
    truth = indicator(dataset.train.labels + dataset.val.labels, len(dataset.classes))
    features = np.concatenate([train, val])
    scaler = Scaler.fit(features)
    c, multi = float(fit.rung.details["start_C"]), dataset.multi_label
    return scaler.fold(fit_linear(scaler.scaled(features), truth, c, multi), multi)


@dataclass(frozen=True)
class _Chosen:
    """The chosen C and the classifier with its temperature."""

    c: float
    head: LinearHead  # on raw features
    held_out: Floats  # (k, C) out-of-fold logits of training rows
    leaky: bool  # whether the folds leak, so that C and temperature were chosen on validation
    train_f1: float  # macro-F1 of the classifier on the rows that C was chosen on
    mix: Mix | None
    trials: Sequence[Floats]  # logits of the rows by which C was chosen, one array for each C
    truth: Bools  # of these rows
    judged: Floats  # those of the chosen C


def _details(search: "_Search", chosen: _Chosen) -> dict[str, Number]:
    """What was chosen, and on which rows."""
    numbers: dict[str, Number] = {
        "C": chosen.c,
        "temperature": chosen.head.temperature,
        "train_f1": chosen.train_f1,
        "chosen_on": "validation" if chosen.leaky else "folds",
        "choice_rows": len(search.choice),
        "prototypes": chosen.mix.share if chosen.mix else 0.0,
        "normalize": int(chosen.head.normalize),
    }
    return numbers | ({"fold_rows": len(search.kept)} if search.many else {})


def _chosen(
    search: "_Search", unseen: FloatArray, val_truth: Bools, seed: int, prototypes: bool, leaky: bool | None = None
) -> _Chosen:
    """Choose C and temperature on out-of-fold training rows, or on validation if the folds leak.

    If training rows share parts (templates, component utterances), a held-out row is not really unseen: the folds then
    report a far lower loss than validation, and any weak penalty looks good.

    Args: unseen: (m, d) raw validation features. val_truth: (m, C). leaky: whether they do, if that is known.
    """
    truth, multi, scaler, normalize = search.truth, search.multi, search.scaler, search.scaler.normalize
    trials, trial_truth, at = search.judged(unseen, val_truth, seed, bool(leaky))
    c = search.cs[at]
    held_out, head = search.held_out(c), scaler.fold(search.weights(c), multi)
    # On held-out logits: confidence on rows that the head was fitted on says nothing about unseen rows.
    temperature = fit_temperature(held_out[search.choice], truth[search.choice], multi)
    if leaky is None:
        leaky = folds_leak(held_out, truth, head.logits(unseen), val_truth, multi, temperature)
        if leaky:
            trials, trial_truth, at = search.judged(unseen, val_truth, seed, leaky)
            c = search.cs[at]
            held_out, head = search.held_out(c), scaler.fold(search.weights(c), multi)
    if leaky:
        temperature = fit_temperature(head.logits(unseen).astype(np.float64), val_truth, multi)
    mix = None
    if prototypes and not leaky and not multi and search.whole:
        close = prototype_logits(search.features, truth, search.fold, normalize)
        mix = choose_mix(held_out, close, truth, seed)
        if mix is not None:
            held_out = mix.logits(held_out, close)
            temperature = fit_temperature(held_out, truth, multi)
            head = mix.head(head, prototype_head(search.features, truth, normalize), temperature)
    logits = head.logits(search.features[search.choice]).astype(np.float64)
    seen = predict_labels(probabilities(logits, multi), multi)
    return _Chosen(c, replace(head, temperature=temperature), held_out, leaky,
                   macro_f1(truth[search.choice], seen), mix, trials, trial_truth, trials[at])  # fmt: skip


def _in_unit_length(
    search: "_Search", chosen: _Chosen, unseen: FloatArray, val_truth: Bools, seed: int, prototypes: bool
) -> tuple["_Search", _Chosen]:
    """Search and choice on states of unit length, if these are better; otherwise those on raw states, as they were.

    Compared as Cs are, on the same rows, before class prototypes are added. Args: as `_chosen`.
    """
    at = C_PATH.index(chosen.c)
    other = search.of(Scaler.fit(search.features, normalize=True), C_PATH[max(0, at - 1) : at + 2])
    trials, truth, best_c = other.judged(unseen, val_truth, seed, chosen.leaky)
    if not unit_length_is_better(chosen.judged, trials[best_c], truth, search.multi, seed):
        return search, chosen
    return other, _chosen(other, unseen, val_truth, seed, prototypes, chosen.leaky)


def unit_length_is_better(raw: Floats, unit: Floats, truth: Bools, multi: bool, seed: int) -> bool:
    """Whether states of unit length have the lower log-loss, and no lower macro-F1 beyond noise.

    Macro-F1 alone is no reason: on CrossWOZ acts it is .6 points higher at a weaker penalty, with a log-loss of 1.52
    nats instead of 1.27, and test rows get worse answers.

    Args: raw, unit: (n, C) logits, which are calibrated for this. truth: (n, C).
    """
    temperatures = [fit_temperature(logits, truth, multi) for logits in (raw, unit)]
    before, after = (
        log_loss(truth, probabilities(logits, multi, temperature), multi).mean()
        for logits, temperature in zip((raw, unit), temperatures, strict=True)
    )
    return bool(after < before) and best([raw, unit], truth, multi, seed) == 1


def start_c(trials: Sequence[Floats], truth: Bools, multi: bool, left: Callable[[float], float]) -> float:
    """The C of the head that LoRA starts from: START_SHARE of the C with the lowest held-out log-loss, or less.

    Without temperature, because the head enters training as it is.

    Args:
        trials: (n, C) held-out logits for each C of C_PATH. truth: (n, C).
        left: mean log-loss, in nats, of the head at a C on the rows it is fitted on.
    """
    losses = [float(log_loss(truth, probabilities(logits, multi), multi).mean()) for logits in trials]
    c = START_SHARE * C_PATH[int(np.argmin(losses))]
    if c > LEAST_START_C and left(c) < LEAST_LEFT * losses[int(np.argmin(np.abs(np.log(C_PATH) - np.log(c))))]:
        c *= START_SHARE
    return max(LEAST_START_C, c)


class _Search:
    """Cross-validated models: along a path of Cs on the rows for choosing C; for one C, on demand, on all rows of the
    folds.

    The classifier is fitted on all rows; the folds hold at most FOLD_ROWS of them.
    """

    def __init__(
        self,
        features: FloatArray,
        scaler: Scaler,
        truth: Bools,
        labels: Sequence[Sequence[int]],
        multi: bool,
        seed: int,
        cs: Sequence[float] = C_PATH,
        starts: Mapping[int, Weights] | None = None,
    ) -> None:
        """Args: features: (n, d) raw. truth: (n, C). labels: (n,) class indexes per row, the same as `truth`.
        cs: the path. starts: fold -> where it begins, of models fitted without that fold."""
        self.features, self.scaler, self.cs = features, scaler, cs
        self.begun = starts is not None
        self.all_truth, self.labels, self.multi, self.seed = truth, labels, multi, seed
        self.kept = subsample(labels, FOLD_ROWS, seed + 2)  # not the seed of the folds: see `subsample`
        self.many = len(self.kept) < len(truth)
        kept_labels = [labels[row] for row in self.kept]
        self.truth = truth[self.kept] if self.many else truth
        self.fold = assign_folds(kept_labels, FOLDS if len(kept_labels) <= LARGE else FOLDS_WHEN_LARGE, seed)
        self.choice = subsample(kept_labels, CHOICE_ROWS, seed + 1)
        self.whole = len(self.choice) == len(self.kept)
        self.known: dict[float, Weights] = {}  # C -> the model of `fitted`
        self.computed: dict[float, Floats] = {}  # C -> out-of-fold logits of all rows in the folds
        # With few rows `choice` holds all of them: their out-of-fold logits are needed anyway.
        some = self.choice
        self.tried, self.models = cross_fit(self.choice_rows, self.truth[some], self.fold[some], cs, multi, starts)

    def of(self, scaler: Scaler, cs: Sequence[float]) -> "_Search":
        """The same search with rows scaled another way; it begins at the models of this one, which are near."""
        starts = self.models[cs[0]]
        return _Search(self.features, scaler, self.all_truth, self.labels, self.multi, self.seed, cs, starts)

    @cached_property
    def all_rows(self) -> Rows:
        """(n, d) scaled."""
        return self.scaler.scaled(self.features) if self.many else self.scaler.apply(self.features)

    @cached_property
    def rows(self) -> Rows:
        """(k, d) those of the folds."""
        return self.all_rows[self.kept] if self.many else self.all_rows

    @cached_property
    def choice_rows(self) -> Rows:
        """(m, d) those on which C is chosen; no others are scaled for that."""
        return self.rows if self.whole else self.scaler.apply(self.features[self.kept[self.choice]])

    def judged(self, unseen: FloatArray, val_truth: Bools, seed: int, leaky: bool) -> tuple[list[Floats], Bools, int]:
        """(logits for each C, their truth, position of the best C): out-of-fold rows, validation if the folds leak."""
        if leaky:
            heads = [self.scaler.fold(weights, self.multi) for weights in self.path()]
            trials, truth = [head.logits(unseen).astype(np.float64) for head in heads], val_truth
        else:
            trials, truth = [self.tried[c] for c in self.cs], self.truth[self.choice]
        return trials, truth, best(trials, truth, self.multi, seed)

    def held_out(self, c: float) -> Floats:
        """(n, C) out-of-fold logits of every row; each fold starts from its model on fewer rows."""
        if self.whole:
            return self.tried[c]
        if c not in self.computed:
            logits, models = cross_fit(self.rows, self.truth, self.fold, (c,), self.multi, self.models[c])
            self.models |= models
            self.computed |= logits
        return self.computed[c]

    def sober(self) -> Floats:
        """(n, C) calibrated out-of-fold probabilities at the C with the lowest out-of-fold log-loss.

        Macro-F1 may prefer a weak penalty, under which the model memorises wrong labels and mispredicts the neighbours
        of those rows. On CrossWOZ the stronger penalty detects three more of a hundred planted label errors
        (benchmarks/assess_suspects.py).
        """
        truth = self.truth[self.choice]
        temperatures = {c: fit_temperature(logits, truth, self.multi) for c, logits in self.tried.items()}
        losses = {
            c: log_loss(truth, probabilities(self.tried[c], self.multi, t), self.multi).mean()
            for c, t in temperatures.items()
        }
        c = min(losses, key=lambda c: losses[c])
        return probabilities(self.held_out(c), self.multi, temperatures[c])

    def weights(self, c: float) -> Weights:
        """The model fitted on all rows: along the path, or from the mean of the folds' models."""
        if self.whole and not self.many and not self.begun:
            return fit_path(self.rows, self.truth, C_PATH[: C_PATH.index(c) + 1], self.multi)
        return fit_linear(self.all_rows, self.all_truth, c, self.multi, Weights.mean(list(self.models[c].values())))

    def fitted(self, c: float) -> Weights:
        """The model fitted on all rows at any C."""
        if c not in self.known:
            self.known[c] = fit_linear(self.all_rows, self.all_truth, c, self.multi)
        return self.known[c]

    def left(self, c: float) -> float:
        """Mean log-loss of that model on the rows on which C is chosen, in nats."""
        logits = np.asarray(self.fitted(c).logits(self.choice_rows), dtype=np.float64)
        return float(log_loss(self.truth[self.choice], probabilities(logits, self.multi), self.multi).mean())

    def path(self) -> list[Weights]:
        """The models for each C, fitted on the rows on which C is chosen."""
        models: list[Weights] = []
        for c in self.cs:
            start = models[-1] if models else None
            models.append(fit_linear(self.choice_rows, self.truth[self.choice], c, self.multi, start))
        return models


def folds_leak(
    held_out: Floats, truth: Bools, unseen: FloatArray, val_truth: Bools, multi: bool, temperature: float
) -> bool:
    """Whether the folds leak: validation log-loss is far above the out-of-fold log-loss of training rows.

    Args:
        held_out: (n, C) out-of-fold logits. truth: (n, C). unseen: (m, C) validation logits. val_truth: (m, C).
    """
    folds = log_loss(truth, probabilities(held_out, multi, temperature), multi)
    val = log_loss(val_truth, probabilities(np.asarray(unseen, dtype=np.float64), multi, temperature), multi)
    if len(val) < 2:
        return False
    gap, error = val.mean() - folds.mean(), val.std(ddof=1) / np.sqrt(len(val))
    return bool(gap > LEAK_SES * error and val.mean() > LEAK_RATIO * folds.mean())
