"""Recipes of older runs keep their keys and are read as they were meant; what is new about one shows in its key."""

import json
from dataclasses import fields
from itertools import combinations
from typing import Any

import pytest

from rankfirst.records import (
    PLAIN,
    ClassWeights,
    Curve,
    Head,
    Objective,
    Recipe,
    from_json,
    to_json,
)
from tests.policy import curves as c
from tests.report import journal_example as example

RECIPE = example.RECIPE
CHANGES: tuple[dict[str, Any], ...] = (
    {},
    {"head": Head.ZERO},
    {"head_lr": 1e-3},
    {"head_lr": 1.0000001e-3},  # differs where %g does not show it
    {"objective": Objective(ClassWeights.SQRT)},
    {"objective": Objective(ClassWeights.BALANCED)},
    {"objective": Objective(focal_gamma=0.1)},
    {"objective": Objective(logit_adjustment=0.1)},
    {"objective": Objective(label_smoothing=0.1)},
    {"objective": Objective(ClassWeights.SQRT, 2.0, 1.0, 0.05), "safe_numerics": True},
)


def test_the_key_of_a_plain_recipe_has_no_objective() -> None:
    assert RECIPE.key == "r8-qvnt2-a1-lr0.0002-d0.05-probe-b32-s0"
    assert RECIPE.with_(safe_numerics=True, seed=3).key == "r8-qvnt2-a1-lr0.0002-d0.05-probe-b32-s3-safe"


def test_non_default_values_are_in_the_key() -> None:
    changed = RECIPE.with_(head_lr=1e-3, objective=Objective(ClassWeights.SQRT, 2.0, 0.5, 0.1))
    assert changed.key == f"{RECIPE.key}-hlr0.001-wsqrt-focal2-la0.5-ls0.1"


def test_keys_are_equal_exactly_if_recipes_are() -> None:
    recipes = [RECIPE.with_(**changes) for changes in CHANGES]
    assert all(a.key != b.key for a, b in combinations(recipes, 2))
    assert [r.with_().key for r in recipes] == [r.key for r in recipes]


@pytest.mark.parametrize("changes", CHANGES, ids=str)
def test_a_recipe_survives_json(changes: dict[str, Any]) -> None:
    recipe = RECIPE.with_(**changes)
    back: Recipe = from_json(Recipe, json.loads(json.dumps(to_json(recipe))))
    assert back == recipe
    assert isinstance(back.objective.class_weights, ClassWeights)


def test_a_recipe_written_before_there_were_objectives_is_plain() -> None:
    old = {name: value for name, value in to_json(RECIPE).items() if name not in {"objective", "head_lr"}}
    back: Recipe = from_json(Recipe, old)
    assert back == RECIPE
    assert (back.objective, back.head_lr) == (PLAIN, None)


def test_a_curve_written_before_there_were_objectives_is_read() -> None:
    curve = c.slow_fall().curve
    old = to_json(curve)
    old["recipe"] = {name: old["recipe"][name] for name in old["recipe"] if name not in {"objective", "head_lr"}}
    back: Curve = from_json(Curve, old)
    assert back == curve


def test_the_default_objective_is_plain() -> None:
    assert PLAIN == Objective() and PLAIN.key == ""
    assert len(fields(Objective)) == 4
