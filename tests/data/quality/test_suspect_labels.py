"""Suspect labels, on probabilities made by hand."""

import numpy as np
import pytest

from rankfirst.data.quality.neighbours import Neighbours
from rankfirst.data.quality.suspect_labels import (
    LEAST_RATIO,
    RATIO,
    blended,
    flagged,
    limit,
    suspects_check,
    suspicions,
)
from rankfirst.measure.scores import indicator


def suspect_rows(truth, p, multi_label):
    return flagged(suspicions(truth, p, multi_label)[0], truth.shape[1], multi_label)


def test_single_label_suspects_come_most_suspicious_first():
    given = [[0], [0], [0], [0], [1], [1]]
    p = np.array([[0.9, 0.1], [0.2, 0.8], [0.005, 0.995], [0.001, 0.999], [0.1, 0.9], [0.998, 0.002]])
    assert suspect_rows(indicator(given, 2), p, multi_label=False) == (3, 5, 2)


def test_a_label_that_is_the_likeliest_is_not_suspect():
    given = [[0], [0], [1], [1]]
    p = np.array([[0.98, 0.02], [0.6, 0.4], [0.7, 0.3], [0.75, 0.25]])
    assert 1 not in suspect_rows(indicator(given, 2), p, multi_label=False)


def test_planted_label_errors_are_found_and_nothing_else():
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


def test_an_uninformed_classifier_flags_few_rows():
    rng = np.random.default_rng(1)
    p = rng.dirichlet(np.ones(15), size=2000)
    given = [[int(rng.choice(15, p=row))] for row in p]  # right as often as it says
    assert len(suspect_rows(indicator(given, 15), p, multi_label=False)) < 0.01 * 2000


def test_multi_label_evaluates_every_label_separately():
    given = [[0], [0, 1], [1], [], [0]]
    p = np.array([[0.9, 0.1], [0.9, 0.9], [0.995, 0.9], [0.1, 0.1], [0.002, 0.1]])
    assert suspect_rows(indicator(given, 2), p, multi_label=True) == (4, 2)


def test_a_class_without_rows_contradicts_no_label():
    p = np.array([[0.2, 0.1, 0.7], [0.6, 0.3, 0.1], [0.1, 0.8, 0.1]])
    assert suspect_rows(indicator([[0], [0], [1]], 3), p, multi_label=False) == ()


def test_every_row_has_a_score_and_a_suggestion():
    given = [[0], [0], [1]]
    p = np.array([[0.9, 0.1], [0.2, 0.8], [0.25, 0.75]])
    scores, suggested = suspicions(indicator(given, 2), p, multi_label=False)
    assert scores.tolist() == pytest.approx([1 / 9, 4, 1 / 3])
    assert suggested == ((0,), (1,), (1,))


def test_suggestions_for_a_label_set_add_and_drop_labels():
    scores, suggested = suspicions(indicator([[0, 1], [0]], 3), np.array([[0.9, 0.02, 0.7], [0.9, 0.1, 0.1]]), True)
    assert suggested == ((0, 2), (0,))
    assert scores.tolist() == pytest.approx([49, 1 / 9])


def test_a_label_set_without_a_likely_label_is_suggested_as_empty():
    assert suspicions(indicator([[0]], 2), np.array([[0.1, 0.2]]), True)[1] == ((),)


def test_neighbours_decide_rows_that_the_classifier_cannot():
    truth = indicator([[0]] * 10 + [[1]] * 10 + [[1], [0]], 2)
    p = np.where(truth, 0.9, 0.1)
    p[20:] = 0.5
    own = np.array([[(r + 1) % 10, (r + 2) % 10] for r in range(10)])
    rows = np.vstack([own, own + 10, [[10, 11]], [[10, 11]]])
    scores, _ = suspicions(truth, p, False, Neighbours(rows, np.ones((22, 2), dtype=np.float32)))
    assert scores[21] > 1.1 > 0.9 > scores[20]


def test_an_uninformative_signal_gets_no_weight():
    rng = np.random.default_rng(0)
    truth = indicator(rng.integers(0, 4, (500, 1)).tolist(), 4)
    good, noise = np.where(truth, 0.91, 0.03), rng.dirichlet(np.ones(4), 500)
    assert np.abs(blended(truth, good, noise) - good).max() < 0.05


def test_neighbours_are_not_used_for_label_sets():
    truth, p = indicator([[0], [0, 1]], 2), np.array([[0.8, 0.3], [0.9, 0.1]])
    near = Neighbours(np.array([[1], [0]]), np.ones((2, 1), dtype=np.float32))
    assert suspicions(truth, p, True, near)[0].tolist() == suspicions(truth, p, True)[0].tolist()


def test_the_check_shows_the_most_suspicious_rows_with_their_scores():
    scores = np.array([1.0, 5 * RATIO, 0.5, 9 * RATIO])
    check = suspects_check(flagged(scores, 50, False), scores, examples=1)
    assert (check.rows, check.scores) == ((3,), (9 * RATIO,))
    assert (check.numbers["suspects"], check.numbers["share"]) == (2, 0.5)


def test_few_classes_have_a_lower_limit_but_never_below_the_minimum():
    assert [limit(classes, False) for classes in (2, 11, 200)] == [LEAST_RATIO, 45.0, RATIO]
    assert limit(2, True) == RATIO
