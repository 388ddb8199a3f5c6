"""Which of several base models was chosen, and why the others were not."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from rankfirst.records.finding import Number

Answers = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class BaseTrial:
    """One frozen candidate on a sample of the rows, before any comparison."""

    spec: str
    sha256: str  # of its weights
    prefix: str  # prepended to every text
    pooling: str
    leaky: bool  # validation log-loss is far worse than cross-validated training log-loss: the folds leak
    folds: Answers  # (n,) out-of-fold predictions for the sampled training rows
    val: Answers  # (m,) predictions for the sampled validation rows
    folds_loss: float  # nats/example
    val_loss: float  # nats/example
    gigaflop: float  # 10^9 operations to encode one text of these rows
    megabytes: float  # 10^6 bytes of weights on disk
    ms_per_text: float  # latency of one text at batch size 1 on this machine; reported only, never decided on
    seconds: float  # duration of the trial


@dataclass(frozen=True)
class BaseVerdict:
    """One candidate compared with the best one."""

    spec: str
    code: str  # key in messages.bases: taken, worse, dearer or same_cost
    macro_f1: float  # over the classes that occur
    log_loss: float  # nats/example
    behind: float  # macro-F1 by which the best candidate leads
    noise: float  # macro-F1 lead that random variation alone reaches, at 95%
    gigaflop: float
    megabytes: float
    ms_per_text: float
    pooling: str = ""
    prefix: str = ""


@dataclass(frozen=True)
class MissingBase:
    """A candidate that could not take part."""

    spec: str
    code: str  # of the error, key in messages.errors
    numbers: Mapping[str, Number] = field(default_factory=dict)


@dataclass(frozen=True)
class BaseChoice:
    """The outcome of `--base-model auto:...`."""

    asked: str  # the option as the user wrote it
    spec: str  # the chosen base
    sha256: str
    code: str  # key in messages.bases: the reason
    numbers: Mapping[str, Number] = field(default_factory=dict)
    judged_on: str = ""  # "folds" or "validation"; empty if there was no comparison
    rows: int = 0  # number of rows behind each figure
    verdicts: tuple[BaseVerdict, ...] = ()  # the best first
    missing: tuple[MissingBase, ...] = ()
