"""Trainer + PEFT tuned by Optuna: 20 trials of TPE by validation macro-F1, and the best settings again on all rows."""

import time
from typing import Any

import optuna
from transformers import Trainer

from benchmarks.peers.adapters.trainer import Settings, TrainerPeer
from benchmarks.peers.protocol import Job

TRIALS = 20
SEARCH_SHARE = 0.85  # of the time, after which no trial begins: the last training needs some as well
MODULES = {"q/v": None, "all": "all-linear"}  # None: PEFT's own choice for the base


class Peer(TrainerPeer):
    packages = ("optuna", *TrainerPeer.packages)

    def train(self, job: Job) -> Trainer:
        train, val = self.training.sides()
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=job.seed))

        def tried(trial: Any) -> float:
            f1, threshold = self.training.judged(self.training.train(_settings(trial), train), val)
            trial.set_user_attr("threshold", threshold)
            return f1

        study.optimize(tried, n_trials=TRIALS, timeout=SEARCH_SHARE * job.seconds - (time.monotonic() - self.began))
        best = study.best_trial
        self.threshold = best.user_attrs["threshold"]
        settings = " ".join(f"{k}={v:.3g}" if isinstance(v, float) else f"{k}={v}" for k, v in best.params.items())
        self.note = f"{len(study.trials)} trials, best of validation {best.value:.3f}: {settings}"
        rows = self.training.rows(job.all_texts, job.all_targets)
        return self.training.train(_settings(optuna.trial.FixedTrial(best.params)), rows)


def _settings(trial: Any) -> Settings:
    rank = trial.suggest_categorical("rank", [4, 8, 16, 32, 64])
    modules = MODULES[trial.suggest_categorical("modules", list(MODULES))]
    lora = {"r": rank, "lora_alpha": rank * trial.suggest_categorical("alpha", [1, 2, 4]),
            "lora_dropout": trial.suggest_categorical("dropout", [0.0, 0.1]),
            **({} if modules is None else {"target_modules": modules})}  # fmt: skip
    return Settings(
        lr=trial.suggest_float("lr", 5e-5, 5e-3, log=True),
        epochs=trial.suggest_int("epochs", 3, 10),
        batch=trial.suggest_categorical("batch", [8, 16, 32]),
        warmup=0.06,
        lora=lora,
    )
