"""Turn calibrated probabilities into the answers of a delivered model: by threshold or by least expected cost."""

import numpy as np

from rankfirst.measure.scores import Bools, Floats, predict_labels
from rankfirst.records import Calibration, Costs


def decide(p: Floats, multi_label: bool, fitted: Calibration) -> Bools:
    """Decide the answers of a delivered model.
    Args: p: (n, C) calibrated probabilities. fitted: costs take precedence over thresholds.
    Returns: (n, C), True for each label that is answered.
    """
    if fitted.costs is not None:
        return least_cost(p, cost_matrix(fitted.costs, p.shape[1]))
    thresholds = None if fitted.thresholds is None else np.asarray(fitted.thresholds)
    return predict_labels(p, multi_label, thresholds, fitted.at_least_one)


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
