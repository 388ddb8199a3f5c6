"""From calibrated probabilities to the answer a delivered model gives: thresholds, or the least expected cost."""

import numpy as np

from rankfirst.measure.scores import Bools, Floats, predict_labels
from rankfirst.records import Calibration, Costs


def chosen(p: Floats, multi_label: bool, fitted: Calibration) -> Bools:
    """(n, C) probabilities -> (n, C) answers."""
    if fitted.costs is not None:
        return least_cost(p, cost_matrix(fitted.costs, p.shape[1]))
    thresholds = None if fitted.thresholds is None else np.asarray(fitted.thresholds)
    return predict_labels(p, multi_label, thresholds, fitted.at_least_one)


def cost_matrix(costs: Costs, classes: int) -> Floats:
    """(C, C) cost of each answer (column) to a row of each class: 0 and 1 where the user named no cost."""
    matrix = 1.0 - np.eye(classes)
    for true, predicted, cost in costs.cells:
        matrix[true, predicted] = cost
    return matrix


def least_cost(p: Floats, matrix: Floats) -> Bools:
    """(n, C) probabilities -> (n, C): the answer with the least expected cost; of equal ones the likeliest."""
    expected = p @ matrix
    least = expected <= expected.min(axis=1, keepdims=True) + 1e-12
    answers = np.zeros(p.shape, dtype=bool)
    answers[np.arange(len(p)), np.where(least, p, -1.0).argmax(axis=1)] = True
    return answers


def too_dear(p: Floats, costs: Costs | None) -> Bools:
    """(n,) whether even the cheapest answer is expected to cost more than leaving the row to a person (Chow, 1970)."""
    if costs is None or costs.abstain is None:
        return np.zeros(len(p), dtype=bool)
    return np.asarray((p @ cost_matrix(costs, p.shape[1])).min(axis=1) > costs.abstain)


def mean_cost(truth: Bools, answers: Bools, costs: Costs, abstained: Bools | None = None) -> float:
    """Mean cost a row of (n, C) answers; rows that are left to a person cost what that costs."""
    matrix = cost_matrix(costs, truth.shape[1])
    each = matrix[truth.argmax(axis=1), answers.argmax(axis=1)]
    if abstained is not None and costs.abstain is not None:
        each = np.where(abstained, costs.abstain, each)
    return float(each.mean())
