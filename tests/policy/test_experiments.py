"""Minimal-intervention experiments: which arms there are, and what they say about the limit."""

import math
from dataclasses import replace
from typing import Any

import pytest

from rankfirst.policy import Ceiling, Evidence, experiments
from rankfirst.policy import thresholds as t
from rankfirst.policy.search_space import SEED
from rankfirst.records import ALL_ROLES, ArmKind, ArmResult, ExperimentResult, Recipe, Sites, Stage, Verdict
from tests.policy import curves as c
from tests.policy.test_symptoms import seen

E = c.branched(c.slow_fall())
CONTROL = c.arm(ArmKind.NONE, 0.0)
RECIPES = {a.kind: a.recipe for a in experiments.every(E)}
LR, RANK, SITES = (RECIPES[kind] for kind in (ArmKind.LR, ArmKind.RANK, ArmKind.SITES))
LOWER = c.RECIPE.with_(lr=1e-4)


def after(*arms: ArmResult, **fields: Any) -> Evidence:
    """The evidence once these arms were trained beside doing nothing."""
    before = replace(E, experiment=ExperimentResult(c.RECIPE, (CONTROL,), (), "undecided", "experiment.undecided"))
    return replace(E, experiment=experiments.verdict(before, arms), **fields)


def results(lr: float, rank: float, sites: float, spread: float = 0.0) -> list[ArmResult]:
    """Three arms that gain so many nats over doing nothing."""
    return [
        c.arm(ArmKind.LR, lr, LR, spread),
        c.arm(ArmKind.RANK, rank, RANK, spread),
        c.arm(ArmKind.SITES, sites, SITES, spread),
    ]


def test_every_arm_moves_one_knob_by_a_large_step() -> None:
    assert [a.kind for a in experiments.every(E)] == [ArmKind.LR, ArmKind.SITES, ArmKind.RANK]
    assert c.RECIPE.with_(lr=pytest.approx(4 * c.RECIPE.lr)) == LR
    assert c.RECIPE.with_(rank=4 * c.RECIPE.rank) == RANK
    assert c.MORE_SITES == SITES


@pytest.mark.parametrize(
    ("recipe", "max_rank", "left_out"),
    [
        pytest.param(c.RECIPE.with_(lr=6.4e-3), 64, {ArmKind.LR}, id="lr-at-its-top"),
        pytest.param(c.RECIPE, 8, {ArmKind.RANK}, id="rank-at-its-ceiling"),
        pytest.param(c.RECIPE.with_(rank=64), 64, {ArmKind.RANK}, id="rank-at-its-top"),
        pytest.param(c.RECIPE.with_(sites=Sites(ALL_ROLES, 6)), 64, {ArmKind.SITES}, id="every-layer-adapted"),
    ],
)
def test_an_arm_without_room_is_left_out(recipe: Recipe, max_rank: int, left_out: set[ArmKind]) -> None:
    e = replace(E, curve=c.curve(c.FALLING, c.CLIMBING, recipe), ceiling=Ceiling(max_rank, 6))
    kinds = {a.kind for a in experiments.every(e)}
    assert {ArmKind.LR, ArmKind.RANK, ArmKind.SITES} - kinds == left_out


def test_an_arm_of_a_closed_direction_or_a_tried_recipe_is_left_out() -> None:
    e = replace(E, closed=frozenset({"rank+"}))
    assert [a.kind for a in experiments.every(e)] == [ArmKind.LR, ArmKind.SITES]
    e = replace(e, tried=frozenset({SITES.key}))
    assert experiments.every(e) == ()  # without a capacity arm there is nothing that lr could be taken for


def test_no_arm_on_a_knob_that_the_user_has_set() -> None:
    assert [a.kind for a in experiments.every(replace(E, pinned=frozenset({"lr", "rank"})))] == [ArmKind.SITES]


def test_one_arm_at_a_time_and_none_once_the_answer_is_clear() -> None:
    first, second, third = results(0.0, 0.0, 0.0)
    wanted = [experiments.arms(e) for e in (E, after(first), after(first, third), after(first, third, second))]
    assert [[a.kind for a in arms] for arms in wanted] == [[ArmKind.LR], [ArmKind.SITES], [ArmKind.RANK], []]
    assert experiments.arms(after(c.arm(ArmKind.LR, 0.1, LR))) == ()
    deeper = c.arm(ArmKind.SITES, 0.1, SITES)
    assert [a.kind for a in experiments.arms(after(first, deeper))] == [ArmKind.RANK]  # which may gain more
    later = after(first, deeper, stage=Stage.OPTIMISE)  # whose own question is lr: sites are not its answer
    assert [a.kind for a in experiments.arms(later)] == [ArmKind.LR_DOWN]


def test_the_dynamics_ask_for_a_lower_lr_only_where_a_higher_one_does_not_win() -> None:
    for gain, wanted in ((0.1, []), (0.0, [ArmKind.LR_DOWN])):
        e = after(c.arm(ArmKind.LR, gain, LR), stage=Stage.OPTIMISE)
        assert [a.kind for a in experiments.arms(e)] == wanted
    lower = experiments.verdict(e, [c.arm(ArmKind.LR_DOWN, 0.1, LOWER)])
    assert (lower.limit, len(lower.arms)) == ("lr-", 3)
    assert experiments.arms(replace(e, experiment=lower)) == ()


def test_the_recheck_asks_for_capacity_alone() -> None:
    assert [a.kind for a in experiments.every(replace(E, stage=Stage.RECHECK))] == [ArmKind.SITES, ArmKind.RANK]


def test_rank_rises_by_x2_where_x4_passes_the_ceiling() -> None:
    arms = experiments.every(replace(E, ceiling=Ceiling(16, 6)))
    assert {a.kind: a.recipe.rank for a in arms}[ArmKind.RANK] == 16


def test_the_probe_itself_is_the_do_nothing_arm() -> None:
    found = experiments.verdict(E, [])
    (control,) = found.arms
    assert (control.kind, control.recipe, control.val_log_loss) == (ArmKind.NONE, c.RECIPE, E.curve.end_log_loss)
    assert found.limit == "undecided"


def test_a_probe_that_diverged_is_an_arm_without_a_gain() -> None:
    dead = experiments.as_arm(ArmKind.LR, c.diverged().curve)
    assert not dead.healthy
    (told,) = experiments.verdict(E, [dead]).comparisons
    assert math.isnan(told.val_gain) and not told.beyond_noise


DEAD = ArmResult(ArmKind.RANK, RANK, False, (), (), (), math.nan, math.nan, math.nan, math.nan, 0.0)


@pytest.mark.parametrize(
    ("arms", "limit"),
    [
        pytest.param(results(0.0, 0.1, 0.0), "rank", id="only-rank-wins"),
        pytest.param(results(0.0, 0.0, 0.1), "sites", id="only-sites-win"),
        pytest.param(results(0.1, 0.0, 0.0), "lr", id="only-lr-wins"),
        pytest.param(results(0.0, 0.1, 0.2), "sites", id="the-larger-of-two-capacity-gains"),
        pytest.param(results(0.0, 0.2, 0.1), "rank", id="the-larger-of-two-capacity-gains-again"),
        pytest.param(results(0.1, 0.2, 0.2), "lr", id="capacity-is-not-judged-where-lr-is-the-limit"),
        pytest.param(results(0.0, 0.0, 0.0), "undecided", id="nothing-wins"),
        pytest.param(results(-0.1, -0.1, -0.1), "undecided", id="everything-harms"),
        pytest.param([], "undecided", id="no-arms"),
        pytest.param([DEAD], "undecided", id="a-diverged-arm-has-no-gain"),
        pytest.param([*results(0.1, 0.1, 0.0)[:1], DEAD], "lr", id="a-diverged-arm-beside-one-that-wins"),
        pytest.param(results(0.0, t.LEAST_GAIN * 0.9, 0.0), "undecided", id="less-than-the-least-gain"),
        pytest.param(results(0.0, t.LEAST_GAIN * 1.1, 0.0), "rank", id="just-over-the-least-gain"),
        pytest.param(results(0.0, 0.1, 0.0, spread=0.5), "undecided", id="drowned-by-noise"),
        pytest.param(results(0.0, 0.1, 0.0, spread=0.1), "rank", id="through-noise"),
    ],
)
def test_verdict(arms: list[ArmResult], limit: str) -> None:
    e = after(*arms)
    assert e.experiment is not None
    assert (e.experiment.limit, e.experiment.code) == (limit, f"experiment.{limit}")
    for name in ("rank", "sites", "lr", "undecided"):
        told = seen(f"named_by_experiment_{name}", e)
        if name == limit == "undecided" and len(arms) < 3:
            assert told is Verdict.UNKNOWN  # what was never tried did not lose
        else:
            assert (told is Verdict.PRESENT) == (name == limit)


def test_an_arm_that_was_left_out_is_unknown() -> None:
    assert seen("named_by_experiment_rank", after(c.arm(ArmKind.LR, 0.1, LR))) is Verdict.UNKNOWN


def test_train_gains_are_told_but_decide_nothing() -> None:
    memorises = replace(c.arm(ArmKind.RANK, 0.0, RANK), train_subset_loss=0.01, train_macro_f1=1.0)
    found = after(memorises).experiment
    assert found is not None
    (told,) = found.comparisons
    assert (told.train_gain, told.train_f1_gain) == (pytest.approx(0.99), pytest.approx(0.5))
    assert not told.beyond_noise


@pytest.mark.parametrize(
    ("points", "shape", "asked"),
    [
        pytest.param(c.FALLING, c.UNSTABLE, True, id="only-f1-swings"),
        pytest.param(c.SWINGING, c.HEALTHY, True, id="only-the-loss-swings"),
        pytest.param(c.SWINGING, c.UNSTABLE, False, id="both-need-no-second-seed"),
        pytest.param(c.FALLING, c.HEALTHY, False, id="steady"),
    ],
)
def test_another_seed_is_asked_for_where_one_sign_of_oscillation_is_there(points: Any, shape: Any, asked: bool) -> None:
    e = c.branched(c.evidence(c.curve(points, shape), Stage.OPTIMISE))
    arms = {a.kind: a.recipe for a in experiments.every(e)}
    assert (ArmKind.SEED in arms) is asked
    assert not asked or arms[ArmKind.SEED] == c.RECIPE.with_(seed=1)
    assert ArmKind.SEED not in {a.kind for a in experiments.every(replace(e, stage=Stage.CAPACITY))}


def test_with_the_seeds_ladders_x2_is_tried_even_where_x4_lost() -> None:
    lost = after(c.arm(ArmKind.LR, -0.1, LR), stage=Stage.OPTIMISE, space=SEED)
    (arm,) = experiments.arms(lost)
    assert (arm.kind, arm.recipe) == (ArmKind.LR, c.RECIPE.with_(lr=8e-4))
