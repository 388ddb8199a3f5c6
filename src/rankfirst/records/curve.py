"""The history of a training run: the evidence that every symptom reads."""

import math
from dataclasses import dataclass, replace
from enum import StrEnum

from rankfirst.records.recipe import Recipe


class Health(StrEnum):
    """How a training run ended."""

    FINE = "fine"
    DIVERGED = "diverged"  # a non-finite loss or gradient
    OUT_OF_MEMORY = "out_of_memory"  # not even a batch of one row fits


@dataclass(frozen=True)
class Evaluation:
    """The model's metrics at one step, on the whole validation split and on a fixed subset of the training rows."""

    step: int  # optimiser steps since the start; 0: before the first
    epoch: float
    val_loss: float  # nats/example (multi-label: summed over labels)
    val_macro_f1: float
    val_accuracy: float  # exact match for multi-label
    recall: tuple[float, ...]  # (C,) NaN for a class without validation rows
    train_loss: float  # nats/example on the fixed subset, without dropout
    train_macro_f1: float  # on the fixed subset
    val_f1_occurring: float | None = None  # macro-F1 over the classes with validation rows; None: not recorded
    val_loss_calibrated: float | None = None  # nats/example after temperature scaling, as arms are compared; or None

    @property
    def shown_loss(self) -> float:
        """The validation loss that is shown: the one by which arms are compared, if it was recorded."""
        return self.val_loss if self.val_loss_calibrated is None else self.val_loss_calibrated

    @property
    def judged_f1(self) -> float:
        """The metric by which evaluations are compared.

        scikit-learn's macro-F1 counts a class without rows as 0 as soon as one stray prediction names it. With 15
        classes that is six points, which come and go from epoch to epoch.
        """
        return self.val_macro_f1 if self.val_f1_occurring is None else self.val_f1_occurring


@dataclass(frozen=True)
class Curve:
    """The history of one training run, oldest point first."""

    recipe: Recipe
    health: Health
    epochs: float
    steps_per_epoch: int
    steps: tuple[int, ...]  # (T,) strictly increasing, 20-50 per epoch
    train_loss: tuple[float, ...]  # (T,) nats/example of the objective, mean since the previous point
    grad_norm: tuple[float, ...]  # (T,) mean since the previous point, before clipping
    evaluations: tuple[Evaluation, ...]  # the first is at step 0
    val_log_loss: tuple[float, ...]  # (n_val,) nats after calibration, at the kept evaluation
    val_predicted: tuple[tuple[int, ...], ...]  # (n_val,) class indexes, at the kept evaluation
    train_wrong: tuple[int, ...]  # rows of the fixed subset that are misclassified at the end (train row numbers)
    train_seen: int  # size of the fixed subset
    update_norm: float  # Frobenius norm of scaling·B·A summed over sites, at the end
    adapter_parameters: int
    work: float  # TFLOP spent
    checkpoint: str = ""  # name under which the engine can resume from it
    end_log_loss: tuple[float, ...] = ()  # (n_val,) nats after calibration, at the last evaluation
    end_predicted: tuple[tuple[int, ...], ...] = ()  # (n_val,) class indexes, at the last evaluation
    lr: tuple[float, ...] = ()  # (T,) of the adapter, at the last step of each point
    step_norm: tuple[tuple[float, float, float], ...] = ()  # (T,) L2 norm of that step in (A, B, head)
    # Memory saving in effect: padded tokens per micro-batch; None: no step was split.
    pieces: int | None = None
    kept_epoch: float | None = None  # whose weights `checkpoint` has; None: in old journals
    recomputed: bool = False  # activations of the adapted blocks were recomputed in the backward pass
    end: str = ""  # checkpoint of the last evaluation, of a final training that came to its end; else ""

    @property
    def at_end(self) -> "Curve":
        """The same training with its last evaluation as the kept one."""
        return replace(self, checkpoint=self.end, kept_epoch=self.last.epoch, val_log_loss=self.end_log_loss,
                       val_predicted=self.end_predicted)  # fmt: skip

    @property
    def start(self) -> Evaluation:
        return self.evaluations[0]

    @property
    def last(self) -> Evaluation:
        return self.evaluations[-1]

    @property
    def kept(self) -> Evaluation:
        """The evaluation of the weights that are kept; the best one in old journals."""
        return next((e for e in self.evaluations if e.epoch == self.kept_epoch), self.best)

    @property
    def best(self) -> Evaluation:
        """The evaluation with the highest `judged_f1`; the earlier one on a tie; never one with NaN."""
        return max(self.evaluations, key=lambda e: -math.inf if math.isnan(e.judged_f1) else e.judged_f1)
