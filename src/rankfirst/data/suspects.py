"""What out-of-fold probabilities say about the labels: rows that look mislabelled, classes that look alike.

Out-of-fold probabilities are calibrated, so "a hundred times likelier" means the same on an easy set and a hard one;
the per-class thresholds of confident learning (Northcutt, Jiang and Chuang, 2021) do not: on a set where the classifier
is right half the time they flag every third row.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from rankfirst.data.checks.levels import level
from rankfirst.data.complexity import AMBIGUOUS_RATE
from rankfirst.data.table import shown
from rankfirst.measure.scores import predict_labels
from rankfirst.records import Check, Number

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

# Pairs kept, the most confused first.
MOST_PAIRS: Final = 10
TINY: Final = 1e-9
# Confused rows. One row is an accident, whatever rate it makes of two small classes.
LEAST_CONFUSED: Final = 2
# Share of training rows (assumption: public intent sets hold 1-5% wrong labels).
SUSPECTS_NOTE: Final = 0.01
SUSPECTS_WARN: Final = 0.05
# How many times likelier the contradicting answer is than the given label, out of fold (benchmarks/suspects.py: with 5%
# of the labels wrong, 91-94% of the rows flagged are wrong ones and 87-93% of the wrong ones flagged; on TNEWS, where
# the frozen rung is right about half the time, 59% and 17%. Confident learning alone flags 29% of that set).
RATIO: Final = 100.0


def suspect_rows(truth: Bools, probabilities: Floats, multi_label: bool) -> tuple[int, ...]:
    """Training rows whose label is contradicted, the most suspicious first.

    Args:
        truth: (n, C) given labels. probabilities: (n, C) out-of-fold. multi_label: judge every label by itself.
    """
    against = _multi(truth, probabilities) if multi_label else _single(truth, probabilities)
    rows = np.flatnonzero(against >= RATIO)
    return tuple(int(row) for row in rows[np.argsort(-against[rows], kind="stable")])


def _single(truth: Bools, p: Floats) -> Floats:
    """(n,) how many times likelier the likeliest class is than the given one."""
    return np.asarray(p.max(axis=1) / np.maximum(p[truth], TINY))


def _multi(truth: Bools, p: Floats) -> Floats:
    """(n,) the largest odds against a given answer over the labels; each is a two-class problem: carried or not."""
    given = np.where(truth, p, 1 - p)
    return np.asarray(((1 - given) / np.maximum(given, TINY)).max(axis=1))


def ambiguous_pairs(truth: Bools, probabilities: Floats, multi_label: bool) -> tuple[tuple[int, int, float], ...]:
    """Pairs of classes out-of-fold predictions mix up, most confused first, at most ten.

    A row is confused between a and b when one is given and missed and the other predicted and not given.

    Returns: (a, b, rate) with a < b and rate = confused rows / rows of a or b (a row with both counts twice).
    """
    predicted = predict_labels(probabilities, multi_label)
    missed = (truth & ~predicted).astype(np.float32)
    spurious = (predicted & ~truth).astype(np.float32)
    confused = missed.T @ spurious
    confused = np.triu(confused + confused.T, k=1)
    rows = truth.sum(axis=0)
    found = [
        (float(confused[a, b] / (rows[a] + rows[b])), int(a), int(b))
        for a, b in np.argwhere(confused >= LEAST_CONFUSED)
        if rows[a] + rows[b]
    ]
    found.sort(key=lambda pair: (-pair[0], pair[1], pair[2]))
    return tuple((a, b, min(1.0, rate)) for rate, a, b in found[:MOST_PAIRS])


def suspects_check(suspects: Sequence[int], rows: int, examples: int) -> Check:
    """How many rows are suspect; the first of them as examples."""
    share = len(suspects) / rows
    numbers = {"suspects": len(suspects), "share": share}
    verdict = level(share, SUSPECTS_NOTE, SUSPECTS_WARN)
    return Check("data.check.suspects", verdict, numbers, tuple(suspects[:examples]))


def ambiguous_check(pairs: Sequence[tuple[int, int, float]], classes: Sequence[str]) -> Check:
    """How many pairs are mixed up in at least a tenth of their rows, and the worst one."""
    worst = pairs[0] if pairs else None
    rate = worst[2] if worst else 0.0
    numbers: dict[str, Number] = {
        "pairs": sum(pair[2] >= AMBIGUOUS_RATE for pair in pairs),
        "limit": AMBIGUOUS_RATE,
        "worst": f"{shown(classes[worst[0]])} ~ {shown(classes[worst[1]])}" if worst else "-",
        "rate": rate,
    }
    return Check("data.check.ambiguous_pairs", level(rate, 0.5 * AMBIGUOUS_RATE, AMBIGUOUS_RATE), numbers)
