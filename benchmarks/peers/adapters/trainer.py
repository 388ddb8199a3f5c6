"""transformers' Trainer as its users call it, with or without PEFT. The peers of this family differ in settings."""

import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from peft import LoraConfig, TaskType, get_peft_model
from sklearn.metrics import f1_score
from sklearn.model_selection import train_test_split
from transformers import (
    AutoModelForSequenceClassification,
    AutoTokenizer,
    DataCollatorWithPadding,
    Trainer,
    TrainingArguments,
)

from benchmarks.peers.adapters.heads import best_threshold
from benchmarks.peers.protocol import Answers, Floats, Job, Labels, answered

TOKENS = 256
Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Settings:
    """Of one training; None: the library's default."""

    lr: float | None = None
    epochs: float | None = None
    batch: int | None = None
    warmup: float | None = None
    lora: dict[str, Any] | None = None  # of LoraConfig; None: full fine-tuning
    keep_best: bool = False  # the epoch with the best validation macro-F1

    def arguments(self, folder: str, seed: int) -> TrainingArguments:
        told = {"learning_rate": self.lr, "num_train_epochs": self.epochs, "per_device_train_batch_size": self.batch,
                "warmup_steps": self.warmup}  # fmt: skip
        best: dict[str, Any] = {}
        if self.keep_best:
            best = {"eval_strategy": "epoch", "load_best_model_at_end": True, "metric_for_best_model": "macro_f1",
                    "save_total_limit": 1}  # fmt: skip
        return TrainingArguments(
            output_dir=folder, seed=seed, use_cpu=True, report_to="none", disable_tqdm=True, logging_strategy="no",
            save_strategy="epoch" if self.keep_best else "no", **{k: v for k, v in told.items() if v is not None},
            **best,
        )  # fmt: skip


class Training:
    """A job's rows as the Trainer takes them."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.tokenizer = AutoTokenizer.from_pretrained(job.encoder)

    def rows(self, texts: Sequence[str], targets: Sequence[Labels] | None = None) -> Rows:
        """Tokens, and the labels if they are known."""
        told = self.tokenizer(self.job.read(texts), truncation=True, max_length=TOKENS)
        rows = [{"input_ids": ids, "attention_mask": mask} for ids, mask in
                zip(told["input_ids"], told["attention_mask"], strict=True)]  # fmt: skip
        if targets is not None:
            matrix = self.job.matrix(targets)
            for row, chosen, flags in zip(rows, targets, matrix, strict=True):
                row["labels"] = flags.astype(np.float32) if self.job.multi_label else chosen[0]
        return rows

    def sides(self) -> tuple[Rows, Rows]:
        """Training and validation rows; without validation rows a fifth of the training rows."""
        job = self.job
        if job.val_texts:
            return self.rows(job.texts, job.targets), self.rows(job.val_texts, job.val_targets)
        classes = None if job.multi_label else job.single(job.targets)
        rows = self.rows(job.texts, job.targets)
        train, val = train_test_split(rows, test_size=0.2, random_state=job.seed, stratify=classes)
        return train, val

    def train(self, settings: Settings, rows: Rows, val: Rows | None = None) -> Trainer:
        """Train from the base model's weights."""
        torch.manual_seed(self.job.seed)
        model = AutoModelForSequenceClassification.from_pretrained(
            self.job.encoder, num_labels=len(self.job.labels), dtype=torch.float32,
            problem_type="multi_label_classification" if self.job.multi_label else "single_label_classification",
        )  # fmt: skip
        if settings.lora is not None:
            model = get_peft_model(model, LoraConfig(task_type=TaskType.SEQ_CLS, **settings.lora))
        with tempfile.TemporaryDirectory() as folder:
            trainer = Trainer(
                model=model, args=settings.arguments(folder, self.job.seed), train_dataset=rows, eval_dataset=val,
                data_collator=DataCollatorWithPadding(self.tokenizer), compute_metrics=self._metrics,
            )  # fmt: skip
            trainer.train()
        return trainer

    def judged(self, trainer: Trainer, val: Rows) -> tuple[float, float]:
        """By validation rows. Returns: macro-F1; of several labels the threshold that it was reached with."""
        told = trainer.predict(val)
        return told.metrics["test_macro_f1"], told.metrics["test_threshold"]

    def _metrics(self, told: Any) -> dict[str, float]:
        logits, truth = told
        if self.job.multi_label:
            threshold, score = best_threshold(truth == 1, _probabilities(logits, True))
            return {"macro_f1": score, "threshold": threshold}
        score = f1_score(truth, logits.argmax(axis=1), average="macro", zero_division=0)
        return {"macro_f1": float(score), "threshold": 0.5}

    def predict(self, trainer: Trainer, texts: Sequence[str], threshold: float) -> Answers:
        order = np.argsort([len(text) for text in texts])
        logits = np.zeros((len(texts), len(self.job.labels)))
        logits[order] = trainer.predict(self.rows([texts[i] for i in order])).predictions
        return answered(_probabilities(logits, self.job.multi_label), self.job.multi_label, threshold)


def _probabilities(logits: Floats, multi_label: bool) -> Floats:
    if multi_label:
        return 1 / (1 + np.exp(-logits))
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True))


class TrainerPeer:
    """What the peers of this family share: their model is what a Trainer holds."""

    packages: tuple[str, ...] = ("transformers", "peft", "accelerate")
    needs_base = True
    threshold = 0.5  # of several labels a row
    note = ""

    def fit(self, job: Job) -> None:
        self.began = time.monotonic()
        self.training = Training(job)
        self.trainer = self.train(job)

    def train(self, job: Job) -> Trainer:
        raise NotImplementedError

    def once(self, settings: Settings) -> Trainer:
        """One training. On all rows, unless validation rows are needed: for the epoch to keep or for a threshold.

        A job with few rows a class and one label a row has none to spare; its last epoch is kept.
        """
        job = self.training.job
        if not job.multi_label and not (settings.keep_best and job.val_texts):
            settings = replace(settings, keep_best=False)
            return self.training.train(settings, self.training.rows(job.all_texts, job.all_targets))
        train, val = self.training.sides()
        trainer = self.training.train(settings, train, val)
        if job.multi_label:
            self.threshold = self.training.judged(trainer, val)[1]
            self.note = f"threshold {self.threshold:g}"
        return trainer

    def save(self, folder: Path) -> None:
        self.trainer.model.save_pretrained(folder)
        self.training.tokenizer.save_pretrained(folder)

    def predict(self, texts: Sequence[str]) -> Answers:
        return self.training.predict(self.trainer, texts, self.threshold)
