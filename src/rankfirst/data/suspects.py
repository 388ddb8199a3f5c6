"""Rows that look mislabelled: every row is ranked by how much speaks against its label, the sure ones are flagged.

Out-of-fold probabilities are calibrated, so "a hundred times likelier" means the same on an easy set and a hard one;
the per-class thresholds of confident learning (Northcutt, Jiang and Chuang, 2021) do not: on a set where the classifier
is right half the time they flag every third row.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from rankfirst.data.checks.levels import level
from rankfirst.data.neighbours import Neighbours, votes
from rankfirst.measure.scores import Bools, Floats, as_tuples, predict_labels
from rankfirst.records import Check

TINY: Final = 1e-9
# Share of training rows (assumption: public intent sets hold 1-5% wrong labels).
SUSPECTS_NOTE: Final = 0.01
SUSPECTS_WARN: Final = 0.05
# How many times likelier the contradicting answer is than the given label, out of fold (benchmarks/assess_suspects.py,
# docs/findings.md: with a tenth of the labels wrong, 85-99% of the rows flagged are wrong ones on every set measured;
# on the sets as they are 0.3-1.5% of the rows are flagged; confident learning flags 0.7-36% of them).
RATIO: Final = 100.0
# With few classes not even a sure classifier gets there: where a tenth of the labels is wrong, calibration leaves a
# wrong one 0.1 / (C - 1). Half of what is then possible, 0.9 over that (assumption on the tenth; the half leaves room
# for the classifier's own doubt: ten product categories, a tenth wrong: 52% of the wrong rows are flagged, not 23%).
RATIO_A_CLASS: Final = 4.5
# Never less (assumption: below it a hard text is as likely as a slip).
LEAST_RATIO: Final = 20.0
# Rounds of expectation maximisation for the weight of one view beside another: one number, settled long before.
ROUNDS: Final = 30


def suspicions(
    truth: Bools, probabilities: Floats, multi_label: bool, neighbours: Neighbours | None = None
) -> tuple[Floats, tuple[tuple[int, ...], ...]]:
    """How much speaks against the label of every row, and what it may be instead.

    Args:
        truth: (n, C) given labels. probabilities: (n, C) out-of-fold; of several settings the one with the least
            held-out log-loss, not the best F1 (benchmarks/assess_suspects.py).
        multi_label: judge every label by itself; the worst decides.
        neighbours: of the same rows, if they are encoded: an independent view for single labels. In multi-label rows
            a neighbour that shares one label says nothing about the others, and blending it in finds fewer mistakes.
    Returns: (n,) how many times likelier the likeliest other answer is than the given one, above zero; (n,) suggested
        labels, which are the given ones where nothing speaks against them.
    """
    p = probabilities
    if neighbours is not None and not multi_label:
        p = blended(truth, p, votes(neighbours, truth))
    if multi_label:
        return _multi(truth, p), as_tuples(predict_labels(p, multi_label))
    return _single(truth, p), as_tuples(predict_labels(p, multi_label))


def blended(truth: Bools, one: Floats, other: Floats) -> Floats:
    """(n, C) the mixture of two views that makes the GIVEN single labels likeliest; no label is held to be right.

    A view that knows little about a set thus gets little weight there, without a threshold.
    """
    seen = np.maximum(np.stack([one[truth], other[truth]]), TINY)
    weight = 0.5
    for _ in range(ROUNDS):
        first = weight * seen[0]
        weight = float((first / (first + (1 - weight) * seen[1])).mean())
    return np.asarray(weight * one + (1 - weight) * other)


def limit(classes: int, multi_label: bool) -> float:
    """The suspicion from which on a row is flagged."""
    return RATIO if multi_label else min(RATIO, max(LEAST_RATIO, RATIO_A_CLASS * (classes - 1)))


def flagged(scores: Floats, classes: int, multi_label: bool) -> tuple[int, ...]:
    """Rows whose label is surely contradicted, the most suspicious first; (n,) scores as `suspicions` returns them."""
    rows = np.flatnonzero(scores >= limit(classes, multi_label))
    return tuple(int(row) for row in rows[np.argsort(-scores[rows], kind="stable")])


def _single(truth: Bools, p: Floats) -> Floats:
    """(n,) how many times likelier the likeliest other class is than the given one."""
    other = np.where(truth, 0.0, p).max(axis=1)
    return np.asarray(np.maximum(other, TINY) / np.maximum(p[truth], TINY))


def _multi(truth: Bools, p: Floats) -> Floats:
    """(n,) the largest odds against a given answer over the labels; each is a two-class problem: carried or not."""
    given = np.where(truth, p, 1 - p)
    return np.asarray((np.maximum(1 - given, TINY) / np.maximum(given, TINY)).max(axis=1))


def suspects_check(suspects: Sequence[int], scores: Floats, examples: int) -> Check:
    """How many rows are suspect; the first of them as examples, each with how many times likelier another label is."""
    share = len(suspects) / len(scores)
    numbers = {"suspects": len(suspects), "share": share}
    shown = tuple(suspects[:examples])
    verdict = level(share, SUSPECTS_NOTE, SUSPECTS_WARN)
    return Check("data.check.suspects", verdict, numbers, shown, tuple(float(scores[row]) for row in shown))
