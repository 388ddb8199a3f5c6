"""rankfirst with its defaults: `rankfirst fit train.csv --val val.csv`; what ships answers."""

import csv
import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.peers.protocol import Answers, Job, Labels

KNOWN = 100  # training rows in place of test rows, so that no others are held out; their scores are not read


class Peer:
    packages = ("rankfirst", "transformers", "peft")
    needs_base = False  # set once it is known what ships

    def fit(self, job: Job) -> None:
        import rankfirst

        self.job, self.out = job, Path.cwd() / "run"
        known = job.texts[:KNOWN], job.targets[:KNOWN]
        sides = {"train": (job.texts, job.targets), "val": (job.val_texts, job.val_targets), "test": known}
        files = {name: self._write(name, *rows) for name, rows in sides.items() if rows[0]}
        result = rankfirst.fit(out=self.out, base_model=job.encoder, seed=job.seed, **files)
        ships = json.loads((self.out / "result.json").read_text(encoding="utf-8"))
        self.needs_base = ships["verdict"] != "tfidf"
        self.note = f"ships {ships['verdict']}"
        self.model = result.load()

    def _write(self, name: str, texts: Sequence[str], targets: Sequence[Labels]) -> Path:
        path, labels = Path.cwd() / f"{name}.csv", self.job.labels
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["text", "labels" if self.job.multi_label else "label"])
            for text, chosen in zip(texts, targets, strict=True):
                writer.writerow([text, "|".join(labels[i] for i in chosen)])
        return path

    def save(self, folder: Path) -> None:
        shutil.copytree(self.out / "model", folder / "model")

    def predict(self, texts: Sequence[str]) -> Answers:
        p = self.model.predict_proba(list(texts))
        order = [self.model.classes.index(label) for label in self.job.labels]
        return Answers(np.asarray(self.model.decide(p))[:, order], np.asarray(p)[:, order])
