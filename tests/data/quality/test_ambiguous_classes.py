"""Pairs of classes that are mixed up, and the rows that show it."""

import numpy as np
import pytest

from rankfirst.data.quality.ambiguous_classes import LEAST_CONFUSED, ambiguous_pairs, mixed_share, pair_rows, wilson_low
from rankfirst.data.quality.neighbours import Neighbours, mixed_rates
from rankfirst.measure.scores import indicator


def test_ambiguous_pairs_of_single_labels():
    given = [[0]] * 10 + [[1]] * 10 + [[2]] * 10
    p = np.full((30, 3), 0.01)
    predicted = [1] * 4 + [0] * 6 + [0] * 1 + [1] * 9 + [2] * 9 + [0]
    p[np.arange(30), predicted] = 0.9
    assert ambiguous_pairs(indicator(given, 3), p, multi_label=False) == ((0, 1, 5 / 20),)


def test_one_confused_row_is_an_accident():
    assert LEAST_CONFUSED == 2
    p = np.array([[0.1, 0.9], [0.1, 0.9]])
    assert ambiguous_pairs(indicator([[0], [1]], 2), p, multi_label=False) == ()


def test_ambiguous_pairs_of_label_sets():
    given = [[0, 2], [0, 2], [1], [1, 2]]
    p = np.array([[0.1, 0.9, 0.9], [0.2, 0.8, 0.9], [0.1, 0.9, 0.1], [0.1, 0.9, 0.9]])
    assert ambiguous_pairs(indicator(given, 3), p, multi_label=True) == ((0, 1, 0.5),)


def sides():
    """Ten rows of each of two classes; of the first class rows 0-2 go to the other, of the second row 10."""
    truth = indicator([[0]] * 10 + [[1]] * 10, 2)
    p = np.where(truth, 0.9, 0.1)
    p[[0, 1, 2]] = [[0.4, 0.6], [0.2, 0.8], [0.3, 0.7]]
    p[10] = [0.6, 0.4]
    return truth, p


def test_pair_rows_come_from_both_classes_clearest_first():
    truth, p = sides()
    assert pair_rows(truth, p, False) == ((0, 1, pytest.approx(0.2), (1, 10, 2, 0)),)
    assert pair_rows(truth, p, False, examples=2)[0][3] == (1, 10)


def test_a_row_almost_certainly_of_the_other_class_comes_last():
    truth, p = sides()
    p[2] = [0.001, 0.999]
    assert pair_rows(truth, p, False)[0][3] == (1, 10, 0, 2)


def test_neighbours_affect_which_rows_come_first():
    truth, p = sides()
    rows = np.array([[r] for r in range(1, 20)] + [[0]])
    rows[[0, 2, 10], 0] = [15, 5, 4]
    near = Neighbours(rows, np.ones((20, 1), dtype=np.float32))
    assert pair_rows(truth, p, False, near)[0][3] == (0, 10, 1, 2)


def test_pairs_with_few_rows_do_not_outrank_pairs_seen_often():
    truth = indicator([[0]] * 3 + [[1]] * 3 + [[2]] * 100 + [[3]] * 100, 4)
    p = np.where(truth, 0.9, 0.03)
    p[0:2] = [0.1, 0.8, 0.05, 0.05]
    p[6:66] = [0.05, 0.05, 0.1, 0.8]
    assert [pair[:2] for pair in pair_rows(truth, p, False)] == [(2, 3), (0, 1)]
    assert ambiguous_pairs(truth, p, False)[0][:2] == (0, 1)


def test_pair_rows_of_label_sets():
    truth = indicator([[0, 2], [0, 2], [1], [1, 2]], 3)
    p = np.array([[0.1, 0.9, 0.9], [0.2, 0.8, 0.9], [0.1, 0.9, 0.1], [0.1, 0.9, 0.1]])
    assert pair_rows(truth, p, True) == ((0, 1, pytest.approx(0.5), (0, 1)),)


def test_classes_never_confused_make_no_pair():
    truth = indicator([[0], [1]], 2)
    assert pair_rows(truth, np.where(truth, 0.9, 0.1), False) == ()


def test_mixed_rates_are_shares_of_the_other_class():
    truth = indicator([[0], [0], [1], [1]], 2)
    near = Neighbours(np.array([[1, 2], [0, 0], [3, 3], [2, 2]]), np.ones((4, 2), dtype=np.float32))
    assert mixed_rates(near, truth).tolist() == [[0.0, 0.125], [0.125, 0.0]]


def test_wilson_low_grows_with_the_number_of_rows():
    low = wilson_low(np.array([0.5, 0.5]), np.array([4, 400]))
    assert low[0] < 0.2 < 0.44 < low[1] < 0.5


def test_mixed_share_counts_rows_with_a_wrong_label_set():
    assert mixed_share(indicator([[0], [0, 1]], 2), np.array([[0.9, 0.1], [0.9, 0.1]]), True) == 0.5
