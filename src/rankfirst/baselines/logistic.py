"""Logistic regression over all labels at once: multinomial, or one-vs-rest as ONE problem.

One matrix product serves every label, dense or sparse, and a solution for a small C starts the next larger one.
scikit-learn solves one-vs-rest label by label and cannot start a path.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from rankfirst.baselines.folds import Indexes
from rankfirst.baselines.lbfgs import Vector, minimise
from rankfirst.measure.scores import Bools

Matrix = npt.NDArray[np.float32]
Rows = Any  # (n, d) float32: a dense array, a `head.Scaled`, or a scipy CSR matrix, which has no usable static type

TOLERANCE = 1e-3  # of the gradient's norm at the prior; a tighter one moves no validation figure we have
ITERATIONS = 200
PART_ROWS = 8192  # whose logits nearly stay in a processor's cache between the passes over them


@dataclass(frozen=True)
class Weights:
    """A linear classifier on the rows it was fitted on."""

    coef: Matrix  # (d, C): so that rows @ coef reads memory in order
    bias: Matrix  # (C,)

    def logits(self, rows: Rows) -> Matrix:
        """(n, d) -> (n, C)."""
        return np.asarray(rows @ self.coef + self.bias, dtype=np.float32)

    @classmethod
    def mean(cls, several: Sequence["Weights"]) -> "Weights":
        """Halfway between models of the same rows' parts: near the model of all rows."""
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

    A label that no row (or every row) carries has no finite optimum for its bias: it drifts until its share of
    the gradient is below the tolerance, and its probability is small (or large), never NaN.

    Args:
        rows: (n, d) float32, dense or CSR. truth: (n, C). c: inverse regularisation strength.
        start: where to begin, e.g. the solution for a smaller C; default the prior.
        tolerance: gradient norm at which to stop, as a share of its norm at the prior.
    """
    n, d, classes = rows.shape[0], rows.shape[1], truth.shape[1]
    parts, across = _parts(rows, truth)
    penalty = np.float32(1.0 / (c * n))  # of the mean loss, which is what float32 can add up

    def objective(x: Vector) -> tuple[float, Vector]:
        point = x.reshape(d + 1, classes)
        gradient = np.zeros_like(point)
        total = 0.0
        for at, given in parts:
            some = rows if across is not None else rows[at]
            loss, residual = _loss(some @ point[:d] + point[d], given, multi_label)
            total += loss
            gradient[:d] += (some.T if across is None else across) @ residual
            gradient[d] += residual.sum(axis=0)
        gradient[:d] += penalty * n * point[:d]
        coef = x[: d * classes]
        return total / n + 0.5 * float(penalty) * float(coef @ coef), (gradient / np.float32(n)).ravel()

    prior = np.zeros((d + 1, classes), dtype=np.float32)
    prior[d] = _prior_logits(truth, multi_label)
    x = prior if start is None else np.vstack([start.coef, start.bias])
    reference = float(np.linalg.norm(objective(prior.ravel())[1]))
    found = minimise(objective, x.ravel(), tolerance * reference, ITERATIONS).reshape(d + 1, classes)
    return Weights(coef=found[:d].copy(), bias=found[d].copy())


def _prior_logits(truth: Bools, multi_label: bool) -> Matrix:
    """(C,) logits of the label shares, half a row added so that they are finite."""
    share = (truth.sum(axis=0) + 0.5) / (len(truth) + 1.0)
    return np.asarray(np.log(share) - (np.log1p(-share) if multi_label else 0.0), dtype=np.float32)


def _parts(rows: Rows, truth: Bools) -> tuple[list[tuple[slice, Indexes]], Rows | None]:
    """(which rows, flat positions of their labels), and sparse rows transposed: dense ones go PART_ROWS at a time."""
    whole = sparse.issparse(rows)
    size = max(1, len(truth)) if whole else PART_ROWS
    starts = range(0, len(truth), size)
    parts = [(slice(at, at + size), np.flatnonzero(truth[at : at + size])) for at in starts]
    return parts, rows.T.tocsr() if whole else None


def _loss(logits: Matrix, given: Indexes, multi_label: bool) -> tuple[float, Matrix]:
    """Summed cross-entropy in nats, and its gradient (n, C) with respect to the logits, which are overwritten.

    Args: given: flat positions in (n, C) of the labels that the rows carry.
    """
    right = float(logits.ravel()[given].sum(dtype=np.float64))
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
    residual.ravel()[given] -= 1
    return loss, residual
