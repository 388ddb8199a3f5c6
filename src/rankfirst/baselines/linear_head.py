"""The frozen rung's classifier on raw features; the standardisation is folded into its weights."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from rankfirst.baselines.logistic import PART_ROWS, Weights
from rankfirst.measure.calibration import probabilities
from rankfirst.measure.scores import Floats, Matrix
from rankfirst.measure.unit_length import unit_length

MOST_AT_ONCE = 65_536  # rows multiplied at a time


@dataclass(frozen=True)
class LinearHead:
    """A linear layer over pooled features; the engine starts LoRA training from it."""

    weight: Matrix  # (C, d)
    bias: Matrix  # (C,)
    multi_label: bool
    temperature: float  # logits are divided by it before softmax or sigmoid
    normalize: bool = False  # whether each row of features is divided by its Euclidean norm first

    def logits(self, features: npt.NDArray[np.floating]) -> Matrix:
        """(n, d) raw features -> (n, C), not divided by the temperature."""
        out = np.empty((len(features), len(self.bias)), dtype=np.float32)
        for start in range(
            0, len(features), MOST_AT_ONCE
        ):  # in parts, so that a memory-mapped file is not copied whole
            some = features[start : start + MOST_AT_ONCE].astype(np.float32)
            some = unit_length(some) if self.normalize else some
            out[start : start + MOST_AT_ONCE] = some @ self.weight.T + self.bias
        return out

    def predict_proba(self, features: npt.NDArray[np.floating]) -> Floats:
        """(n, d) raw features -> (n, C) calibrated probabilities."""
        return probabilities(self.logits(features).astype(np.float64), self.multi_label, self.temperature)

    @property
    def megabytes(self) -> float:
        """10^6 bytes of weight and bias."""
        return (self.weight.nbytes + self.bias.nbytes) / 1e6


DEAD = 1e-3  # of the median deviation; below it, rounding in twelve float32 layers is visible in the column


@dataclass(frozen=True)
class Scaler:
    """Standardises each column to zero mean and unit deviation, so that one range of C suits every encoder."""

    mean: Floats  # (d,)
    deviation: Floats  # (d,), 1 for a constant column
    normalize: bool = False  # whether rows are brought to unit length before their columns are standardised

    @classmethod
    def fit(cls, features: npt.NDArray[np.floating], normalize: bool = False) -> Self:
        """From (n, d) features, summed in float64."""
        if normalize:
            mean = np.sum([part.sum(axis=0, dtype=np.float64) for part in _units(features)], axis=0) / len(features)
        else:
            mean = features.mean(axis=0, dtype=np.float64)
        parts = _units(features) if normalize else _parts(features)
        squares = sum(np.square(part - mean).sum(axis=0) for part in parts)
        deviation = np.sqrt(squares / len(features))
        constant = deviation <= 1e-6 * np.maximum(np.abs(mean), 1e-6)  # rounding, not variation
        # A column that hardly varies compared with the others counts as constant, too. MiniLM has one of 1e-7 +- 2e-9;
        # standardised, it would get a weight of 1e8, and float32 rounding errors would decide predictions.
        constant |= deviation <= DEAD * np.median(deviation)
        return cls(mean, np.where(constant, 1.0, deviation), normalize)

    def apply(self, features: npt.NDArray[np.floating]) -> Matrix:
        """(n, d) raw -> (n, d) standardised."""
        out = np.empty(features.shape, dtype=np.float32)
        parts = _units(features) if self.normalize else _parts(features)
        for part, into in zip(parts, _parts(out), strict=True):
            into[:] = (part - self.mean) / self.deviation
        return out

    def scaled(self, features: npt.NDArray[np.floating]) -> "Scaled":
        """As `apply`, but lazily: rows are standardised each time they are indexed."""
        return Scaled(features, self)

    def unfold(self, head: LinearHead) -> Weights:
        """The weights on standardised features whose logits equal those of `head`."""
        coef = head.weight.astype(np.float64) * self.deviation
        bias = head.bias + head.weight.astype(np.float64) @ self.mean
        return Weights(coef.T.astype(np.float32), bias.astype(np.float32))

    def fold(self, weights: Weights, multi_label: bool, temperature: float = 1.0) -> LinearHead:
        """The head whose logits on raw features equal those of `weights` on standardised features."""
        weight = weights.coef.astype(np.float64).T / self.deviation
        bias = weights.bias - weight @ self.mean
        parts = weight.astype(np.float32), bias.astype(np.float32)
        return LinearHead(*parts, multi_label, temperature, self.normalize)


@dataclass(frozen=True)
class Scaled:
    """Rows standardised on access and not kept: for a million texts they would take gigabytes beside the raw ones."""

    features: npt.NDArray[np.floating]  # (n, d) raw, possibly memory-mapped
    scaler: Scaler

    @property
    def shape(self) -> tuple[int, int]:
        """(n, d)."""
        return len(self.features), self.features.shape[1]

    def __len__(self) -> int:
        return len(self.features)

    def __getitem__(self, rows: slice | npt.NDArray[np.integer]) -> Matrix:
        return self.scaler.apply(self.features[rows])


def _parts(rows: npt.NDArray[np.floating]) -> Iterator[npt.NDArray[np.floating]]:
    """Views of at most PART_ROWS rows: a float64 copy of all rows would take twice their memory."""
    return (rows[start : start + PART_ROWS] for start in range(0, len(rows), PART_ROWS))


def _units(rows: npt.NDArray[np.floating]) -> Iterator[npt.NDArray[np.floating]]:
    """The same rows in unit length."""
    return (unit_length(part.astype(np.float32)) for part in _parts(rows))
