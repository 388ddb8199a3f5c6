"""The frozen encoder, its mean-pooled states, and scikit-learn's logistic regression, C by cross-validation (`heads`).

What a user writes in fifteen lines without any package for it; beside the other peers it says what their work adds. The
default C is too small for states of length one: macro-F1 0.053 on nlupp-400 (`frozen_lr_c1` in results/peers.csv).
"""

from collections.abc import Sequence
from pathlib import Path

import joblib
import numpy as np
import torch
from transformers import AutoModel, AutoTokenizer

from benchmarks.peers.adapters.heads import Logistic
from benchmarks.peers.protocol import Answers, Floats, Job

BATCH, TOKENS = 32, 256
STRENGTHS = (1.0, 10.0, 100.0, 1000.0)


class Peer:
    packages = ("transformers", "scikit-learn")
    needs_base = True

    def fit(self, job: Job) -> None:
        self.job = job
        self.tokenizer = AutoTokenizer.from_pretrained(job.encoder)
        self.encoder = AutoModel.from_pretrained(job.encoder, dtype=torch.float32).eval()
        self.head = Logistic(STRENGTHS)
        self.note = self.head.fit(job, self._states(job.all_texts))

    def save(self, folder: Path) -> None:
        joblib.dump(self.head.head, folder / "head.joblib")

    def predict(self, texts: Sequence[str]) -> Answers:
        return self.head.answers(self._states(texts))

    @torch.no_grad()
    def _states(self, texts: Sequence[str]) -> Floats:
        """(n, hidden) of length one. Texts of similar length share a batch."""
        texts = self.job.read(texts)
        order = np.argsort([len(text) for text in texts])
        states = np.zeros((len(texts), self.encoder.config.hidden_size))
        for start in range(0, len(texts), BATCH):
            rows = order[start : start + BATCH]
            inputs = self.tokenizer([texts[i] for i in rows], padding=True, truncation=True, max_length=TOKENS,
                                    return_tensors="pt")  # fmt: skip
            mask = inputs["attention_mask"].unsqueeze(-1)
            hidden = self.encoder(**inputs).last_hidden_state
            mean = (hidden * mask).sum(1) / mask.sum(1)
            states[rows] = torch.nn.functional.normalize(mean, dim=1).numpy()
        return states
