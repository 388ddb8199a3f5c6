"""Which rows are held out together, and which are looked at when there are many."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Indexes = npt.NDArray[np.int64]


def assign_folds(labels: Sequence[Sequence[int]], folds: int, seed: int) -> Indexes:
    """(n,) fold of every row: each class is spread evenly, and every fold is as large as the others (to one row).

    Rows are dealt out like cards, class after class, so a class with fewer rows than folds (real sets have
    classes of ONE row) is simply absent from some folds; scikit-learn's splitter warns or refuses.
    """
    order = _by_class(labels, seed)
    fold = np.empty(len(labels), dtype=np.int64)
    fold[order] = np.arange(len(labels)) % min(folds, len(labels))
    return fold


def subsample(labels: Sequence[Sequence[int]], limit: int, seed: int) -> Indexes:
    """At most `limit` row indexes, ascending, with every class in proportion.

    Every k-th row of the order that `assign_folds` deals out at the same seed: one fold only where k folds are dealt.
    """
    if len(labels) <= limit:
        return np.arange(len(labels))
    order = _by_class(labels, seed)
    picked = np.linspace(0, len(labels), limit, endpoint=False).astype(np.int64)
    return np.sort(order[picked])


def _by_class(labels: Sequence[Sequence[int]], seed: int) -> Indexes:
    """(n,) row indexes grouped by class, shuffled inside a class.

    A multi-label row counts as its rarest label: the one that an unlucky split would lose.
    """
    counts: dict[int, int] = {}
    for present in labels:
        for label in present:
            counts[label] = counts.get(label, 0) + 1
    key = np.array([min(present, key=lambda c: (counts[c], c), default=-1) for present in labels], dtype=np.int64)
    return np.lexsort((np.random.default_rng(seed).permutation(len(labels)), key)).astype(np.int64)
