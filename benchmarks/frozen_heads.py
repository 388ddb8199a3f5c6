"""Heads over the frozen encoder: what else the frozen rung could be, beside what it is.

Usage: python -m benchmarks.frozen_heads [SET ...]    (a line a set and head in results/frozen_heads.csv)

SET is a name of `outcomes.sets.CASES`. Every layer is encoded once a machine (`frozen_features`). All choices (penalty,
neighbours, layer, weight of a blend) and the temperature are made on out-of-fold training rows, or on validation if the
folds leak; test rows are only scored. Lines that the CSV holds are not measured again.
"""

import csv
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse
from scipy.special import log_softmax
from threadpoolctl import threadpool_limits

from benchmarks.frozen_features import Encoded, encoded
from benchmarks.outcomes.sets import CASES
from benchmarks.tables import RESULTS, append, commit
from rankfirst.baselines.cross_validation import best
from rankfirst.baselines.folds import assign_folds
from rankfirst.baselines.frozen import C_PATH, FOLDS, folds_leak
from rankfirst.baselines.linear_head import Scaler
from rankfirst.baselines.logistic import Weights, fit_linear
from rankfirst.baselines.tfidf import C_PATH as TFIDF_C
from rankfirst.baselines.tfidf import TOLERANCE as TFIDF_TOLERANCE
from rankfirst.baselines.tfidf import choose_ngrams
from rankfirst.measure.calibration import fit_temperature, probabilities
from rankfirst.measure.decoding import Decoding
from rankfirst.measure.scores import indicator, log_loss, macro_f1

NAME = "frozen_heads"
SETS = ("banking77-400", "banking77-800", "banking77-2500", "snips-300", "clinc150-2500", "smp2017", "tnews", "nlupp",
        "mixatis-500", "mixatis-2500", "crosswoz_acts-2500", "online_shopping_zh-2500")  # fmt: skip
RIDGE = (1.0, 10.0, 100.0, 1000.0)  # on standardised features, times rows / 1000
NEIGHBOURS = (5, 10, 20)
SHARPNESS = 20.0  # of a neighbour's weight exp(SHARPNESS x cosine)
SHRINKAGE = (0.1, 0.3, 0.9)  # of the covariance within classes, towards its diagonal
LOSERS_UP_TO = 1200  # rows: heads that lost on every set up to this size are not measured on the larger ones
WEIGHTS = (0.0, 0.15, 0.3, 0.5, 0.7, 0.85, 1.0)  # of the second part of a blend
Logits = Mapping[Any, Sequence[Any]]  # choice -> logits of the given rows
Fit = Callable[[Any, Any, Sequence[Any]], Mapping[Any, list[Any]]]
"""(rows, truth, several others) -> choice -> logits of each of the others."""


@dataclass(frozen=True)
class Answers:
    """Calibrated logits of one head."""

    choice: object
    folds: Any
    val: Any
    test: Any
    seconds: float


class Bench:
    """One set."""

    def __init__(self, name: str, found: Encoded) -> None:
        data = found.dataset
        assert data.test is not None
        self.name, self.data, self.states, self.multi = name, data, found.states, data.multi_label
        classes = len(data.classes)
        self.truth, self.val = indicator(data.train.labels, classes), indicator(data.val.labels, classes)
        self.test = indicator(data.test.labels, classes)
        self.fold = assign_folds(data.train.labels, FOLDS, 0)
        self.leaky = False
        self.done: dict[str, Answers] = {}

    def rows(self, key: str) -> tuple[Any, Any, Any]:
        """Training, validation and test states; `a+b` concatenates."""
        train, val, test = (np.hstack([self.states[s][k] for k in key.split("+")]) for s in ("train", "val", "test"))
        return train, val, test

    def measure(self, name: str, fit: Fit, rows: tuple[Any, Any, Any]) -> Answers:
        """Cross-validate every choice of a head, choose, calibrate."""
        began = time.process_time()
        train, val, test = rows
        tried: dict[Any, list[Any]] = {}
        for held in map(int, np.unique(self.fold)):
            inside, out = np.flatnonzero(self.fold != held), np.flatnonzero(self.fold == held)
            for choice, (logits,) in fit(train[inside], self.truth[inside], [train[out]]).items():
                tried.setdefault(choice, [np.zeros(self.truth.shape), None, None])[0][out] = logits
        for choice, (on_val, on_test) in fit(train, self.truth, [val, test]).items():
            tried[choice][1:] = np.asarray(on_val, dtype=np.float64), np.asarray(on_test, dtype=np.float64)
        return self.chosen(name, tried, began)

    def chosen(self, name: str, tried: Mapping[Any, Sequence[Any]], began: float) -> Answers:
        """The best choice by out-of-fold rows (validation if the folds leak), calibrated on them."""
        choices = list(tried)
        part, truth = (1, self.val) if self.leaky else (0, self.truth)
        choice = choices[best([tried[c][part] for c in choices], truth, self.multi, 0)]
        temperature = fit_temperature(tried[choice][part], truth, self.multi)
        parts = [logits / temperature for logits in tried[choice]]
        self.done[name] = Answers(choice, *parts, time.process_time() - began)
        return self.done[name]

    def blend(self, name: str, one: str, two: str) -> Answers:
        """A weighted mean of the log-probabilities (multi-label: log-odds) of two heads."""
        began, a, b = time.process_time(), self.done[one], self.done[two]
        sure = (lambda x: x) if self.multi else (lambda x: log_softmax(x, axis=1))
        both = [(sure(x), sure(y)) for x, y in ((a.folds, b.folds), (a.val, b.val), (a.test, b.test))]
        tried = {w: [(1 - w) * x + w * y for x, y in both] for w in WEIGHTS}
        # By log-loss alone: macro-F1 of near weights differs by noise.
        part, truth = (1, self.val) if self.leaky else (0, self.truth)
        losses = {w: log_loss(truth, probabilities(t[part], self.multi, fit_temperature(t[part], truth, self.multi)),
                              self.multi).mean() for w, t in tried.items()}  # fmt: skip
        w = min(losses, key=lambda each: losses[each])
        return self.chosen(name, {w: tried[w]}, began - a.seconds - b.seconds)

    def line(self, name: str, a: Answers) -> dict[str, object]:
        """Scores of one head."""
        row: dict[str, object] = {"set": self.name, "head": name, "choice": a.choice}
        decoding = Decoding.of(self.data)
        truths = (self.truth, self.val, self.test)
        for split, logits, truth in zip(("folds", "val", "test"), (a.folds, a.val, a.test), truths, strict=True):
            p = probabilities(logits, self.multi)
            answers = decoding.answers(p)
            row |= {
                f"{split}_macro_f1": round(macro_f1(truth, answers), 4),
                f"{split}_exact": round(float((answers == truth).all(axis=1).mean()), 4),
                f"{split}_log_loss": round(float(log_loss(truth, p, self.multi).mean()), 4),
            }
        return row | {"cpu_seconds": round(a.seconds, 1), "leaky": int(self.leaky), "commit": commit()}


def logistic(scale: Callable[[Any, Any], Callable[[Any], Any]], multi: bool) -> Fit:
    """Logistic regression along C_PATH on features that `scale` transforms."""

    def fit(rows: Any, truth: Any, others: Sequence[Any]) -> Mapping[Any, list[Any]]:
        apply = scale(rows, truth)
        scaled, unseen = apply(rows), [apply(each) for each in others]
        out, weights = {}, None
        for c in C_PATH:
            weights = fit_linear(scaled, truth, c, multi, weights)
            out[c] = [weights.logits(each) for each in unseen]
        return out

    return fit


def standard(rows: Any, truth: Any) -> Callable[[Any], Any]:
    return Scaler.fit(rows).apply


def unit(rows: Any) -> Any:
    return rows / np.maximum(1e-9, np.linalg.norm(rows, axis=1, keepdims=True))


def normalised(rows: Any, truth: Any) -> Callable[[Any], Any]:
    """Rows of unit length, then standardised."""
    scaler = Scaler.fit(unit(rows))
    return lambda each: scaler.apply(unit(each))


def centred(rows: Any, truth: Any) -> Callable[[Any], Any]:
    """Rows of unit length, centred, one common scale."""
    mean = unit(rows).mean(axis=0)
    scale = (unit(rows) - mean).std()
    return lambda each: ((unit(each) - mean) / scale).astype(np.float32)


def plain(rows: Any, truth: Any) -> Callable[[Any], Any]:
    """Centred, one common scale; not of unit length."""
    mean, scale = rows.mean(axis=0), rows.std()
    return lambda each: ((each - mean) / scale).astype(np.float32)


def within(shrink: float) -> Callable[[Any, Any], Callable[[Any], Any]]:
    """Whitened by the covariance within classes (label sets), shrunk towards its diagonal."""

    def scale(rows: Any, truth: Any) -> Callable[[Any], Any]:
        scaler = Scaler.fit(rows)
        whiten = whitening(scaler.apply(rows), truth, shrink)
        return lambda each: (scaler.apply(each) @ whiten).astype(np.float32)

    return scale


def whitening(x: Any, truth: Any, shrink: float) -> Any:
    _, owner = np.unique(truth, axis=0, return_inverse=True)
    owner = owner.ravel()
    sums = np.zeros((owner.max() + 1, x.shape[1]))
    np.add.at(sums, owner, x)
    counts = np.bincount(owner)
    spread = x - (sums / counts[:, None])[owner]
    free = max(1, len(x) - len(counts))
    cov = spread.T @ spread / free if free > 1 else np.cov(x.T)
    cov = (1 - shrink) * cov + shrink * np.trace(cov) / len(cov) * np.eye(len(cov))
    values, vectors = np.linalg.eigh(cov)
    return vectors / np.sqrt(np.maximum(values, 1e-6))


def total(shrink: float) -> Callable[[Any, Any], Callable[[Any], Any]]:
    """Whitened by the covariance of all rows."""

    def scale(rows: Any, truth: Any) -> Callable[[Any], Any]:
        scaler = Scaler.fit(rows)
        x = scaler.apply(rows)
        cov = (1 - shrink) * (x.T @ x) / len(x) + shrink * np.eye(x.shape[1])
        values, vectors = np.linalg.eigh(cov)
        whiten = vectors / np.sqrt(values)
        return lambda each: (scaler.apply(each) @ whiten).astype(np.float32)

    return scale


def ridge(rows: Any, truth: Any, others: Sequence[Any]) -> Mapping[Any, list[Any]]:
    """Least squares on +-1, balanced by nothing."""
    scaler = Scaler.fit(rows)
    x, y = scaler.apply(rows).astype(np.float64), 2.0 * truth - 1
    mean = y.mean(axis=0)
    values, vectors = np.linalg.eigh(x.T @ x)
    right = vectors.T @ (x.T @ (y - mean))
    unseen = [scaler.apply(each).astype(np.float64) for each in others]
    out = {}
    for penalty in RIDGE:
        coef = vectors @ (right / (values + penalty * len(x) / 1000)[:, None])
        out[penalty] = [each @ coef + mean for each in unseen]
    return out


def discriminant(rows: Any, truth: Any, others: Sequence[Any]) -> Mapping[Any, list[Any]]:
    """Linear discriminants with a shrunk covariance; a label of several against its absence."""
    scaler = Scaler.fit(rows)
    x, unseen = scaler.apply(rows).astype(np.float64), [scaler.apply(each).astype(np.float64) for each in others]
    share = (truth.sum(axis=0) + 0.5) / (len(truth) + 1)
    means = (truth.T @ x) / np.maximum(1, truth.sum(axis=0))[:, None]
    out = {}
    for shrink in SHRINKAGE:
        whiten = whitening(x, truth, shrink)
        m = means @ whiten
        out[shrink] = [(each @ whiten) @ m.T - 0.5 * (m**2).sum(axis=1) + np.log(share) for each in unseen]
    return out


def prototypes(rows: Any, truth: Any, others: Sequence[Any]) -> Mapping[Any, list[Any]]:
    """Cosine with the centroid of each class, centred and not."""
    out = {}
    for shift in (0.0, 1.0):
        mean = shift * rows.mean(axis=0)
        means = unit((truth.T @ unit(rows - mean)) / np.maximum(1, truth.sum(axis=0))[:, None])
        out[shift] = [SHARPNESS * unit(each - mean) @ means.T for each in others]
    return out


def neighbours(multi: bool) -> Fit:
    """Log of the weighted share of each label among the k nearest rows by cosine."""

    def fit(rows: Any, truth: Any, others: Sequence[Any]) -> Mapping[Any, list[Any]]:
        mean = rows.mean(axis=0)
        x, prior = unit(rows - mean), (truth.sum(axis=0) + 0.5) / (len(truth) + 1)
        out: dict[Any, list[Any]] = {k: [] for k in NEIGHBOURS}
        for each in others:
            close = unit(each - mean) @ x.T
            order = np.argsort(-close, axis=1)[:, : max(NEIGHBOURS)]
            weight = np.exp(SHARPNESS * (np.take_along_axis(close, order, 1) - 1))
            for k in NEIGHBOURS:
                w = weight[:, :k] / weight[:, :k].sum(axis=1, keepdims=True)
                share = np.einsum("nk,nkc->nc", w, truth[order[:, :k]].astype(np.float64))
                p = (share * k + prior) / (k + 1)
                out[k].append(np.log(p) - (np.log1p(-np.minimum(p, 1 - 1e-9)) if multi else 0))
        return out

    return fit


def svm(rows: Any, truth: Any, others: Sequence[Any]) -> Mapping[Any, list[Any]]:
    """Linear SVMs, one against the rest."""
    from sklearn.svm import LinearSVC

    scaler = Scaler.fit(unit(rows))
    x, unseen = scaler.apply(unit(rows)), [scaler.apply(unit(each)) for each in others]
    out: dict[Any, list[Any]] = {}
    for c in (1e-4, 1e-3, 1e-2):
        logits = [np.full((len(each), truth.shape[1]), -1.0) for each in others]
        for label in range(truth.shape[1]):
            if 0 < truth[:, label].sum() < len(truth):
                model = LinearSVC(C=c, dual="auto", max_iter=300).fit(x, truth[:, label])
                for into, each in zip(logits, unseen, strict=True):
                    into[:, label] = model.decision_function(each)
        out[c] = logits
    return out


def ngrams(multi: bool) -> Fit:
    """The TF-IDF rung's classifier on counted rows."""

    def fit(rows: Any, truth: Any, others: Sequence[Any]) -> Mapping[Any, list[Any]]:
        out: dict[Any, list[Any]] = {}
        weights: Weights | None = None
        for c in TFIDF_C:
            weights = fit_linear(rows, truth, c, multi, weights, TFIDF_TOLERANCE)
            out[c] = [weights.logits(each) for each in others]
        return out

    return fit


def counted(bench: Bench) -> tuple[sparse.csr_matrix, ...]:
    """TF-IDF of training, validation and test texts."""
    data = bench.data
    assert data.test is not None
    vectoriser = choose_ngrams(data.train.texts).vectoriser(max_features=200_000)
    train = vectoriser.fit_transform(data.train.texts)
    return train, vectoriser.transform(data.val.texts), vectoriser.transform(data.test.texts)


def measure(name: str) -> None:
    """Every head that the CSV lacks."""
    known = _known(name)
    bench = Bench(name, encoded(CASES[name]))
    multi, keys = bench.multi, sorted(bench.states["train"])
    inner = sorted((k for k in keys if k.startswith("mean") and k != "mean"), key=lambda k: int(k[4:]))

    def run(head: str, fit: Fit, key: str) -> Answers:
        found = bench.measure(head, fit, bench.rows(key))
        if head not in known:
            append(NAME, bench.line(head, found))
        return found

    now = bench.measure("lr mean", logistic(standard, multi), bench.rows("mean"))
    bench.leaky = folds_leak(now.folds, bench.truth, now.val, bench.val, multi, 1.0)
    run("lr mean", logistic(standard, multi), "mean")
    for key in ("cls", "max", *inner[-2:], f"mean+{inner[-1]}"):
        run(f"lr {key}", logistic(standard, multi), key)
    run("lr mean, unit centred", logistic(centred, multi), "mean")
    for label, fit in (("lda", discriminant), ("prototypes", prototypes), ("knn", neighbours(multi))):
        run(f"{label} mean", fit, "mean")
    if len(bench.truth) <= LOSERS_UP_TO:
        run("lr mean+cls", logistic(standard, multi), "mean+cls")
        run("lr mean+max", logistic(standard, multi), "mean+max")
        scales = {"unit": normalised, "centred": plain, "white .1": total(0.1), "white .5": total(0.5)}
        for label, scale in {**scales, "within .3": within(0.3), "within .7": within(0.7)}.items():
            run(f"lr mean, {label}", logistic(scale, multi), "mean")
        run("ridge mean", ridge, "mean")
        run("svm mean", svm, "mean")
    bench.measure("tfidf", ngrams(multi), counted(bench))
    if "tfidf" not in known:
        append(NAME, bench.line("tfidf", bench.done["tfidf"]))
    pairs = [("lr mean", two) for two in ("lda mean", "prototypes mean", "knn mean", "tfidf")]
    pairs += [("lr mean, unit centred", two) for two in ("prototypes mean", "knn mean", "tfidf")]
    if len(bench.truth) <= LOSERS_UP_TO:
        pairs += [("lr mean", two) for two in ("ridge mean", "lr cls", f"lr {inner[-1]}")]
    for one, two in pairs:
        head = f"{one} | {two}"
        bench.blend(head, one, two)
        if head not in known:
            append(NAME, bench.line(head, bench.done[head]))


def _known(name: str) -> set[str]:
    path = RESULTS / f"{NAME}.csv"
    if not path.exists():
        return set()
    with path.open(encoding="utf-8", newline="") as file:
        return {row["head"] for row in csv.DictReader(file) if row["set"] == name}


if __name__ == "__main__":
    threadpool_limits(1)
    for each in sys.argv[1:] or SETS:
        measure(each)
