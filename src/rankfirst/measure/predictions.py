"""The predictions of one model on one split: truth, calibrated probabilities, and the answers decoded from them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np
import numpy.typing as npt

from rankfirst.measure.calibration import probabilities
from rankfirst.measure.decoding import Decoding, mean_cost
from rankfirst.measure.scores import (
    Bools,
    Floats,
    accuracy,
    as_tuples,
    confusions,
    indicator,
    log_loss,
    macro_f1,
    macro_f1_interval,
    precision_per_class,
    recall_per_class,
)
from rankfirst.records import Costs, Dataset, Scores, Split


@dataclass(frozen=True, eq=False)
class Predictions:
    """Computed and decoded once, so that scoring, comparison and delivery use the same answers."""

    classes: tuple[str, ...]
    truth: Bools  # (n, C)
    logits: Floats  # (n, C) divided by the temperature
    probabilities: Floats  # (n, C) calibrated
    decoding: Decoding

    @classmethod
    def of(cls, dataset: Dataset, split: Split, logits: npt.NDArray[np.floating], temperature: float = 1.0,
           decoding: Decoding | None = None) -> Self:  # fmt: skip
        """Build from the logits of a split.

        Args: logits: (n, C), not divided by `temperature`. decoding: None: the dataset's own (`Decoding.of`).
        """
        decoding = decoding or Decoding.of(dataset)
        scaled = np.asarray(logits, dtype=np.float64) / temperature
        truth = indicator(split.labels, len(dataset.classes))
        return cls(tuple(dataset.classes), truth, scaled, probabilities(scaled, decoding.multi_label), decoding)

    @cached_property
    def answers(self) -> Bools:
        """(n, C) True for each label that is answered."""
        return self.decoding.answers(self.probabilities)

    @cached_property
    def labels(self) -> tuple[tuple[int, ...], ...]:
        """(n,) the answers as class indexes."""
        return as_tuples(self.answers)

    @cached_property
    def log_loss(self) -> Floats:
        """(n,) nats."""
        return log_loss(self.truth, self.probabilities, self.decoding.multi_label)

    @property
    def right(self) -> Bools:
        """(n,) whether the answer is exactly the true label set."""
        return np.asarray((self.answers == self.truth).all(axis=1))

    def confusions(self, most: int | None) -> tuple[tuple[int, int, int], ...]:
        """(missed class, class answered instead, rows), most frequent first."""
        return confusions(self.truth, self.answers, most)

    def mean_cost(self, costs: Costs, abstained: Bools | None = None) -> float:
        """Mean cost per row. Args: abstained: (n,) rows that are abstained on."""
        return mean_cost(self.truth, self.answers, costs, abstained)

    def decoded(self, decoding: Decoding) -> Self:
        """The same probabilities with another decoding."""
        return replace(self, decoding=decoding)

    def _named(self, shares: Floats) -> dict[str, float | None]:
        """Class name -> its share; None for NaN."""
        return {name: float(x) if np.isfinite(x) else None for name, x in zip(self.classes, shares, strict=True)}

    def scores(self, tail: Sequence[int] = ()) -> Scores:
        """Every metric. Args: tail: class indexes whose mean recall is reported."""
        truth, answers = self.truth, self.answers
        recall, precision = recall_per_class(truth, answers), precision_per_class(truth, answers)
        hits, total = int((truth & answers).sum()), int(truth.sum() + answers.sum())
        seen_tail = [recall[c] for c in tail if np.isfinite(recall[c])]
        return Scores(
            macro_f1=macro_f1(truth, answers),
            micro_f1=2 * hits / total if total else 0.0,
            accuracy=accuracy(truth, answers),
            per_class_recall=self._named(recall),
            per_class_precision=self._named(precision),
            class_rows={name: int(rows) for name, rows in zip(self.classes, truth.sum(axis=0), strict=True)},
            log_loss=float(self.log_loss.mean()),
            interval=macro_f1_interval(truth, answers),
            tail_recall=float(np.mean(seen_tail)) if seen_tail else None,
            unjudged=tuple(self.classes[c] for c in np.flatnonzero(truth.sum(axis=0) == 0)),
        )
