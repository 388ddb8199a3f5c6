"""Find pairs of classes that are hard to separate, with example rows.

Uses two signals: confusions of out-of-fold predictions, and embedding-space neighbours with the other label. The
reported rate is that of the first signal, as in `Profile.ambiguous_pairs`; the ranking uses both.
"""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from rankfirst.data.checks.levels import level
from rankfirst.data.files.table import shown
from rankfirst.data.quality.complexity import AMBIGUOUS_RATE
from rankfirst.data.quality.neighbours import Neighbours, mixed_rates, votes
from rankfirst.data.quality.suspect_labels import RATIO
from rankfirst.measure.scores import Bools, Floats, accuracy, predict_labels, wilson
from rankfirst.records import Check, Number

# (class, class, confusion rate, training rows that show the confusion, clearest first).
PairRows = tuple[int, int, float, tuple[int, ...]]

# Number of pairs kept, most confused first.
MOST_PAIRS: Final = 10
# Confused rows. A single row may be an accident, however large its share of two small classes.
LEAST_CONFUSED: Final = 2
# Example rows per pair (assumption: four from each side show what an annotation guideline has to settle).
PAIR_ROWS: Final = 8
TINY: Final = 1e-9


def ambiguous_pairs(truth: Bools, probabilities: Floats, multi_label: bool) -> tuple[tuple[int, int, float], ...]:
    """Pairs of classes that out-of-fold predictions confuse, most confused first, at most ten.

    A row is confused between a and b if it carries one of them, which is missed, and is predicted the other.

    Args:
        truth: (n, C) given labels. probabilities: (n, C) out-of-fold.
    Returns: (a, b, rate) with a < b and rate = confused rows / rows of a or b (a row with both counts twice).
    """
    confused = np.triu(_confused(truth, probabilities, multi_label), k=1)
    rows = truth.sum(axis=0)
    pairs = [
        (float(confused[a, b] / (rows[a] + rows[b])), int(a), int(b))
        for a, b in np.argwhere(confused >= LEAST_CONFUSED)
        if rows[a] + rows[b]
    ]
    pairs.sort(key=lambda pair: (-pair[0], pair[1], pair[2]))
    return tuple((a, b, min(1.0, rate)) for rate, a, b in pairs[:MOST_PAIRS])


def pair_rows(
    truth: Bools,
    probabilities: Floats,
    multi_label: bool,
    neighbours: Neighbours | None = None,
    most: int = MOST_PAIRS,
    examples: int = PAIR_ROWS,
) -> tuple[PairRows, ...]:
    """The most confused pairs with example rows from both sides.

    Pairs are ranked by the lower end of Wilson's interval for their confusion rate, so that three rows of four do not
    outrank three hundred of a thousand; with neighbours, by the mean over both signals.

    Args:
        truth: (n, C) given labels. probabilities: (n, C) out-of-fold. neighbours: of the same rows, if encoded.
        most: maximum number of pairs. examples: maximum rows per pair.
    Returns: (a, b, rate, rows), a < b, rate as in `ambiguous_pairs`; rows alternate between those labelled a and those
        labelled b while both last, most similar to the other class first.
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
    examples_by_pair = []
    for a, b in pairs[order]:
        first, second = (_side(truth, predicted, probabilities, shares, x, y) for x, y in ((a, b), (b, a)))
        rows = tuple(alternate(first.tolist(), second.tolist()))[:examples]
        examples_by_pair.append((int(a), int(b), float(rates[a, b]), rows))
    return tuple(examples_by_pair)


def alternate(one: list[int], other: list[int]) -> Iterator[int]:
    """Alternate between the two lists, then continue with the longer."""
    for i in range(max(len(one), len(other))):
        yield from (side[i] for side in (one, other) if i < len(side))


def wilson_low(rate: Floats, rows: npt.NDArray[np.int_]) -> Floats:
    """Lower end of Wilson's 95% interval of rates observed on `rows` rows: a conservative estimate of the rate."""
    return wilson(rate * rows, rows)[0]


def _confused(truth: Bools, probabilities: Floats, multi_label: bool) -> npt.NDArray[np.float32]:
    """(C, C) symmetric: number of rows confused between two classes."""
    predicted = predict_labels(probabilities, multi_label)
    missed, spurious = (truth & ~predicted).astype(np.float32), (predicted & ~truth).astype(np.float32)
    count = missed.T @ spurious
    return np.asarray(count + count.T, dtype=np.float32)


def _side(
    truth: Bools, predicted: Bools, p: Floats, shares: Floats | None, label: int, other: int
) -> npt.NDArray[np.int_]:
    """Confused rows with label `given` that resemble `other`, strongest first, suspect labels last.

    The log-odds of both signals are added: a row that its neighbours also contradict is more than an accident of one
    classifier. A row that is almost certainly of the other class is a labelling error, which is reported elsewhere; the
    ambiguity shows in the remaining rows.
    """
    rows = np.flatnonzero(truth[:, label] & ~predicted[:, label] & predicted[:, other] & ~truth[:, other])
    odds = _log_odds(p, rows, label, other)
    slip = odds >= np.log(RATIO)
    if shares is not None:
        odds += _log_odds(shares, rows, label, other)
    return np.asarray(rows[np.lexsort((-odds, slip))])


def _log_odds(p: Floats, rows: npt.NDArray[np.int_], label: int, other: int) -> Floats:
    """(rows,) log-odds in nats of `other` against `given`."""
    return np.asarray(np.log(np.maximum(p[rows, other], TINY) / np.maximum(p[rows, label], TINY)))


def mixed_share(truth: Bools, probabilities: Floats, multi_label: bool) -> float:
    """Share of rows whose out-of-fold predictions differ from their labels."""
    return 1 - accuracy(truth, predict_labels(probabilities, multi_label))


def ambiguous_check(pairs: Sequence[tuple[int, int, float]], classes: Sequence[str], mixed: float) -> Check:
    """Number of pairs confused in at least a tenth of their rows, the worst pair, and the share `mixed` of rows."""
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
