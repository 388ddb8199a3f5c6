"""A minimal-intervention experiment: arms from one start, each compared with changing nothing, row by row."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from rankfirst.records.decision import ArmKind
from rankfirst.records.finding import Number
from rankfirst.records.recipe import Recipe


@dataclass(frozen=True)
class ArmResult:
    """One arm after `steps` steps; losses in nats/example, on the same rows for every arm."""

    kind: ArmKind
    recipe: Recipe
    healthy: bool
    steps: tuple[int, ...]  # (T,) optimiser steps, from the start
    train_loss: tuple[float, ...]  # (T,)
    val_log_loss: tuple[float, ...]  # (n_val,) at the end, after calibration, so that confidence alone wins nothing
    val_macro_f1: float
    train_subset_loss: float  # on the fixed subset, without dropout
    train_macro_f1: float
    update_norm: float  # Frobenius norm of scaling·B·A over all sites, at the end
    work: float  # TFLOP
    function_lost: float = 0.0  # share of scaling·B·A (Frobenius) lost by lowering the rank or dropping sites
    val_predicted: tuple[tuple[int, ...], ...] = ()  # (n_val,) class indexes, at the end


@dataclass(frozen=True)
class Comparison:
    """One arm minus another; positive means this arm is better."""

    arm: ArmKind
    against: ArmKind
    val_gain: float  # nats/example, mean of paired differences
    val_se: float  # its standard error
    train_gain: float  # nats/example on the fixed training subset
    train_f1_gain: float
    beyond_noise: bool  # whether the gain is proven: rows and seeds leave no other explanation
    f1_gain: float = math.nan  # validation macro-F1
    f1_se: float = math.nan  # its standard error, paired
    better: bool | None = None  # whether the arm is the better bet, proven or not; None: decided by proof (old runs)

    @property
    def wins(self) -> bool:
        """Whether the search goes on from this arm."""
        return self.beyond_noise if self.better is None else self.better


@dataclass(frozen=True)
class ExperimentResult:
    """The bottleneck that the arms reveal, and the numbers behind it."""

    checkpoint: Recipe  # of the probe that the arms are compared with; named as in journals
    arms: tuple[ArmResult, ...]
    comparisons: tuple[Comparison, ...]
    limit: str  # the value of an ArmKind, or "undecided"
    code: str  # its sentence in messages.rules
    numbers: Mapping[str, Number] = field(default_factory=dict)


@dataclass(frozen=True)
class Refit:
    """The last training of the delivered model, on training and validation rows together, or why there was none."""

    code: str  # its sentence in messages/policy.py
    rows: int  # that the delivered model was trained on
    numbers: Mapping[str, Number] = field(default_factory=dict)
    seconds: float = 0.0
    work: float = 0.0  # TFLOP
    checkpoint: str = ""  # of LoRA, if it is delivered

    @property
    def done(self) -> bool:
        return self.code in ("refit.done", "refit.done_without", "refit.done_dropped")


@dataclass(frozen=True)
class HeldOut:
    """Answers to a part of the training rows by models that were trained without it."""

    rows: tuple[int, ...]  # training rows of the part
    predicted: Mapping[str, tuple[tuple[int, ...], ...]]  # rung -> class indexes of each row
    log_loss: Mapping[str, tuple[float, ...]]  # rung -> nats of each row
    seconds: float = 0.0
    work: float = 0.0  # TFLOP


@dataclass(frozen=True)
class Shipping:
    """Which model is delivered, and why."""

    ship: str  # "lora", "frozen" or "tfidf"
    code: str  # its sentence in messages.policy
    numbers: Mapping[str, Number] = field(default_factory=dict)
    forced: bool = False  # by the user (--always-lora)
