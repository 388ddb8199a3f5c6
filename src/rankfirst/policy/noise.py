"""The noise floor: what differs for no reason, and paired comparisons that cancel most of it."""

import math
from collections.abc import Sequence

import numpy as np

from rankfirst.measure.scores import bootstrap_f1, indicator, macro_f1
from rankfirst.policy.evidence import Noise


def paired_mean(better: Sequence[float], worse: Sequence[float]) -> tuple[float, float]:
    """Mean of worse - better and its standard error, nats/example. (n,) each, same rows in the same order.

    NaN in either gives (nan, nan): a diverged arm has no gain.
    """
    difference = np.asarray(worse, dtype=float) - np.asarray(better, dtype=float)
    if len(difference) < 2 or not np.isfinite(difference).all():
        return math.nan, math.nan
    return float(difference.mean()), float(difference.std(ddof=1) / math.sqrt(len(difference)))


def paired_f1(
    truth: Sequence[Sequence[int]], new: Sequence[Sequence[int]], old: Sequence[Sequence[int]], classes: int
) -> tuple[float, float]:
    """Gain in macro-F1 of `new` over `old` and its standard error, by a bootstrap that resamples rows for both."""
    t, a, b = (indicator(rows, classes) for rows in (truth, new, old))
    draws = bootstrap_f1(t, [a, b])
    return macro_f1(t, a) - macro_f1(t, b), float((draws[:, 0] - draws[:, 1]).std(ddof=1))


def floor(
    truth: Sequence[Sequence[int]], predicted: Sequence[Sequence[int]], losses: Sequence[float], classes: int
) -> Noise:
    """The floor of one model on one validation split (unpaired, so larger than what paired tests need)."""
    t, p = indicator(truth, classes), indicator(predicted, classes)
    se = float(np.std(losses, ddof=1) / math.sqrt(len(losses)))
    return Noise(f1_se=float(bootstrap_f1(t, [p])[:, 0].std(ddof=1)), loss_se=se, rows=len(truth))


def trend(values: Sequence[float]) -> tuple[float, float]:
    """Theil-Sen slope a point and the two-sided p-value of the Mann-Kendall test. (T,) -> (nan, nan) below 4 points.

    Robust on purpose: one lucky batch must not make a slope.
    """
    from scipy.stats import kendalltau, theilslopes

    if len(values) < 4 or not np.isfinite(values).all():
        return math.nan, math.nan
    at = np.arange(len(values))
    return float(theilslopes(values, at)[0]), float(kendalltau(at, values).pvalue)
