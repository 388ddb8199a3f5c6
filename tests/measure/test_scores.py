"""The yardstick against scikit-learn and by hand."""

import numpy as np
import pytest
from sklearn.metrics import f1_score

from rankfirst.measure import scores as s


def random_rows(n: int = 200, classes: int = 5, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.random((n, classes)) < 0.3, rng.random((n, classes)) < 0.3


def test_macro_f1_is_scikit_learns() -> None:
    truth, predicted = random_rows()
    assert s.macro_f1(truth, predicted) == pytest.approx(f1_score(truth, predicted, average="macro"))


def test_a_class_that_never_occurs_does_not_count() -> None:
    truth, predicted = random_rows()
    wider = [np.hstack([m, np.zeros((len(m), 1), dtype=bool)]) for m in (truth, predicted)]
    assert s.macro_f1(*wider) == s.macro_f1(truth, predicted)
    draws = s.bootstrap_f1(wider[0], [wider[1]])
    np.testing.assert_allclose(draws, s.bootstrap_f1(truth, [predicted]))


def test_a_stray_prediction_of_an_absent_class_costs_its_own_row_only() -> None:
    truth = np.eye(4, dtype=bool)[np.repeat([0, 1, 2], 10)]
    predicted = truth.copy()
    predicted[0] = [False, False, False, True]
    assert s.macro_f1(truth, predicted) < 0.75 and s.macro_f1_occurring(truth, predicted) > 0.98
    assert s.macro_f1_occurring(truth[:, :3], predicted[:, :3]) == s.macro_f1(truth[:, :3], predicted[:, :3])
    assert s.macro_f1_occurring(np.zeros((3, 2), dtype=bool), truth[:3, :2]) == 0


def test_rows_without_labels_do_not_warn() -> None:
    empty = np.zeros((3, 2), dtype=bool)
    assert s.bootstrap_f1(empty, [empty]).tolist() == [[0.0]] * 500


def test_at_least_one_adds_the_likeliest_label() -> None:
    p = np.array([[0.1, 0.4], [0.6, 0.7], [0.2, 0.1]])
    assert s.predict_labels(p, True).sum() == 2
    assert s.predict_labels(p, True, at_least_one=True).tolist() == [[False, True], [True, True], [True, False]]


def test_confusions_are_counted_most_frequent_first() -> None:
    truth = s.indicator([(0,), (0,), (1,), (2,)], 3)
    predicted = s.indicator([(1,), (1,), (0,), (2,)], 3)
    assert s.confusions(truth, predicted) == ((0, 1, 2), (1, 0, 1))


def test_the_bootstrap_is_independent_of_the_block_size(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)
    truth, told = (rng.random((40, 3)) < 0.4 for _ in range(2))
    whole = s.bootstrap_f1(truth, [truth, told], draws=25)
    monkeypatch.setattr(s, "MOST_WEIGHTS", 40 * 7)
    assert np.allclose(s.bootstrap_f1(truth, [truth, told], draws=25), whole, atol=1e-6)


@pytest.mark.parametrize("rows", [1, 3, 20, 200])
@pytest.mark.parametrize("right", [True, False])
def test_no_interval_has_a_width_of_zero(rows: int, right: bool) -> None:
    truth = np.eye(2, dtype=bool)[np.arange(rows) % 2]
    low, high = s.macro_f1_interval(truth, truth if right else ~truth)
    assert 0 <= low < high <= 1
    assert (high == 1 and low > 0) if right else (low == 0 and high < 1)


def test_the_wilson_interval_of_twenty_of_twenty() -> None:
    low, high = s.wilson(np.array([20, 10]), np.array([20, 20]))
    assert low == pytest.approx([0.839, 0.299], abs=1e-3) and high == pytest.approx([1.0, 0.701], abs=1e-3)


def test_one_row_of_a_class_leaves_its_f1_open() -> None:
    truth = np.eye(2, dtype=bool)[[0] * 99 + [1]]
    low, high = s.macro_f1_interval(truth, truth)
    assert low < 0.7 and high == 1.0
    majority = np.eye(2, dtype=bool)[[0] * 100]
    assert s.macro_f1_interval(truth, majority)[0] < 0.5


def test_the_interval_covers_the_score_of_the_population() -> None:
    rng, inside = np.random.default_rng(0), 0
    shares, recall = np.array([0.6, 0.3, 0.1]), np.array([0.98, 0.95, 0.9])

    def sample(n: int) -> tuple[np.ndarray, np.ndarray]:
        labels = rng.choice(3, n, p=shares)
        wrong = rng.random(n) > recall[labels]
        return np.eye(3, dtype=bool)[labels], np.eye(3, dtype=bool)[np.where(wrong, (labels + 1) % 3, labels)]

    true = s.macro_f1(*sample(400_000))
    for _ in range(200):
        low, high = s.macro_f1_interval(*sample(60), draws=200)
        inside += low <= true <= high
    assert inside >= 186
