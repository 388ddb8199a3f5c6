"""Heads of scikit-learn with what its users tune by hand: C, and the threshold of several labels a row.

A row's labels are often few and its probabilities small: at 0.5 a head for 62 labels answers nothing on most rows. One
threshold for all labels, from out-of-fold answers, is what the threshold guides of scikit-learn come to.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from sklearn.linear_model import LogisticRegression, LogisticRegressionCV
from sklearn.metrics import f1_score
from sklearn.model_selection import cross_val_predict
from sklearn.multiclass import OneVsRestClassifier

from benchmarks.peers.protocol import Answers, Bools, Floats, Job, answered

FOLDS: Final = 3
LIKELY: Final = tuple(np.arange(0.05, 0.96, 0.05).round(2).tolist())  # thresholds of probabilities


@dataclass(frozen=True)
class Chosen:
    """Settings with the best macro-F1."""

    setting: float
    threshold: float
    f1: float


def best_threshold(truth: Bools, scores: Floats, thresholds: Sequence[float] = LIKELY) -> tuple[float, float]:
    """The threshold with the best macro-F1, the highest of equals; its macro-F1. Scores: (n, C)."""
    found = [(float(f1_score(truth, scores >= at, average="macro", zero_division=0)), at) for at in thresholds]
    f1, threshold = max(found)
    return threshold, f1


def by_folds(model: Callable[[float], Any], settings: Sequence[float], inputs: Any, truth: Bools, method: str,
             thresholds: Sequence[float]) -> Chosen:  # fmt: skip
    """Setting and threshold together, of out-of-fold answers. `method`: of the model, gives (n, C) scores."""
    tried = []
    for setting in settings:
        told = cross_val_predict(model(setting), inputs, truth.astype(int), cv=FOLDS, method=method)
        threshold, f1 = best_threshold(truth, told, thresholds)
        tried.append(Chosen(setting, threshold, f1))
    return max(tried, key=lambda chosen: chosen.f1)


class Logistic:
    """Logistic regression on vectors: C by folds, for several labels with a threshold."""

    def __init__(self, strengths: Sequence[float]) -> None:
        self.strengths = strengths

    def fit(self, job: Job, vectors: Floats) -> str:
        """On all rows. Returns: what was chosen."""
        self.job, self.threshold = job, 0.5
        if not job.multi_label:
            head = LogisticRegressionCV(Cs=self.strengths, cv=FOLDS, max_iter=1000, random_state=job.seed,
                                        scoring="f1_macro")  # fmt: skip
            self.head = head.fit(vectors, job.single(job.all_targets))
            return f"C {float(np.ravel(self.head.C_)[0]):g}"
        truth = job.matrix(job.all_targets)
        best = by_folds(_several, self.strengths, vectors, truth, "predict_proba", LIKELY)
        self.head, self.threshold = _several(best.setting).fit(vectors, truth.astype(int)), best.threshold
        return f"C {best.setting:g}, threshold {best.threshold:g}"

    def answers(self, vectors: Floats) -> Answers:
        told = self.head.predict_proba(vectors)
        whole = np.zeros((len(told), len(self.job.labels)))
        whole[:, self.head.classes_] = told
        return answered(whole, self.job.multi_label, self.threshold)


def _several(strength: float) -> OneVsRestClassifier:
    return OneVsRestClassifier(LogisticRegression(C=strength, max_iter=1000))
