"""How much a probe fluctuates: its loss between batches, its macro-F1 between evaluations."""

import math
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean, pstdev

from rankfirst.policy import noise
from rankfirst.policy import thresholds as t
from rankfirst.policy.evidence import Evidence


@dataclass(frozen=True)
class Swings:
    """The two signs of oscillation: a noisy loss and a swinging macro-F1."""

    variation: float  # standard deviation of the loss around its trend, over its level
    swing: float  # macro-F1, the largest fall between two evaluations
    limit: float  # macro-F1, the fall that sampling of rows explains

    @property
    def signs(self) -> int:
        """0: steady; 1: one of the two signs, which may be chance; 2: oscillation."""
        return (self.variation > t.OSCILLATION) + (self.swing > self.limit)


def swings(e: Evidence) -> Swings | None:
    """The fluctuations of the probe; None with fewer than LEAST_POINTS loss points or 2 evaluations, or with NaN."""
    values = e.curve.train_loss[len(e.curve.train_loss) // 2 :]
    f1 = [x.judged_f1 for x in e.curve.evaluations[1:]]
    short = len(e.curve.train_loss) < t.LEAST_POINTS or len(f1) < 2
    if short or not all(map(math.isfinite, (*values, *f1))):
        return None
    slope, _ = noise.trend(values)
    middle = (len(values) - 1) / 2
    residual = [v - fmean(values) - slope * (i - middle) for i, v in enumerate(values)]
    # Below a tenth of its first value, a few hard rows dominate the loss and its relative variation means nothing.
    level = max(fmean(values), t.LOSS_LEVEL_FLOOR * e.curve.train_loss[0])
    swing = max((a - b for a, b in pairwise(f1)), default=0.0)
    return Swings(pstdev(residual) / max(1e-9, level), swing, max(t.F1_SWING, t.NOISE_SES * e.noise.f1_se))
