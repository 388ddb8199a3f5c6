"""One more recipe is trained to its end where probes may have turned it down for being short."""

import math
from dataclasses import replace

import pytest

from rankfirst.policy import contest, rival
from rankfirst.policy.search_space import MEASURED, SEED
from rankfirst.records import ArmKind, Comparison, ExperimentResult, Recipe
from tests.policy import curves as c
from tests.policy.test_shipping import TRUTH, rung

START = c.RECIPE.with_(rank=16, scaling=16.0)
STRONG = START.with_(scaling=64.0)


def wanted(settled: Recipe, *experiments: ExperimentResult, pinned: frozenset[str] = frozenset()) -> Recipe | None:
    return rival(START, settled, experiments, c.FACTS, MEASURED, pinned)


def lost(by: float, recipe: Recipe = STRONG) -> ExperimentResult:
    """An experiment whose arm of a was worse by so many standard errors."""
    told = Comparison(ArmKind.SCALING, ArmKind.NONE, -0.01 * by, 0.01, 0.0, 0.0, False)
    arms = (c.arm(ArmKind.NONE, 0.0, START), c.arm(ArmKind.SCALING, 0.0, recipe))
    return ExperimentResult(START, arms, (told,), "undecided", "experiment.undecided", {})


def test_the_rival_has_a_one_step_above_the_start() -> None:
    assert wanted(START) == STRONG
    assert wanted(START.with_(rank=4, dropout=0.1)) == STRONG.with_(rank=4, dropout=0.1)


def test_it_keeps_the_sites_and_the_lr_of_the_start_where_the_search_raised_them() -> None:
    assert wanted(START.with_(sites=c.ALL_SITES.sites)) == STRONG
    assert wanted(START.with_(lr=1.6e-3)) == STRONG
    assert wanted(STRONG.with_(lr=1.6e-3)) == STRONG
    fewer = replace(START.sites, top_layers=1)
    assert wanted(START.with_(sites=fewer)) == STRONG.with_(sites=fewer)


def test_there_is_none_where_it_was_settled_on_or_the_start_stayed_though_a_larger_a_lost() -> None:
    assert wanted(STRONG) is None
    assert wanted(START, lost(2.5)) is None
    assert wanted(START, lost(1.5)) == STRONG  # within noise
    assert wanted(START.with_(lr=1.6e-3), lost(9.0, STRONG.with_(lr=1.6e-3))) == STRONG  # nor does one at a higher lr
    more = lost(2.5, STRONG.with_(sites=c.ALL_SITES.sites))  # of other sites, this says nothing
    assert wanted(START.with_(sites=c.ALL_SITES.sites), more) == STRONG


def test_the_start_is_the_rival_where_updates_were_too_large() -> None:
    assert wanted(START.with_(lr=1e-4)) == START
    assert wanted(START.with_(rank=4), lost(2.5, STRONG.with_(rank=4))) == START
    assert wanted(START.with_(lr=1e-4), pinned=frozenset({"rank"})) is None  # it may not have what the user set


def test_there_is_none_where_the_user_set_a_or_follows_the_seed() -> None:
    assert wanted(START, pinned=frozenset({"scaling"})) is None
    assert rival(START, START, (), c.FACTS, SEED) is None
    assert rival(STRONG, STRONG, (), c.FACTS, MEASURED) is None  # the top of the ladder


@pytest.mark.parametrize("better", [True, False])
def test_the_expectation_decides_between_the_two(better: bool) -> None:
    weak, strong = rung("lora", range(80), 0.5), rung("lora", range(60), 0.4)
    won, numbers = contest(TRUTH, 2, *((weak, strong) if better else (strong, weak)))
    assert won is better
    assert (float(numbers["gain"]) > 0) is better and math.isfinite(float(numbers["noise"]))
