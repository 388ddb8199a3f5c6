"""Stratified folds and subsamples of labelled rows."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Indexes = npt.NDArray[np.int64]


def assign_folds(labels: Sequence[Sequence[int]], folds: int, seed: int) -> Indexes:
    """(n,) fold index of every row; each class is spread evenly over the folds, whose sizes differ by at most one row.

    Rows are dealt out in turn, class by class, so a class with fewer rows than folds (real data sets have classes of
    one row) is absent from some folds; scikit-learn's splitter warns or raises.
    """
    order = _by_class(labels, seed)
    fold = np.empty(len(labels), dtype=np.int64)
    fold[order] = np.arange(len(labels)) % min(folds, len(labels))
    return fold


def subsample(labels: Sequence[Sequence[int]], limit: int, seed: int) -> Indexes:
    """At most `limit` row indexes in ascending order, classes in proportion.

    Takes every k-th row of the order that `assign_folds` uses for the same seed: with k folds, all of them would lie in
    one fold. Use another seed if the rows are to be split into folds.
    """
    if len(labels) <= limit:
        return np.arange(len(labels))
    order = _by_class(labels, seed)
    picked = np.linspace(0, len(labels), limit, endpoint=False).astype(np.int64)
    return np.sort(order[picked])


def _by_class(labels: Sequence[Sequence[int]], seed: int) -> Indexes:
    """(n,) row indexes grouped by class, shuffled within each class.

    A multi-label row is grouped under its rarest label, which an unlucky split could lose.
    """
    counts: dict[int, int] = {}
    for present in labels:
        for label in present:
            counts[label] = counts.get(label, 0) + 1
    key = np.array([min(present, key=lambda c: (counts[c], c), default=-1) for present in labels], dtype=np.int64)
    return np.lexsort((np.random.default_rng(seed).permutation(len(labels)), key)).astype(np.int64)
