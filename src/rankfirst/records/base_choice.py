"""Which of several base models a run is made with, and what was held against the others."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from rankfirst.records.finding import Number

Answers = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class BaseTrial:
    """One candidate, frozen, on a sample of the rows; nothing of it is compared yet."""

    spec: str
    sha256: str  # of its weights
    prefix: str  # it was read with
    pooling: str
    leaky: bool  # validation loses far more than held-out training rows: these were half seen
    folds: Answers  # (n,) held-out answers to the training rows of the sample
    val: Answers  # (m,) answers to its validation rows
    folds_loss: float  # nats/example
    val_loss: float  # nats/example
    gigaflop: float  # 10^9 operations to read one text of these rows
    megabytes: float  # 10^6 bytes of weights on disk
    ms_per_text: float  # one text alone, on this machine; told, never decided by
    seconds: float  # the trial took


@dataclass(frozen=True)
class BaseVerdict:
    """One candidate beside the best one."""

    spec: str
    code: str  # key in words.bases: taken, worse, dearer or same_cost
    macro_f1: float  # over the classes that occur
    log_loss: float  # nats/example
    behind: float  # macro-F1 that the best one has more
    noise: float  # macro-F1 that such a gap reaches without a reason, at 95%
    gigaflop: float
    megabytes: float
    ms_per_text: float
    pooling: str = ""
    prefix: str = ""


@dataclass(frozen=True)
class MissingBase:
    """A candidate that did not take part."""

    spec: str
    code: str  # of the error, key in words.errors
    numbers: Mapping[str, Number] = field(default_factory=dict)


@dataclass(frozen=True)
class BaseChoice:
    """The outcome of `--base-model auto:...`."""

    asked: str  # as the user wrote it
    spec: str  # the base the run is made with
    sha256: str
    code: str  # key in words.bases: why this one
    numbers: Mapping[str, Number] = field(default_factory=dict)
    judged_on: str = ""  # "folds" or "validation"; empty when there was nothing to compare
    rows: int = 0  # behind each figure
    verdicts: tuple[BaseVerdict, ...] = ()  # the best first
    missing: tuple[MissingBase, ...] = ()
