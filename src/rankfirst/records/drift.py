"""Whether the world a model was trained for is still the one it answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from rankfirst.records.assessment import Example, Shift
from rankfirst.records.finding import Number


class Retrain(StrEnum):
    """Should the model be trained again?"""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Figure:
    """One figure at delivery and now."""

    before: float
    after: float
    low: float  # of after - before, 95%
    high: float
    p: float  # that both come from one source, against the direction that does harm; NaN where not tested
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
    error: float  # standard error of their difference


@dataclass(frozen=True)
class Candidate:
    """New rows that belong together and to nothing known."""

    name: str  # suggested from its terms; "" where nothing sets its texts apart
    terms: tuple[str, ...]
    rows: int  # distinct new texts
    known: int  # held-out rows of the run in the same group
    p: float  # that chance made it, paid for by the number of groups
    nearest: str  # the answer the model gives most of them
    nearest_share: float
    members: tuple[Example, ...]  # all of them, the most typical first; score is the model's confidence


@dataclass(frozen=True)
class Seen:
    """Everything that was measured in new rows."""

    rows: int
    distinct: int  # texts
    looked: int  # distinct texts that were examined
    source: str  # what they were compared with: "file" (the training rows) or "reference" (what the delivery keeps)
    shift: Shift
    confidence: Figure  # mean, of the likeliest answer
    abstain: Figure | None = None  # share of rows left unanswered; None where the model never abstains
    classes: tuple[tuple[str, float, float], ...] = ()  # answer, its share before and now, beyond noise
    classes_p: float = 1.0
    candidates: tuple[Candidate, ...] = ()  # the largest first
    labelled: int = 0  # rows with a label the model knows
    f1: Figure | None = None  # macro-F1 over the classes that both samples have
    recalls: tuple[Recall, ...] = ()  # in the order of the classes
    unknown: tuple[tuple[str, int], ...] = ()  # labels the model does not know, their rows; most first


@dataclass(frozen=True)
class Reason:
    """A rule that holds, with its numbers."""

    rule: str
    answer: Retrain  # what it speaks for
    numbers: Mapping[str, Number] = field(default_factory=dict)


@dataclass(frozen=True)
class Drift:
    """The answer, the rule that gave it (the first reason), and what else holds."""

    run: str
    file: str
    answer: Retrain
    reasons: tuple[Reason, ...]
    seen: Seen
    seconds: float = 0.0
    command: str = ""  # what repeats it
