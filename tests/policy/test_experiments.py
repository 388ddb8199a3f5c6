"""Minimal-intervention experiments: which arms there are, and what they say about the limit."""

import math
from dataclasses import replace

import pytest

from rankfirst.policy import Ceiling, experiments
from rankfirst.policy import thresholds as t
from rankfirst.policy.actions import QV_FFN
from rankfirst.records import ALL_ROLES, ArmKind, ArmResult, Recipe, Sites, Verdict
from tests.policy import curves as c
from tests.policy.test_symptoms import seen

E = c.slow_fall()
CONTROL = c.arm(ArmKind.NONE, 0.0)
RECIPES = {a.kind: a.recipe for a in experiments.arms(E)}
LR, RANK, SITES = (RECIPES[kind] for kind in (ArmKind.LR, ArmKind.RANK, ArmKind.SITES))


def results(lr: float, rank: float, sites: float, spread: float = 0.0, **joint: float) -> list[ArmResult]:
    """Control and three arms that gain so many nats; `rank_lr`, `sites_lr` for the joint ones."""
    made = [
        CONTROL,
        c.arm(ArmKind.LR, lr, LR, spread),
        c.arm(ArmKind.RANK, rank, RANK, spread),
        c.arm(ArmKind.SITES, sites, SITES, spread),
    ]
    if "rank_lr" in joint:
        made.append(c.arm(ArmKind.RANK_AND_LR, joint["rank_lr"], RANK.with_(lr=LR.lr), spread))
    if "sites_lr" in joint:
        made.append(c.arm(ArmKind.SITES_AND_LR, joint["sites_lr"], SITES.with_(lr=LR.lr), spread))
    return made


def test_every_arm_moves_one_knob_by_a_large_step() -> None:
    assert [a.kind for a in experiments.arms(E)] == [ArmKind.NONE, ArmKind.LR, ArmKind.RANK, ArmKind.SITES]
    assert RECIPES[ArmKind.NONE] == c.RECIPE
    assert c.RECIPE.with_(lr=pytest.approx(4 * c.RECIPE.lr)) == LR
    assert c.RECIPE.with_(rank=4 * c.RECIPE.rank) == RANK
    assert c.RECIPE.with_(sites=Sites(QV_FFN, 6)) == SITES  # two rungs past the top 2: over the top 4


@pytest.mark.parametrize(
    ("recipe", "max_rank", "left_out"),
    [
        pytest.param(c.RECIPE.with_(lr=1.6e-3), 64, {ArmKind.LR}, id="lr-has-one-rung-only"),
        pytest.param(c.RECIPE.with_(lr=3.2e-3), 64, {ArmKind.LR}, id="lr-at-its-top"),
        pytest.param(c.RECIPE, 8, {ArmKind.RANK}, id="rank-at-its-ceiling"),
        pytest.param(c.RECIPE.with_(rank=64), 64, {ArmKind.RANK}, id="rank-at-its-top"),
        pytest.param(c.RECIPE.with_(sites=Sites(ALL_ROLES, 6)), 64, {ArmKind.SITES}, id="every-layer-adapted"),
    ],
)
def test_an_arm_without_room_is_left_out(recipe: Recipe, max_rank: int, left_out: set[ArmKind]) -> None:
    e = replace(E, curve=c.curve(c.FALLING, c.CLIMBING, recipe), ceiling=Ceiling(max_rank, 6))
    kinds = {a.kind for a in experiments.arms(e)}
    assert {ArmKind.NONE, ArmKind.LR, ArmKind.RANK, ArmKind.SITES} - kinds == left_out


def test_an_arm_of_a_closed_direction_or_a_tried_recipe_is_left_out() -> None:
    e = replace(E, closed=frozenset({"rank+"}), tried=frozenset({SITES.key}))
    assert [a.kind for a in experiments.arms(e)] == [ArmKind.NONE, ArmKind.LR]


def test_rank_rises_by_x2_where_x4_passes_the_ceiling() -> None:
    arms = experiments.arms(replace(E, ceiling=Ceiling(16, 6)))
    assert {a.kind: a.recipe.rank for a in arms}[ArmKind.RANK] == 16


@pytest.mark.parametrize(
    ("arms", "joint"),
    [
        pytest.param(results(0.1, 0.1, 0.0), [ArmKind.RANK_AND_LR], id="lr-and-rank"),
        pytest.param(results(0.1, 0.0, 0.1), [ArmKind.SITES_AND_LR], id="lr-and-sites"),
        pytest.param(results(0.1, 0.1, 0.1), [ArmKind.RANK_AND_LR, ArmKind.SITES_AND_LR], id="all"),
        pytest.param(results(0.1, 0.0, 0.0), [], id="only-lr"),
        pytest.param(results(0.0, 0.1, 0.1), [], id="only-capacity"),
        pytest.param(results(-0.1, 0.1, 0.1), [], id="lr-harms"),
        pytest.param([CONTROL, c.arm(ArmKind.RANK, 0.1, RANK)], [], id="no-lr-arm"),
    ],
)
def test_joint_arms_only_where_both_lr_and_capacity_win(arms: list[ArmResult], joint: list[ArmKind]) -> None:
    made = experiments.joint_arms(E, arms)
    assert [a.kind for a in made] == joint
    for a in made:
        single = RANK if a.kind is ArmKind.RANK_AND_LR else SITES
        assert a.recipe == single.with_(lr=LR.lr)


DEAD = ArmResult(ArmKind.RANK, RANK, False, (), (), (), math.nan, math.nan, math.nan, math.nan, 0.0)


@pytest.mark.parametrize(
    ("arms", "limit"),
    [
        pytest.param(results(0.0, 0.1, 0.0), "rank", id="only-rank-wins"),
        pytest.param(results(0.0, 0.0, 0.1), "sites", id="only-sites-win"),
        pytest.param(results(0.1, 0.0, 0.0), "lr", id="only-lr-wins"),
        pytest.param(results(0.0, 0.1, 0.2), "sites", id="the-larger-of-two-capacity-gains"),
        pytest.param(results(0.0, 0.2, 0.1), "rank", id="the-larger-of-two-capacity-gains-again"),
        pytest.param(results(0.1, 0.1, 0.0), "lr", id="both-win-and-nobody-asked-for-the-joint-arm"),
        pytest.param(results(0.1, 0.1, 0.0, rank_lr=0.1), "lr", id="rank-adds-nothing-on-top-of-lr"),
        pytest.param(results(0.1, 0.1, 0.0, rank_lr=0.2), "rank", id="rank-still-wins-on-top-of-lr"),
        pytest.param(results(0.1, 0.05, 0.06, rank_lr=0.2, sites_lr=0.1), "rank", id="of-two-the-one-that-adds-to-lr"),
        pytest.param(results(0.0, 0.0, 0.0), "undecided", id="nothing-wins"),
        pytest.param(results(-0.1, -0.1, -0.1), "undecided", id="everything-harms"),
        pytest.param([CONTROL], "undecided", id="no-arms"),
        pytest.param([CONTROL, DEAD], "undecided", id="a-diverged-arm-has-no-gain"),
        pytest.param([*results(0.1, 0.1, 0.0)[:2], DEAD], "lr", id="a-diverged-arm-beside-one-that-wins"),
        pytest.param([replace(DEAD, kind=ArmKind.NONE), *results(0.1, 0.1, 0.1)[1:]], "undecided", id="no-control"),
        pytest.param(results(0.0, t.LEAST_GAIN * 0.9, 0.0), "undecided", id="less-than-the-least-gain"),
        pytest.param(results(0.0, t.LEAST_GAIN * 1.1, 0.0), "rank", id="just-over-the-least-gain"),
        pytest.param(results(0.0, 0.1, 0.0, spread=0.5), "undecided", id="drowned-by-noise"),
        pytest.param(results(0.0, 0.1, 0.0, spread=0.1), "rank", id="through-noise"),
    ],
)
def test_verdict(arms: list[ArmResult], limit: str) -> None:
    found = experiments.verdict(E, arms)
    assert (found.limit, found.code) == (limit, f"experiment.{limit}")
    for name in ("rank", "sites", "lr", "undecided"):
        verdict = seen(f"limited_by_{name}", replace(E, experiment=found))
        assert (verdict is Verdict.PRESENT) == (name == limit)


def test_an_arm_that_was_left_out_is_unknown() -> None:
    found = experiments.verdict(E, [CONTROL, c.arm(ArmKind.LR, 0.1, LR)])
    assert seen("limited_by_rank", replace(E, experiment=found)) is Verdict.UNKNOWN


def test_the_second_comparison_is_against_lr_and_on_record() -> None:
    found = experiments.verdict(E, results(0.1, 0.1, 0.0, rank_lr=0.2))
    last = found.comparisons[-1]
    assert (last.arm, last.against) == (ArmKind.RANK_AND_LR, ArmKind.LR)
    assert {x.against for x in found.comparisons[:-1]} == {ArmKind.NONE}
    assert last.val_gain == pytest.approx(0.1)
    assert found.checkpoint == c.RECIPE


def test_train_gains_are_told_but_decide_nothing() -> None:
    memorises = replace(c.arm(ArmKind.RANK, 0.0, RANK), train_subset_loss=0.01, train_macro_f1=1.0)
    (told,) = experiments.verdict(E, [CONTROL, memorises]).comparisons
    assert (told.train_gain, told.train_f1_gain) == (pytest.approx(0.99), pytest.approx(0.5))
    assert not told.beyond_noise
