"""The figures of one log: levels, slopes, turning points. `conclusions` interprets them."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite, nan, sqrt
from statistics import fmean

from rankfirst.advice.live_run import lr_share
from rankfirst.policy import noise
from rankfirst.policy import thresholds as t
from rankfirst.records import Curve
from rankfirst.records.training_log import LoggedEvaluation, TrainingLog


@dataclass(frozen=True)
class Train:
    """The training loss, in the units of the log."""

    start: float  # mean of the first quarter of the points
    end: float  # of the last quarter
    fall: float  # relative fall over the second half; NaN below LEAST_POINTS points
    falling: bool | None  # whether the fall exceeds the scatter of the points; None if that cannot be determined
    lr_share: float  # mean lr of the second half over its peak; 1 when unknown
    flat_before: bool  # whether the loss was flat even before lr had decayed
    points: int = 0

    @property
    def share(self) -> float:
        return self.end / self.start if self.start > 0 else nan


@dataclass(frozen=True)
class Val:
    """One metric over all evaluations that contain it."""

    name: str  # "loss", "f1" or "accuracy"
    first: float
    last: float
    best: float
    best_step: int
    count: int
    at_low_loss: float = nan  # its value where the validation loss was lowest; NaN if that is unknown

    @property
    def lost(self) -> float:
        """Absolute difference between the best and the last evaluation."""
        return abs(self.last - self.best)


def train_of(curve: Curve) -> Train | None:
    """The figures of the training loss; None without loss points."""
    losses = curve.train_loss
    if not losses:
        return None
    quarter = max(1, len(losses) // 4)
    fall, falling = slope(losses, curve.epochs)
    middle = curve.steps[len(losses) // 2 - 1] if len(losses) > 1 else 0
    return Train(
        start=fmean(losses[:quarter]),
        end=fmean(losses[-quarter:]),
        fall=fall,
        falling=falling,
        lr_share=lr_share(curve, middle, curve.steps[-1]),
        flat_before=_flat_before(curve),
        points=len(losses),
    )


def slope(losses: Sequence[float], epochs: float) -> tuple[float, bool | None]:
    """(relative fall over the second half, whether it is significant), computed as the policy does for loss points."""
    if len(losses) < t.LEAST_POINTS:
        return nan, None
    half = losses[len(losses) // 2 :]
    step, p = noise.trend(half)
    if not isfinite(step) or not isfinite(p):  # p is NaN if all points are equal
        return 0.0, False if len(set(half)) == 1 else None
    fall = -step * len(half) / max(1e-9, abs(fmean(half)))
    least = t.FALL_PER_EPOCH * (epochs / 2 if epochs > 0 else 1.0)
    return fall, step < 0 and p < t.TREND_P and fall > least


def _flat_before(curve: Curve) -> bool:
    """Whether the loss was flat while lr had not decayed yet."""
    peak = max((lr for lr in curve.lr if isfinite(lr)), default=0.0)
    last = max((i for i, lr in enumerate(curve.lr) if isfinite(lr) and lr >= t.DECAYED * peak), default=-1)
    before = curve.train_loss[: last + 1]
    return slope(before, curve.epochs * len(before) / len(curve.train_loss))[1] is False


def val_of(log: TrainingLog, name: str) -> Val | None:
    """One metric of a log's evaluations; None if no evaluation contains it."""
    values = [(e, float(getattr(e, name))) for e in log.evaluations if isfinite(getattr(e, name))]
    if not values:
        return None
    best = min(values, key=lambda x: x[1]) if name == "loss" else max(values, key=lambda x: x[1])
    lows = [e for e in log.evaluations if isfinite(e.loss)]
    low = getattr(min(lows, key=lambda e: e.loss), name) if lows else nan
    return Val(name, values[0][1], values[-1][1], best[1], best[0].step, len(values), low)


def score_of(log: TrainingLog) -> Val | None:
    """F1 if it was logged, else accuracy."""
    return val_of(log, "f1") or val_of(log, "accuracy")


def noise_of(share: float, rows: int) -> float:
    """NOISE_SES binomial standard errors of a share over `rows` validation rows; infinite without rows.

    Exact for accuracy. Macro-F1 varies as much for balanced classes and more for imbalanced ones: there it is a lower
    bound.
    """
    p = min(1.0, max(0.0, share))
    return t.NOISE_SES * sqrt(p * (1 - p) / rows) if rows > 0 else float("inf")


def noise_of_difference(one: float, other: float, rows: int) -> float:
    """As `noise_of`, for the difference of two shares on independent rows: an upper bound for equal rows."""
    return sqrt(noise_of(one, rows) ** 2 + noise_of(other, rows) ** 2)


def at_step(log: TrainingLog, step: int) -> LoggedEvaluation | None:
    """The evaluation made at this step."""
    return next((e for e in log.evaluations if e.step == step), None)
