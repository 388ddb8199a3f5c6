"""Collects loss points and evaluations of a run in progress, and builds its Curve."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import fmean

import numpy as np

from rankfirst.engine.training.evaluation import Answers, judge
from rankfirst.engine.training.loop import POINTS_PER_EPOCH
from rankfirst.measure.scores import as_tuples
from rankfirst.records import Curve, Evaluation, Health, Recipe

Tuples = tuple[tuple[int, ...], ...]


@dataclass
class History:
    """Loss points and evaluations of one run of another trainer."""

    steps_per_epoch: int
    losses: dict[int, float] = field(default_factory=dict)  # step -> mean since the previous point, from the hook
    logged: dict[int, float] = field(default_factory=dict)  # step -> loss as the trainer logs it, in its units
    grads: dict[int, float] = field(default_factory=dict)  # step -> norm before clipping, if the trainer logged it
    lrs: dict[int, float] = field(default_factory=dict)
    evaluations: list[Evaluation] = field(default_factory=list)
    truth: Tuples = ()
    best: tuple[tuple[float, ...], Tuples] = ((), ())  # log-losses and predictions at the best evaluation
    end: tuple[tuple[float, ...], Tuples] = ((), ())
    wrong: tuple[int, ...] = ()
    seen: int = 0
    multi_label: bool = False
    broken: bool = False  # whether the latest loss or evaluation was not finite

    @property
    def every(self) -> int:
        """Steps per loss point."""
        return max(1, self.steps_per_epoch // POINTS_PER_EPOCH)

    def point(self, step: int, loss: float, lr: float) -> None:
        """Add a loss point; `broken` follows the latest: bad batches under a loss scaler heal, NaN weights do not."""
        self.broken = not math.isfinite(loss)
        if not self.broken:
            self.losses[step], self.lrs[step] = loss, lr

    def log(self, step: int, logs: Mapping[str, float], lr: float) -> None:
        """Add what the trainer logged itself."""
        if "loss" in logs:
            self.logged[step] = float(logs["loss"])
            self.lrs.setdefault(step, lr)
        if math.isfinite(float(logs.get("grad_norm", math.nan))):
            self.grads[step] = float(logs["grad_norm"])

    def evaluate(self, step: int, epoch: float, val: Answers, train: Answers | None, rows: tuple[int, ...]) -> None:
        """Add an evaluation; `train`: answers on the fixed training subset, with row numbers `rows`."""
        if not all(np.isfinite(part.logits).all() for part in (val, train) if part is not None):
            self.broken = True
            return
        judged = judge(step, epoch, val, train)
        if train is not None:
            self.wrong = tuple(row for row, missed in zip(rows, judged.missed, strict=False) if missed)
            self.seen = len(judged.missed)
        self.evaluations.append(judged.evaluation)
        self.multi_label, self.truth = val.multi_label, as_tuples(val.truth)
        self.end = (judged.log_loss, judged.predicted)
        if judged.evaluation.judged_f1 > max((e.judged_f1 for e in self.evaluations[:-1]), default=-1.0):
            self.best = self.end

    def curve(self, recipe: Recipe, epochs: float, update_norm: float, parameters: int, work: float) -> Curve:
        """The curve so far, with loss points from the hook, or from the log if the hook saw none."""
        points = self.losses or {step: loss for step, loss in self.logged.items() if math.isfinite(loss)}
        steps = tuple(points)
        health = Health.DIVERGED if self.broken else Health.FINE
        return Curve(
            recipe=recipe,
            health=health,
            epochs=epochs,
            steps_per_epoch=self.steps_per_epoch,
            steps=steps,
            train_loss=tuple(points.values()),
            grad_norm=tuple(self._norm(after, step) for after, step in zip((-1, *steps), steps, strict=False)),
            evaluations=tuple(self.evaluations),
            val_log_loss=self.best[0],
            val_predicted=self.best[1],
            train_wrong=self.wrong,
            train_seen=self.seen,
            update_norm=update_norm,
            adapter_parameters=parameters,
            work=work,
            checkpoint="" if self.broken or not steps else f"checkpoint-{steps[-1]}",
            end_log_loss=self.end[0],
            end_predicted=self.end[1],
            lr=tuple(self.lrs[step] for step in steps),
        )

    def _norm(self, after: int, step: int) -> float:
        norms = [norm for at, norm in self.grads.items() if after < at <= step]
        return fmean(norms) if norms else math.nan
