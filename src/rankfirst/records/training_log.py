"""A training log of another trainer: loss points, evaluations, and as much of the recipe as it contains."""

from dataclasses import dataclass
from math import isfinite, nan

from rankfirst.records.recipe import Role


@dataclass(frozen=True)
class LossPoint:
    """Training values logged at one step; NaN if not logged."""

    step: int  # optimiser steps since the start; the row number if the log has no steps
    loss: float  # as the trainer logs it: usually nats/example, mean since the previous point
    epoch: float = nan
    lr: float = nan
    grad_norm: float = nan


@dataclass(frozen=True)
class LoggedEvaluation:
    """Values logged for one evaluation; NaN if not logged."""

    step: int
    epoch: float = nan
    loss: float = nan  # validation
    f1: float = nan  # validation, 0 to 1; macro if the log says so
    accuracy: float = nan  # validation, 0 to 1
    train_loss: float = nan  # training rows, evaluated without dropout
    train_f1: float = nan


@dataclass(frozen=True)
class LoggedRecipe:
    """The known settings of the run; None if unknown."""

    rank: int | None = None
    alpha: float | None = None  # PEFT's lora_alpha
    rslora: bool = False  # the multiplier is alpha / sqrt(rank)
    lr: float | None = None  # peak
    dropout: float | None = None
    roles: tuple[Role, ...] | None = None  # in the order of Role
    other_modules: int = 0  # adapted modules whose names match no known role
    layers: int | None = None  # adapted blocks, if not all are
    uneven: bool = False  # PEFT's rank_pattern or alpha_pattern is set
    batch_size: int | None = None  # rows per optimiser step on one device
    seed: int | None = None

    @property
    def scaling(self) -> float | None:
        """The multiplier on B·A; None unless rank and alpha are known."""
        if not self.rank or self.alpha is None:
            return None
        return self.alpha / (self.rank**0.5 if self.rslora else self.rank)


@dataclass(frozen=True)
class TrainingLog:
    """One run as recorded in its log; points and evaluations by increasing step."""

    name: str  # of the file or folder
    format: str  # key of the registry in `logs`
    points: tuple[LossPoint, ...]  # finite losses only
    evaluations: tuple[LoggedEvaluation, ...]
    recipe: LoggedRecipe
    broken_at: int | None = None  # step from which loss or gradient stays non-finite until the end of the log
    healed: int = 0  # non-finite losses followed by finite ones
    repeated: int = 0  # points logged twice at the same step (a resumed run); the later one is kept
    unread: int = 0  # lines that could not be read
    counts_steps: bool = True  # False if the log has no step numbers; `step` then counts its rows
    macro_f1: bool = False  # whether the log calls its F1 macro

    @property
    def epochs(self) -> float:
        """Passes over the training rows; NaN if the log has none."""
        logged = [*(p.epoch for p in self.points), *(e.epoch for e in self.evaluations)]
        return max((epoch for epoch in logged if isfinite(epoch)), default=nan)

    @property
    def last_step(self) -> int:
        return max((*(p.step for p in self.points), *(e.step for e in self.evaluations)), default=0)
