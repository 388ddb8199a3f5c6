"""SetFit: the whole encoder tuned on pairs, then logistic regression. Ten iterations of pairs a row.

By default every pair of rows is drawn once, 146,000 pairs for 385 rows of 77 classes, which takes hours on a CPU.
"""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from datasets import Dataset
from setfit import SetFitModel, Trainer, TrainingArguments

from benchmarks.peers.protocol import Answers, Job, answered

ITERATIONS = 10


class Peer:
    packages = ("setfit", "sentence-transformers", "transformers")
    needs_base = False
    note = f"num_iterations={ITERATIONS}"

    def fit(self, job: Job) -> None:
        self.job = job
        strategy = {"multi_target_strategy": "one-vs-rest"} if job.multi_label else {}
        self.model = SetFitModel.from_pretrained(job.encoder, device="cpu", **strategy)
        label = job.matrix(job.all_targets).astype(int) if job.multi_label else job.single(job.all_targets)
        rows = Dataset.from_dict({"text": job.read(job.all_texts), "label": label.tolist()})
        with TemporaryDirectory() as folder:
            arguments = TrainingArguments(
                output_dir=folder, num_iterations=ITERATIONS, seed=job.seed, report_to="none",
                show_progress_bar=False, save_strategy="no",
            )  # fmt: skip
            Trainer(model=self.model, args=arguments, train_dataset=rows).train()

    def save(self, folder: Path) -> None:
        self.model.save_pretrained(str(folder))

    def predict(self, texts: Sequence[str]) -> Answers:
        told = self.model.predict_proba(self.job.read(texts), as_numpy=True, show_progress_bar=False)
        whole = np.zeros((len(texts), len(self.job.labels)))
        if self.job.multi_label:
            return answered(np.asarray(told, dtype=float), True)
        whole[:, np.asarray(self.model.model_head.classes_, dtype=int)] = told
        return answered(whole, False)
