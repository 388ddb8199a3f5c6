"""Which candidates are chosen: new groups first, uncertain rows of every kind, and as many as were requested."""

import numpy as np

from rankfirst.lifecycle.label_next.choice import GROUP_ROWS, choose, runner_up, spread, uncertainty
from rankfirst.measure.calibration import probabilities


def clusters(sizes: tuple[int, ...], seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """((n, d) vectors around a centre for each cluster, (n,) the cluster of each)."""
    kinds = np.repeat(np.arange(len(sizes)), sizes)
    noise = np.random.default_rng(seed).normal(0, 0.1, (len(kinds), len(sizes) + 2))
    return (np.eye(len(sizes), len(sizes) + 2)[kinds] * 4 + noise).astype(np.float32), kinds


def test_uncertainty_is_the_lead_or_the_expected_number_of_wrong_labels() -> None:
    p = np.array([[0.5, 0.4, 0.1], [0.9, 0.1, 0.0]])
    assert np.allclose(uncertainty(p, False), [0.9, 0.2])
    assert np.allclose(uncertainty(p, True), [1.0, 0.2])


def test_classes_with_few_labelled_rows_count_more_down_to_a_limit() -> None:
    p = np.array([[0.5, 0.5, 0.0], [0.0, 0.5, 0.5]])
    for multi in (False, True):
        one, other = uncertainty(p, multi, np.array([1000, 500, 20]))
        assert other > 5 * one
        one, other = uncertainty(p, multi, np.array([9, 4, 0]))
        assert np.isclose(one, other)


def test_one_row_of_each_cluster_instead_of_variants_of_the_least_certain() -> None:
    vectors, kinds = clusters((30, 10, 10, 10))
    doubt = np.where(kinds == 0, 0.9, 0.8) + np.random.default_rng(1).random(60) / 100
    assert set(kinds[spread(vectors, doubt, 4)]) == {0, 1, 2, 3}
    assert set(kinds[np.argsort(-doubt)[:4]]) == {0}


def test_as_many_distinct_rows_as_requested_even_if_vectors_are_equal() -> None:
    rows = spread(np.ones((50, 3), dtype=np.float32), np.linspace(0, 1, 50), 20)
    assert len(set(rows.tolist())) == 20
    assert len(spread(np.ones((5, 3), dtype=np.float32), np.ones(5), 20)) == 5


def test_certain_rows_are_left_alone() -> None:
    rng = np.random.default_rng(0)
    doubt = np.r_[np.full(300, 0.01), np.full(40, 0.9)]
    rows = spread(rng.normal(size=(340, 4)).astype(np.float32), doubt, 4)
    assert (rows >= 300).all()


def test_new_groups_come_first_and_take_at_most_half() -> None:
    rng = np.random.default_rng(0)
    p = probabilities(rng.normal(size=(200, 3)), False)
    groups = [np.arange(30), np.arange(30, 60), np.arange(60, 70)]
    told = choose(rng.normal(size=(200, 4)).astype(np.float32), p, False, p.max(axis=1) < 0.4, groups, 30)
    assert len({each.row for each in told}) == 30
    assert [each.group for each in told[:15]] == [0] * GROUP_ROWS + [1] * 5
    assert {each.why for each in told[:15]} == {"new_group"} and told[0].row == 0
    assert {each.why for each in told[15:]} <= {"abstains", "between"}
    assert all((each.why == "abstains") == (p[each.row].max() < 0.4) for each in told[15:])


def test_fewer_candidates_than_requested_are_all_chosen() -> None:
    p = probabilities(np.random.default_rng(0).normal(size=(7, 3)), True)
    told = choose(np.ones((7, 2), dtype=np.float32), p, True, np.zeros(7, dtype=bool), [], 20)
    assert sorted(each.row for each in told) == list(range(7)) and {each.why for each in told} == {"whether"}


def test_the_runner_up_is_not_answered_and_multi_label_names_the_open_label() -> None:
    p = np.array([[0.5, 0.3, 0.2]])
    assert runner_up(p, np.array([[True, False, False]]), False).tolist() == [1]
    assert runner_up(np.array([[0.95, 0.6, 0.1]]), np.array([[True, True, False]]), True).tolist() == [1]


def test_the_same_seed_chooses_the_same_rows() -> None:
    rng = np.random.default_rng(3)
    vectors, p = rng.normal(size=(500, 8)).astype(np.float32), probabilities(rng.normal(size=(500, 4)), False)
    one, two = (choose(vectors, p, False, np.zeros(500, dtype=bool), [], 20, seed=5) for _ in range(2))
    assert one == two
