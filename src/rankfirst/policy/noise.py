"""The noise floor of scores, and paired comparisons, which cancel most of that noise."""

import math
from collections.abc import Sequence

import numpy as np

from rankfirst.measure.scores import Bools, bootstrap_f1, indicator, macro_f1
from rankfirst.policy.evidence import Noise
from rankfirst.policy.thresholds import LEAST_VAL_ROWS


def paired_mean(better: Sequence[float], worse: Sequence[float]) -> tuple[float, float]:
    """Mean of worse - better and its standard error, nats/example; (n,) losses each, same rows in the same order.

    Returns: (nan, nan) if either has NaN, fewer than 2 rows or another length: a diverged arm has no gain.
    """
    if len(better) != len(worse):
        return math.nan, math.nan
    new, old = np.asarray(better, dtype=float), np.asarray(worse, dtype=float)
    if len(new) < 2 or not (np.isfinite(new).all() and np.isfinite(old).all()):
        return math.nan, math.nan
    difference = old - new
    return float(difference.mean()), float(difference.std(ddof=1) / math.sqrt(len(difference)))


def paired_f1(
    truth: Sequence[Sequence[int]], new: Sequence[Sequence[int]], old: Sequence[Sequence[int]], classes: int
) -> tuple[float, float]:
    """Gain in macro-F1 of `new` over `old` and its standard error, by a bootstrap that resamples rows for both.

    Averaged over the classes that occur in `truth`: a single prediction of a class without rows would count as an F1 of
    0, which moves the mean of fifteen classes by six points.
    """
    t, a, b = _occurring(classes, truth, new, old)
    gain = macro_f1(t, a) - macro_f1(t, b)
    if len(truth) < LEAST_VAL_ROWS:
        return gain, math.inf
    draws = bootstrap_f1(t, [a, b])
    return gain, float((draws[:, 0] - draws[:, 1]).std(ddof=1))


def occurring_f1(truth: Sequence[Sequence[int]], predicted: Sequence[Sequence[int]], classes: int) -> float:
    """Macro-F1 over the classes that occur in `truth`; two such scores differ by the gain of `paired_f1`."""
    return macro_f1(*_occurring(classes, truth, predicted))


def recall_falls(
    truth: Sequence[Sequence[int]], new: Sequence[Sequence[int]], old: Sequence[Sequence[int]], classes: int
) -> list[tuple[float, float]]:
    """(recall lost, its standard error) for every class with validation rows, from the rows it lost and won."""
    t, a, b = (indicator(rows, classes) for rows in (truth, new, old))
    falls = []
    for c in np.flatnonzero(t.any(axis=0)):
        lost, won, rows = int((t & b & ~a)[:, c].sum()), int((t & a & ~b)[:, c].sum()), int(t[:, c].sum())
        falls.append(((lost - won) / rows, math.sqrt(lost + won) / rows))
    return falls


def floor(
    truth: Sequence[Sequence[int]], predicted: Sequence[Sequence[int]], losses: Sequence[float], classes: int
) -> Noise:
    """The noise floor of one model on one validation split (unpaired, so wider than in paired comparisons)."""
    if len(truth) < LEAST_VAL_ROWS:
        return Noise(f1_se=math.inf, loss_se=math.inf, rows=len(truth))
    t, p = _occurring(classes, truth, predicted)
    se = float(np.std(losses, ddof=1) / math.sqrt(len(losses)))
    return Noise(f1_se=float(bootstrap_f1(t, [p])[:, 0].std(ddof=1)), loss_se=se, rows=len(truth))


def _occurring(classes: int, *rows: Sequence[Sequence[int]]) -> list[Bools]:
    """(n, C') indicators of each, over the classes that occur in the first."""
    marked = [indicator(each, classes) for each in rows]
    there = marked[0].any(axis=0)
    return [each[:, there] for each in marked]


def for_looks(ses: float, looks: int) -> float:
    """`ses` standard errors, corrected for taking the best of `looks` equally good models (Bonferroni)."""
    from scipy.stats import norm

    return float(norm.isf(norm.sf(ses) / max(1, looks)))


def trend(values: Sequence[float]) -> tuple[float, float]:
    """Theil-Sen slope per point and two-sided p-value of the Mann-Kendall test; (nan, nan) below 4 points or with NaN.

    Both are robust: one lucky batch must not make a slope.
    """
    from scipy.stats import kendalltau, theilslopes

    if len(values) < 4 or not np.isfinite(values).all():
        return math.nan, math.nan
    at = np.arange(len(values))
    return float(theilslopes(values, at)[0]), float(kendalltau(at, values).pvalue)
