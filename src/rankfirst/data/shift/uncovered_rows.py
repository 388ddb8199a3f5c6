"""Detect rows of a second sample that no known class covers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import stats
from sklearn.cluster import MiniBatchKMeans

from rankfirst.measure.abstain_scores import Mahalanobis, groups
from rankfirst.measure.scores import Floats, Ints, Matrix

# Share of in-scope rows that may be flagged as out of scope.
RATE: Final = 0.02
# Tail shares of in-scope rows at which the second sample is tested for an excess of out-of-scope rows.
TAILS: Final = (0.01, 0.02, 0.05)
# k of `new_neighbour_share`. Ten is noisier; a topic of 5% of a few thousand rows has at least a hundred.
NEIGHBOURS: Final = 30
# Weight of what separates the samples, relative to distance from the classes (assumption): a lower one misses a
# held-out class if classes are similar, a higher one misses scattered out-of-scope rows.
APART_WEIGHT: Final = 0.7
CLUSTERS: Final = 50
FOLDS: Final = 5
CHUNK: Final = 2_000


@dataclass(frozen=True)
class OutOfScope:
    """Out-of-scope rows, and the number expected by chance."""

    scores: Floats  # (n_after,) scaled so that RATE of the held-out in-scope rows exceed 1
    expected: float  # rows above the limit by chance
    p: float  # p-value that the second sample has no more out-of-scope rows than the first

    @property
    def rows(self) -> Ints:
        """Rows above the limit, highest score first."""
        beyond = np.flatnonzero(self.scores > 1)
        return np.asarray(beyond[np.argsort(-self.scores[beyond], kind="stable")])


def class_distances(fit: Matrix, classes: Ints, after: Matrix, folds: Ints) -> tuple[Floats, Floats]:
    """Relative Mahalanobis distance (Ren et al., 2021): to the nearest class, minus that to all rows together.

    Args:
        fit: (n, d) in-scope rows. classes: (n,) of each. after: (m, d). folds: (n,) each fold is scored by a fit on the
            others.
    Returns: (n,) held-out scores, (m,) scores by all rows; a higher score is less in scope.
    """
    held = np.zeros(len(fit))
    for fold in np.unique(folds):
        own = folds == fold
        held[own] = _relative(fit[~own], classes[~own], fit[own])
    return held, _relative(fit, classes, after)


def _relative(fit: Matrix, classes: Ints, rows: Matrix) -> Floats:
    return -Mahalanobis.fit(fit, classes).score(rows)


def new_neighbour_share(rows: Matrix, after: npt.NDArray[np.bool_]) -> Floats:
    """(n,) share of the second sample among a row's nearest neighbours by cosine, normalised for sample sizes."""
    centred = rows - rows.mean(axis=0)
    unit = centred / np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-9)
    weight = np.where(after, 1 / max(1, after.sum()), 1 / max(1, (~after).sum()))
    k = min(NEIGHBOURS, len(rows) - 1)
    shares = np.empty(len(rows))
    for start in range(0, len(rows), CHUNK):
        part = np.arange(start, min(start + CHUNK, len(rows)))
        likeness = unit[part] @ unit.T
        likeness[np.arange(len(part)), part] = -2.0
        near = np.argpartition(-likeness, k - 1, axis=1)[:, :k]
        shares[part] = (weight[near] * after[near]).sum(axis=1) / weight[near].sum(axis=1)
    return shares


def combine_scores(parts: Sequence[tuple[Floats, Floats, float]], looked: int) -> OutOfScope:
    """Combine several scores and count the out-of-scope rows.

    Args:
        parts: per score (of held-out in-scope rows (n,), of the second sample (m,), weight); higher is less in scope.
        looked: m.
    """
    held_scores = sum(weight * _standard(own, own) for own, _, weight in parts)
    new_scores = sum(weight * _standard(other, own) for own, other, weight in parts)
    held_scores, new_scores = np.asarray(held_scores), np.asarray(new_scores)
    p = min(1.0, len(TAILS) * min(_tail_p(held_scores, new_scores, rate) for rate in TAILS))
    middle, limit = np.median(held_scores), np.quantile(held_scores, 1 - RATE, method="higher")
    return OutOfScope((new_scores - middle) / max(float(limit - middle), 1e-9), RATE * looked, p)


def _standard(values: Floats, of: Floats) -> Floats:
    low, middle, high = np.quantile(of, (0.16, 0.5, 0.84))
    return np.asarray((values - middle) / max((high - low) / 2, 1e-9))


def _tail_p(held_scores: Floats, new_scores: Floats, rate: float) -> float:
    """p-value of the number of rows of the second sample in the upper tail of both."""
    both = np.concatenate([held_scores, new_scores])
    limit = np.quantile(both, 1 - rate, method="higher")
    total, ours = int((both >= limit).sum()), int((new_scores >= limit).sum())
    return float(stats.hypergeom.sf(ours - 1, len(both), len(new_scores), total))


def row_groups(labels: Sequence[Sequence[int]] | None, rows: Matrix, seed: int) -> Ints:
    """(n,) the group that a row's distance is measured to: its label set; its first label if that is rare; a cluster of
    similar rows if there are no labels.
    """
    if labels is None or not any(labels):
        clusters = min(CLUSTERS, max(2, len(rows) // 40))
        model = MiniBatchKMeans(clusters, random_state=seed, n_init=1, batch_size=1024)
        return np.asarray(model.fit_predict(rows), dtype=np.intp)
    return groups(labels)
