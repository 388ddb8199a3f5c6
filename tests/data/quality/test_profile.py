"""The profile's facts, and the verdict that can be recounted by hand."""

import math

import numpy as np
import pytest

from rankfirst.data import load_dataset, profile, with_out_of_fold
from rankfirst.data.checks import CHECKS
from rankfirst.data.quality.complexity import judge_complexity, points
from rankfirst.data.quality.neighbours import nearest
from rankfirst.data.quality.profile import size_tier
from rankfirst.messages import say
from rankfirst.records import Complexity, Shift, SizeTier, Verdict, from_json, to_json
from rankfirst.records.profile import Profile
from tests.data.file_samples import csv_file, data, intents, split


def even(classes, rows, **more):
    texts = [f"sentence {i} about topic {c}" for c in range(classes) for i in range(rows)]
    labels = [(c,) for c in range(classes) for _ in range(rows)]
    return data(texts, labels, classes=[f"topic {c:03d}" for c in range(classes)], **more)


def test_facts_of_a_small_set():
    train = [("a b", (0,)), ("A  b", (1,)), ("中文", (1,)), ("new text", (0,))]
    dataset = data(*zip(*train, strict=True), val=split(("a b", (0,))), test=split(("q", (1,)), ("NEW text", (0,))))
    found = profile(dataset)
    assert (found.n_train, found.n_val, found.n_test) == (4, 1, 2)
    assert (found.class_counts, found.imbalance, found.labels_per_row) == ((2, 2), 1.0, 1.0)
    assert found.effective_classes == pytest.approx(2.0)
    assert (found.tail_classes, found.tail_share) == ((0, 1), 1.0)
    assert (found.duplicate_rows, found.conflict_rows) == (1, (0, 1))
    assert (found.leaked_val, found.leaked_test) == (1, 1)
    assert (found.chars_max, found.chars_mean) == (8, pytest.approx(4.25))
    assert found.size_tier is SizeTier.UNDER_1K
    assert len(found.checks) == len(CHECKS)


def test_effective_classes_is_exp_entropy():
    dataset = data([f"t{i}" for i in range(4)], [(0,), (0,), (0,), (1,)])
    entropy = -(0.75 * math.log(0.75) + 0.25 * math.log(0.25))
    assert profile(dataset).effective_classes == pytest.approx(math.exp(entropy))


@pytest.mark.parametrize(
    ("rows", "tier"),
    [
        (999, SizeTier.UNDER_1K),
        (1_000, SizeTier.THOUSANDS),
        (9_999, SizeTier.THOUSANDS),
        (10_000, SizeTier.TENS_OF_THOUSANDS),
        (100_000, SizeTier.OVER_100K),
    ],
)
def test_size_tier(rows, tier):
    assert size_tier(rows) is tier


@pytest.mark.parametrize(
    ("dataset", "verdict"),
    [
        pytest.param(even(7, 40), Complexity.LOW, id="seven-even-intents"),
        pytest.param(even(30, 40), Complexity.MEDIUM, id="thirty"),
        pytest.param(even(100, 25), Complexity.MEDIUM, id="hundred-even"),
        pytest.param(even(100, 10), Complexity.HIGH, id="hundred-in-the-tail"),
    ],
)
def test_complexity(dataset, verdict):
    assert profile(dataset).complexity is verdict


def test_complexity_points_add_up():
    found = profile(even(100, 10))
    assert points(found) == {
        "classes": 2,
        "effective classes": 2,
        "labels a row": 0,
        "share of rows in the tail": 2,
        "share of rows in conflict": 0,
        "ambiguous pairs": 0,
        "share of rows mixed up": 0,
    }
    assert judge_complexity(found) is Complexity.HIGH


def test_ambiguous_pairs_make_the_task_harder():
    dataset = even(20, 40)
    before = profile(dataset)
    confused = np.full((800, 20), 0.01)
    for row, (c,) in enumerate(dataset.train.labels):
        confused[row, c ^ 1 if row % 4 == 0 else c] = 0.9
    after = with_out_of_fold(before, dataset, confused)
    assert (before.complexity, after.complexity) == (Complexity.MEDIUM, Complexity.HIGH)
    assert sum(points(after).values()) == sum(points(before).values()) + 4
    assert len(after.ambiguous_pairs) == 10
    assert after.ambiguous_pairs[0] == (0, 1, pytest.approx(0.25))


def test_a_shift_counts_only_if_it_was_tested_and_present():
    found = profile(even(30, 40))
    total = sum(points(found).values())
    quiet, moved = (Shift("val", verdict, "shift.val") for verdict in (Verdict.UNKNOWN, Verdict.PRESENT))
    assert "shift" not in points(found)
    assert sum(points(found, [quiet]).values()) == total
    assert sum(points(found, [quiet, moved]).values()) == total + 1


def test_neighbours_give_a_second_opinion_on_suspects():
    dataset = even(2, 40)
    probabilities = np.where(np.arange(80)[:, None] < 40, [0.9, 0.1], [0.1, 0.9])
    features = np.where(np.arange(80)[:, None] < 40, [1.0, 0.0], [0.0, 1.0]) + np.linspace(0, 0.1, 80)[:, None]
    assert with_out_of_fold(profile(dataset), dataset, probabilities, nearest(features)).suspects == ()


def test_out_of_fold_checks_are_added_once_and_have_sentences():
    dataset = even(3, 10)
    rng = np.random.default_rng(0)
    probabilities = rng.dirichlet(np.ones(3), size=30)
    once = with_out_of_fold(profile(dataset), dataset, probabilities)
    twice = with_out_of_fold(once, dataset, probabilities)
    assert twice == once
    for check in once.checks:
        for lang in ("en", "zh"):
            assert say(check.code, lang, **check.numbers)


@pytest.mark.parametrize(
    ("probabilities", "reason"),
    [
        pytest.param(np.ones((3, 3)), "need", id="shape"),
        pytest.param(np.full((30, 3), np.nan), "NaN", id="nan"),
    ],
)
def test_wrong_probabilities_raise_value_error(probabilities, reason):
    dataset = even(3, 10)
    with pytest.raises(ValueError, match=reason):
        with_out_of_fold(profile(dataset), dataset, probabilities)


def test_a_profile_survives_json(tmp_path):
    found = profile(load_dataset(csv_file(tmp_path / "a.csv", intents())))
    assert from_json(Profile, to_json(found)) == found
