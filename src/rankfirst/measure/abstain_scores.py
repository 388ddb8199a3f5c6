"""Four scores of how well a text fits the training distribution; higher fits better.

`max_prob` and `energy` use the model's logits; `mahalanobis` and `knn` use its pooled states and store the reference
that they compare with. A model abstains below a threshold on the chosen score.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt
from scipy.special import logsumexp
from scipy.stats import rankdata

from rankfirst.measure.calibration import confidence, probabilities
from rankfirst.measure.disk import read_tensors, replaced
from rankfirst.measure.scores import Floats, Matrix
from rankfirst.measure.unit_length import directions
from rankfirst.records import ScopeTrial

Labels = Sequence[Sequence[int]]

BY_LOGITS: Final = ("max_prob", "energy")
BY_STATES: Final = ("mahalanobis", "knn")
SCORES: Final = (*BY_LOGITS, *BY_STATES)  # in order of preference: the simplest to deliver first
FILE: Final = "scope.safetensors"
SHRINK: Final = 0.1  # weight of the identity in the shrunk covariance (assumption)
NEIGHBOURS: Final = 10  # k; values from 1 to 20 are within 0.01 AUROC of each other on CLINC150's validation rows
ROWS: Final = 10_000  # maximum number of reference rows; each is encoded once more when LoRA is delivered
BYTES: Final = 32_000_000  # maximum size of the reference on disk
WIDEST: Final = 2048  # number of dimensions above which two covariances are too large to deliver
LEAST_ROWS: Final = 5  # rows of a label set; below it a row is grouped by its first label
LEAST_OUTSIDE: Final = 20  # out-of-scope texts; no score can be chosen from fewer
CHUNK: Final = 512


def by_logits(score: str, logits: Floats, multi_label: bool) -> Floats:
    """(n,) `max_prob` or `energy` of (n, C) logits that are already divided by the temperature.

    Energy: Liu et al. (2020); multi-label: summed over labels (Wang et al., 2021).
    """
    if score == "max_prob":
        return confidence(probabilities(logits, multi_label), multi_label)
    return np.asarray(np.logaddexp(0, logits).sum(axis=1) if multi_label else logsumexp(logits, axis=1))


@dataclass(frozen=True, eq=False)
class Mahalanobis:
    """Relative Mahalanobis distance (Ren et al., 2021): to the nearest class, minus that to the whole training set."""

    means: Matrix  # (K, d) class means, whitened by `within`
    within: Matrix  # (d, d)
    overall: Matrix  # (d, d)
    centre: Matrix  # (d,)

    @classmethod
    def fit(cls, states: Matrix, groups: npt.NDArray[np.intp]) -> Self:
        """Args: states: (n, d). groups: (n,) group of each row, see `groups`."""
        _, ids = np.unique(groups, return_inverse=True)
        sizes = np.bincount(ids).astype(np.float32)
        means = np.zeros((len(sizes), states.shape[1]), dtype=np.float32)
        np.add.at(means, ids, states)
        means /= sizes[:, None]
        centre = np.asarray(states.mean(axis=0))
        within, overall = _whitening(states - means[ids]), _whitening(states - centre)
        return cls((means - centre) @ within, within, overall, centre)

    def score(self, states: Matrix) -> Floats:
        """(n, d) -> (n,)."""
        scores = np.empty(len(states))
        for start in range(0, len(states), CHUNK):
            part = states[start : start + CHUNK] - self.centre
            b = part @ self.within
            near = ((b * b).sum(axis=1)[:, None] + (self.means * self.means).sum(axis=1)[None]
                    - 2 * b @ self.means.T).min(axis=1)  # fmt: skip
            scores[start : start + CHUNK] = ((part @ self.overall) ** 2).sum(axis=1) - near
        return scores


@dataclass(frozen=True, eq=False)
class Nearest:
    """Mean cosine similarity to the k nearest training rows after standardising every dimension.

    Sun et al. (2022) use the k-th neighbour instead of the mean.
    """

    rows: Matrix  # (m, d) unit vectors
    mean: Matrix  # (d,)
    deviation: Matrix  # (d,)

    @classmethod
    def fit(cls, states: Matrix, groups: npt.NDArray[np.intp]) -> Self:
        """Args: states: (n, d). groups: unused."""
        mean, deviation = states.mean(axis=0), states.std(axis=0)
        # A near-constant dimension would otherwise be scaled up to the weight of the informative ones.
        deviation = np.where(deviation <= 1e-3 * np.median(deviation), np.inf, deviation)
        kept = states[:: max(1, -(-len(states) * states.shape[1] * 2 // BYTES))]
        unit = directions((kept - mean) / deviation).astype(np.float16)  # the precision in which `save` stores it
        return cls(unit.astype(np.float32), np.asarray(mean), np.asarray(deviation))

    def score(self, states: Matrix) -> Floats:
        """(n, d) -> (n,)."""
        k = min(NEIGHBOURS, len(self.rows))
        scores = np.empty(len(states))
        for start in range(0, len(states), CHUNK):
            likeness = directions((states[start : start + CHUNK] - self.mean) / self.deviation) @ self.rows.T
            scores[start : start + CHUNK] = np.partition(likeness, -k, axis=1)[:, -k:].mean(axis=1)
        return scores


Reference = Mahalanobis | Nearest
_KINDS: Final[Mapping[str, type[Mahalanobis] | type[Nearest]]] = {"mahalanobis": Mahalanobis, "knn": Nearest}


def fit_reference(score: str, states: Matrix, labels: Labels) -> Reference:
    """Fit the reference of `mahalanobis` or `knn`. Args: states: (n, d) of training rows. labels: (n,) of each row."""
    return _KINDS[score].fit(np.asarray(states, dtype=np.float32), groups(labels))


def groups(labels: Labels) -> npt.NDArray[np.intp]:
    """(n,) group id of each row: its label set, or its first label if that set has fewer than LEAST_ROWS rows."""
    sets = [tuple(row) for row in labels]
    sizes: dict[tuple[int, ...], int] = {}
    for label_set in sets:
        sizes[label_set] = sizes.get(label_set, 0) + 1
    ids: dict[tuple[int, ...], int] = {}
    names = [label_set if sizes[label_set] >= LEAST_ROWS else label_set[:1] for label_set in sets]
    return np.array([ids.setdefault(name, len(ids)) for name in names], dtype=np.intp)


def save(reference: Reference, path: Path) -> None:
    """Write atomically. Raises: OSError."""
    from safetensors.numpy import save_file

    rows = {"rows": np.float16}  # half the size; moves cosines by 1e-4
    tensors = {
        name: np.ascontiguousarray(value, dtype=rows.get(name, np.float32)) for name, value in vars(reference).items()
    }
    with replaced(path) as part:
        save_file(tensors, part)


def load(score: str, path: Path) -> Reference:
    """Read what `save` wrote. Raises: OSError, KeyError or ValueError if the file is missing or malformed."""
    read = {name: np.asarray(tensor, dtype=np.float32) for name, tensor in read_tensors(path).items()}
    kind: Any = _KINDS[score]
    return kind(**{name: read[name] for name in kind.__dataclass_fields__})  # type: ignore[no-any-return]


def threshold_at(inside: Floats, coverage: float) -> float:
    """The threshold that at least `coverage` of the (n,) scores reach.

    It lies midway between two scores: at a row's own score the outcome would depend on rounding, which differs between
    export formats.
    """
    scores = np.sort(inside)
    at = min(len(scores) - 1, int((1 - coverage) * len(scores) + 1e-9))
    below = scores[at - 1] if at else scores[0] - 1e-3 * (scores[-1] - scores[0])
    return float((below + scores[at]) / 2)


def placements(inside: Floats, outside: Floats) -> Floats:
    """(m,) share of in-scope rows that score higher than each out-of-scope text, ties half; its mean is AUROC."""
    both = np.concatenate([inside, outside])
    above = rankdata(both)[len(inside) :] - rankdata(outside)  # in-scope rows that score lower, ties counted half
    return np.asarray(1 - above / len(inside))


def choose(inside: Mapping[str, Floats], outside: Mapping[str, Floats], coverage: float,
           seed: int = 0) -> tuple[str, tuple[ScopeTrial, ...]]:  # fmt: skip
    """Choose the score that best separates out-of-scope texts, on one half of them, and evaluate it on the other half.

    Takes the first of SCORES that is within one standard error of the best, by the paired difference.

    Args: inside: score -> (n,) of validation rows. outside: score -> (m,) of out-of-scope texts.
    Returns: the chosen score, and the trial of every candidate.
    """
    count = len(next(iter(outside.values())))
    half = np.random.default_rng(seed).permutation(count) % 2 == 0
    names = [name for name in SCORES if name in inside]
    first = {name: placements(inside[name], outside[name][half]) for name in names}
    best = max(names, key=lambda name: first[name].mean())
    trials = tuple(
        ScopeTrial(name, float(first[name].mean()), float(placements(inside[name], outside[name][~half]).mean()),
                   float((outside[name][~half] < threshold_at(inside[name], coverage)).mean()))
        for name in names
    )  # fmt: skip

    def near(name: str) -> bool:
        apart = first[best] - first[name]
        return bool(apart.mean() <= apart.std(ddof=1) / np.sqrt(len(apart)))

    return next(name for name in names if near(name)), trials


def _whitening(rows: Matrix) -> Matrix:
    covariance = (rows.T @ rows).astype(np.float64) / len(rows)
    size = len(covariance)
    shrunk = (1 - SHRINK) * covariance + (SHRINK * np.trace(covariance) / size + 1e-9) * np.eye(size)
    return np.asarray(np.linalg.cholesky(np.linalg.inv(shrunk)), dtype=np.float32)
