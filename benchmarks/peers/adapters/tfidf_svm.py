"""TF-IDF and a linear SVM: words and pieces of words, C by cross-validated macro-F1 (`heads`), trained on all rows."""

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

from benchmarks.peers.adapters.heads import FOLDS, by_folds
from benchmarks.peers.protocol import Answers, Job

STRENGTHS = (0.1, 1.0, 10.0)
MARGINS = tuple(np.arange(-0.9, 0.91, 0.1).round(1).tolist())  # thresholds of a label's distance from its plane


class Peer:
    packages = ("scikit-learn",)
    needs_base = False

    def fit(self, job: Job) -> None:
        self.multi_label = job.multi_label
        self.classes = len(job.labels)
        texts, targets = list(job.all_texts), job.all_targets
        if job.multi_label:
            truth = job.matrix(targets)
            best = by_folds(lambda c: _model(c, job), STRENGTHS, texts, truth, "decision_function", MARGINS)
            self.model, self.threshold = _model(best.setting, job).fit(texts, truth.astype(int)), best.threshold
            self.note = f"C {best.setting:g}, threshold {best.threshold:g}"
            return
        y = job.single(targets)
        c = max(STRENGTHS, key=lambda c: _score(_model(c, job), texts, y))
        self.model = _model(c, job).fit(texts, y)
        self.note = f"C {c:g}"

    def save(self, folder: Path) -> None:
        joblib.dump(self.model, folder / "model.joblib")

    def predict(self, texts: Sequence[str]) -> Answers:
        if self.multi_label:
            return Answers(np.asarray(self.model.decision_function(list(texts)) >= self.threshold), None)
        return Answers(np.eye(self.classes, dtype=bool)[self.model.predict(list(texts))], None)


def _score(model: Pipeline, texts: list[str], y: np.ndarray) -> float:
    return float(f1_score(y, cross_val_predict(model, texts, y, cv=FOLDS), average="macro", zero_division=0))


def _model(c: float, job: Job) -> Pipeline:
    analyzer, lengths = ("char", (1, 3)) if job.chinese else ("char_wb", (2, 5))
    pieces = TfidfVectorizer(analyzer=analyzer, ngram_range=lengths, sublinear_tf=True)
    words = [] if job.chinese else [TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)]
    svm = LinearSVC(C=c, random_state=job.seed)
    return make_pipeline(make_union(*words, pieces), OneVsRestClassifier(svm) if job.multi_label else svm)
