"""Scores of being at home: what they mean, that disk changes nothing, and that the choice is fair."""

from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from rankfirst.measure import abstain_scores

CLASSES, SIZE = 6, 12


def rows(n: int, seed: int, spread: float = 0.4) -> tuple[np.ndarray, list[tuple[int, ...]]]:
    """Rows around six corners, unequal scales a dimension."""
    random = np.random.default_rng(seed)
    corners = 3 * np.random.default_rng(0).normal(size=(CLASSES, SIZE))
    labels = random.integers(CLASSES, size=n)
    states = corners[labels] + spread * random.normal(size=(n, SIZE))
    return (states * np.geomspace(0.1, 10, SIZE)).astype(np.float32), [(int(c),) for c in labels]


def strangers(n: int, seed: int) -> np.ndarray:
    return (3 * np.random.default_rng(seed).normal(size=(n, SIZE)) * np.geomspace(0.1, 10, SIZE)).astype(np.float32)


@pytest.mark.parametrize("score", abstain_scores.BY_STATES)
def test_out_of_scope_rows_score_lower_before_and_after_saving(score: str, tmp_path: Path) -> None:
    made = abstain_scores.fit_reference(score, *rows(400, 1))
    own, foreign = made.score(rows(900, 2)[0]), made.score(strangers(300, 3))
    assert abstain_scores.placements(own, foreign).mean() > 0.97
    abstain_scores.save(made, tmp_path / abstain_scores.FILE)
    again = abstain_scores.load(score, tmp_path / abstain_scores.FILE)
    np.testing.assert_allclose(again.score(strangers(300, 3)), foreign, rtol=1e-6, atol=1e-6)


def test_a_near_constant_dimension_is_ignored() -> None:
    states, labels = rows(200, 1)
    still = np.concatenate([states, np.full((200, 1), 7.0, dtype=np.float32)], axis=1)
    moved = np.concatenate([states, np.full((200, 1), 7.1, dtype=np.float32)], axis=1)
    made = abstain_scores.fit_reference("knn", still, labels)
    np.testing.assert_allclose(made.score(still), made.score(moved), atol=1e-6)


def test_rare_label_sets_are_grouped_by_their_first_label() -> None:
    labels = [(0,)] * 6 + [(0, 1)] * 5 + [(1, 2)] * 2
    assert abstain_scores.groups(labels).tolist() == [0] * 6 + [1] * 5 + [2] * 2


def test_logit_scores() -> None:
    logits = np.array([[4.0, 0.0, 0.0], [1.0, 1.0, 1.0]])
    assert abstain_scores.by_logits("max_prob", logits, False)[1] == pytest.approx(1 / 3)
    assert abstain_scores.by_logits("energy", logits, False) == pytest.approx(np.log(np.exp(logits).sum(axis=1)))
    assert abstain_scores.by_logits("energy", logits, True) == pytest.approx(np.log1p(np.exp(logits)).sum(axis=1))


@pytest.mark.parametrize("coverage", [0.5, 0.9, 0.95, 1.0])
@pytest.mark.parametrize("n", [1, 7, 100])
def test_the_threshold_keeps_at_least_the_coverage(coverage: float, n: int) -> None:
    scores = np.random.default_rng(n).normal(size=n).round(1)  # with ties
    assert (scores >= abstain_scores.threshold_at(scores, coverage)).mean() >= coverage


def test_the_mean_placement_is_the_auroc() -> None:
    random = np.random.default_rng(0)
    inside, outside = random.normal(1, 1, 200).round(1), random.normal(0, 1, 90).round(1)
    expected = roc_auc_score([1] * 200 + [0] * 90, [*inside, *outside])
    assert abstain_scores.placements(inside, outside).mean() == pytest.approx(expected)


def test_the_best_score_is_chosen_on_one_half_and_evaluated_on_the_other() -> None:
    random = np.random.default_rng(0)
    inside = {"max_prob": random.normal(1, 1, 300), "knn": random.normal(3, 1, 300)}
    outside = {"max_prob": random.normal(0, 1, 100), "knn": random.normal(0, 1, 100)}
    chosen, trials = abstain_scores.choose(inside, outside, 0.95)
    assert chosen == "knn" and [t.score for t in trials] == ["max_prob", "knn"]
    half = np.random.default_rng(0).permutation(100) % 2 == 0
    for trial in trials:
        assert trial.chosen_on == pytest.approx(
            abstain_scores.placements(inside[trial.score], outside[trial.score][half]).mean()
        )
        assert trial.auroc == pytest.approx(
            abstain_scores.placements(inside[trial.score], outside[trial.score][~half]).mean()
        )
    assert trials[1].recall > 0.8


def test_among_equal_scores_the_simplest_is_chosen() -> None:
    random = np.random.default_rng(0)
    inside, outside = random.normal(1, 1, 300), random.normal(0, 1, 60)
    jitter = random.normal(0, 0.2, 60)
    chosen, _ = abstain_scores.choose(
        {"energy": inside, "knn": inside}, {"energy": outside, "knn": outside - jitter * 0.1}, 0.95
    )
    assert chosen == "energy"


def test_a_malformed_reference_file_is_an_error(tmp_path: Path) -> None:
    abstain_scores.save(abstain_scores.fit_reference("knn", *rows(50, 1)), tmp_path / "x")
    with pytest.raises(KeyError):
        abstain_scores.load("mahalanobis", tmp_path / "x")
