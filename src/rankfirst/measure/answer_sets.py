"""Answer sets: the labels that a model gives, and those that it cannot exclude for a class with promised recall."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rankfirst.measure.scores import Bools, Floats


@dataclass(frozen=True, eq=False)
class Candidates:
    """The outputs of a model for n texts, as far as answer sets depend on them."""

    decided: Bools  # (n, C) labels that the model would give
    sure: Floats  # (n,) probability that all of these are right
    ratios: Floats  # (n, C) probability of a class as a share of the leading one; multi-label: of the label's threshold
    barred: Bools  # (n,) the model abstains for a reason of its own

    @classmethod
    def of(cls, p: Floats, decided: Bools, barred: Bools, thresholds: Sequence[float] | None = None,
           multi_label: bool = False) -> "Candidates":  # fmt: skip
        """Args: p: (n, C) calibrated probabilities. thresholds: (C,) multi-label; None: 0.5."""
        reached = np.full(p.shape[1], 0.5) if thresholds is None else np.asarray(thresholds)
        leading = np.broadcast_to(reached, p.shape) if multi_label else p.max(axis=1, keepdims=True)
        return cls(decided, np.where(decided, p, 1.0).prod(axis=1), p / np.maximum(leading, 1e-12), barred)

    def __len__(self) -> int:
        return len(self.decided)

    def take(self, rows: Bools) -> "Candidates":
        """Some of the rows."""
        return Candidates(self.decided[rows], self.sure[rows], self.ratios[rows], self.barred[rows])

    def sets(self, wanted: Sequence[int], ratio: float | None) -> Bools:
        """(n, C) answer sets. Args: wanted: classes with promised recall, which join from this `ratio` on."""
        if ratio is None or not len(wanted):
            return self.decided
        joined = self.decided.copy()
        joined[:, list(wanted)] |= self.ratios[:, list(wanted)] >= ratio
        return joined

    def answered(self, sets: Bools, level: float) -> Bools:
        """(n,) whether a label is given: nothing else is in the answer set, and the model is sure enough."""
        return np.asarray((sets == self.decided).all(axis=1) & (self.sure >= level) & ~self.barred)
