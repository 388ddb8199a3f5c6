"""The noise floor: paired comparisons against figures worked out by hand."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from rankfirst.measure.scores import bootstrap_f1, bootstrap_mean
from rankfirst.policy import noise
from rankfirst.policy.thresholds import LOSS_SES
from rankfirst.records import Rung, Scores

NAN, INF = math.nan, math.inf
TRUTH = tuple((i % 2,) for i in range(40))
PAIRS = st.lists(st.tuples(st.floats(0, 9), st.floats(0, 9)), min_size=2, max_size=30)


@given(PAIRS)
def test_paired_mean_is_the_mean_difference_and_its_standard_error(pairs: list[tuple[float, float]]) -> None:
    better, worse = zip(*pairs, strict=True)
    gain, se = noise.paired_mean(better, worse)
    differences = [b - a for a, b in pairs]
    mean = sum(differences) / len(pairs)
    variance = sum((d - mean) ** 2 for d in differences) / (len(pairs) - 1)
    assert gain == pytest.approx(mean, abs=1e-9)
    assert se == pytest.approx(math.sqrt(variance / len(pairs)), abs=1e-9)


def test_paired_mean_by_hand() -> None:
    gain, se = noise.paired_mean((1.0, 1.0, 1.0), (1.0, 2.0, 3.0))
    assert (gain, se) == (pytest.approx(1.0), pytest.approx(1 / math.sqrt(3)))


def test_pairing_cancels_what_rows_share() -> None:
    hard = np.random.default_rng(0).exponential(1.0, 200)
    assert noise.paired_mean(hard, hard + 0.1) == (pytest.approx(0.1), pytest.approx(0.0, abs=1e-9))


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        pytest.param((), (), id="no-rows"),
        pytest.param((1.0,), (2.0,), id="one-row"),
        pytest.param((1.0, NAN), (2.0, 2.0), id="nan-in-the-new"),
        pytest.param((1.0, 1.0), (NAN, 2.0), id="nan-in-the-old"),
        pytest.param((1.0, INF), (2.0, 2.0), id="inf"),
        pytest.param((1.0, INF), (2.0, INF), id="inf-in-both"),
    ],
)  # fmt: skip
def test_paired_mean_has_no_answer(better: tuple[float, ...], worse: tuple[float, ...]) -> None:
    assert all(map(math.isnan, noise.paired_mean(better, worse)))


def test_paired_f1_is_zero_for_equal_predictions() -> None:
    half = tuple((0,) for _ in TRUTH)
    for each in (half, TRUTH):
        gain, error = noise.paired_f1(TRUTH, each, each, 2)
        assert (gain, error) == (0.0, pytest.approx(3 / 1.96 / len(TRUTH)))  # the rule of three, not certainty


def test_paired_f1_changes_its_sign_with_its_sides() -> None:
    wrong = tuple((1 - y,) if i < 8 else (y,) for i, (y,) in enumerate(TRUTH))
    gain, se = noise.paired_f1(TRUTH, TRUTH, wrong, 2)
    assert (gain, 0.01 < se < 0.1) == (pytest.approx(0.2), True)
    assert noise.paired_f1(TRUTH, wrong, TRUTH, 2) == (pytest.approx(-gain), pytest.approx(se))


def test_paired_f1_counts_no_class_that_neither_occurs_nor_is_predicted() -> None:
    wrong = tuple((1 - y,) if i < 8 else (y,) for i, (y,) in enumerate(TRUTH))
    assert noise.paired_f1(TRUTH, TRUTH, wrong, 9)[0] == pytest.approx(0.2)


def test_paired_f1_is_the_same_every_time() -> None:
    wrong = TRUTH[1:] + TRUTH[:1]
    assert noise.paired_f1(TRUTH, TRUTH, wrong, 2) == noise.paired_f1(TRUTH, TRUTH, wrong, 2)


def test_both_bootstraps_resample_the_same_rows() -> None:
    half = np.array([[i % 2 == 0, i % 2 == 1] for i in range(40)])
    first = np.zeros((40, 2), dtype=bool)
    first[:, 0] = True  # its macro-F1 follows the number of rows of class 0 in a draw
    share = bootstrap_mean(half[:, 0].astype(float))
    expected = share / (1 + share)  # F1 of class 0 is 2s / (1 + s), that of class 1 is 0
    assert bootstrap_f1(half, [first])[:, 0] == pytest.approx(expected, rel=1e-5)
    assert bootstrap_mean(np.ones(40)) == pytest.approx(np.ones(500), rel=1e-6)


def test_the_chance_is_that_of_both_kinds_of_evidence_together() -> None:
    rng = np.random.default_rng(0)
    truth = tuple((int(c),) for c in rng.integers(0, 2, 600))

    def of(wrong: Any, loss: float) -> Rung:
        said = tuple((1 - y,) if w else (y,) for (y,), w in zip(truth, wrong, strict=True))
        losses = tuple((loss + rng.normal(0, 0.5, 600)).tolist())
        return Rung("x", Scores(0, 0, 0, {}, loss), 0.0, 0.0, {}, losses, said)

    old, new = of(rng.random(600) < 0.2, 0.6), of(rng.random(600) < 0.19, 0.58)
    seen, seeds = (noise.contrast(truth, new, old, 2, factor) for factor in (1.0, 1.6))
    gain, se = noise.paired_f1(truth, new.val_predicted, old.val_predicted, 2)
    loss, loss_se = noise.paired_mean(new.val_log_loss, old.val_log_loss)
    assert seen.measured == pytest.approx(gain) and seen.loss == pytest.approx(loss)
    assert seen.gain == seeds.gain == pytest.approx((gain + loss / loss_se * se) / 2)
    assert seen.gain_se == pytest.approx(se * math.sqrt(0.5), rel=0.1)  # the two are independent here
    assert seen.chance == pytest.approx(norm.cdf(seen.gain / seen.gain_se))
    assert seeds.chance == pytest.approx(norm.cdf(seen.gain / seen.gain_se / 1.6))
    back = noise.contrast(truth, old, new, 2, 1.0)
    assert (back.gain, back.chance) == pytest.approx((-seen.gain, 1 - seen.chance))
    sure = replace(new, val_log_loss=tuple(x - 9 for x in new.val_log_loss))
    far = noise.contrast(truth, sure, old, 2)
    assert far.gain - gain == pytest.approx(LOSS_SES / 2 * se)  # however much lower the log-loss is


def test_equal_models_are_even_chances() -> None:
    rung = Rung("x", Scores(0, 0, 0, {}, 0), 0.0, 0.0, {}, (0.5,) * len(TRUTH), TRUTH)
    seen = noise.contrast(TRUTH, rung, rung, 2)
    assert (seen.gain, seen.exact, seen.chance) == (0.0, 0.0, 0.5)


@pytest.mark.parametrize("rows", [200, 2000])
def test_the_best_of_equal_epochs_is_expected_to_score_as_their_mean(rows: int) -> None:
    """The excess of the best epoch, and what is left of it: epochs of one quality that differ in some rows."""
    rng, left, excess = np.random.default_rng(0), [], []
    for _ in range(300):
        common = rng.random(rows) < 0.8
        epochs = [float(np.where(rng.random(rows) < 0.1, rng.random(rows) < 0.8, common).mean()) for _ in range(6)]
        within = math.sqrt(0.15 / rows)  # rows in which LoRA and the frozen encoder differ
        excess.append(max(epochs) - common.mean())
        left.append(excess[-1] - noise.optimism(epochs, within))
    assert abs(np.mean(left)) < np.mean(excess) / 3


@pytest.mark.parametrize(
    ("epochs", "taken"),
    [
        pytest.param((), 0.0, id="no-epochs"),
        pytest.param((0.9,), 0.0, id="one"),
        pytest.param((0.5, 0.7, 0.9), 0.0, id="rising"),
        pytest.param((0.5, 0.89, 0.9), 0.005, id="two-alike"),
    ],
)
def test_an_epoch_that_stands_out_keeps_its_score(epochs: tuple[float, ...], taken: float) -> None:
    assert noise.optimism(epochs, 0.02) == pytest.approx(taken)


def test_the_floor_shrinks_with_rows() -> None:
    losses = tuple(0.1 * (i % 7) for i in range(len(TRUTH)))
    wrong = tuple((1 - y,) if i % 5 == 0 else (y,) for i, (y,) in enumerate(TRUTH))
    small, large = (noise.floor(TRUTH * k, wrong * k, losses * k, 2) for k in (1, 16))
    assert (small.rows, large.rows) == (40, 640)
    assert small.f1_se / large.f1_se == pytest.approx(4, rel=0.2)
    assert small.loss_se == pytest.approx(float(np.std(losses, ddof=1)) / math.sqrt(40))
    assert small.loss_se / large.loss_se == pytest.approx(4, rel=0.05)


@pytest.mark.parametrize("rows", [1, 9])
def test_a_handful_of_rows_has_no_floor(rows: int) -> None:
    found = noise.floor(TRUTH[:rows], TRUTH[:rows], [0.3] * rows, 2)
    assert (found.f1_se, found.loss_se, found.rows) == (INF, INF, rows)
    assert noise.paired_f1(TRUTH[:rows], TRUTH[:rows], TRUTH[:rows], 2) == (0.0, INF)


def test_recall_falls_are_rows_lost_less_rows_won_of_each_class_that_has_rows() -> None:
    old = tuple((1 - y,) if i in (0, 2) else (y,) for i, (y,) in enumerate(TRUTH))  # class 0 misses two of twenty
    new = tuple((1 - y,) if i in (2, 4, 6, 8) else (y,) for i, (y,) in enumerate(TRUTH))  # wins one, loses three
    (fall, se), other = noise.recall_falls(TRUTH, new, old, 5)
    assert (fall, se) == (pytest.approx(2 / 20), pytest.approx(math.sqrt(4) / 20))
    assert other == (0.0, 0.0)


def test_the_best_of_several_looks_has_more_noise_to_beat() -> None:
    bars = [noise.for_looks(2.0, looks) for looks in (0, 1, 2, 6, 100)]
    assert bars[:2] == [pytest.approx(2.0)] * 2
    assert bars == sorted(bars)
    best = np.random.default_rng(0).normal(size=(20_000, 6)).max(axis=1)
    assert float((best > noise.for_looks(2.0, 6)).mean()) == pytest.approx(0.0228, abs=0.004)  # as one look at 2.0


def test_trend_of_a_line_is_its_slope() -> None:
    slope, p = noise.trend([2.0 - 0.1 * i for i in range(12)])
    assert (slope, p < 0.001) == (pytest.approx(-0.1), True)


def test_one_outlier_makes_no_slope_and_hides_none() -> None:
    line = [2.0 - 0.1 * i for i in range(12)]
    assert noise.trend([*line[:11], 90.0])[0] == pytest.approx(-0.1, abs=0.02)
    slope, p = noise.trend([*[1.0, 1.001] * 6, 0.0])
    assert (abs(slope) < 0.001, p > 0.05) == (True, True)


def test_noise_has_a_trend_as_often_as_chance_allows() -> None:
    rng = np.random.default_rng(0)
    found = sum(noise.trend(rng.normal(size=15))[1] < 0.05 for _ in range(200))
    assert found <= 20


@pytest.mark.parametrize("values", [(), (1.0, 2.0, 3.0), (1.0, 2.0, 3.0, NAN), (1.0, 2.0, 3.0, INF)])
def test_trend_has_no_answer(values: tuple[float, ...]) -> None:
    assert all(map(math.isnan, noise.trend(values)))


def test_a_constant_has_slope_zero_and_no_significance() -> None:
    slope, p = noise.trend([1.0] * 6)
    assert slope == 0.0
    assert not p < 0.05
