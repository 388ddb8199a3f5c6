"""Class prototypes beside the logistic regression: with few rows of a class their mean is a guide that cannot overfit.

A prototype is the mean of the states of a class, each of unit length. Like the regression it is linear in the states
(of unit length, where the regression reads these), so a weighted sum of both is one linear head: nothing more is
delivered than without.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from rankfirst.baselines.cross_validation import best
from rankfirst.baselines.folds import Indexes
from rankfirst.baselines.linear_head import LinearHead
from rankfirst.measure.calibration import fit_temperature, probabilities
from rankfirst.measure.scores import Bools, Floats, log_loss

FloatArray = npt.NDArray[np.floating]

SHARES: Final = (0.15, 0.3, 0.5, 0.7)  # of the prototypes; alone they were never best (benchmarks/frozen_heads.py)
SCALE: Final = 20.0  # of the cosine with a prototype, before its temperature is fitted


@dataclass(frozen=True)
class Mix:
    """How the logits of both are added."""

    share: float  # of the prototypes
    regression: float  # temperatures of both, before they are added
    prototypes: float

    def logits(self, regression: Floats, prototypes: Floats) -> Floats:
        """(n, C) logits of both -> (n, C)."""
        one, two = (1 - self.share) / self.regression, self.share / self.prototypes
        return np.asarray(one * regression + two * prototypes, dtype=np.float64)

    def head(self, regression: LinearHead, prototypes: LinearHead, temperature: float) -> LinearHead:
        """The head whose logits are the same sum of those of both."""
        one, two = (1 - self.share) / self.regression, self.share / self.prototypes
        return LinearHead(
            (one * regression.weight + two * prototypes.weight).astype(np.float32),
            (one * regression.bias + two * prototypes.bias).astype(np.float32),
            regression.multi_label,
            temperature,
            regression.normalize,
        )


def prototype_head(features: FloatArray, truth: Bools, normalize: bool = False) -> LinearHead:
    """Logits near SCALE times the cosine with each class's prototype; a class without rows is as far as can be.

    Args: features: (n, d) raw. truth: (n, C), one class a row. normalize: divide the states to classify by their own
        length, as the regression beside it does, not by the mean length, which is linear.
    """
    rows = features.astype(np.float64)
    length = np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    sums = truth.T.astype(np.float64) @ (rows / length)
    norms = np.linalg.norm(sums, axis=1, keepdims=True)
    means = np.where(norms > 0, sums / np.maximum(norms, 1e-9), 0.0)
    bias = np.where(truth.any(axis=0), 0.0, -SCALE)
    scale = SCALE if normalize else SCALE / length.mean()
    return LinearHead((scale * means).astype(np.float32), bias.astype(np.float32), False, 1.0, normalize)


def prototype_logits(features: FloatArray, truth: Bools, fold: Indexes, normalize: bool = False) -> Floats:
    """(n, C) out-of-fold logits.

    Args: features: (n, d) raw. truth: (n, C). fold: (n,) fold index of each row. normalize: as `prototype_head`.
    """
    logits = np.zeros(truth.shape)
    for held in map(int, np.unique(fold)):
        inside, out = np.flatnonzero(fold != held), np.flatnonzero(fold == held)
        logits[out] = prototype_head(features[inside], truth[inside], normalize).logits(features[out])
    return logits


def choose_mix(regression: Floats, prototypes: Floats, truth: Bools, seed: int) -> Mix | None:
    """The share with the lowest log-loss, unless macro-F1 is lower beyond noise; None: the regression alone.

    Args: regression, prototypes: (n, C) out-of-fold logits. truth: (n, C).
    """
    one, two = (fit_temperature(logits, truth, False) for logits in (regression, prototypes))
    mixes = [Mix(share, one, two) for share in SHARES]
    tried = [mix.logits(regression, prototypes) for mix in mixes]
    at = int(np.argmin([_loss(logits, truth) for logits in tried]))
    return mixes[at] if best([regression, tried[at]], truth, False, seed) else None


def _loss(logits: Floats, truth: Bools) -> float:
    temperature = fit_temperature(logits, truth, False)
    return float(log_loss(truth, probabilities(logits, False, temperature), False).mean())
