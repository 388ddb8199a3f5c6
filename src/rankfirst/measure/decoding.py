"""Turn calibrated probabilities into answers: the likeliest class, thresholds, or the least expected cost."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from rankfirst.measure.scores import Bools, Floats, predict_labels
from rankfirst.records import Calibration, Costs, Dataset


@dataclass(frozen=True)
class Decoding:
    """How probabilities become answers; shared by all models of a run until thresholds or costs are fitted."""

    multi_label: bool
    at_least_one: bool = False  # multi-label: a row that reaches no threshold gets its likeliest label
    thresholds: tuple[float, ...] | None = None  # (C,) multi-label; None: 0.5
    costs: Costs | None = None  # set: the answer of least expected cost is given

    @classmethod
    def of(cls, dataset: Dataset) -> Self:
        """The decoding before anything is fitted: at least one label if every training row has one."""
        return cls(dataset.multi_label, dataset.multi_label and all(dataset.train.labels))

    @classmethod
    def fitted(cls, multi_label: bool, calibration: Calibration) -> Self:
        """The decoding of a delivered model."""
        return cls(multi_label, calibration.at_least_one, calibration.thresholds, calibration.costs)

    def answers(self, p: Floats) -> Bools:
        """(n, C) probabilities -> (n, C) answers."""
        if self.costs is not None:
            return least_cost(p, cost_matrix(self.costs, p.shape[1]))
        thresholds = None if self.thresholds is None else np.asarray(self.thresholds)
        return predict_labels(p, self.multi_label, thresholds, self.at_least_one)


def cost_matrix(costs: Costs, classes: int) -> Floats:
    """(C, C) cost of each answer (column) for a row of each class (row); defaults to 0 if right and 1 if wrong."""
    matrix = 1.0 - np.eye(classes)
    for true, predicted, cost in costs.cells:
        matrix[true, predicted] = cost
    return matrix


def least_cost(p: Floats, matrix: Floats) -> Bools:
    """(n, C) probabilities -> (n, C) one-hot answers of least expected cost; a tie goes to the likeliest class."""
    expected = p @ matrix
    least = expected <= expected.min(axis=1, keepdims=True) + 1e-12
    answers = np.zeros(p.shape, dtype=bool)
    answers[np.arange(len(p)), np.where(least, p, -1.0).argmax(axis=1)] = True
    return answers


def cheaper_to_abstain(p: Floats, costs: Costs | None) -> Bools:
    """(n,) whether the cheapest answer is expected to cost more than abstaining (Chow, 1970)."""
    if costs is None or costs.abstain is None:
        return np.zeros(len(p), dtype=bool)
    return np.asarray((p @ cost_matrix(costs, p.shape[1])).min(axis=1) > costs.abstain)


def mean_cost(truth: Bools, answers: Bools, costs: Costs, abstained: Bools | None = None) -> float:
    """Mean cost per row of (n, C) answers; a row that is abstained on costs `costs.abstain`."""
    matrix = cost_matrix(costs, truth.shape[1])
    each = matrix[truth.argmax(axis=1), answers.argmax(axis=1)]
    if abstained is not None and costs.abstain is not None:
        each = np.where(abstained, costs.abstain, each)
    return float(each.mean())
