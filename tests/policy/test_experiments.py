"""Minimal-intervention experiments: which arms there are, and what they say about the limit."""

import math
from dataclasses import replace
from typing import Any

import pytest

from rankfirst.policy import Ceiling, Evidence, decide, experiments
from rankfirst.policy import thresholds as t
from rankfirst.policy.decide import moved
from rankfirst.policy.search_space import SEED
from rankfirst.records import (
    ALL_ROLES,
    ArmKind,
    ArmResult,
    Change,
    Comparison,
    ExperimentResult,
    Recipe,
    Sites,
    Stage,
    Verdict,
)
from tests.policy import curves as c
from tests.policy.test_symptoms import seen

E = c.branched(c.slow_fall())
CONTROL = c.arm(ArmKind.NONE, 0.0)
RECIPES = {a.kind: a.recipe for a in experiments.all_arms(E)}
LR, RANK, SITES = (RECIPES[kind] for kind in (ArmKind.LR, ArmKind.RANK, ArmKind.SITES))
LOWER = c.RECIPE.with_(lr=1e-4)
STRONG = c.RECIPE.with_(scaling=4.0)


def after(*arms: ArmResult, **fields: Any) -> Evidence:
    """The evidence once these arms were trained beside doing nothing."""
    before = replace(E, experiment=ExperimentResult(c.RECIPE, (CONTROL,), (), "undecided", "experiment.undecided"))
    return replace(E, experiment=experiments.verdict(before, arms), **fields)


def results(lr: float, rank: float, sites: float, spread: float = 0.0) -> list[ArmResult]:
    """Arms that gain so many nats over doing nothing; all sites gain nothing."""
    return [
        c.arm(ArmKind.LR, lr, LR, spread),
        c.arm(ArmKind.RANK, rank, RANK, spread),
        c.arm(ArmKind.SITES, sites, SITES, spread),
        c.arm(ArmKind.SITES, min(0.0, sites), c.ALL_SITES, spread),
    ]


def kinds(e: Evidence) -> list[ArmKind]:
    return [arm.kind for arm in experiments.all_arms(e)]


def next_kinds(e: Evidence) -> list[ArmKind]:
    return [arm.kind for arm in experiments.arms_to_train(e)]


def test_every_arm_moves_one_knob_by_a_large_step() -> None:
    assert kinds(E) == [ArmKind.SITES, ArmKind.SITES, ArmKind.RANK, ArmKind.LR]
    assert experiments.all_arms(E)[0].recipe == c.ALL_SITES
    assert c.RECIPE.with_(lr=pytest.approx(4 * c.RECIPE.lr)) == LR
    assert c.RECIPE.with_(rank=4 * c.RECIPE.rank) == RANK
    assert c.MORE_SITES == SITES


@pytest.mark.parametrize("stage", experiments.ORDER)
def test_the_arms_of_every_stage_come_in_its_order_and_change_one_knob_each(stage: Stage) -> None:
    e = replace(c.branched(c.evidence(c.curve(c.FALLING, c.UNSTABLE))), stage=stage)
    arms = experiments.all_arms(e)
    first = (ArmKind.SITES,) if stage is Stage.CAPACITY else ()  # all of them
    assert tuple(arm.kind for arm in arms) == (*first, *experiments.ORDER[stage])
    for arm in arms:
        changed = moved(c.RECIPE, arm.recipe)
        assert changed == ((experiments.KNOB[arm.kind],) if arm.kind is not ArmKind.SEED else ())


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
    assert {ArmKind.LR, ArmKind.RANK, ArmKind.SITES} - set(kinds(e)) == left_out


def test_an_arm_of_a_closed_direction_or_a_tried_recipe_is_left_out() -> None:
    e = replace(E, closed=frozenset({"rank+"}))
    assert kinds(e) == [ArmKind.SITES, ArmKind.SITES, ArmKind.LR]
    assert kinds(replace(e, tried=frozenset({SITES.key}))) == [ArmKind.SITES, ArmKind.LR]
    assert kinds(replace(e, tried=frozenset({SITES.key, c.ALL_SITES.key}))) == [ArmKind.LR]


def test_no_arm_on_a_knob_that_the_user_has_set() -> None:
    assert kinds(replace(E, pinned=frozenset({"lr", "rank"}))) == [ArmKind.SITES, ArmKind.SITES]


def test_one_arm_at_a_time_and_none_once_one_wins() -> None:
    lr, rank, sites, every_site = results(0.0, 0.0, 0.0)
    order = (every_site, sites, rank, lr)
    wanted = [experiments.arms_to_train(after(*order[:n])) for n in range(5)]
    assert [[a.recipe for a in arms] for arms in wanted] == [[c.ALL_SITES], [SITES], [RANK], [LR], []]
    deeper = after(c.arm(ArmKind.SITES, 0.1, c.ALL_SITES))
    assert next_kinds(deeper) == []  # rank might gain more, but is tried from all sites
    later = replace(deeper, stage=Stage.OPTIMISE)  # whose own questions are a and lr: sites are not the answer
    assert next_kinds(later) == [ArmKind.SCALING]


def test_no_more_capacity_is_asked_for_once_all_sites_have_overfitted() -> None:
    worse = c.arm(ArmKind.SITES, -0.1, c.ALL_SITES)
    learnt = replace(worse, train_subset_loss=0.5)
    assert next_kinds(after(learnt)) == [ArmKind.LR]
    assert next_kinds(after(worse)) == [ArmKind.SITES]  # it fits training rows no better: that is not overfitting
    noisy = replace(c.arm(ArmKind.SITES, -0.1, c.ALL_SITES, spread=1.0), train_subset_loss=0.5)
    assert next_kinds(after(noisy)) == [ArmKind.SITES]


@pytest.mark.parametrize("won", [c.ALL_SITES, SITES])
def test_the_walk_goes_on_from_the_sites_that_won(won: Recipe) -> None:
    lost = SITES if won == c.ALL_SITES else c.ALL_SITES
    e = after(c.arm(ArmKind.SITES, -0.1, lost), c.arm(ArmKind.SITES, 0.1, won))
    assert experiments.winner(ArmKind.SITES)(e) == won
    assert decide(e).move == Change(won)
    assert e.experiment is not None and e.experiment.numbers["sites"] == pytest.approx(0.1)


def test_what_was_paid_for_in_one_stage_is_not_trained_again_in_the_next() -> None:
    lost = after(*results(0.0, 0.0, 0.0))
    strong = after(*results(0.0, 0.0, 0.0), c.arm(ArmKind.SCALING, 0.0, STRONG), stage=Stage.OPTIMISE)
    assert next_kinds(replace(lost, stage=Stage.OPTIMISE)) == [ArmKind.SCALING]
    assert next_kinds(strong) == [ArmKind.LR_DOWN]
    assert next_kinds(replace(lost, stage=Stage.RECHECK)) == [ArmKind.SITES_DOWN]


def test_a_winner_that_was_taken_back_leaves_the_experiment_to_the_other_arms() -> None:
    won = c.arm(ArmKind.SITES, 0.1, c.ALL_SITES)
    back = after(won, closed=frozenset({"sites+"}), tried=frozenset({c.ALL_SITES.key}))
    assert (experiments.bottleneck(back), next_kinds(back)) == ("undecided", [ArmKind.RANK])
    assert decide(back).rule_id == "untested"
    recheck = replace(back, stage=Stage.RECHECK, closed=frozenset())
    assert next_kinds(recheck) == [ArmKind.SITES]


def test_the_dynamics_ask_for_a_lower_lr_only_where_a_higher_one_does_not_win() -> None:
    for gain, wanted in ((0.1, []), (0.0, [ArmKind.LR_DOWN])):
        e = after(c.arm(ArmKind.SCALING, 0.0, STRONG), c.arm(ArmKind.LR, gain, LR), stage=Stage.OPTIMISE)
        assert next_kinds(e) == wanted
    lower = experiments.verdict(e, [c.arm(ArmKind.LR_DOWN, 0.1, LOWER)])
    assert (lower.limit, lower.code, len(lower.arms)) == ("lr-", "experiment.lr_down.proven", 4)
    assert next_kinds(replace(e, experiment=lower)) == []


def test_the_dynamics_ask_for_scaling_first_and_for_lr_where_it_does_not_win() -> None:
    assert next_kinds(after(stage=Stage.OPTIMISE)) == [ArmKind.SCALING]
    for gain, limit, wanted in ((0.1, "scaling", []), (0.0, "undecided", [ArmKind.LR])):
        e = after(c.arm(ArmKind.SCALING, gain, STRONG), stage=Stage.OPTIMISE)
        assert (experiments.bottleneck(e), next_kinds(e)) == (limit, wanted)


@pytest.mark.parametrize(("gain", "limit"), [(0.0, "lr"), (0.05, "scaling"), (0.2, "scaling")])
def test_scaling_is_asked_even_where_lr_has_won_and_goes_before_it(gain: float, limit: str) -> None:
    """The capacity stage trains a higher lr for its diagnosis."""
    lr = c.arm(ArmKind.LR, 0.1, LR)
    assert next_kinds(after(lr, stage=Stage.OPTIMISE)) == [ArmKind.SCALING]
    both = after(lr, c.arm(ArmKind.SCALING, gain, STRONG), stage=Stage.OPTIMISE)
    assert (experiments.bottleneck(both), next_kinds(both)) == (limit, [])


@pytest.mark.parametrize(
    ("shape", "asked"),
    [
        pytest.param(c.HEALTHY, False, id="healthy"),
        pytest.param(c.CREEPING, True, id="val-loss-creeps-up"),
        pytest.param([(0.5, 0.6, 0.5, 0.9), (0.4, 0.7, 0.4, 0.98), (0.4, 0.8, 0.4, 0.98)], True, id="gap-to-training"),
        pytest.param([(0.5, 0.9, 0.5, 0.93), (0.4, 0.96, 0.4, 0.97), (0.41, 0.96, 0.39, 0.98)], False, id="in-noise"),
        pytest.param([], False, id="no-evaluations"),
    ],
)
def test_more_dropout_is_tried_where_the_probe_memorises(shape: Any, asked: bool) -> None:
    e = c.evidence(c.curve(c.FALLING, shape), Stage.OPTIMISE)
    arms = {arm.kind: arm.recipe for arm in experiments.all_arms(e)}
    assert (ArmKind.DROPOUT in arms) is asked
    assert not asked or arms[ArmKind.DROPOUT] == c.RECIPE.with_(dropout=0.1)


def test_the_recheck_asks_for_more_capacity_then_for_less() -> None:
    e = replace(E, stage=Stage.RECHECK)
    assert kinds(e) == [ArmKind.SITES, ArmKind.RANK, ArmKind.SITES_DOWN, ArmKind.RANK_DOWN]
    larger = c.curve(c.FALLING, c.CLIMBING, RANK)
    assert kinds(replace(e, before=larger)) == [ArmKind.SITES_DOWN, ArmKind.RANK_DOWN]  # nothing is given back
    smaller = c.curve(c.FALLING, c.CLIMBING, c.RECIPE.with_(rank=2))
    assert kinds(replace(e, before=smaller)) == kinds(e)
    assert {arm.recipe for arm in experiments.all_arms(e)} == {c.TRIED[kind] for kind in kinds(e)}


@pytest.mark.parametrize(
    ("gain", "spread", "wins"),
    [
        pytest.param(0.0, 0.0, True, id="as-good"),
        pytest.param(0.001, 0.0, True, id="less-than-the-least-gain"),
        pytest.param(-0.001, 0.0, False, id="a-little-worse"),
        pytest.param(0.03, 0.5, False, id="too-few-rows-to-tell"),
        pytest.param(0.2, 0.5, True, id="the-better-bet"),
    ],
)
def test_a_smaller_adapter_wins_if_it_is_no_worse(gain: float, spread: float, wins: bool) -> None:
    for kind in experiments.SMALLER:
        e = after(c.arm(kind, gain, c.TRIED[kind], spread), stage=Stage.RECHECK)
        assert e.experiment is not None
        (told,) = e.experiment.comparisons
        assert (told.wins, told.beyond_noise) == (wins, False)
        assert experiments.bottleneck(e) == (kind.value if wins else "undecided")


def test_an_arm_wins_as_the_better_bet_and_says_whether_that_is_proven() -> None:
    """Alternating losses: one standard error (rows and seeds) is 0.13 nats, two are 0.26."""
    for gain, wins, proven in ((0.1, False, False), (0.2, True, False), (0.3, True, True)):
        found = after(c.arm(ArmKind.SITES, gain, SITES, spread=0.5)).experiment
        assert found is not None
        (told,) = found.comparisons
        assert (told.wins, told.beyond_noise) == (wins, proven)
        assert told.val_se == pytest.approx(t.SEED_SES * 0.5 / math.sqrt(c.ROWS - 1))


def test_macro_f1_has_a_veto_over_log_loss() -> None:
    """An over-confident start can gain log-loss and lose macro-F1."""
    for wrong, wins in ((2, True), (12, False)):
        probe = c.curve(c.FALLING, c.CLIMBING, checkpoint="checkpoint")
        losses, predicted = c.ends(0.2, wrong)
        arm = c.curve(c.FALLING, c.CLIMBING, SITES, end_log_loss=losses, end_predicted=predicted)
        (told,) = experiments.verdict(replace(E, curve=probe), [experiments.as_arm(ArmKind.SITES, arm)]).comparisons
        assert told.val_gain == pytest.approx(0.2)
        assert (told.wins, told.beyond_noise, told.f1_gain < 0) == (wins, wins, not wins)


def test_arms_of_an_older_version_won_by_proof() -> None:
    told = Comparison(ArmKind.RANK, ArmKind.NONE, 0.1, 0.01, 0.0, 0.0, beyond_noise=True)
    assert told.wins and not replace(told, beyond_noise=False).wins
    assert not replace(told, better=False).wins and replace(told, beyond_noise=False, better=True).wins


def test_rank_rises_by_x2_where_x4_passes_the_ceiling() -> None:
    arms = experiments.all_arms(replace(E, ceiling=Ceiling(16, 6)))
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
        pytest.param(results(0.0, 0.1, 0.2), "sites", id="sites-before-rank"),
        pytest.param(results(0.0, 0.2, 0.1), "sites", id="sites-before-rank-that-gains-more"),
        pytest.param(results(0.2, 0.1, 0.0), "rank", id="capacity-before-lr-that-gains-more"),
        pytest.param(results(0.0, 0.0, 0.0), "undecided", id="nothing-wins"),
        pytest.param(results(-0.1, -0.1, -0.1), "undecided", id="everything-harms"),
        pytest.param([], "undecided", id="no-arms"),
        pytest.param([DEAD], "undecided", id="a-diverged-arm-has-no-gain"),
        pytest.param([*results(0.1, 0.1, 0.0)[:1], DEAD], "lr", id="a-diverged-arm-beside-one-that-wins"),
        pytest.param(results(0.0, t.LEAST_GAIN * 0.9, 0.0), "undecided", id="less-than-the-least-gain"),
        pytest.param(results(0.0, t.LEAST_GAIN * 1.1, 0.0), "rank", id="just-over-the-least-gain"),
        pytest.param(results(0.0, 0.1, 0.0, spread=1.0), "undecided", id="drowned-by-noise"),
        pytest.param(results(0.0, 0.1, 0.0, spread=0.3), "rank", id="unproven-but-the-better-bet"),
        pytest.param(results(0.0, 0.1, 0.0, spread=0.1), "rank", id="through-noise"),
    ],
)
def test_verdict(arms: list[ArmResult], limit: str) -> None:
    e = after(*arms)
    assert e.experiment is not None
    proven = any(told.wins and told.beyond_noise and told.arm.value == limit for told in e.experiment.comparisons)
    said = "" if limit == "undecided" else ".proven" if proven else ".bet"
    assert (e.experiment.limit, e.experiment.code) == (limit, f"experiment.{limit}{said}")
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
    arms = {a.kind: a.recipe for a in experiments.all_arms(e)}
    assert (ArmKind.SEED in arms) is asked
    assert not asked or arms[ArmKind.SEED] == c.RECIPE.with_(seed=1)
    assert ArmKind.SEED not in {a.kind for a in experiments.all_arms(replace(e, stage=Stage.CAPACITY))}


def test_with_the_seeds_ladders_x2_is_tried_even_where_x4_lost() -> None:
    twice = c.arm(ArmKind.SCALING, 0.0, c.RECIPE.with_(scaling=2.0))
    lost = after(c.arm(ArmKind.LR, -0.1, LR), twice, stage=Stage.OPTIMISE, space=SEED)  # lr: of the capacity stage
    (arm,) = experiments.arms_to_train(lost)
    assert (arm.kind, arm.recipe) == (ArmKind.LR, c.RECIPE.with_(lr=8e-4))
