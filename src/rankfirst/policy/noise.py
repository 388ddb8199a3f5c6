"""The noise floor of scores, and paired comparisons, which cancel most of that noise."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from rankfirst.measure.scores import (
    Bools,
    bootstrap_f1,
    bootstrap_mean,
    f1_bounds,
    indicator,
    least_error,
    macro_f1,
)
from rankfirst.policy.evidence import Noise
from rankfirst.policy.thresholds import LEAST_JUDGED, LEAST_VAL_ROWS, LOSS_SES, MOST_UNJUDGED, NOISE_SES
from rankfirst.records import Number, Rung

_NAMED: Final = 8  # classes listed in one sentence


@dataclass(frozen=True)
class Contrast:
    """What a model is expected to gain over another on the same rows, as shares of 1."""

    gain: float  # expected macro-F1 over the classes that occur
    gain_se: float  # over rows, times `seeds`; inf: too few rows
    chance: float  # that the gain is above zero; NaN: too few rows
    measured: float  # macro-F1 as it was measured
    optimism: float  # taken off `measured` first, because the epoch was picked on these rows
    loss: float  # nats per row by which log-loss is lower; NaN: not known
    exact: float  # exact match
    exact_se: float


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
    return gain, float((draws[:, 0] - draws[:, 1]).std(ddof=1)) or least_error(len(truth))


def contrast(
    truth: Sequence[Sequence[int]],
    new: Rung,
    old: Rung,
    classes: int,
    seeds: float = 1.0,
    epochs: Sequence[float] = (),
    picked: int | None = None,
) -> Contrast:
    """The expected gain of `new` over `old` in macro-F1, and the chance that there is one.

    Macro-F1 moves with a few rare rows; calibrated log-loss counts every row, and says something about macro-F1 too: on
    100 rows of the atlas both differences predict the gain on test rows about equally well. The expected gain is their
    mean, in units of macro-F1, where log-loss moves it by at most half of LOSS_SES standard errors. Its own
    error follows from the correlation of both over the same draws of rows. Without log-losses it is macro-F1 alone.

    Args:
        seeds: factor of the standard errors over rows that makes them hold the training seed too.
        epochs: macro-F1 of the evaluations that the best epoch of `new` was picked from.
        picked: the number of rows that it was picked on, if not all; the others tell nothing too good about it.
    """
    t, a, b = _occurring(classes, truth, new.val_predicted, old.val_predicted)
    measured = macro_f1(t, a) - macro_f1(t, b)
    exact, exact_se = paired_mean(*(_wrong(truth, rung.val_predicted) for rung in (new, old)))
    loss, loss_se = paired_mean(new.val_log_loss, old.val_log_loss)
    if len(truth) < LEAST_VAL_ROWS:
        return Contrast(measured, math.inf, math.nan, measured, 0.0, loss, exact, math.inf)
    drawn = np.subtract(*bootstrap_f1(t, [a, b]).T)
    error = se = float(drawn.std(ddof=1))
    share = 1.0 if picked is None else picked / len(truth)
    lucky = share * optimism(epochs, se / math.sqrt(share)) if share else 0.0
    gain = measured - lucky
    if math.isfinite(loss) and loss_se > 0:
        lower = bootstrap_mean(np.subtract(old.val_log_loss, new.val_log_loss))
        rho = float(np.corrcoef(drawn, lower)[0, 1]) if se > 0 < lower.std() else 0.0
        reach = LOSS_SES * se
        gain += max(-reach, min(reach, loss / loss_se * se - gain)) / 2
        error = se * math.sqrt((1 + max(0.0, rho)) / 2)
    chance = _below(gain / (seeds * error)) if error > 0 else (1 + float(np.sign(gain))) / 2
    # Equal answers on every row are no proof of equal answers on others: the chance stays, the interval has a width.
    least = least_error(len(truth))
    return Contrast(gain, seeds * (error or least), chance, measured, lucky, loss, exact, seeds * (exact_se or least))


def optimism(epochs: Sequence[float], within: float) -> float:
    """How far the best of these scores is above what its model is expected to score on other rows.

    Epochs within a standard error of the best cannot be distinguished from it: each could have come out best on these
    rows, so their mean is expected of it. An epoch that stands out, as on a rising curve, loses nothing. A threshold
    for the best of k (Bonferroni) takes all epochs for equally good, and rejects gains that a rising curve has shown.

    Args: within: a standard error of the gain, over rows.
    """
    if not epochs:
        return 0.0
    best = max(epochs)
    near = [score for score in epochs if score >= best - within]
    return best - sum(near) / len(near)


def _below(z: float) -> float:
    """Probability of a standard normal value below `z`."""
    return math.erfc(-z / math.sqrt(2)) / 2


def _wrong(truth: Sequence[Sequence[int]], predicted: Sequence[Sequence[int]]) -> list[float]:
    """(n,) 1 where the predicted label set is not exactly the true one."""
    return [float(tuple(a) != tuple(b)) for a, b in zip(truth, predicted, strict=True)]


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
    spread = float(bootstrap_f1(t, [p])[:, 0].std(ddof=1))
    low, high = f1_bounds(t, p)
    return Noise(f1_se=spread or (high - low) / (2 * NOISE_SES), loss_se=se, rows=len(truth))


@dataclass(frozen=True)
class Unjudged:
    """The classes that no row of a split belongs to: whatever is measured there cannot tell anything about them."""

    names: tuple[str, ...]
    classes: int

    @property
    def few(self) -> bool:
        """Whether a verdict may rest on the other classes."""
        judged = self.classes - len(self.names)
        return len(self.names) < MOST_UNJUDGED * self.classes and judged >= LEAST_JUDGED

    @property
    def one(self) -> bool:
        """Whether a single class is left, on which every model is right that always answers it."""
        return self.classes - len(self.names) < LEAST_JUDGED

    @property
    def numbers(self) -> dict[str, Number]:
        """For the sentences; empty if every class has rows."""
        if not self.names:
            return {}
        more = f" (+{len(self.names) - _NAMED})" if len(self.names) > _NAMED else ""
        return {"unjudged": len(self.names), "class_count": self.classes, "no_verdict": int(not self.few),
                "unjudged_names": ", ".join(self.names[:_NAMED]) + more}  # fmt: skip


def unjudged(truth: Sequence[Sequence[int]], classes: int, names: Sequence[str] = ()) -> Unjudged:
    """The classes without a row. Args: names: (C,) of all classes; numbered from 1 if unknown."""
    rows = indicator(truth, classes).sum(axis=0)
    known = names if len(names) == classes else [f"#{i + 1}" for i in range(classes)]
    return Unjudged(tuple(known[int(c)] for c in np.flatnonzero(rows == 0)), classes)


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
