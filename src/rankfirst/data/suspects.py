"""What out-of-fold probabilities say about the labels: rows that look mislabelled, classes that look alike.

Source: confident learning (Northcutt, Jiang and Chuang, 2021), the thresholds of its confident joint.
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
# Confused rows. One row is an accident, whatever rate it makes of two small classes.
LEAST_CONFUSED: Final = 2
# Share of training rows (assumption: public intent sets hold 1-5% wrong labels).
SUSPECTS_NOTE: Final = 0.01
SUSPECTS_WARN: Final = 0.05


def suspect_rows(truth: Bools, probabilities: Floats, multi_label: bool) -> tuple[int, ...]:
    """Training rows whose label is contradicted, the most suspicious first.

    Args:
        truth: (n, C) given labels. probabilities: (n, C) out-of-fold. multi_label: judge every label by itself.
    """
    margin = _margins_multi(truth, probabilities) if multi_label else _margins_single(truth, probabilities)
    rows = np.flatnonzero(margin > 0)
    return tuple(int(row) for row in rows[np.argsort(-margin[rows], kind="stable")])


def _margins_single(truth: Bools, p: Floats) -> Floats:
    """(n,) how far the best contradicting class is ahead of the given one; 0 where none contradicts."""
    usual = _mean_where(truth, p)
    given = p[truth]
    below = given < usual[truth.argmax(axis=1)]
    # Ahead of the given label as well: a label that is still the likeliest is doubted, not contradicted.
    contradicts = (p >= usual) & ~truth & (p > given[:, None])
    best = np.where(contradicts, p, 0.0).max(axis=1)
    return np.asarray(np.where(below & contradicts.any(axis=1), best - given, 0.0), dtype=np.float64)


def _margins_multi(truth: Bools, p: Floats) -> Floats:
    """(n,) the largest contradiction over the labels; each is a two-class problem: carried or not."""
    carried, absent = _mean_where(truth, p), _mean_where(~truth, 1 - p)
    spurious = truth & (p < carried) & (1 - p >= absent) & (p < 0.5)
    missed = ~truth & (1 - p < absent) & (p >= carried) & (p > 0.5)
    return np.asarray(np.where(spurious | missed, np.abs(2 * p - 1), 0.0).max(axis=1), dtype=np.float64)


def _mean_where(mask: Bools, values: Floats) -> Floats:
    """(C,) column means over the rows in `mask`; infinite for a column without any, which nothing exceeds."""
    count = mask.sum(axis=0)
    return np.asarray(np.where(count > 0, (values * mask).sum(axis=0) / np.maximum(count, 1), np.inf))


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
