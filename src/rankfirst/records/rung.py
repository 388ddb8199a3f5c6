"""A rung of the ladder: one model, judged on the same rows as every other."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from rankfirst.records.finding import Number


@dataclass(frozen=True)
class Scores:
    """How a model does on one split."""

    macro_f1: float
    micro_f1: float
    accuracy: float  # exact match for multi-label
    per_class_recall: Mapping[str, float | None]  # None: no rows of that class in the split
    log_loss: float  # nats/example (multi-label: summed over labels)
    interval: tuple[float, float] = (float("nan"), float("nan"))  # 95% of macro-F1, bootstrap over rows
    tail_recall: float | None = None  # mean recall over the tail classes
    class_rows: Mapping[str, int] = field(default_factory=dict)  # of each class in the split; empty in old runs


@dataclass(frozen=True)
class Rung:
    """majority, tfidf, frozen, lora or full, as measured."""

    name: str
    val: Scores
    seconds: float  # to build it, wall clock
    megabytes: float  # what has to be shipped beside the base model
    details: Mapping[str, Number] = field(default_factory=dict)  # chosen C, pooling, n-grams...
    val_log_loss: tuple[float, ...] = ()  # (n_val,) nats, for paired tests
    val_predicted: tuple[tuple[int, ...], ...] = ()  # (n_val,)
    test: Scores | None = None  # filled once, at the very end
    ms_per_text: float = 0.0  # milliseconds to answer one text alone, encoder included; 0: reads none, or an old run
