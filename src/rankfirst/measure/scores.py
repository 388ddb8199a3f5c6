"""Labels as matrices, and the metrics by which every baseline, probe and final model is judged."""

from collections.abc import Iterator, Sequence
from itertools import chain

import numpy as np
import numpy.typing as npt

from rankfirst.messages.grammar import INTERVAL

Floats = npt.NDArray[np.float64]
Matrix = npt.NDArray[np.float32]
Ints = npt.NDArray[np.intp]
Bools = npt.NDArray[np.bool_]

# nats. Keeps one confident mistake from dominating a paired test; sklearn clips only at the dtype's epsilon.
LOG_LOSS_CLIP = 1e-7
# Standard errors on either side of a 95% interval: as many as are printed.
Z = INTERVAL
# Bootstrap row weights drawn at once: 160 MB. 500 draws of up to 40,000 rows fit in one block.
MOST_WEIGHTS = 20_000_000


def indicator(labels: Sequence[Sequence[int]], classes: int) -> Bools:
    """Class indexes per row -> (n, C) matrix, True if the row carries the class."""
    matrix = np.zeros((len(labels), classes), dtype=bool)
    matrix[cells(labels)] = True
    return matrix


def cells(labels: Sequence[Sequence[int]]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Class indexes per row -> (m,) row indexes and (m,) class indexes, one entry per label carried."""
    counts = np.fromiter(map(len, labels), dtype=np.int64, count=len(labels))
    flat = np.fromiter(chain.from_iterable(labels), dtype=np.int64, count=int(counts.sum()))
    return np.repeat(np.arange(len(labels)), counts), flat


def predict_labels(
    probabilities: Floats, multi_label: bool, thresholds: Floats | None = None, at_least_one: bool = False
) -> Bools:
    """(n, C) probabilities -> (n, C) predictions: the argmax; multi-label: every label at or above its threshold (0.5).

    With `at_least_one`, a row that reaches no threshold gets its likeliest label.
    """
    if multi_label:
        reached = np.asarray(probabilities >= (0.5 if thresholds is None else thresholds))
        if at_least_one:
            empty = np.flatnonzero(~reached.any(axis=1))
            reached[empty, probabilities[empty].argmax(axis=1)] = True
        return reached
    chosen = np.zeros(probabilities.shape, dtype=bool)
    chosen[np.arange(len(probabilities)), probabilities.argmax(axis=1)] = True
    return chosen


def as_tuples(predicted: Bools) -> tuple[tuple[int, ...], ...]:
    """(n, C) predictions -> class indexes per row."""
    return tuple(tuple(int(c) for c in np.flatnonzero(row)) for row in predicted)


def log_loss(truth: Bools, probabilities: Floats, multi_label: bool) -> Floats:
    """(n,) nats: cross-entropy; multi-label: binary cross-entropy summed over the labels."""
    p = np.clip(probabilities, LOG_LOSS_CLIP, 1 - LOG_LOSS_CLIP)
    if multi_label:
        return np.asarray(-np.where(truth, np.log(p), np.log1p(-p)).sum(axis=1), dtype=np.float64)
    return np.asarray(-np.log(p[truth]), dtype=np.float64)


def f1_per_class(truth: Bools, predicted: Bools) -> Floats:
    """(C,) F1; NaN for a class that neither occurs nor is predicted."""
    hits = (truth & predicted).sum(axis=0)
    total = truth.sum(axis=0) + predicted.sum(axis=0)
    with np.errstate(invalid="ignore"):
        return np.asarray(2 * hits / np.where(total == 0, np.nan, total), dtype=np.float64)


def macro_fbeta(truth: Bools, predicted: Bools, beta: float) -> float:
    """Mean F-beta over the classes that occur in `truth` or `predicted`; beta above 1 weighs recall more."""
    hits, yes, true = (truth & predicted).sum(axis=0), predicted.sum(axis=0), truth.sum(axis=0)
    total = beta**2 * true + yes
    occurs = total > 0
    return float(((1 + beta**2) * hits[occurs] / total[occurs]).mean()) if occurs.any() else 0.0


def macro_f1(truth: Bools, predicted: Bools) -> float:
    """Mean F1 over the classes that occur in `truth` or `predicted` (scikit-learn's convention); 0 if none do."""
    each = f1_per_class(truth, predicted)
    return 0.0 if np.isnan(each).all() else float(np.nanmean(each))


def macro_f1_occurring(truth: Bools, predicted: Bools) -> float:
    """Mean F1 over the classes that occur in `truth`; 0 if there are none.

    Use it to compare models: a stray prediction of an absent class costs its own row only, not a whole class.
    """
    there = truth.any(axis=0)
    return macro_f1(truth[:, there], predicted[:, there])


def recall_per_class(truth: Bools, predicted: Bools) -> Floats:
    """(C,) recall; NaN for a class without rows."""
    rows = truth.sum(axis=0)
    with np.errstate(invalid="ignore"):
        return np.asarray((truth & predicted).sum(axis=0) / np.where(rows == 0, np.nan, rows), dtype=np.float64)


def precision_per_class(truth: Bools, predicted: Bools) -> Floats:
    """(C,) precision; NaN for a class that is never predicted."""
    return recall_per_class(predicted, truth)


def accuracy(truth: Bools, predicted: Bools) -> float:
    """Share of rows whose label set is exactly right."""
    return float((truth == predicted).all(axis=1).mean())


def confusions(truth: Bools, predicted: Bools, most: int | None = 10) -> tuple[tuple[int, int, int], ...]:
    """(missed class, class predicted instead, rows), most frequent first; ties by class index.

    Args: most: None: all.
    """
    missed, instead = (truth & ~predicted).astype(np.float32), (predicted & ~truth).astype(np.float32)
    count = (missed.T @ instead).astype(int)
    pairs = [(int(a), int(b), int(count[a, b])) for a, b in np.argwhere(count > 0)]
    return tuple(sorted(pairs, key=lambda pair: (-pair[2], pair[0], pair[1]))[:most])


def bootstrap_f1(
    truth: Bools, predictions: Sequence[Bools], draws: int = 500, seed: int = 0, every_class: bool = False
) -> Floats:
    """(draws, k) macro-F1 of k models on the SAME resampled rows, so differences between columns are paired.

    Rows are resampled by weights, so a draw costs three small matrix products.

    Args: every_class: a class that a draw has no rows of counts with its F1 on all rows; else it is left out.
    """
    whole = [f1_per_class(truth, each) if every_class else None for each in predictions]
    return np.concatenate([_resampled(w, truth, predictions, whole) for w in _row_weights(len(truth), draws, seed)])


def macro_f1_interval(truth: Bools, predicted: Bools, draws: int = 500) -> tuple[float, float]:
    """95% interval of macro-F1: the bootstrap over rows, widened to `f1_bounds`, so that its width is never zero."""
    drawn = bootstrap_f1(truth, [predicted], draws, every_class=True)[:, 0]
    low, high = f1_bounds(truth, predicted)
    return min(low, float(np.quantile(drawn, 0.025))), max(high, float(np.quantile(drawn, 0.975)))


def f1_bounds(truth: Bools, predicted: Bools) -> tuple[float, float]:
    """95% interval of macro-F1 that holds where a bootstrap has no spread: all rows right, all wrong, or one row.

    The F1 of a class is 2J / (1 + J), where J is the share of right rows among those that carry or are given the class.
    Each J has its Wilson interval. The distances to its ends are added as independent errors (Zou and Donner 2008).
    """
    hits, rows = (truth & predicted).sum(axis=0), (truth | predicted).sum(axis=0)
    there = rows > 0
    if not there.any():
        return 0.0, 1.0
    low, high = wilson(hits[there], rows[there])
    f1, least, most = (2 * share / (1 + share) for share in (hits[there] / rows[there], low, high))
    below, above = (float(np.sqrt((gap**2).sum()) / len(f1)) for gap in (f1 - least, most - f1))
    return max(0.0, float(f1.mean()) - below), min(1.0, float(f1.mean()) + above)


def wilson(hits: npt.NDArray[np.integer] | Floats, rows: npt.NDArray[np.integer]) -> tuple[Floats, Floats]:
    """95% score interval of a share (Wilson 1927), of any shape; 20 of 20 are 83.9% to 100%. Args: rows: at least 1."""
    n, share = rows.astype(np.float64), hits / rows
    middle = (share + Z**2 / (2 * n)) / (1 + Z**2 / n)
    reach = Z * np.sqrt(share * (1 - share) / n + Z**2 / (4 * n**2)) / (1 + Z**2 / n)
    return np.clip(middle - reach, 0.0, 1.0), np.clip(middle + reach, 0.0, 1.0)


def least_error(rows: int) -> float:
    """Standard error of a mean difference if no row differs: by the rule of three, up to 3 / n of other rows do."""
    return 3 / Z / max(1, rows)


def bootstrap_mean(values: Floats, draws: int = 500, seed: int = 0) -> Floats:
    """(draws,) means of (n,) values on the rows that `bootstrap_f1` resamples with the same seed: paired with them."""
    return np.concatenate([w @ values / len(values) for w in _row_weights(len(values), draws, seed)])


def _row_weights(n: int, draws: int, seed: int) -> Iterator[npt.NDArray[np.float32]]:
    """(block, n) row weights, `draws` in all; they do not depend on the size of the blocks."""
    rng, share = np.random.default_rng(seed), np.full(n, 1 / n)
    block = max(1, min(draws, MOST_WEIGHTS // max(1, n)))
    for start in range(0, draws, block):
        yield rng.multinomial(n, share, size=min(block, draws - start)).astype(np.float32)


def _resampled(
    weights: npt.NDArray[np.float32], truth: Bools, predictions: Sequence[Bools], whole: Sequence[Floats | None]
) -> Floats:
    """(draws, k) macro-F1 under (draws, n) row weights. Args: whole: (C,) the F1 of a class that was not drawn."""
    actual = weights @ truth.astype(np.float32)
    columns = []
    for predicted, known in zip(predictions, whole, strict=True):
        hits = weights @ (truth & predicted).astype(np.float32)
        total = actual + weights @ predicted.astype(np.float32)
        if known is not None:
            there = np.isfinite(known)
            f1 = np.where(total > 0, 2 * hits / np.maximum(total, 1), known)[:, there]
            columns.append(f1.sum(axis=1) / max(1, int(there.sum())))
            continue
        f1 = 2 * hits / np.maximum(total, 1)  # 0 for a class that neither occurs nor is predicted ...
        columns.append(f1.sum(axis=1) / np.maximum((total > 0).sum(axis=1), 1))  # ... and that class is not averaged
    return np.asarray(np.stack(columns, axis=1), dtype=np.float64)
