"""model2vec: a vector a token, distilled from the encoder, averaged; then logistic regression on all rows."""

from collections.abc import Sequence
from pathlib import Path

import joblib
import numpy as np
from model2vec.distill import distill
from sklearn.linear_model import LogisticRegressionCV
from sklearn.multiclass import OneVsRestClassifier

from benchmarks.peers.protocol import Answers, Job, answered

STRENGTHS = (0.1, 1.0, 10.0, 100.0)
FOLDS = 3


class Peer:
    packages = ("model2vec", "transformers", "scikit-learn")
    needs_base = False

    def fit(self, job: Job) -> None:
        self.job = job
        self.encoder = distill(job.encoder, device="cpu", pca_dims=256)
        head = LogisticRegressionCV(Cs=STRENGTHS, cv=FOLDS, max_iter=1000, random_state=job.seed,
                                    scoring="f1" if job.multi_label else "f1_macro")  # fmt: skip
        y = job.matrix(job.all_targets).astype(int) if job.multi_label else job.single(job.all_targets)
        self.head = (OneVsRestClassifier(head) if job.multi_label else head).fit(self.encoder.encode(job.all_texts), y)

    def save(self, folder: Path) -> None:
        self.encoder.save_pretrained(folder)
        joblib.dump(self.head, folder / "head.joblib")

    def predict(self, texts: Sequence[str]) -> Answers:
        told = self.head.predict_proba(self.encoder.encode(list(texts)))
        whole = np.zeros((len(texts), len(self.job.labels)))
        whole[:, self.head.classes_] = told
        return answered(whole, self.job.multi_label)
