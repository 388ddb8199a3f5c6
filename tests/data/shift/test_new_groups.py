"""Groups that only the new rows have are found; what both samples share, grew or scattered is not."""

import numpy as np
import pytest

from rankfirst.data.shift.new_groups import Rows, groups, within

RNG = np.random.default_rng


def cloud(centre: int, n: int, seed: int, spread: float = 1.0) -> np.ndarray:
    return (4.0 * np.eye(16)[centre] + RNG(seed).normal(0, spread, (n, 16))).astype(np.float32)


KNOWN = np.concatenate([cloud(c, 60, c) for c in range(3)])
CLASSES = [(c,) for c in range(3) for _ in range(60)]


def sample(n: int, seed: int, *more: np.ndarray) -> Rows:
    """Rows of the three classes, of which the model is sure, and others, of which it is not."""
    sure = np.concatenate([cloud(c, n, seed + c) for c in range(3)])
    rows = np.concatenate([sure, *more])
    confidence = np.concatenate(
        [RNG(seed).uniform(0.7, 1, len(sure)), RNG(seed).uniform(0.2, 0.5, len(rows) - len(sure))]
    )
    return Rows(rows, confidence)


def found(held: Rows, new: Rows, abstain: float = 0.5):  # type: ignore[no-untyped-def]
    return groups(held, new, KNOWN, CLASSES, abstain)


def test_a_new_class_is_one_cluster_with_typical_rows_first() -> None:
    (group,) = found(sample(100, 10), sample(100, 20, cloud(9, 25, 30)))
    assert set(range(300, 325)) >= set(group.rows.tolist()[:15]) and len(group.rows) >= 20
    assert group.known <= 1 and group.p < 1e-3


def test_two_new_classes_are_two_clusters_largest_first() -> None:
    made = found(sample(100, 10), sample(100, 20, cloud(9, 40, 30), cloud(11, 20, 31)))
    assert len(made) == 2 and len(made[0].rows) > len(made[1].rows)


def test_a_confusion_in_both_samples_is_no_new_class() -> None:
    assert found(sample(100, 10, cloud(9, 25, 29)), sample(100, 20, cloud(9, 25, 30))) == ()


def test_a_class_that_doubled_is_no_new_class() -> None:
    assert found(sample(100, 10, cloud(9, 25, 29)), sample(100, 20, cloud(9, 50, 30))) == ()


def test_scattered_rows_are_no_new_class() -> None:
    scattered = RNG(5).normal(0, 4, (40, 16)).astype(np.float32)
    assert found(sample(100, 10), sample(100, 20, scattered)) == ()


@pytest.mark.parametrize("n", [0, 1, 3])
def test_a_few_rows_are_no_new_class(n: int) -> None:
    assert found(sample(100, 10), Rows(cloud(9, n, 1), np.full(n, 0.1))) == ()


def test_without_class_distances_there_are_no_clusters() -> None:
    new = sample(100, 20, cloud(9, 25, 30))
    assert groups(sample(100, 10), new, KNOWN, [(i,) for i in range(len(KNOWN))], 0.5) == ()
    assert np.isnan(within(KNOWN, [(i,) for i in range(len(KNOWN))]))


def test_false_alarms_are_rare() -> None:
    alarms = 0
    for draw in range(60):
        rows, sure = RNG(draw).normal(0, 1, (600, 16)).astype(np.float32), RNG((draw, 1)).random(600)
        alarms += bool(found(Rows(rows[:300], sure[:300]), Rows(rows[300:], sure[300:]), 0.3))
    assert alarms <= 2
