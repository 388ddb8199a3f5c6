"""Nearest neighbours of each row in embedding space, and their labels.

A signal independent of the classifier: nothing is fitted, so no wrong label can have been learned. The cost is rows x
references with a capped number of references, hence linear in the rows.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from sklearn.neighbors import NearestNeighbors

from rankfirst.measure.scores import Bools, Floats
from rankfirst.records import Dataset

FloatArray = npt.NDArray[np.floating]

# k. benchmarks/assess_suspects.py: 5, 10 and 20 differ by 0.7 points, on the smallest set (TNEWS) by 2.5.
NEIGHBOURS: Final = 10
# Maximum rows used as neighbours, sampled if there are more (100,000 rows then take 19 s on one core with 384 columns).
REFERENCES: Final = 10_000
# Votes. Weight of the class shares among the neighbours' votes (assumption: equal to one neighbour).
PRIOR_VOTES: Final = 1.0


@dataclass(frozen=True)
class Neighbours:
    """The nearest other rows of every row, nearest first."""

    rows: npt.NDArray[np.int64]  # (n, k)
    similarity: npt.NDArray[np.float32]  # (n, k) cosine of centred features, -1 to 1


def nearest(features: FloatArray, k: int = NEIGHBOURS, seed: int = 0) -> Neighbours:
    """Leave-one-out neighbours by cosine of (n, d) centred features; n >= 2, k is reduced to n - 1.

    Sentence encoders map all texts into a narrow cone; without centring every cosine is near one.
    """
    n = len(features)
    k = min(k, n - 1)
    unit = np.asarray(features - features.mean(axis=0), dtype=np.float32)
    unit /= np.maximum(np.linalg.norm(unit, axis=1, keepdims=True), np.float32(1e-9))
    sample = np.arange(n)
    if n > REFERENCES:
        sample = np.sort(np.random.default_rng(seed).choice(n, REFERENCES, replace=False))
    k = min(k, len(sample) - 1)
    search = NearestNeighbors(n_neighbors=k + 1, algorithm="brute", metric="sqeuclidean").fit(unit[sample])
    distance, positions = search.kneighbors(unit)
    rows = sample[positions]
    # Drop one neighbour: the row itself, or the farthest if the row is not a reference or an equal row took its place.
    spare = rows == np.arange(n)[:, None]
    spare[~spare.any(axis=1), -1] = True
    similarity = 1 - distance[~spare].reshape(n, k) / 2
    return Neighbours(rows[~spare].reshape(n, k), similarity.astype(np.float32))


def neighbours_of(dataset: Dataset, features: FloatArray) -> Neighbours | None:
    """Neighbours of training rows by (n, d) features; None for multi-label data or a single row."""
    return None if dataset.multi_label or len(features) < 2 else nearest(features)


def votes(neighbours: Neighbours, truth: Bools) -> Floats:
    """(n, C) share of the neighbours, weighted by similarity, with each class; class shares count as one neighbour.

    Args:
        truth: (n, C) given labels.
    """
    weight = np.clip(neighbours.similarity, 1e-3, 1.0)
    shares = PRIOR_VOTES * truth.mean(axis=0)
    total = np.tile(shares, (len(truth), 1))
    for j in range(weight.shape[1]):
        total += weight[:, j, None] * truth[neighbours.rows[:, j]]
    return np.asarray(total / (weight.sum(axis=1, keepdims=True) + PRIOR_VOTES), dtype=np.float64)


def mixed_rates(neighbours: Neighbours, truth: Bools) -> Floats:
    """(C, C) symmetric: share of the neighbourhood of a's and b's rows that carries the other class.

    A row of a that is not a row of b counts with the share of its neighbours that carry b and not a. The sum over both
    sides is divided by the rows of a or b, as in the confusion rate. The diagonal is 0.
    """
    classes = truth.shape[1]
    crossing = np.zeros((classes, classes))
    k = neighbours.rows.shape[1]
    for j in range(k):
        other = truth[neighbours.rows[:, j]]
        mine, theirs = (truth & ~other).astype(np.float32), (other & ~truth).astype(np.float32)
        crossing += mine.T @ theirs
    crossing = (crossing + crossing.T) / k
    rows = truth.sum(axis=0)
    rates = crossing / np.maximum(rows[:, None] + rows[None, :], 1)
    np.fill_diagonal(rates, 0.0)
    return np.asarray(rates, dtype=np.float64)
