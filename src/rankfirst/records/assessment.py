"""What stage 0 says about task and data, before the base model is trained."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from rankfirst.records.base_choice import BaseChoice
from rankfirst.records.finding import Number, Verdict
from rankfirst.records.profile import Profile
from rankfirst.records.rung import Rung


@dataclass(frozen=True)
class Example:
    """A row to look at, with what a person needs to judge it."""

    text: str
    labels: tuple[str, ...]  # as given
    line: int = 0  # in `file`, from 1; 0 when the rows did not come from a file
    file: str = ""
    score: float | None = None  # how strongly it shows the problem, in the finding's own unit
    suggested: tuple[str, ...] = ()  # the labels it may belong to
    twin: str = ""  # the text it resembles
    twin_line: int = 0
    why: str = ""  # key in words of a reason that takes `numbers`; empty: the list it stands in says why
    numbers: Mapping[str, Number] = field(default_factory=dict)


@dataclass(frozen=True)
class Pair:
    """Two classes that out-of-fold predictions mix up."""

    a: str
    b: str
    rate: float  # confused rows / rows of a or b
    examples: tuple[Example, ...] = ()  # rows of both sides, the clearest first; their labels say which side


@dataclass(frozen=True)
class Changed:
    """One change that cleaning a training file made."""

    line: int  # of the row in the file that was read, from 1
    what: str  # "row" (left out), "label" or "text"
    before: str
    after: str  # empty for a row that was left out
    why: tuple[str, ...]  # keys in words.assess, at least one
    numbers: Mapping[str, Number] = field(default_factory=dict)


@dataclass(frozen=True)
class Shift:
    """Whether two samples of texts come from one source."""

    between: str  # "val" or "test" (each against train), "date" (after against before), "compare" (a second file)
    verdict: Verdict
    code: str  # key in words.shift
    numbers: Mapping[str, Number] = field(default_factory=dict)
    classes: tuple[tuple[str, float, float], ...] = ()  # class, its share before and after; moved most first
    words: tuple[tuple[str, float, float], ...] = ()  # word or n-gram, share of texts before and after
    rows: tuple[Example, ...] = ()  # of the second sample, the most foreign first; score = out-of-scope score
    outside: int = 0  # rows of the second sample that no class seems to cover


@dataclass(frozen=True)
class DataCeiling:
    """The best macro-F1 these labels allow on validation rows labelled as well as they are.

    Its sentence takes `macro_f1`, `low` and `high` beside the numbers.
    """

    macro_f1: float
    low: float
    high: float
    numbers: Mapping[str, Number] = field(default_factory=dict)  # the derivation
    code: str = "data.ceiling.noise"  # key in words.checks: whether wrong labels could be told from ambiguous texts


@dataclass(frozen=True)
class Learning:
    """What the frozen rung learns from more rows; both tuples have the same length, few rows to many."""

    rows: tuple[int, ...]  # training rows
    macro_f1: tuple[float, ...]  # on validation
    per_doubling: float  # macro-F1 gained each time the rows double
    error: float  # its standard error, over validation rows


class Answer(StrEnum):
    """Is LoRA needed?"""

    YES = "yes"
    NO = "no"
    LIKELY = "likely"  # not measured yet
    UNLIKELY = "unlikely"  # not measured yet
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Need:
    """The answer, once the rungs below LoRA (and perhaps LoRA) are measured."""

    answer: Answer
    code: str  # key in words.policy
    numbers: Mapping[str, Number] = field(default_factory=dict)


@dataclass(frozen=True)
class Assessment:
    """Everything `rankfirst assess` found."""

    dataset: str
    profile: Profile
    rungs: tuple[Rung, ...]  # from the bottom up
    base_model: str = ""  # empty when no encoder was used
    ceiling: DataCeiling | None = None
    capacity: Mapping[str, Number] = field(default_factory=dict)  # of `policy.ceiling`: the largest rank, and why
    learning: Learning | None = None  # of the frozen rung
    need: Need | None = None
    shifts: tuple[Shift, ...] = ()
    examples: Mapping[str, tuple[Example, ...]] = field(default_factory=dict)  # code of a finding -> rows to show
    pairs: tuple[Pair, ...] = ()  # the most confused first
    reviews: Mapping[str, tuple[Example, ...]] = field(
        default_factory=dict
    )  # "suspects", "conflicts", "shifted" -> every row to look at; a missing one is made of the rows shown
    notes: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()  # what reading the files changed
    seconds: Mapping[str, float] = field(default_factory=dict)  # step -> wall clock
    peak_megabytes: float = 0.0  # 10^6 bytes of memory at most
    command: str = ""  # what repeats it
    base_choice: BaseChoice | None = None  # where the base was chosen among several
