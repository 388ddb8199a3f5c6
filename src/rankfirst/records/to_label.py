"""Rows worth labelling next, why each was chosen, and what labelling them may gain."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class RowToLabel:
    """A row of the pool to label."""

    row: int  # position in the file
    line: int  # of the row in the file, from 1
    text: str
    answer: tuple[str, ...]  # of the delivered model
    confidence: float
    runner_up: str  # the class that the model found about as likely; "" if none
    why: str  # key of its sentence: "label.why." new_group, abstains, between, whether or unsure
    group: str = ""  # suggested name of its group, or the group's number; "" for a row of no new group


@dataclass(frozen=True)
class NewGroup:
    """Rows of the pool that resemble each other and nothing that is labelled."""

    name: str  # suggested from its terms; its number if no term is distinctive
    rows: int  # distinct texts of the pool
    chosen: int  # of them, rows to label
    nearest: str  # the answer that the model gives most of them


@dataclass(frozen=True)
class Gain:
    """What that many more training rows are expected to gain, from a learning curve."""

    model: str  # "frozen" or "tfidf": whose curve it is
    points: float  # of validation macro-F1
    low: float  # 95% interval, over validation rows and draws of training rows
    high: float
    train_rows: int  # rows that the delivered model was trained on
    curve: tuple[tuple[int, float], ...] = ()  # (training rows, macro-F1 in percent), as measured

    @property
    def sure(self) -> bool:
        """Whether the interval excludes zero."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True)
class ToLabel:
    """The rows to label, and what was found on the way."""

    run: str
    file: str
    rows: tuple[RowToLabel, ...]  # in the order in which they were chosen; new groups first
    classes: tuple[str, ...]
    multi_label: bool
    pool: int  # rows of the file
    looked: int  # distinct unlabelled texts that were examined
    left_out: Mapping[str, int] = field(default_factory=dict)  # "empty", "labelled", "trained", "repeated" -> rows
    groups: tuple[NewGroup, ...] = ()  # largest first
    gain: Gain | None = None
    why_no_gain: str = ""  # key of a sentence if there is none
    notes: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()  # on reading the file, and on what is missing
    column: str = "label"  # the column to fill in
    seconds: float = 0.0
    command: str = ""  # command line that chooses them again
