"""From probabilities to an answer: what was fitted on validation rows, and what it is worth there."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Abstain:
    """A confidence below which a human should look, e.g. at texts outside every class."""

    threshold: float  # of the probability that the answer is exactly right
    coverage: float  # share of validation rows at or above it
    accuracy_kept: float  # exact match on those
    accuracy_all: float


@dataclass(frozen=True)
class Calibration:
    """How the delivered model turns its logits into answers."""

    rung: str
    temperature: float
    ece_before: float  # expected calibration error on validation, at temperature 1
    ece_after: float
    thresholds: tuple[float, ...] | None  # (C,) multi-label, None = 0.5 everywhere
    moved: int  # labels whose threshold left 0.5
    at_least_one: bool  # a row none of whose labels reaches its threshold gets the likeliest one
    f1_before: float  # macro-F1 on validation with 0.5 everywhere
    f1_after: float
    abstain: Abstain | None  # None when confidence does not tell right from wrong
    # On validation rows, for the report; () in runs of older versions.
    reliability_before: tuple[tuple[float, float, int], ...] = ()  # (confidence, share right, predictions) a bin
    reliability_after: tuple[tuple[float, float, int], ...] = ()
    answered: tuple[tuple[float, float], ...] = ()  # (share of rows answered, share of these right), surest first
