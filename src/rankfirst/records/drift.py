"""Whether a delivered model still fits the data it receives."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from rankfirst.records.assessment import Example, Shift
from rankfirst.records.finding import Number


class Retrain(StrEnum):
    """Whether the model should be retrained."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Figure:
    """One figure at delivery and now."""

    before: float
    after: float
    low: float  # 95% interval of after - before
    high: float
    p: float  # p-value of "no change", one-sided towards harm; NaN if not tested
    rows_before: int
    rows_after: int


@dataclass(frozen=True)
class Recall:
    """Recall of one class at delivery and now."""

    name: str
    before: float
    after: float
    rows_before: int
    rows_after: int
    error: float  # standard error of the difference


@dataclass(frozen=True)
class Candidate:
    """A cluster of new rows that resembles nothing known."""

    name: str  # suggested from its terms; "" if no term is distinctive
    terms: tuple[str, ...]
    rows: int  # number of distinct new texts
    known: int  # held-out rows of the run in the same cluster
    p: float  # that chance formed it, corrected for the number of clusters
    nearest: str  # the answer that the model gives most of them
    nearest_share: float
    members: tuple[Example, ...]  # all of them, the most typical first; score is the model's confidence


@dataclass(frozen=True)
class Seen:
    """Everything that was measured on the new rows."""

    rows: int
    distinct: int  # number of distinct texts
    looked: int  # distinct texts that were examined
    source: str  # what they were compared with: "file" (the training rows) or "reference" (what the delivery stores)
    shift: Shift
    confidence: Figure  # mean probability of the likeliest answer
    abstain: Figure | None = None  # share of rows abstained on; None if the model never abstains
    classes: tuple[tuple[str, float, float], ...] = ()  # answer, its share before and now; significant changes only
    classes_p: float = 1.0
    candidates: tuple[Candidate, ...] = ()  # largest first
    labelled: int = 0  # number of rows with a label that the model knows
    f1: Figure | None = None  # macro-F1 over the classes that occur in both samples
    recalls: tuple[Recall, ...] = ()  # in the order of the classes
    unknown: tuple[tuple[str, int], ...] = ()  # labels unknown to the model and their rows, most rows first


@dataclass(frozen=True)
class EstimatedShare:
    """A figure of rows without labels."""

    kind: str  # "macro_f1", "precision", "recall"
    name: str  # a class; "" for all
    before: float  # on labelled reference rows; NaN if it has none there
    value: float
    low: float  # 95% interval
    high: float
    least: float = 0.0  # what is promised; 0 without a promise
    rows: int = 0  # answers of the class; of macro-F1: classes

    @property
    def verdict(self) -> str:
        """Whether what is promised holds: "kept", "broken" or "unknown"."""
        return "kept" if self.low >= self.least else "broken" if self.high < self.least else "unknown"


@dataclass(frozen=True)
class Estimated:
    """Figures of rows without labels, from calibrated probabilities."""

    f1: EstimatedShare | None = None  # over the classes of which rows are expected
    precision: tuple[EstimatedShare, ...] = ()  # of each class that is answered
    clauses: tuple[EstimatedShare, ...] = ()  # of the delivery's promise
    labelled: int = 0  # rows whose labels were known
    corrected: bool = False  # whether these corrected the estimate
    unlike: float = 0.0  # share of rows farther from all training rows than the reference explains
    blind: tuple[str, ...] = ()  # why it cannot tell: "few", "unlike", "strange"; () if it can
    to_label: int = 0  # rows to label to know; 0: none are needed


@dataclass(frozen=True)
class Reason:
    """A rule that applies, with its numbers."""

    rule: str
    answer: Retrain  # the answer it supports
    numbers: Mapping[str, Number] = field(default_factory=dict)


@dataclass(frozen=True)
class Drift:
    """The answer, the rule that gave it (the first reason), and all other rules that apply."""

    run: str
    file: str
    answer: Retrain
    reasons: tuple[Reason, ...]
    seen: Seen
    seconds: float = 0.0
    command: str = ""  # command line that repeats the check
    estimated: Estimated | None = None  # None: in older checks, and if the delivery has no labelled reference rows
    to_label: tuple[Example, ...] = ()  # random rows whose labels would tell
