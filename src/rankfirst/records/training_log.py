"""A training log of another trainer: loss points, evaluations, and as much of the recipe as it contains."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
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
    lr_low: float | None = None  # the least and the most that the peak can be; None: no such bound
    lr_high: float | None = None
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
class LoggedSetup:
    """What the files beside a log, and its keys, say of the run around the recipe; empty or None if unknown."""

    peft_type: str = ""  # PEFT's, as "LORA"; "" if no adapter is in sight
    full_weights: bool = False  # whether the weights of a whole model were saved beside the log
    task: str = ""  # key of `logs.task.*`; "" for a text classifier or if nothing says otherwise
    shown_by: str = ""  # what showed the task, as "task_type CAUSAL_LM"
    classes: int | None = None
    multi_label: bool = False
    planned_steps: int | None = None
    planned_epochs: float | None = None
    done_steps: int | None = None  # as the trainer's own state says; the log may end earlier
    done_epochs: float | None = None
    early_stopping: bool = False  # whether early stopping ended the run
    later: str = ""  # a later checkpoint of the same run in the same folder
    warmup_steps: float | None = None
    warmup_share: float | None = None  # of the planned steps
    fp16: bool = False
    head_frozen: bool = False  # whether the adapter's file says that no head was trained with it


@dataclass(frozen=True)
class LrSchedule:
    """What the logged learning rates show of their schedule."""

    kind: str  # "linear", "cosine", "constant", or "" if no known shape fits
    first: float
    last: float
    low: float  # the least that the peak can be: the highest logged rate
    high: float | None  # the most; None if the log sets no limit
    peak: float | None  # the most likely value; None if only a bound is known
    rising: bool = False  # whether lr still rose at the last logged step

    @property
    def zero(self) -> bool:
        """Whether every logged rate is 0."""
        return self.low == 0


@dataclass(frozen=True)
class TrainingLog:
    """One run as recorded in its log; points and evaluations by increasing step."""

    name: str  # of the file or folder
    format: str  # key of the registry in `logs`
    points: tuple[LossPoint, ...]  # finite losses only
    evaluations: tuple[LoggedEvaluation, ...]
    recipe: LoggedRecipe
    broken_at: int | None = None  # step from which loss or gradient stays non-finite until the end of the log
    broken_evaluation: bool = False  # whether only the last validation loss is not finite
    healed: int = 0  # non-finite losses followed by finite ones
    repeated: int = 0  # points logged twice at the same step (a resumed run); the later one is kept
    unread: int = 0  # lines that could not be read
    counts_steps: bool = True  # False if the log has no step numbers; `step` then counts its rows
    macro_f1: bool = False  # whether the log calls its F1 macro
    setup: LoggedSetup = LoggedSetup()
    schedule: LrSchedule | None = None  # None if no lr was logged
    complete: bool = False  # whether the trainer logged the summary that it writes at the end
    rates: tuple[tuple[float, float], ...] = ()  # (step, or epoch if steps are not counted; lr)
    keys: frozenset[str] = frozenset()  # normalised keys of its rows
    gradients: int = 0  # logged gradient norms, and those of them that are not finite
    dead_gradients: int = 0

    @property
    def epochs(self) -> float:
        """Passes over the training rows; NaN if the log has none."""
        logged = [*(p.epoch for p in self.points), *(e.epoch for e in self.evaluations)]
        return max((epoch for epoch in logged if isfinite(epoch)), default=nan)

    @property
    def lora(self) -> bool:
        """Whether a LoRA adapter is in sight: only then rank and the range of its lr mean anything."""
        return self.setup.peft_type == "LORA" or (not self.setup.peft_type and self.recipe.rank is not None)

    @property
    def done(self) -> float | None:
        """The share of the planned run that was trained; None if the plan is unknown.

        Unless the trainer says how far it got, the run may have gone on for one more interval of logging.
        """
        setup = self.setup
        if setup.planned_steps and setup.done_steps:
            return setup.done_steps / setup.planned_steps
        if setup.planned_epochs and setup.done_epochs and not setup.planned_steps:
            return setup.done_epochs / setup.planned_epochs
        if self.complete:
            return 1.0
        if setup.planned_steps and self.counts_steps:
            return (self.last_step + self._interval([p.step for p in self.points])) / setup.planned_steps
        if setup.planned_epochs and isfinite(self.epochs):
            return (self.epochs + self._interval([p.epoch for p in self.points])) / setup.planned_epochs
        return None

    @staticmethod
    def _interval(at: Sequence[float]) -> float:
        """The largest distance between two points; 0 if it is unknown."""
        return max((b - a for a, b in pairwise(at) if isfinite(b - a)), default=0.0)

    @property
    def last_step(self) -> int:
        return max((*(p.step for p in self.points), *(e.step for e in self.evaluations)), default=0)
