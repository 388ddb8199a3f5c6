"""TF-IDF and a linear SVM: words and pieces of words, C chosen by cross-validated macro-F1, trained on all rows."""

from collections.abc import Sequence
from pathlib import Path

import joblib
import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import f1_score
from sklearn.model_selection import cross_val_predict
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import Pipeline, make_pipeline, make_union
from sklearn.svm import LinearSVC

from benchmarks.peers.protocol import Answers, Job

STRENGTHS = (0.1, 1.0, 10.0)
FOLDS = 3


class Peer:
    packages = ("scikit-learn",)
    needs_base = False

    def fit(self, job: Job) -> None:
        self.multi_label = job.multi_label
        self.classes = len(job.labels)
        texts, targets = list(job.all_texts), job.all_targets
        y = job.matrix(targets).astype(int) if job.multi_label else job.single(targets)
        best = max(STRENGTHS, key=lambda c: _score(_model(c, job), texts, y))
        self.model = _model(best, job).fit(texts, y)
        self.note = f"C {best:g}"

    def save(self, folder: Path) -> None:
        joblib.dump(self.model, folder / "model.joblib")

    def predict(self, texts: Sequence[str]) -> Answers:
        told = self.model.predict(list(texts))
        if self.multi_label:
            return Answers(np.asarray(told, dtype=bool), None)
        return Answers(np.eye(self.classes, dtype=bool)[told], None)


def _score(model: Pipeline, texts: list[str], y: np.ndarray) -> float:
    return float(f1_score(y, cross_val_predict(model, texts, y, cv=FOLDS), average="macro", zero_division=0))


def _model(c: float, job: Job) -> Pipeline:
    analyzer, lengths = ("char", (1, 3)) if job.chinese else ("char_wb", (2, 5))
    pieces = TfidfVectorizer(analyzer=analyzer, ngram_range=lengths, sublinear_tf=True)
    words = [] if job.chinese else [TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)]
    svm = LinearSVC(C=c, random_state=job.seed)
    return make_pipeline(make_union(*words, pieces), OneVsRestClassifier(svm) if job.multi_label else svm)
