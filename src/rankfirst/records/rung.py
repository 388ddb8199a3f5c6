"""The measured result of one model, evaluated on the same rows as all others."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from rankfirst.records.finding import Number


@dataclass(frozen=True)
class Scores:
    """Metrics of a model on one split."""

    macro_f1: float
    micro_f1: float
    accuracy: float  # exact match for multi-label
    per_class_recall: Mapping[str, float | None]  # None: no rows of that class in the split
    log_loss: float  # nats/example (multi-label: summed over labels)
    interval: tuple[float, float] = (float("nan"), float("nan"))  # 95% interval of macro-F1, never of zero width
    tail_recall: float | None = None  # mean recall over the tail classes
    class_rows: Mapping[str, int] = field(default_factory=dict)  # rows of each class in the split; empty in old runs
    per_class_precision: Mapping[str, float | None] = field(
        default_factory=dict
    )  # None: never predicted; {} in old runs
    unjudged: tuple[str, ...] = ()  # classes without rows in the split: no figure says anything about them


@dataclass(frozen=True)
class Rung:
    """A measured baseline or model: majority, tfidf, frozen, lora or full."""

    name: str
    val: Scores
    seconds: float  # wall-clock time to build it
    megabytes: float  # size of what is shipped in addition to the base model
    details: Mapping[str, Number] = field(default_factory=dict)  # chosen C, pooling, n-grams...
    val_log_loss: tuple[float, ...] = ()  # (n_val,) nats, for paired tests
    val_predicted: tuple[tuple[int, ...], ...] = ()  # (n_val,)
    test: Scores | None = None  # set once, at the very end
    ms_per_text: float = 0.0  # latency of one text at batch size 1, with encoder; 0: needs no encoder, or an old run
    # Multi-label: a row that reaches no threshold of 0.5 gets its likeliest label, as in the delivered model. False if
    # rows may have no label, and in old runs.
    at_least_one: bool = False
