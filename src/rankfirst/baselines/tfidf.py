"""Character n-grams and logistic regression: a baseline on surface features, in any language."""

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from rankfirst.baselines.cross_validation import best, cross_fit
from rankfirst.baselines.folds import assign_folds, subsample
from rankfirst.baselines.logistic import Rows, Weights, fit_linear
from rankfirst.baselines.rung import Fit, latency, rung
from rankfirst.baselines.tfidf_model import NGrams, TfidfModel
from rankfirst.measure.predictions import Predictions
from rankfirst.measure.scores import Bools, indicator
from rankfirst.records import Dataset, Number, Split

# Maximum training rows (stratified), which bounds time and memory; further rows improve n-grams little.
MOST_ROWS = 100_000
MOST_CELLS = 8_000_000  # rows x classes: one step of the solver visits every n-gram of every row for every class
C_PATH = (10.0, 100.0)  # of 1, 10 and 100, 1 was never chosen and 100 nearly always (benchmarks/ladder_choices.py)
FOLDS = 3
TOLERANCE = 3e-3  # for unit-length rows; a tighter one takes a third more time and changes no validation score
CHOICE_ROWS = 2000  # 5,000 rows chose the same C on three data sets, in twice the time
CHOICE_TOLERANCE = 1e-2  # enough to rank the Cs, in two thirds of the time
MAX_FEATURES = 200_000
MAX_COEFFICIENTS = 10_000_000  # n-grams x classes; the solver keeps about twenty copies, 0.8 GB
RARE_FROM = 5000  # rows; from here on n-grams that occur in one row only are dropped: mostly typos, and the majority

# Han, kana, Hangul: scripts in which one character carries about as much as an English syllable or word.
CJK = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]")
CJK_SHARE = 0.3  # of the non-space characters; Chinese texts contain Latin names, English texts hardly any Chinese


@dataclass(frozen=True)
class TfidfFit(Fit):
    """The n-gram classifier and its validation scores."""

    model: TfidfModel


def fit_tfidf(dataset: Dataset, tail: Sequence[int], seed: int = 0, grams: NGrams | None = None) -> TfidfFit:
    """Fit n-grams and classifier on at most MOST_ROWS training rows; C is chosen by cross-validation on them."""
    started = time.perf_counter()
    texts, labels = _some(dataset.train, len(dataset.classes), seed)
    truth = indicator(labels, len(dataset.classes))
    grams = grams or choose_ngrams(texts)
    vectoriser = _vectoriser(grams, len(texts), len(dataset.classes))
    c, weights = _fit(vectoriser.fit_transform(texts), truth, labels, dataset.multi_label, seed)
    vocabulary = tuple(str(gram) for gram in vectoriser.get_feature_names_out())
    model = TfidfModel(grams, vocabulary, vectoriser.idf_.astype(np.float32), weights, dataset.multi_label)
    val = Predictions.of(dataset, dataset.val, model.logits(dataset.val.texts))
    details: dict[str, Number] = {
        "C": c,
        "analyzer": grams.analyzer,
        "ngrams": grams.words,
        "features": len(vocabulary),
        "rows": len(texts),
    }
    seconds = time.perf_counter() - started
    ms = latency(lambda row: model.predict_proba([dataset.val.texts[row]]), len(dataset.val))
    return TfidfFit(rung("tfidf", val, tail, seconds, model.megabytes, details, ms), val, 1.0, model)


def refit_tfidf(fit: TfidfFit, dataset: Dataset, seed: int = 0, cold: bool = False) -> TfidfModel:
    """The model for training and validation rows together, with the n-grams and the C that were chosen.

    Args: cold: do not start from the weights of `fit`, which have seen its training rows.
    """
    every = Split(dataset.train.texts + dataset.val.texts, dataset.train.labels + dataset.val.labels)
    classes, old = len(dataset.classes), fit.model
    texts, labels = _some(every, classes, seed)
    vectoriser = _vectoriser(old.grams, len(texts), classes)
    rows = vectoriser.fit_transform(texts)
    vocabulary = tuple(str(gram) for gram in vectoriser.get_feature_names_out())
    column = {gram: i for i, gram in enumerate(old.vocabulary)}
    kept = [(i, column[gram]) for i, gram in enumerate(vocabulary) if gram in column]
    start = Weights(np.zeros((len(vocabulary), classes), dtype=np.float32), old.weights.bias)
    if not cold:
        start.coef[[new for new, _ in kept]] = old.weights.coef[[was for _, was in kept]]
    c, truth = float(fit.rung.details["C"]), indicator(labels, classes)
    weights = fit_linear(rows, truth, c, dataset.multi_label, start, TOLERANCE)
    return TfidfModel(old.grams, vocabulary, vectoriser.idf_.astype(np.float32), weights, dataset.multi_label)


def _some(split: Split, classes: int, seed: int) -> tuple[list[str], list[tuple[int, ...]]]:
    """Texts and labels of the rows to fit on: at most MOST_ROWS, stratified."""
    some = subsample(split.labels, min(MOST_ROWS, max(1, MOST_CELLS // classes)), seed)
    return [split.texts[i] for i in some], [split.labels[i] for i in some]


def _vectoriser(grams: NGrams, rows: int, classes: int) -> TfidfVectorizer:
    return grams.vectoriser(
        min_df=2 if rows >= RARE_FROM else 1,
        max_features=max(1, min(MAX_FEATURES, MAX_COEFFICIENTS // classes)),
    )


def choose_ngrams(texts: Sequence[str]) -> NGrams:
    """Choose n-grams by script: 1-3 characters across words for CJK, else 2-5 within words plus 1-2 whole words."""
    dense = sum(len(CJK.findall(text)) for text in texts)
    total = sum(len("".join(text.split())) for text in texts)
    return NGrams("char", 1, 3) if dense >= CJK_SHARE * max(total, 1) else NGrams("char_wb", 2, 5, 2)


def _fit(rows: Rows, truth: Bools, labels: Sequence[Sequence[int]], multi: bool, seed: int) -> tuple[float, Weights]:
    """The chosen C, and the classifier fitted on all rows with it."""
    # The idf includes the held-out rows, but no labels, so the choice of C is not biased.
    some = subsample(labels, CHOICE_ROWS, seed)
    fold = assign_folds([labels[i] for i in some], FOLDS, seed)
    used = np.unique(
        rows[some].indices
    )  # the other n-grams would keep a weight of zero; leaving them out makes a step cheaper
    held_out, models = cross_fit(rows[some][:, used], truth[some], fold, C_PATH, multi, tolerance=CHOICE_TOLERANCE)
    c = C_PATH[best([held_out[c] for c in C_PATH], truth[some], multi, seed, calibrated=False)]
    near = Weights.mean(list(models[c].values()))
    start = Weights(np.zeros((rows.shape[1], truth.shape[1]), dtype=np.float32), near.bias)
    start.coef[used] = near.coef
    # No temperature: one fitted on models of so few rows increased validation log-loss on three data sets of five.
    return c, fit_linear(rows, truth, c, multi, start, TOLERANCE)
