"""Logistic regression over all labels at once: multinomial, or one-vs-rest as one problem.

One matrix product serves every label, dense or sparse, and the solution for one C is the starting point for the next.
scikit-learn solves one-vs-rest label by label and offers no such warm start.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from rankfirst.baselines.folds import Indexes
from rankfirst.baselines.lbfgs import Vector, minimise
from rankfirst.measure.scores import Bools, Matrix

Rows = (
    Any  # (n, d) float32: a dense array, a `linear_head.Scaled`, or a scipy CSR matrix, which has no usable static type
)

TOLERANCE = 1e-3  # relative to the gradient's norm at the prior; a tighter one changed no measured validation score
ITERATIONS = 200
PART_ROWS = 8192  # rows at a time, so that their logits mostly stay in the processor's cache between passes


@dataclass(frozen=True)
class Weights:
    """A linear classifier over features scaled as those it was fitted on."""

    coef: Matrix  # (d, C), so that rows @ coef reads memory in order
    bias: Matrix  # (C,)

    def logits(self, rows: Rows) -> Matrix:
        """(n, d) -> (n, C)."""
        return np.asarray(rows @ self.coef + self.bias, dtype=np.float32)

    @classmethod
    def mean(cls, several: Sequence["Weights"]) -> "Weights":
        """The mean of models fitted on parts of the same rows: a good start for the model of all rows."""
        coefs, biases = [w.coef for w in several], [w.bias for w in several]
        return cls(np.mean(coefs, axis=0, dtype=np.float32), np.mean(biases, axis=0, dtype=np.float32))


def fit_linear(
    rows: Rows,
    truth: Bools,
    c: float,
    multi_label: bool,
    start: Weights | None = None,
    tolerance: float = TOLERANCE,
) -> Weights:
    """Minimise C * sum(loss) + |coef|^2 / 2, scikit-learn's objective (the bias is free).

    The bias of a label that no row (or every row) carries has no finite optimum: it grows until its part of the
    gradient is below the tolerance. Its probability is then near 0 (or 1), never NaN.

    Args:
        rows: (n, d) float32, dense or CSR. truth: (n, C). c: inverse regularisation strength.
        start: the starting point, e.g. the solution for a smaller C; the prior by default.
        tolerance: gradient norm at which to stop, relative to its norm at the prior.
    """
    n, d, classes = rows.shape[0], rows.shape[1], truth.shape[1]
    parts, transposed = _parts(rows, truth)
    penalty = np.float32(1.0 / (c * n))  # for the mean loss: a sum over rows would lose precision in float32

    def objective(x: Vector) -> tuple[float, Vector]:
        point = x.reshape(d + 1, classes)
        gradient = np.zeros_like(point)
        total = 0.0
        for part, positions in parts:
            part_rows = rows if transposed is not None else rows[part]
            loss, residual = _loss(part_rows @ point[:d] + point[d], positions, multi_label)
            total += loss
            gradient[:d] += (part_rows.T if transposed is None else transposed) @ residual
            gradient[d] += residual.sum(axis=0)
        gradient[:d] += penalty * n * point[:d]
        coef = x[: d * classes]
        return total / n + 0.5 * float(penalty) * float(coef @ coef), (gradient / np.float32(n)).ravel()

    prior = np.zeros((d + 1, classes), dtype=np.float32)
    prior[d] = _prior_logits(truth, multi_label)
    x = prior if start is None else np.vstack([start.coef, start.bias])
    reference = float(np.linalg.norm(objective(prior.ravel())[1]))
    solution = minimise(objective, x.ravel(), tolerance * reference, ITERATIONS).reshape(d + 1, classes)
    return Weights(coef=solution[:d].copy(), bias=solution[d].copy())


def _prior_logits(truth: Bools, multi_label: bool) -> Matrix:
    """(C,) logits of the label shares, smoothed by half a row so that they are finite."""
    share = (truth.sum(axis=0) + 0.5) / (len(truth) + 1.0)
    return np.asarray(np.log(share) - (np.log1p(-share) if multi_label else 0.0), dtype=np.float32)


def _parts(rows: Rows, truth: Bools) -> tuple[list[tuple[slice, Indexes]], Rows | None]:
    """Parts as (row slice, flat label positions), PART_ROWS rows each if dense; and the transpose of sparse rows."""
    whole = sparse.issparse(rows)
    size = max(1, len(truth)) if whole else PART_ROWS
    starts = range(0, len(truth), size)
    parts = [(slice(at, at + size), np.flatnonzero(truth[at : at + size])) for at in starts]
    return parts, rows.T.tocsr() if whole else None


def _loss(logits: Matrix, positions: Indexes, multi_label: bool) -> tuple[float, Matrix]:
    """Summed cross-entropy in nats, and its gradient (n, C) with respect to the logits, which are overwritten.

    Args: positions: flat positions in (n, C) of the labels that the rows carry.
    """
    right = float(logits.ravel()[positions].sum(dtype=np.float64))
    if multi_label:
        small = np.exp(-np.abs(logits))  # log(1 + e^z) = max(z, 0) + log(1 + e^-|z|), which cannot overflow
        loss = float(np.maximum(logits, 0).sum(dtype=np.float64) + np.log(1 + small).sum(dtype=np.float64)) - right
        residual = np.where(logits >= 0, np.float32(1), small)
        residual /= 1 + small
    else:
        top = logits.max(axis=1, keepdims=True)
        residual = np.exp(np.subtract(logits, top, out=logits), out=logits)
        total = residual.sum(axis=1, keepdims=True)
        loss = float((np.log(total) + top).sum(dtype=np.float64)) - right
        residual /= total
    residual.ravel()[positions] -= 1
    return loss, residual
