"""Vectors of unit length: as some heads read pooled states, and as vectors are compared by cosine."""

import numpy as np
import numpy.typing as npt

from rankfirst.measure.scores import Matrix

LEAST = 1e-12  # a norm counts as at least this, as in torch's `normalize`
LEAST_APART = 1e-9  # the same for vectors less their centre: shorter ones are rounding errors and stay short


def unit_length(rows: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    """(n, d) rows, each divided by its Euclidean norm; a row of zeros stays one."""
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), LEAST))


def directions(rows: Matrix) -> Matrix:
    """(n, d) vectors less their centre -> their directions, whose products are cosines."""
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), LEAST_APART), dtype=np.float32)
