"""What stage 0 knows about the data before anything is trained."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from rankfirst.records.codec import SPARSE
from rankfirst.records.finding import Number


class Level(StrEnum):
    """How much a data finding matters."""

    OK = "ok"
    NOTE = "note"
    WARN = "warn"


@dataclass(frozen=True)
class Check:
    """The result of one data check; its sentence is in `messages.checks`."""

    code: str
    level: Level
    numbers: Mapping[str, Number] = field(default_factory=dict)
    rows: tuple[int, ...] = ()  # training rows to show, strongest first
    scores: tuple[float, ...] = ()  # strength of the problem in each of `rows`, in the check's own unit; may be empty


class SizeTier(StrEnum):
    """Tiers of training set size, as in docs/flow.md."""

    UNDER_1K = "under_1k"
    THOUSANDS = "thousands"
    TENS_OF_THOUSANDS = "tens_of_thousands"
    OVER_100K = "over_100k"


class Complexity(StrEnum):
    """Task complexity, as in docs/flow.md."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


@dataclass(frozen=True)
class Profile:
    """Facts about task and data. Row numbers are positions in the training split."""

    n_train: int
    n_val: int
    n_test: int
    classes: tuple[str, ...]
    class_counts: tuple[int, ...]  # (C,) training rows that carry each class
    multi_label: bool
    labels_per_row: float
    label_sets: int  # distinct label sets in train
    size_tier: SizeTier
    effective_classes: float  # exp(entropy of class_counts)
    imbalance: float  # largest / smallest non-empty class
    tail_classes: tuple[int, ...]  # class indexes with fewer than TAIL_ROWS training rows
    tail_share: float  # share of training rows that carry only tail classes
    script: str  # "zh", "en", "mixed" or "other"
    chars_mean: float
    chars_p95: float
    chars_max: int
    duplicate_rows: int
    conflict_rows: tuple[int, ...]  # rows whose text also occurs with other labels
    leaked_val: int
    leaked_test: int
    checks: tuple[Check, ...]
    complexity: Complexity
    suspects: tuple[int, ...] = ()  # rows whose label is contradicted by out-of-fold predictions of the frozen baseline
    ambiguous_pairs: tuple[tuple[int, int, float], ...] = ()  # (class, class, out-of-fold confusion rate)
    tokens_mean: float = 0.0
    truncated_share: float = 0.0
    suspects_val: tuple[int, ...] = field(default=(), metadata=SPARSE)  # validation rows with a contradicted label
    suspects_known: bool = False  # whether suspects were searched for

    @property
    def rare(self) -> tuple[int, ...]:
        """The tail classes, unless every class is one: a tail is long beside larger classes only."""
        return () if len(self.tail_classes) == len(self.classes) else self.tail_classes
