"""Find clusters of uncertain rows that exist only in the second sample: candidates for new classes.

The rows of both samples that the model is least confident about are pooled and clustered regardless of their origin.
If both samples have one source, which rows of a cluster are new is a matter of chance, so the hypergeometric tail is
exact however the clusters were found. A pair of classes that is easily confused also forms a cluster, but one that both
samples share.

Agglomerative clustering by mean cosine distance, cut at the typical distance within a known class. This needs no
density parameter, and isolated rows stay unclustered. In a manual trial on six classes each, HDBSCAN on ten or twenty
principal components found as many clusters on BANKING77 and fewer on SMP2017.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import stats
from sklearn.cluster import AgglomerativeClustering

from rankfirst.measure.scores import Floats, Ints, Matrix
from rankfirst.measure.unit_length import directions

# Probability that a file from the same source shows any such cluster.
ALPHA: Final = 0.01
# Share of all rows, the least confident ones, examined in addition to those the model abstains on (assumption).
UNSURE: Final = 0.25
MOST_UNSURE: Final = 4_000  # rows; their pairwise distances take 64 MB
# Maximum cluster distance relative to the mean distance within a class. Chosen on six classes each of BANKING77 and
# SMP2017 that benchmarks/drift_planted.py does not use: 1.1 finds more of them than 1.0, and none in random halves.
REACH: Final = 1.1
LEAST_ROWS: Final = 8  # new rows; fewer cannot train a class (assumption)
# Ratio of frequencies among new and known rows: a class that merely grew is in both samples (assumption).
LEAST_RATIO: Final = 4.0
CLASS_ROWS: Final = 60  # rows per class used to measure the distance within it
LEAST_CLASS: Final = 3


@dataclass(frozen=True)
class Group:
    """New rows that form a cluster."""

    rows: Ints  # of the second sample, most typical first
    known: int  # rows of the first sample in the cluster
    p: float  # p-value that it is chance, corrected for the number of clusters


@dataclass(frozen=True)
class Rows:
    """One sample."""

    vectors: Matrix  # (n, d)
    confidence: Floats  # (n,) of a model that was not trained on it


def groups(
    held: Rows, new: Rows, train: Matrix, classes: Sequence[Sequence[int]], abstain: float, seed: int = 0
) -> tuple[Group, ...]:
    """Clusters of uncertain rows in the second sample that are absent from the first, largest first.

    Args:
        train: (k, d) training rows. classes: (k,) their labels, which define the typical distance within a class.
        abstain: confidence below which the model abstains; 0 if it never does.
    """
    together = np.concatenate([held.vectors, new.vectors]).astype(np.float32)
    sure = np.concatenate([held.confidence, new.confidence])
    is_new = np.repeat([False, True], [len(held.confidence), len(new.confidence)])
    limit = max(abstain, float(np.quantile(sure, UNSURE))) if len(sure) else 0.0
    unsure = np.flatnonzero(sure <= limit)
    if len(unsure) > MOST_UNSURE:
        unsure = np.sort(np.random.default_rng((seed, 17)).permutation(unsure)[:MOST_UNSURE])
    if len(unsure) < LEAST_ROWS or not is_new.any() or is_new.all():
        return ()
    centre = train.mean(axis=0)
    reach = REACH * within(directions(train - centre), classes)
    if not reach > 0:
        return ()
    unit = directions(together[unsure] - centre)
    model = AgglomerativeClustering(None, metric="precomputed", linkage="average", distance_threshold=reach)
    cluster_of_row = model.fit_predict(np.maximum(1 - unit @ unit.T, 0))
    sizes = np.bincount(cluster_of_row)
    clusters = [np.flatnonzero(cluster_of_row == g) for g in np.flatnonzero(sizes >= LEAST_ROWS)]
    tested = [_group(unit[members], unsure[members], is_new, len(clusters)) for members in clusters]
    kept = [group for group in tested if group is not None]
    return tuple(sorted(kept, key=lambda group: (-len(group.rows), int(group.rows[0]))))


def _group(unit: Matrix, members: Ints, is_new: npt.NDArray[np.bool_], looks: int) -> Group | None:
    """None if the cluster is explained by chance."""
    ours = is_new[members]
    rows, known, n_new = int(ours.sum()), int((~ours).sum()), int(is_new.sum())
    n_known = len(is_new) - n_new
    p = min(1.0, looks * float(stats.hypergeom.sf(rows - 1, len(is_new), n_new, len(members))))
    often = (rows / n_new) >= LEAST_RATIO * (known / n_known)
    if rows < LEAST_ROWS or p > ALPHA or not often:
        return None
    typical = np.argsort(-(unit[ours] @ unit[ours].mean(axis=0)), kind="stable")
    return Group(members[ours][typical] - n_known, known, p)


def within(unit: Matrix, classes: Sequence[Sequence[int]]) -> float:
    """Mean cosine distance between two rows of a class, median over classes; NaN unless a class has three rows."""
    by_class: dict[tuple[int, ...], list[int]] = {}
    for row, own in enumerate(classes):
        by_class.setdefault(tuple(own), []).append(row)
    distances = []
    for rows in by_class.values():
        if len(rows) >= LEAST_CLASS:
            some = unit[rows[:CLASS_ROWS]]
            distances.append(float((1 - some @ some.T)[np.triu_indices(len(some), 1)].mean()))
    return float(np.median(distances)) if distances else float("nan")
