"""Two-sample tests: whether both samples may have one source. Every p-value is for that hypothesis.

All tests expect distinct texts, since a repeated row would count twice. Equal texts of both sides, and texts that
differ only in digits or punctuation, are put in one fold, so that no classifier is tested on texts it has memorised.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy import sparse, stats
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer
from sklearn.linear_model import LogisticRegression

from rankfirst.measure.scores import Bools, Floats, Ints, Z

# Inverse regularisation, for standardised features and for n-grams: strong, because a shift is usually along one
# direction (assumption).
C_FEATURES: Final = 1e-4
C_TEXTS: Final = 1.0
# Folds whose pooled scores give the displayed AUROC and the score of each row.
FOLDS: Final = 5
# Share of the tested rows at the top of the ranking: a small new topic fills it long before it changes the AUROC.
TOPS: Final = (0.05, 0.20)
# Rows per side of the kernel test, and its permutations: the smallest possible p is 1/2000.
KERNEL_ROWS: Final = 600
PERMUTATIONS: Final = 1_999
# Minimum expected rows per class and side in the chi-squared test; smaller classes are merged (Cochran).
LEAST_EXPECTED: Final = 5.0
# Hash buckets of character n-grams, and components per text if there is no encoder (assumption).
BUCKETS: Final = 2**16
LATENT: Final = 100
# Characters read per text: a shift shows early, and a long text must not take a minute.
READ_CHARS: Final = 1_000


@dataclass(frozen=True)
class Separation:
    """How well a classifier separates the samples on held-out rows."""

    auroc: float
    chance: float  # the AUROC that 97.5% of random splits stay below
    p: float
    scores: Floats  # (n,) held-out log-odds of belonging to the second sample, standardised per fold


def separability(rows: Any, after: Bools, groups: Ints, c: float, seed: int) -> Separation:
    """Cross-fitted logistic regression.

    p is computed on two halves, each scored by the model of the other: given that model, which rows of a half are
    "after" is a matter of chance, so rank-sum and hypergeometric tails are exact (Lopez-Paz and Oquab, 2017). Pooled
    folds are not exact: their models share training rows, which doubles the variance of a linear score; `chance` allows
    for that.

    Args:
        rows: (n, d) dense or sparse, both samples. after: (n,). groups: (n,) rows of one group share a fold.
        c: inverse regularisation; dense columns are standardised first.
    """
    if not sparse.issparse(rows):
        deviation = rows.std(axis=0)
        rows = ((rows - rows.mean(axis=0)) / np.where(deviation > 1e-4, deviation, 1.0)).astype(np.float32)
    rng = np.random.default_rng((seed, 11))
    halves = _folds(groups, 2, rng)
    half_p = [
        _half_p(_scores(rows, after, halves != half, c)[halves == half], after[halves == half]) for half in (0, 1)
    ]
    scores = np.zeros(len(after))
    folds = _folds(groups, FOLDS, rng)
    for fold in range(FOLDS):
        own = folds == fold
        out = _scores(rows, after, ~own, c)[own]
        scores[own] = (out - out.mean()) / max(float(out.std()), 1e-9) if own.any() else out
    a, b = int(after.sum()), int((~after).sum())
    error = np.sqrt(2 * (a + b + 1) / (12 * a * b))
    return Separation(_auroc(scores, after), min(1.0, 0.5 + Z * float(error)), min(1.0, 2 * min(half_p)), scores)


def _folds(groups: Ints, k: int, rng: np.random.Generator) -> Ints:
    """(n,) fold of each row: groups are dealt out in random order."""
    _, ids = np.unique(groups, return_inverse=True)
    return np.asarray(rng.permutation(int(ids.max()) + 1)[ids] % k)


def _scores(rows: Any, after: Bools, train: Bools, c: float) -> Floats:
    """(n,) log-odds of every row from a model of the training rows; zeros if these are of one sample only."""
    if len(np.unique(after[train])) < 2:
        return np.zeros(len(after))
    model = LogisticRegression(C=c, class_weight="balanced", max_iter=100, tol=1e-3)
    return np.asarray(model.fit(rows[train], after[train]).decision_function(rows), dtype=np.float64)


def _auroc(scores: Floats, after: Bools) -> float:
    a, b = int(after.sum()), int((~after).sum())
    ranks = stats.rankdata(scores)[after].sum()
    return float((ranks - a * (a + 1) / 2) / max(1, a * b))


def _half_p(scores: Floats, after: Bools) -> float:
    """The smallest p-value of rank-sum and top shares, Bonferroni-corrected."""
    if not after.any() or after.all():
        return 1.0
    # A fixed jitter breaks ties independently of the sample.
    order = np.argsort(-scores + 1e-12 * np.random.default_rng(0).random(len(scores)))
    p_values = [float(stats.mannwhitneyu(scores[after], scores[~after], alternative="greater").pvalue)]
    for share in TOPS:
        top = max(1, round(share * len(scores)))
        p_values.append(float(stats.hypergeom.sf(after[order[:top]].sum() - 1, len(scores), after.sum(), top)))
    return min(1.0, len(p_values) * min(p_values))


def novelty_p(rows: sparse.csr_matrix, after: Bools, groups: Ints, seed: int) -> float:
    """p-value that the second sample has no more unseen n-grams: typos, another register, new names.

    Two thirds of the first sample define the vocabulary. The rest of it and the second sample are ranked by their share
    of n-grams outside the vocabulary; under the hypothesis, which row is "after" is a matter of chance.

    Args:
        rows: (n, d) of `grams`. after: (n,). groups: (n,) a group is entirely vocabulary or not at all.
    """
    in_vocabulary = ~after & (_folds(groups, 3, np.random.default_rng((seed, 14))) > 0)
    used = np.asarray(rows[in_vocabulary].astype(bool).sum(axis=0)).ravel() > 0
    present = rows[~in_vocabulary].astype(bool).astype(np.float32)
    sizes = np.maximum(np.asarray(present.sum(axis=1)).ravel(), 1.0)
    return _half_p(1 - present @ used.astype(np.float32) / sizes, after[~in_vocabulary])


def kernel_p(rows: npt.NDArray[np.float32], after: Bools, seed: int) -> float:
    """Permutation p-value of the maximum mean discrepancy (Gretton et al., 2012), Gaussian kernel of median width."""
    rng = np.random.default_rng((seed, 12))
    chosen = [rng.permutation(np.flatnonzero(side))[:KERNEL_ROWS] for side in (~after, after)]
    x = rows[np.concatenate(chosen)].astype(np.float32)
    square = (x * x).sum(axis=1)
    distance = np.maximum(square[:, None] + square[None] - 2 * x @ x.T, 0.0)
    kernel = np.exp(-distance / max(float(np.median(distance)), 1e-12))
    np.fill_diagonal(kernel, 0.0)
    m, n = len(chosen[0]), len(chosen[1])
    weights = np.repeat(np.array([-1 / m, 1 / n], dtype=np.float32), (m, n))
    drawn = np.stack([weights, *(rng.permutation(weights) for _ in range(PERMUTATIONS))], axis=1)
    statistics = np.einsum("ij,ij->j", drawn, kernel @ drawn)
    return float((statistics[1:] >= statistics[0]).sum() + 1) / (PERMUTATIONS + 1)


def counts_p(before: Ints, after: Ints) -> float:
    """p-value that rows, each in one class, are distributed alike. Args: before, after: (C,) rows per class.

    The smaller p of a chi-squared test, sensitive to many classes with small changes, and exact tests per class,
    sensitive to one with a large change; Bonferroni-corrected.
    """
    each = len(before) * float(shares_p(before, after, int(before.sum()), int(after.sum())).min())
    return min(1.0, 2 * min(each, _chi_squared_p(before, after)))


def _chi_squared_p(before: Ints, after: Ints) -> float:
    total = before + after
    share = np.array([before.sum(), after.sum()]) / max(1, total.sum())
    small = total * share.min() < LEAST_EXPECTED
    table = np.stack([before, after])
    table = np.column_stack([table[:, ~small], table[:, small].sum(axis=1)])
    table = table[:, table.sum(axis=0) > 0]
    if table.shape[1] < 2 or not table.sum(axis=1).all():
        return 1.0
    return float(stats.chi2_contingency(table, correction=False).pvalue)


def shares_p(before: Ints, after: Ints, n_before: int, n_after: int) -> Floats:
    """(k,) two-sided exact p-value for each of k kinds of rows: Fisher's hypergeometric tails, doubled.

    Args:
        before, after: (k,) rows of each kind; kinds may overlap.
    """
    total = before + after
    below = stats.hypergeom.cdf(after, n_before + n_after, total, n_after)
    above = stats.hypergeom.sf(after - 1, n_before + n_after, total, n_after)
    return np.asarray(np.minimum(1.0, 2 * np.minimum(below, above)), dtype=np.float64)


def grams(texts: Sequence[str]) -> sparse.csr_matrix:
    """(n, 2^16) hashed TF-IDF of character 1- to 4-grams within words; sensitive to typos, register and topic."""
    hashed = HashingVectorizer(analyzer="char_wb", ngram_range=(1, 4), n_features=BUCKETS, alternate_sign=False,
                               norm=None, dtype=np.float32)  # fmt: skip
    return TfidfTransformer(sublinear_tf=True).fit_transform(hashed.transform([text[:READ_CHARS] for text in texts]))


def latent(rows: sparse.csr_matrix, seed: int) -> npt.NDArray[np.float32]:
    """(n, 100) main components of `grams`, in place of an encoder's features."""
    size = min(LATENT, min(rows.shape) - 1)
    return np.asarray(TruncatedSVD(size, n_iter=2, random_state=seed).fit_transform(rows), dtype=np.float32)
