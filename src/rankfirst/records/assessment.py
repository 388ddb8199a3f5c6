"""The result of stage 0: what is known about task and data before the base model is trained."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from rankfirst.records.base_choice import BaseChoice
from rankfirst.records.finding import Number, Verdict
from rankfirst.records.profile import Profile
from rankfirst.records.rung import Rung


@dataclass(frozen=True)
class Example:
    """A row to show to the user, with the context needed to judge it."""

    text: str
    labels: tuple[str, ...]  # as in the data
    line: int = 0  # of the row in `file`, from 1; 0 if the rows did not come from a file
    file: str = ""
    score: float | None = None  # strength of the problem in this row, in the finding's own unit
    suggested: tuple[str, ...] = ()  # labels that may be right instead
    twin: str = ""  # the most similar text
    twin_line: int = 0
    why: str = ""  # words key of the reason, formatted with `numbers`; empty if the list's heading is the reason
    numbers: Mapping[str, Number] = field(default_factory=dict)
    split: str = ""  # "train", "val" or "test"; unknown in old assessments


@dataclass(frozen=True)
class Pair:
    """Two classes that out-of-fold predictions confuse."""

    a: str
    b: str
    rate: float  # confused rows / rows of a or b
    examples: tuple[Example, ...] = ()  # rows of both classes, clearest first


@dataclass(frozen=True)
class Changed:
    """One edit made while cleaning a training file."""

    line: int  # of the row in the original file, from 1
    what: str  # "row" (dropped), "label" or "text"
    before: str
    after: str  # empty for a dropped row
    why: tuple[str, ...]  # keys in messages.assess, at least one
    numbers: Mapping[str, Number] = field(default_factory=dict)


@dataclass(frozen=True)
class Shift:
    """Whether two samples of texts come from the same distribution."""

    between: str  # "val" or "test" (each against train), "date" (after against before), "compare" (a second file)
    verdict: Verdict
    code: str  # key in messages.shift
    numbers: Mapping[str, Number] = field(default_factory=dict)
    classes: tuple[tuple[str, float, float], ...] = ()  # class, its share before and after; largest change first
    words: tuple[tuple[str, float, float], ...] = ()  # word or n-gram, share of texts before and after
    rows: tuple[Example, ...] = ()  # of the second sample, least similar first; score = out-of-scope score
    outside: int = 0  # rows of the second sample that fit no class


@dataclass(frozen=True)
class DataCeiling:
    """The best macro-F1 that label noise allows, on validation rows with the same noise.

    The sentence of `code` is formatted with `macro_f1`, `low`, `high` and `numbers`.
    """

    macro_f1: float
    low: float
    high: float
    numbers: Mapping[str, Number] = field(default_factory=dict)  # the quantities it was derived from
    code: str = "data.ceiling.noise"  # key in messages.checks: was label noise separated from ambiguous texts?


@dataclass(frozen=True)
class Learning:
    """Learning curve of the frozen baseline; both tuples have the same length, by increasing number of rows."""

    rows: tuple[int, ...]  # training rows
    macro_f1: tuple[float, ...]  # on validation
    per_doubling: float  # macro-F1 gained per doubling of the rows
    error: float  # its standard error, over validation rows


class Answer(StrEnum):
    """Whether LoRA is needed."""

    YES = "yes"
    NO = "no"
    LIKELY = "likely"  # predicted, not yet measured
    UNLIKELY = "unlikely"  # predicted, not yet measured
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Need:
    """The answer, based on the measured baselines (and on LoRA if it was trained)."""

    answer: Answer
    code: str  # key in messages.policy
    numbers: Mapping[str, Number] = field(default_factory=dict)


@dataclass(frozen=True)
class Assessment:
    """The result of `rankfirst assess`."""

    dataset: str
    profile: Profile
    rungs: tuple[Rung, ...]  # from the simplest up
    base_model: str = ""  # empty when no encoder was used
    ceiling: DataCeiling | None = None
    capacity: Mapping[str, Number] = field(default_factory=dict)  # of `policy.ceiling`: the largest useful rank and why
    learning: Learning | None = None  # of the frozen rung
    need: Need | None = None
    shifts: tuple[Shift, ...] = ()
    examples: Mapping[str, tuple[Example, ...]] = field(default_factory=dict)  # code of a finding -> example rows
    pairs: tuple[Pair, ...] = ()  # the most confused first
    reviews: Mapping[str, tuple[Example, ...]] = field(
        default_factory=dict
    )  # "suspects", "conflicts", "shifted" -> all rows to review; defaults to the example rows
    notes: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()  # what was changed while reading the files
    seconds: Mapping[str, float] = field(default_factory=dict)  # step -> wall clock
    peak_megabytes: float = 0.0  # peak memory, 10^6 bytes
    command: str = ""  # command line that repeats the assessment
    base_choice: BaseChoice | None = None  # set if the base was chosen among several
