"""Rank rows by how strongly their label is contradicted, and flag those that are almost certainly mislabelled.

Out-of-fold probabilities are calibrated, so "a hundred times likelier" means the same on an easy set and a hard one.
The per-class thresholds of confident learning (Northcutt, Jiang and Chuang, 2021) do not: on a set that the classifier
gets right half the time, they flag every third row.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from rankfirst.data.checks.levels import level
from rankfirst.data.quality.neighbours import Neighbours, votes
from rankfirst.measure.scores import Bools, Floats, as_tuples, predict_labels
from rankfirst.records import Check

TINY: Final = 1e-9
# Share of training rows (assumption: public intent sets contain 1-5% wrong labels).
SUSPECTS_NOTE: Final = 0.01
SUSPECTS_WARN: Final = 0.05
# Out-of-fold likelihood ratio of the contradicting answer to the given label (benchmarks/assess_suspects.py,
# docs/findings.md: with a tenth of the labels wrong, 85-99% of the flagged rows are truly wrong on every set measured;
# on the original sets 0.3-1.5% of the rows are flagged; confident learning flags 0.7-36% of them).
RATIO: Final = 100.0
# With few classes even a confident classifier cannot reach that ratio: if a tenth of the labels is wrong, calibration
# leaves 0.1 / (C - 1) to a wrong one. Half of the maximum, 0.9 over that (assumption on the tenth; the half allows for
# the classifier's own uncertainty: on ten product categories with a tenth wrong, 52% of the wrong rows are flagged, not
# 23%).
RATIO_A_CLASS: Final = 4.5
# Lower bound (assumption: below it a hard text is as likely as a labelling error).
LEAST_RATIO: Final = 20.0
# Rounds of expectation maximisation for the mixture weight of two signals; it converges much earlier.
ROUNDS: Final = 30


def suspicions(
    truth: Bools, probabilities: Floats, multi_label: bool, neighbours: Neighbours | None = None
) -> tuple[Floats, tuple[tuple[int, ...], ...]]:
    """How strongly the label of every row is contradicted, and which labels it may have instead.

    Args:
        truth: (n, C) given labels. probabilities: (n, C) out-of-fold; of several settings use the one with the lowest
            held-out log-loss, not the best F1 (benchmarks/assess_suspects.py).
        multi_label: evaluate every label separately; the worst one counts.
        neighbours: of the same rows, if they are encoded: an independent signal for single labels. In multi-label data
            a neighbour that shares one label is uninformative about the others, and including it finds fewer errors.
    Returns: (n,) likelihood ratio of the likeliest other answer to the given one, above zero; (n,) suggested labels,
        which equal the given ones if nothing contradicts them.
    """
    p = probabilities
    if neighbours is not None and not multi_label:
        p = blended(truth, p, votes(neighbours, truth))
    if multi_label:
        return _multi(truth, p), as_tuples(predict_labels(p, multi_label))
    return _single(truth, p), as_tuples(predict_labels(p, multi_label))


def blended(truth: Bools, one: Floats, other: Floats) -> Floats:
    """(n, C) the mixture of two signals that maximises the likelihood of the GIVEN single labels.

    A signal that is uninformative on a dataset thus gets little weight, without any threshold.
    """
    seen = np.maximum(np.stack([one[truth], other[truth]]), TINY)
    weight = 0.5
    for _ in range(ROUNDS):
        first = weight * seen[0]
        weight = float((first / (first + (1 - weight) * seen[1])).mean())
    return np.asarray(weight * one + (1 - weight) * other)


def limit(classes: int, multi_label: bool) -> float:
    """The suspicion above which a row is flagged."""
    return RATIO if multi_label else min(RATIO, max(LEAST_RATIO, RATIO_A_CLASS * (classes - 1)))


def flagged(scores: Floats, classes: int, multi_label: bool) -> tuple[int, ...]:
    """Rows whose label is almost certainly wrong, most suspicious first. Args: scores: (n,) of `suspicions`."""
    rows = np.flatnonzero(scores >= limit(classes, multi_label))
    return tuple(int(row) for row in rows[np.argsort(-scores[rows], kind="stable")])


def _single(truth: Bools, p: Floats) -> Floats:
    """(n,) likelihood ratio of the likeliest other class to the given one."""
    other = np.where(truth, 0.0, p).max(axis=1)
    return np.asarray(np.maximum(other, TINY) / np.maximum(p[truth], TINY))


def _multi(truth: Bools, p: Floats) -> Floats:
    """(n,) the highest odds against any given answer; each label is a two-class problem, carried or not."""
    p_given = np.where(truth, p, 1 - p)
    return np.asarray((np.maximum(1 - p_given, TINY) / np.maximum(p_given, TINY)).max(axis=1))


def suspects_check(suspects: Sequence[int], scores: Floats, examples: int) -> Check:
    """Number of suspect rows; the first as examples, each with the likelihood ratio of another label."""
    share = len(suspects) / len(scores)
    numbers = {"suspects": len(suspects), "share": share}
    shown = tuple(suspects[:examples])
    verdict = level(share, SUSPECTS_NOTE, SUSPECTS_WARN)
    return Check("data.check.suspects", verdict, numbers, shown, tuple(float(scores[row]) for row in shown))
