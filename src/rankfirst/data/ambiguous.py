"""Pairs of classes that are hard to tell apart, with rows that show why.

Two views: what out-of-fold predictions mix up, and whose neighbours in embedding space carry the other label. The rate
shown is the first view's, as in `Profile.ambiguous_pairs`; both decide which pairs come first.
"""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from rankfirst.data.checks.levels import level
from rankfirst.data.complexity import AMBIGUOUS_RATE
from rankfirst.data.neighbours import Neighbours, mixed_rates, votes
from rankfirst.data.suspects import RATIO
from rankfirst.data.table import shown
from rankfirst.measure.scores import Bools, Floats, accuracy, predict_labels
from rankfirst.records import Check, Number

# A pair of classes, its confusion rate, and training rows that show it, the most telling first.
PairRows = tuple[int, int, float, tuple[int, ...]]

# Pairs kept, the most confused first.
MOST_PAIRS: Final = 10
# Confused rows. One row is an accident, whatever rate it makes of two small classes.
LEAST_CONFUSED: Final = 2
# Rows shown of a pair (assumption: four from each side are enough to see what a guideline has to settle).
PAIR_ROWS: Final = 8
# Standard errors of a 95% interval, one-sided use: a pair counts as confused as it is at least.
Z: Final = 1.96
TINY: Final = 1e-9


def ambiguous_pairs(truth: Bools, probabilities: Floats, multi_label: bool) -> tuple[tuple[int, int, float], ...]:
    """Pairs of classes out-of-fold predictions mix up, most confused first, at most ten.

    A row is confused between a and b when one is given and missed and the other predicted and not given.

    Args:
        truth: (n, C) given labels. probabilities: (n, C) out-of-fold.
    Returns: (a, b, rate) with a < b and rate = confused rows / rows of a or b (a row with both counts twice).
    """
    confused = np.triu(_confused(truth, probabilities, multi_label), k=1)
    rows = truth.sum(axis=0)
    found = [
        (float(confused[a, b] / (rows[a] + rows[b])), int(a), int(b))
        for a, b in np.argwhere(confused >= LEAST_CONFUSED)
        if rows[a] + rows[b]
    ]
    found.sort(key=lambda pair: (-pair[0], pair[1], pair[2]))
    return tuple((a, b, min(1.0, rate)) for rate, a, b in found[:MOST_PAIRS])


def pair_rows(
    truth: Bools,
    probabilities: Floats,
    multi_label: bool,
    neighbours: Neighbours | None = None,
    most: int = MOST_PAIRS,
    examples: int = PAIR_ROWS,
) -> tuple[PairRows, ...]:
    """The most confused pairs with example rows from both sides.

    Pairs come by the least confusion that their number of rows still allows (lower end of Wilson's interval), so that
    three rows of four do not outrank three hundred of a thousand; with neighbours, by the mean of both views' rates.

    Args:
        truth: (n, C) given labels. probabilities: (n, C) out-of-fold. neighbours: of the same rows, if encoded.
        most: pairs. examples: rows a pair at most.
    Returns: (a, b, rate, rows), a < b, rate as in `ambiguous_pairs`; rows alternate between those given a and those
        given b as long as both last, the ones most like the other class first.
    """
    counts = truth.sum(axis=0)
    confused = _confused(truth, probabilities, multi_label)
    support = np.maximum(counts[:, None] + counts[None, :], 1)
    rates = np.minimum(confused / support, 1.0)
    strength = wilson_low(rates, support)
    shares: Floats | None = None
    if neighbours is not None:
        strength = (strength + wilson_low(mixed_rates(neighbours, truth), support)) / 2
        shares = votes(neighbours, truth)
    pairs = np.argwhere(np.triu(confused >= LEAST_CONFUSED, k=1))
    order = np.lexsort((pairs[:, 1], pairs[:, 0], -strength[pairs[:, 0], pairs[:, 1]]))[:most]
    predicted = predict_labels(probabilities, multi_label)
    found = []
    for a, b in pairs[order]:
        one, other = (_side(truth, predicted, probabilities, shares, x, y) for x, y in ((a, b), (b, a)))
        rows = tuple(alternate(one.tolist(), other.tolist()))[:examples]
        found.append((int(a), int(b), float(rates[a, b]), rows))
    return tuple(found)


def alternate(one: list[int], other: list[int]) -> Iterator[int]:
    """One of each in turn, then what is left of the longer."""
    for i in range(max(len(one), len(other))):
        yield from (side[i] for side in (one, other) if i < len(side))


def wilson_low(rate: Floats, rows: npt.NDArray[np.int_]) -> Floats:
    """Lower end of Wilson's 95% interval of rates seen on so many rows."""
    centre = rate + Z * Z / (2 * rows)
    spread = Z * np.sqrt(rate * (1 - rate) / rows + Z * Z / (4 * rows * rows))
    return np.asarray((centre - spread) / (1 + Z * Z / rows), dtype=np.float64)


def _confused(truth: Bools, probabilities: Floats, multi_label: bool) -> npt.NDArray[np.float32]:
    """(C, C) symmetric number of rows mixed up between two classes."""
    predicted = predict_labels(probabilities, multi_label)
    missed, spurious = (truth & ~predicted).astype(np.float32), (predicted & ~truth).astype(np.float32)
    count = missed.T @ spurious
    return np.asarray(count + count.T, dtype=np.float32)


def _side(
    truth: Bools, predicted: Bools, p: Floats, shares: Floats | None, given: int, other: int
) -> npt.NDArray[np.int_]:
    """Confused rows that are given one class and look like the other, the strongest first, suspect labels last.

    Both views' odds count alike: a row that the neighbours contradict too is no accident of one classifier. A row sure
    to be the other class shows a slip, which is listed as such; what shows the ambiguity are the rows before it.
    """
    rows = np.flatnonzero(truth[:, given] & ~predicted[:, given] & predicted[:, other] & ~truth[:, other])
    odds = _log_odds(p, rows, given, other)
    slip = odds >= np.log(RATIO)
    if shares is not None:
        odds += _log_odds(shares, rows, given, other)
    return np.asarray(rows[np.lexsort((-odds, slip))])


def _log_odds(p: Floats, rows: npt.NDArray[np.int_], given: int, other: int) -> Floats:
    """(rows,) nats for `other` against `given`."""
    return np.asarray(np.log(np.maximum(p[rows, other], TINY) / np.maximum(p[rows, given], TINY)))


def mixed_share(truth: Bools, probabilities: Floats, multi_label: bool) -> float:
    """Share of rows whose labels out-of-fold predictions miss, in part or whole."""
    return 1 - accuracy(truth, predict_labels(probabilities, multi_label))


def ambiguous_check(pairs: Sequence[tuple[int, int, float]], classes: Sequence[str], mixed: float) -> Check:
    """How many pairs are mixed up in at least a tenth of their rows, the worst one, and the share `mixed` of rows."""
    worst = pairs[0] if pairs else None
    rate = worst[2] if worst else 0.0
    numbers: dict[str, Number] = {
        "pairs": sum(pair[2] >= AMBIGUOUS_RATE for pair in pairs),
        "limit": AMBIGUOUS_RATE,
        "worst": f"{shown(classes[worst[0]])} ~ {shown(classes[worst[1]])}" if worst else "-",
        "rate": rate,
        "mixed": mixed,
    }
    return Check("data.check.ambiguous_pairs", level(rate, 0.5 * AMBIGUOUS_RATE, AMBIGUOUS_RATE), numbers)
