"""Vectors of unit length, as some heads read pooled states."""

import numpy as np
import numpy.typing as npt

LEAST = 1e-12  # a norm counts as at least this, as in torch's `normalize`


def unit_length(rows: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    """(n, d) rows, each divided by its Euclidean norm; a row of zeros stays one."""
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), LEAST))
