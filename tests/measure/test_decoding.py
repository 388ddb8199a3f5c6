"""Answers at the least expected cost, against every other choice; F-beta."""

import itertools

import numpy as np
import pytest
from sklearn.metrics import fbeta_score

from rankfirst.measure.decoding import cheaper_to_abstain, cost_matrix, least_cost, mean_cost
from rankfirst.measure.scores import macro_fbeta, predict_labels
from rankfirst.measure.thresholds import validated_thresholds
from rankfirst.records import Costs

P = np.random.default_rng(0).dirichlet(np.ones(3), 200)


def test_unlisted_pairs_cost_zero_or_one() -> None:
    matrix = cost_matrix(Costs(((0, 2, 5.0), (1, 1, 0.2))), 3)
    assert matrix.tolist() == [[0, 1, 5], [1, 0.2, 1], [1, 1, 0]]


def test_plain_costs_give_the_likeliest_answer() -> None:
    assert (least_cost(P, cost_matrix(Costs(()), 3)) == predict_labels(P, False)).all()


def test_the_answer_has_the_least_expected_cost() -> None:
    matrix = cost_matrix(Costs(((0, 1, 7.0), (2, 0, 3.0))), 3)
    given = least_cost(P, matrix).argmax(axis=1)
    for row, answer in itertools.product(range(len(P)), range(3)):
        assert P[row] @ matrix[:, given[row]] <= P[row] @ matrix[:, answer] + 1e-9


def test_a_row_is_abstained_on_if_that_is_cheaper() -> None:
    costs = Costs((), abstain=0.3)
    dear = cheaper_to_abstain(P, costs)
    assert (dear == (1 - P.max(axis=1) > 0.3)).all() and 0 < dear.mean() < 1
    assert not cheaper_to_abstain(P, Costs(())).any() and not cheaper_to_abstain(P, None).any()
    truth = np.eye(3, dtype=bool)[np.random.default_rng(1).integers(3, size=200)]
    given = least_cost(P, cost_matrix(costs, 3))
    wrong = ~(truth & given).any(axis=1)
    assert mean_cost(truth, given, costs) == pytest.approx(wrong.mean())
    assert mean_cost(truth, given, costs, dear) == pytest.approx(np.where(dear, 0.3, wrong).mean())


@pytest.mark.parametrize("beta", [0.5, 1.0, 2.0])
def test_macro_fbeta_equals_scikit_learns(beta: float) -> None:
    truth, said = (np.random.default_rng(s).random((80, 4)) < 0.3 for s in (0, 1))
    assert macro_fbeta(truth, said, beta) == pytest.approx(fbeta_score(truth, said, beta=beta, average="macro"))


def test_a_larger_beta_lowers_thresholds_and_raises_recall() -> None:
    random = np.random.default_rng(0)
    truth = random.random((600, 3)) < 0.3
    p = 1 / (1 + np.exp(-(2.5 * truth - 1.5 + random.normal(size=truth.shape))))
    recalls = []
    for beta in (0.5, 2.0):
        held = validated_thresholds(p, truth, False, beta)
        said = predict_labels(p, True, None if held is None else held.values)
        recalls.append((truth & said).sum() / truth.sum())
    assert recalls[1] > recalls[0] + 0.1
