"""Suspect labels and confused pairs, on probabilities made by hand."""

import numpy as np

from rankfirst.data.suspects import LEAST_CONFUSED, ambiguous_pairs, suspect_rows
from rankfirst.measure.scores import indicator


def test_single_label_suspects_come_most_suspicious_first():
    given = [[0], [0], [0], [0], [1], [1]]
    p = np.array([[0.9, 0.1], [0.2, 0.8], [0.005, 0.995], [0.001, 0.999], [0.1, 0.9], [0.998, 0.002]])
    assert suspect_rows(indicator(given, 2), p, multi_label=False) == (3, 5, 2)


def test_a_label_that_is_still_the_likeliest_is_no_suspect():
    given = [[0], [0], [1], [1]]
    p = np.array([[0.98, 0.02], [0.6, 0.4], [0.7, 0.3], [0.75, 0.25]])
    assert 1 not in suspect_rows(indicator(given, 2), p, multi_label=False)


def test_planted_mistakes_are_found_and_nothing_else():
    rng = np.random.default_rng(0)
    true = rng.integers(0, 5, size=500)
    given = true.copy()
    wrong = rng.choice(500, size=25, replace=False)
    given[wrong] = (true[wrong] + 1) % 5
    p = rng.dirichlet(np.ones(5), size=500) * 0.02
    p[np.arange(500), true] += 0.98
    found = suspect_rows(indicator(given[:, None].tolist(), 5), p, multi_label=False)
    assert set(found) <= set(wrong.tolist())
    assert len(found) >= 20


def test_a_classifier_that_knows_little_suspects_little():
    rng = np.random.default_rng(1)
    p = rng.dirichlet(np.ones(15), size=2000)
    given = [[int(rng.choice(15, p=row))] for row in p]  # right as often as it says
    assert len(suspect_rows(indicator(given, 15), p, multi_label=False)) < 0.01 * 2000


def test_multi_label_looks_at_every_label_by_itself():
    given = [[0], [0, 1], [1], [], [0]]
    p = np.array([[0.9, 0.1], [0.9, 0.9], [0.995, 0.9], [0.1, 0.1], [0.002, 0.1]])
    assert suspect_rows(indicator(given, 2), p, multi_label=True) == (4, 2)


def test_a_class_without_rows_contradicts_nobody():
    p = np.array([[0.2, 0.1, 0.7], [0.6, 0.3, 0.1], [0.1, 0.8, 0.1]])
    assert suspect_rows(indicator([[0], [0], [1]], 3), p, multi_label=False) == ()


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
