"""Choose rows by what the model does not know, spread over what the rows say.

New groups come first: a class that the model has never seen is worth more than another row of a known one. All other
rows are taken from the least certain ones, one from each cluster of them (Zhdanov 2019, arXiv 1901.05954): the least
certain rows alone are often variants of one question.
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning

from rankfirst.measure.scores import Bools, Floats, Ints, Matrix

# Rows of a new group that are chosen: enough to fill train, validation and test (assumption).
GROUP_ROWS: Final = 10
GROUP_SHARE: Final = 0.5  # of all rows to choose that new groups may take (assumption)
# Clustered rows, the least certain ones, as a multiple of the rows to choose (benchmarks/label_next.py).
CANDIDATES: Final = 10
# Labelled rows of a class below which it gets no further weight: the model knows such a class too little to say which
# rows are its own (benchmarks/label_next.py: on CLINC150 with 200 labelled rows, weights without this limit cost ten of
# the seventeen points that the chosen rows gain over random ones).
FEW: Final = 10
ITERATIONS: Final = 30  # of k-means; a looser clustering chooses as well


@dataclass(frozen=True)
class Choice:
    """A chosen candidate."""

    row: int  # position among the candidates
    why: str  # "new_group", "abstains", "between", "whether" or "unsure"
    group: int = -1  # index of the new group


def choose(
    vectors: Matrix,
    p: Floats,
    multi_label: bool,
    abstained: Bools,
    groups: Sequence[Ints],
    most: int,
    labelled: Ints | None = None,
    seed: int = 0,
) -> list[Choice]:
    """At most `most` candidates, new groups first.

    Args:
        vectors: (n, d). p: (n, C) calibrated probabilities. abstained: (n,) whether the model abstains.
        groups: rows of each new group, the most typical first. labelled: (C,) labelled rows per class, if known.
    """
    chosen = _of_groups(groups, most)
    taken = {each.row for each in chosen}
    rest = np.array([row for row in range(len(p)) if row not in taken], dtype=np.intp)
    wanted = min(most - len(chosen), len(rest))
    if wanted > 0:
        doubt = uncertainty(p, multi_label, labelled)
        rows = rest[spread(vectors[rest], doubt[rest], wanted, seed)]
        rows = rows[np.argsort(-doubt[rows], kind="stable")]
        chosen += [Choice(int(row), _why(bool(abstained[row]), multi_label)) for row in rows]
    return chosen


def uncertainty(p: Floats, multi_label: bool, labelled: Ints | None = None) -> Floats:
    """(n, C) -> (n,) one minus the lead of the likeliest class; multi-label: the expected number of wrong labels.

    Each class counts in inverse proportion to its labelled rows, since macro-F1 weighs all classes alike and a row
    teaches most about a class that has few.
    """
    weights = np.ones(p.shape[1]) if labelled is None else 1.0 / np.maximum(labelled, FEW)
    weights /= weights.mean()
    if multi_label:
        return np.asarray((np.minimum(p, 1 - p) * weights).sum(axis=1))
    if p.shape[1] < 2:
        return np.zeros(len(p))
    top = np.argpartition(p, -2, axis=1)[:, -2:]
    lead = np.abs(np.diff(np.take_along_axis(p, top, axis=1), axis=1)[:, 0])
    return np.asarray((1 - lead) * weights[top].mean(axis=1))


def spread(vectors: Matrix, doubt: Floats, most: int, seed: int = 0) -> Ints:
    """(most,) distinct rows: one from each cluster of the least certain ones, whose weight is their uncertainty."""
    order = np.argsort(-doubt, kind="stable")
    top = order[: CANDIDATES * most]
    if len(top) <= most:
        return np.asarray(order[:most])
    centred = vectors[top] - vectors.mean(axis=0)
    unit = centred / np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-9)
    model = KMeans(most, n_init=1, max_iter=ITERATIONS, random_state=seed)
    with warnings.catch_warnings():  # equal vectors make fewer clusters, which is handled below
        warnings.simplefilter("ignore", ConvergenceWarning)
        distances = model.fit_transform(unit, sample_weight=np.maximum(doubt[top], 1e-9))
    own = distances[np.arange(len(top)), model.labels_]
    nearest = np.lexsort((own, model.labels_))
    firsts = nearest[np.unique(model.labels_[nearest], return_index=True)[1]]
    # Fewer clusters than wanted if vectors are equal: the least certain of the others.
    others = [row for row in range(len(top)) if row not in set(firsts.tolist())]
    return np.asarray(top[[*firsts, *others[: most - len(firsts)]]])


def runner_up(p: Floats, answered: Bools, multi_label: bool) -> Ints:
    """(n,) the likeliest class that is not answered; multi-label: the one whose label is least certain. -1: none."""
    if p.shape[1] < 2:
        return np.full(len(p), -1)
    if multi_label:
        return np.asarray(np.abs(p - 0.5).argmin(axis=1))
    return np.asarray(np.where(answered, -1.0, p).argmax(axis=1))


def _of_groups(groups: Sequence[Ints], most: int) -> list[Choice]:
    """Rows of new groups, in turn from the typical ones to the edge of each."""
    left, chosen = int(GROUP_SHARE * most), list[Choice]()
    for n, rows in enumerate(groups):
        wanted = min(GROUP_ROWS, len(rows), left - len(chosen))
        at = np.unique(np.linspace(0, len(rows) - 1, max(0, wanted)).round().astype(int))
        chosen += [Choice(int(rows[i]), "new_group", n) for i in at]
    return chosen


def _why(abstained: bool, multi_label: bool) -> str:
    if abstained:
        return "abstains"
    return "whether" if multi_label else "between"
