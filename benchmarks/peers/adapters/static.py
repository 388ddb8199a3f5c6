"""model2vec: a vector a token, distilled from the encoder, averaged; then logistic regression on all rows (`heads`)."""

from collections.abc import Sequence
from pathlib import Path

import joblib
from model2vec.distill import distill

from benchmarks.peers.adapters.heads import Logistic
from benchmarks.peers.protocol import Answers, Job

STRENGTHS = (0.1, 1.0, 10.0, 100.0)


class Peer:
    packages = ("model2vec", "transformers", "scikit-learn")
    needs_base = False

    def fit(self, job: Job) -> None:
        self.encoder = distill(job.encoder, device="cpu", pca_dims=256)
        self.head = Logistic(STRENGTHS)
        self.note = self.head.fit(job, self.encoder.encode(list(job.all_texts)))

    def save(self, folder: Path) -> None:
        self.encoder.save_pretrained(folder)
        joblib.dump(self.head.head, folder / "head.joblib")

    def predict(self, texts: Sequence[str]) -> Answers:
        return self.head.answers(self.encoder.encode(list(texts)))
