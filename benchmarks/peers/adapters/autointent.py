"""AutoIntent's preset `classic-light`: kNN and linear heads on the frozen encoder, 20 trials of TPE, then all rows.

It holds out a fifth of the rows itself: validation rows of one's own are refused unless every class is among them.
Where its decision abstains, the answer is empty, which counts as wrong unless the row has no label. A row without
labels is given as its documentation asks for texts out of scope: without the field.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from autointent import Dataset, Pipeline
from autointent.configs import LoggingConfig, SentenceTransformerEmbeddingConfig

from benchmarks.peers.protocol import Answers, Job, Labels


class Peer:
    packages = ("autointent", "optuna", "sentence-transformers", "transformers")
    needs_base = True

    def fit(self, job: Job) -> None:
        self.job = job
        intents = [{"id": number, "name": label} for number, label in enumerate(job.labels)]
        rows = {"intents": intents, "train": self._rows(job.all_texts, job.all_targets)}
        self.pipeline = Pipeline.from_preset("classic-light", seed=job.seed + 1)  # it refuses 0
        self.pipeline.set_config(SentenceTransformerEmbeddingConfig(
            model_name=job.encoder, device="cpu", default_prompt=job.prefix or None))  # fmt: skip
        self.pipeline.set_config(LoggingConfig(project_dir=Path.cwd() / "autointent"))
        self.pipeline.fit(Dataset.from_dict(rows), refit_after=True)

    def _rows(self, texts: Sequence[str], targets: Sequence[Labels]) -> list[dict[str, object]]:
        several = self.job.matrix(targets).astype(int).tolist()
        labels = (flags if self.job.multi_label else chosen[0] for chosen, flags in zip(targets, several, strict=True))
        return [{"utterance": text, "label": label} if chosen else {"utterance": text}
                for text, chosen, label in zip(texts, targets, labels, strict=True)]  # fmt: skip

    def save(self, folder: Path) -> None:
        self.pipeline.dump(folder)

    def predict(self, texts: Sequence[str]) -> Answers:
        told = self.pipeline.predict(list(texts))
        labels = np.zeros((len(told), len(self.job.labels)), dtype=bool)
        for row, answer in zip(labels, told, strict=True):
            if answer is not None:
                row[np.flatnonzero(answer) if self.job.multi_label else [answer]] = True
        return Answers(labels, None)
