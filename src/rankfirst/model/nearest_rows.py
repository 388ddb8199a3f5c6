"""The training rows that are nearest to a text: their vectors, labels and numbers, delivered without their texts."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import numpy as np

from rankfirst.measure.disk import read_tensors, replaced
from rankfirst.measure.scores import Floats, Matrix
from rankfirst.measure.unit_length import directions

FILE: Final = "nearest.safetensors"
BYTES: Final = 4_000_000  # most that the vectors take: one byte a number
SHARES: Final = 101  # quantiles of the abstention score that are stored
# Of n-grams. Their counts themselves would spell the texts out: a sketch keeps cosines within about 0.06, and hundreds
# of n-grams fall on each of its columns.
SKETCHED: Final = 256
_EACH: Final = 4  # columns of the sketch per n-gram


@dataclass(frozen=True, eq=False)
class NearestRows:
    """Training rows to compare a text with."""

    vectors: Matrix  # (n, d) centred unit vectors
    mean: Matrix  # (d,)
    rows: Any  # (n,) place in the training split
    lines: Any  # (n,) line of the row in its file; 0: it did not come from a file
    labels: tuple[tuple[int, ...], ...]  # (n,) class indexes
    scores: Floats  # (SHARES,) quantiles of the abstention score over validation rows, ascending; (0,) without one

    @classmethod
    def of(cls, states: Any, rows: Sequence[int], lines: Sequence[int], labels: Sequence[Sequence[int]],
           scores: Floats) -> Self:  # fmt: skip
        """Args: states: (n, d) of `rows` of the training split. lines, labels: of the whole split. scores: (v,)."""
        step = max(1, -(-len(rows) * states.shape[1] // BYTES))
        kept, mean = [int(row) for row in rows][::step], np.asarray(states, dtype=np.float32).mean(axis=0)
        return cls(
            directions(np.asarray(states[::step], dtype=np.float32) - mean), mean, np.array(kept, dtype=np.int32),
            np.array([lines[row] if len(lines) else 0 for row in kept], dtype=np.int32),
            tuple(tuple(labels[row]) for row in kept),
            np.quantile(scores, np.linspace(0, 1, SHARES)) if len(scores) else np.zeros(0),
        )  # fmt: skip

    def find(self, states: Matrix, k: int) -> tuple[Any, Floats]:
        """(m, d) -> (m, k) places in `rows`, nearest first, and their cosines, -1 to 1."""
        similarities = directions(np.asarray(states, dtype=np.float32) - self.mean) @ self.vectors.T
        indexes = np.argsort(-similarities, axis=1, kind="stable")[:, :k]
        return indexes, np.take_along_axis(similarities, indexes, axis=1).astype(np.float64)

    def share_below(self, score: float) -> float | None:
        """The share of validation rows whose abstention score is lower; None if it is not known."""
        return float(np.searchsorted(self.scores, score) / len(self.scores)) if len(self.scores) else None

    def save(self, path: Path) -> None:
        """Write atomically, each number of a vector as one byte. Raises: OSError."""
        from safetensors.numpy import save_file

        largest = np.maximum(np.abs(self.vectors).max(axis=1, keepdims=True), 1e-9)
        sizes = [len(own) for own in self.labels]
        flat = [label for own in self.labels for label in own]
        tensors = {"vectors": np.round(127 * self.vectors / largest).astype(np.int8), "mean": self.mean,
                   "rows": self.rows, "lines": self.lines, "labels": np.array(flat, dtype=np.int32),
                   "sizes": np.array(sizes, dtype=np.int32), "scores": self.scores}  # fmt: skip
        with replaced(path) as part:
            save_file({name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()}, part)

    @classmethod
    def load(cls, path: Path, classes: int) -> Self:
        """Read what `save` wrote. Raises: OSError; KeyError, ValueError or SafetensorError if it is damaged."""
        read = read_tensors(path)
        flat, ends = read["labels"].tolist(), np.cumsum(read["sizes"]).tolist()
        labels = tuple(tuple(flat[a:b]) for a, b in zip([0, *ends], ends, strict=False))
        sound = len(labels) == len(read["rows"]) == len(read["lines"]) == len(read["vectors"])
        if not sound or any(not 0 <= label < classes for label in flat) or not np.isfinite(read["mean"]).all():
            raise ValueError(path)
        return cls(directions(read["vectors"].astype(np.float32)), read["mean"], read["rows"], read["lines"], labels,
                   read["scores"])  # fmt: skip


def sketch(counts: Any) -> Matrix:
    """(n, d) sparse tf-idf vectors -> (n, SKETCHED): each n-gram is added to a few columns, or taken away from them."""
    from scipy.sparse import csr_matrix

    grams = np.repeat(np.arange(counts.shape[1], dtype=np.uint64), _EACH)
    bits = grams * np.uint64(_EACH) + np.tile(np.arange(_EACH, dtype=np.uint64), counts.shape[1])
    for factor in (0xBF58476D1CE4E5B9, 0x94D049BB133111EB):  # splitmix64: the same everywhere and for ever
        bits = (bits + np.uint64(0x9E3779B97F4A7C15)) * np.uint64(factor)
        bits ^= bits >> np.uint64(29)
    signs = np.where(bits >> np.uint64(63), 1.0, -1.0).astype(np.float32)
    way = csr_matrix((signs, (grams, (bits >> np.uint64(8)) % np.uint64(SKETCHED))), (counts.shape[1], SKETCHED))
    return np.asarray((counts @ way).toarray(), dtype=np.float32)
