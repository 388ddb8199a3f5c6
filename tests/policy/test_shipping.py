"""What is delivered: the better bet at its price; the interval only says whether that is proven."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.stats import norm

from rankfirst.messages import LANGS, say
from rankfirst.policy import ship, undecided, unless_leaked, with_rows
from rankfirst.policy import thresholds as t
from rankfirst.policy.shipping import REQUIREMENTS, cheaper
from rankfirst.records import Check, HeldOut, Level, Rung, Scores
from tests.policy.curves import PROFILE

Rows = Sequence[tuple[int, ...]]
TRUTH: Rows = tuple((i % 2,) for i in range(400))


def rung(name: str, wrong: range, loss: float, truth: Rows = TRUTH) -> Rung:
    """Wrong on some rows, with a log-loss that varies a little from row to row."""
    predicted = tuple((1 - i % 2,) if i in wrong else row for i, row in enumerate(truth))
    right = 1 - len(wrong) / len(truth)
    spread = np.random.default_rng(len(wrong)).normal(0, 0.3, len(truth))
    losses = tuple(float(loss + x) for x in spread)
    return Rung(name, Scores(right, right, right, {}, loss), 720.0, 4.5, {}, losses, predicted, ms_per_text=5.0)


def told(code: str, numbers: Any) -> str:
    return "\n".join(say(code, lang, **numbers) for lang in LANGS)


TFIDF, FROZEN = rung("tfidf", range(120), 0.9), rung("frozen", range(80), 0.5)
SAME = replace(FROZEN, name="lora")


@pytest.mark.parametrize(
    ("lora", "forced", "shipped", "code"),
    [
        pytest.param(rung("lora", range(20), 0.2), False, "lora", "ship.lora_proven", id="proven"),
        pytest.param(rung("lora", range(76), 0.47), False, "lora", "ship.lora_likely", id="likely"),
        pytest.param(rung("lora", range(79), 0.5), False, "frozen", "ship.frozen_enough", id="a-quarter-of-a-point"),
        pytest.param(rung("lora", range(79), 0.5), True, "lora", "ship.forced", id="insisted"),
        pytest.param(SAME, True, "lora", "ship.forced_same", id="insisted-on-the-start"),
        pytest.param(SAME, False, "frozen", "ship.frozen_same", id="no-epoch-beat-the-start"),
        pytest.param(rung("lora", range(82), 0.5), False, "frozen", "ship.frozen_ahead", id="expected-to-be-worse"),
        pytest.param(rung("lora", range(160), 0.9), False, "frozen", "ship.frozen_worse", id="worse"),
        pytest.param(None, False, "frozen", "ship.frozen_only", id="no-lora"),
    ],
)
def test_ship(lora: Rung | None, forced: bool, shipped: str, code: str) -> None:
    decision = ship(TRUTH, 2, TFIDF, FROZEN, lora, forced)
    assert (decision.ship, decision.code) == (shipped, code)
    assert "{" not in told(decision.code, decision.numbers)


def test_what_is_printed_decides() -> None:
    """Gain, interval, chance and price stand in the sentence, and the interval holds the seed."""
    decision = ship(TRUTH, 2, TFIDF, FROZEN, rung("lora", range(76), 0.47), False)
    numbers, words = decision.numbers, told(decision.code, decision.numbers)
    assert numbers["measured"] == pytest.approx(100 * (numbers["lora_occurring"] - numbers["base_occurring"]))
    for figure in ("gain", "noise", "megabytes", "ms_per_text", "minutes"):
        assert words.count(f"{numbers[figure]:.1f}") >= 2
    assert f"{numbers['chance']:.0f}%" in words and "not proven" in words
    over_rows = 100 * t.NOISE_SES * math.sqrt(4) / 400  # of macro-F1: four rows differ
    both = over_rows * math.sqrt(0.5)  # here its error and that of log-loss are independent
    assert numbers["noise"] == pytest.approx(t.SEED_SES * both, rel=0.15)
    z = numbers["gain"] / numbers["noise"] * t.NOISE_SES
    assert numbers["chance"] == pytest.approx(100 * norm.cdf(z))


@pytest.mark.parametrize(
    ("wrong", "loss", "shipped"),
    [
        (range(77), 0.53, {"better": "lora", "balanced": "frozen", "cheaper": "frozen"}),
        (range(76), 0.4, {"better": "lora", "balanced": "lora", "cheaper": "frozen"}),
        (range(40), 0.3, {"better": "lora", "balanced": "lora", "cheaper": "lora"}),
        (range(82), 0.5, dict.fromkeys(REQUIREMENTS, "frozen")),
    ],
)
def test_the_wish_moves_the_line(wrong: range, loss: float, shipped: dict[str, str]) -> None:
    lora = rung("lora", wrong, loss)
    assert {name: ship(TRUTH, 2, TFIDF, FROZEN, lora, False, prefer=name).ship for name in REQUIREMENTS} == shipped


@pytest.mark.parametrize("rows", [3, t.LEAST_VAL_ROWS - 1])
def test_a_handful_of_rows_ships_no_lora_and_says_so(rows: int) -> None:
    truth = TRUTH[:rows]
    tfidf, frozen, lora = (rung("x", range(n), loss, truth) for n, loss in ((3, 2.0), (2, 1.0), (0, 0.01)))
    decision = ship(truth, 2, tfidf, frozen, lora, False)
    assert (decision.ship, decision.code) == ("frozen", "ship.frozen_few")
    assert f"{rows} validation rows are too few" in told(decision.code, decision.numbers)
    forced = ship(truth, 2, tfidf, frozen, lora, True)
    assert (forced.ship, forced.code, forced.forced) == ("lora", "ship.forced_few", True)
    assert told(forced.code, forced.numbers)


def test_one_changed_row_of_a_thousand_ships_no_lora_even_if_log_loss_is_certainly_lower() -> None:
    truth = tuple((i % 2,) for i in range(1000))
    frozen, lora = rung("frozen", range(60), 0.5, truth), rung("lora", range(59), 0.2, truth)
    decision = ship(truth, 2, rung("tfidf", range(200), 0.9, truth), frozen, lora, False)
    assert (decision.ship, decision.code) == ("frozen", "ship.frozen_enough")
    assert decision.numbers["chance"] > 95


@pytest.mark.parametrize("prefer", ["cheaper", "balanced"])
def test_one_changed_row_of_a_rare_class_ships_no_lora(prefer: str) -> None:
    """Of three rows: points of macro-F1."""
    truth = tuple((2,) if i < 3 else (i % 2,) for i in range(1000))
    frozen = rung("frozen", range(2, 60), 0.5, truth)
    said = list(frozen.val_predicted)
    said[2] = (2,)
    lora = replace(frozen, name="lora", val_predicted=tuple(said))
    decision = ship(truth, 3, rung("tfidf", range(2, 200), 0.9, truth), frozen, lora, False, prefer=prefer)
    assert decision.numbers["measured"] > 0.5 and decision.ship == "frozen"


def test_log_loss_says_what_macro_f1_leaves_open() -> None:
    sure, unsure = (ship(TRUTH, 2, TFIDF, FROZEN, rung("lora", range(70, 146), loss), False) for loss in (0.3, 0.5))
    assert sure.numbers["measured"] == unsure.numbers["measured"]
    assert (sure.ship, unsure.ship) == ("lora", "frozen")
    assert sure.numbers["gain"] > unsure.numbers["gain"]
    assert sure.numbers["chance"] > 90 > 80 > unsure.numbers["chance"]


def test_an_epoch_picked_by_luck_does_not_ship() -> None:
    """Of epochs on a plateau the best one is no better than their mean; one that stands out keeps its gain."""
    lora = rung("lora", range(76), 0.49)
    f1 = 1 - 76 / 400
    plateau, rising = (f1, *[f1 - 0.0045] * 5), (f1 - 0.2, f1 - 0.1, f1)
    alone, lucky, earned = (ship(TRUTH, 2, TFIDF, FROZEN, lora, False, epochs) for epochs in ((), plateau, rising))
    assert (alone.ship, lucky.ship, earned.ship) == ("lora", "frozen", "lora")
    assert lucky.numbers["picked"] == pytest.approx(100 * 0.0045 * 5 / 6)
    assert lucky.numbers["gain"] == pytest.approx(alone.numbers["gain"] - lucky.numbers["picked"] / 2)
    assert earned.numbers["gain"] == alone.numbers["gain"]


SETS: Rows = tuple((i % 2, 2 + i // 2 % 2) for i in range(800))


def sets_rung(name: str, first: Sequence[int], second: Sequence[int], loss: float) -> Rung:
    """Rows with a wrong first and rows with a wrong second label."""
    said = tuple((1 - a if i in first else a, 5 - b if i in second else b) for i, (a, b) in enumerate(SETS))
    return replace(rung(name, range(len(said[0]), 2 + int(100 * loss)), loss, SETS), val_predicted=said)


@pytest.mark.parametrize(
    ("rows", "shipped", "code"),
    [
        pytest.param(32, "lora", "ship.lora_match", id="proven"),
        pytest.param(9, "lora", "ship.lora_match_likely", id="likely"),
        pytest.param(5, "frozen", "ship.frozen_enough", id="less-than-a-point"),
    ],
)
def test_label_sets_ship_for_their_exact_match_too(rows: int, shipped: str, code: str) -> None:
    """Equal macro-F1; errors that share rows leave more label sets right."""
    tfidf = sets_rung("tfidf", range(400), range(400), 3.0)
    frozen = sets_rung("frozen", range(80), range(80, 80 + rows), 0.50)
    lora = sets_rung("lora", range(80), range(rows), 0.47)
    decision = ship(SETS, 4, tfidf, frozen, lora, False)
    assert decision.numbers["measured"] == pytest.approx(0, abs=0.1)
    assert decision.numbers["right"] == pytest.approx(100 * rows / 800)
    assert (decision.ship, decision.code) == (shipped, code)
    assert shipped == "frozen" or "exact match" in told(decision.code, decision.numbers)


@pytest.mark.parametrize(
    ("tfidf", "frozen", "prefer", "code"),
    [
        pytest.param(range(80), range(80), "balanced", "tfidf", id="equal"),
        pytest.param(range(81), range(80), "balanced", "tfidf", id="frozen-hardly-better"),
        pytest.param(range(120), range(80), "balanced", "frozen", id="frozen-better"),
        pytest.param(range(86), range(80), "cheaper", "tfidf", id="frozen-not-better-enough"),
        pytest.param(range(81), range(80), "better", "frozen", id="any-gain"),
    ],
)
def test_the_rung_to_beat_is_chosen_by_the_same_line(tfidf: range, frozen: range, prefer: str, code: str) -> None:
    rungs = [replace(rung("x", wrong, 0.5), val_log_loss=FROZEN.val_log_loss) for wrong in (tfidf, frozen)]
    assert cheaper(TRUTH, 2, *rungs, prefer)[1] == code
    decision = ship(TRUTH, 2, *rungs, None, False, prefer=prefer)
    assert (decision.ship, decision.numbers["below"]) == (code, code)


def test_without_log_losses_macro_f1_decides() -> None:
    bare = [replace(each, val_log_loss=()) for each in (TFIDF, FROZEN, rung("lora", range(20), 0.2))]
    assert ship(TRUTH, 2, *bare, False).code == "ship.lora_proven"


def test_rows_decide_as_long_as_the_interval_contains_the_line() -> None:
    unsure, sure = (ship(TRUTH, 2, TFIDF, FROZEN, rung("lora", range(wrong), loss), False)
                    for wrong, loss in ((79, 0.5), (20, 0.2)))  # fmt: skip
    assert undecided(unsure) and not undecided(sure)
    assert not undecided(ship(TRUTH, 2, TFIDF, FROZEN, SAME, False))
    assert not undecided(ship(TRUTH, 2, TFIDF, FROZEN, rung("lora", range(79), 0.5), True))  # insisted on
    assert not undecided(ship(TRUTH, 2, TFIDF, FROZEN, None, False))
    few = TRUTH[: t.LEAST_VAL_ROWS - 1]
    short = [replace(r, val_predicted=r.val_predicted[: len(few)], val_log_loss=r.val_log_loss[: len(few)])
             for r in (TFIDF, FROZEN, rung("lora", range(2), 0.5))]  # fmt: skip
    assert undecided(ship(few, 2, *short, False))


def test_held_out_rows_narrow_the_interval_and_are_told() -> None:
    rungs = [TFIDF, FROZEN, rung("lora", range(76), 0.47)]
    part = HeldOut(tuple(range(len(TRUTH))), {r.name: r.val_predicted for r in rungs},
                   {r.name: r.val_log_loss for r in rungs})  # fmt: skip
    alone = ship(TRUTH, 2, *rungs, False, picked=len(TRUTH))
    both = ship((*TRUTH, *TRUTH), 2, *(with_rows(r, part) for r in rungs), False, picked=len(TRUTH))
    assert "held_out" not in alone.numbers
    assert (both.numbers["val_rows"], both.numbers["held_out"]) == (len(TRUTH), len(TRUTH))
    assert float(both.numbers["noise"]) < 0.8 * float(alone.numbers["noise"])
    assert both.numbers["lora"] == alone.numbers["lora"]  # the rung's score stays that of validation


def test_an_epoch_is_too_good_only_on_the_rows_it_was_picked_on() -> None:
    epochs, lora = (0.805, 0.81, 0.8), rung("lora", range(76), 0.47)
    all_rows, half = (ship(TRUTH, 2, TFIDF, FROZEN, lora, False, epochs, picked=picked) for picked in (None, 200))
    assert 0 < float(half.numbers["picked"]) < float(all_rows.numbers["picked"])


@pytest.mark.parametrize("lora", [None, SAME, rung("lora", range(82), 0.5)])
def test_a_cheaper_model_is_not_called_enough_if_a_class_has_no_rows(lora: Rung | None) -> None:
    shipping = ship(TRUTH, 3, TFIDF, FROZEN, lora, always_lora=False)
    assert (shipping.ship, shipping.code) == ("frozen", "ship.frozen_unjudged")
    assert shipping.numbers["unjudged"] == 1 and "#3" in told(shipping.code, shipping.numbers)


def test_with_rows_of_one_class_no_model_is_better() -> None:
    truth = ((0,),) * 400
    wins = replace(rung("lora", range(2), 0.1, truth), val_predicted=truth)
    shipping = ship(truth, 2, TFIDF, FROZEN, wins, always_lora=False)
    assert shipping.code == f"ship.{shipping.ship}_unjudged"


def test_a_gain_that_is_proven_on_the_other_classes_stands() -> None:
    shipping = ship(TRUTH, 3, TFIDF, FROZEN, rung("lora", range(20), 0.2), always_lora=False)
    assert shipping.code == "ship.lora_proven" and shipping.numbers["unjudged_names"] == "#3"


def test_validation_rows_that_are_training_rows_decide_nothing() -> None:
    found = ship(TRUTH, 2, TFIDF, FROZEN, rung("lora", range(20), 0.2), always_lora=False)
    for share, code in ((0.02, found.code), (1.0, "ship.lora_leaked")):
        check = Check("data.check.leakage", Level.WARN, {"val_share": share})
        profile = replace(PROFILE, checks=(check,))
        shipping = unless_leaked(found, profile)
        assert shipping.code == code and told(shipping.code, shipping.numbers)
