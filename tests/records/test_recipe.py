"""Recipes of older runs keep their keys and are read as they were meant; what is new about one shows in its key."""

import json
from dataclasses import fields
from itertools import combinations
from typing import Any

import pytest

from rankfirst.records import (
    ATTENTION_QV,
    PLAIN,
    QV_FFN,
    ClassWeights,
    Curve,
    Head,
    Objective,
    Recipe,
    Role,
    Sites,
    from_json,
    to_json,
)
from tests.policy import curves as c
from tests.report import journal_example as example

RECIPE = example.RECIPE
EVERYWHERE = Sites(QV_FFN, 2, ATTENTION_QV)
CHANGES: tuple[dict[str, Any], ...] = (
    {},
    {"head": Head.ZERO},
    {"head_lr": 1e-3},
    {"head_lr": 1.0000001e-3},  # differs where %g does not show it
    {"sites": EVERYWHERE},
    {"sites": Sites(QV_FFN, 2, (Role.V,))},
    {"objective": Objective(ClassWeights.SQRT)},
    {"objective": Objective(ClassWeights.BALANCED)},
    {"objective": Objective(focal_gamma=0.1)},
    {"objective": Objective(logit_adjustment=0.1)},
    {"objective": Objective(label_smoothing=0.1)},
    {"objective": Objective(ClassWeights.SQRT, 2.0, 1.0, 0.05), "safe_numerics": True},
    {"without": (3, 7)},
    {"without": (3, 8)},
)


def test_the_key_of_a_plain_recipe_has_no_objective() -> None:
    assert RECIPE.key == "r8-qvnt2-a1-lr0.0002-d0.05-probe-b32-s0"
    assert RECIPE.with_(safe_numerics=True, seed=3).key == "r8-qvnt2-a1-lr0.0002-d0.05-probe-b32-s3-safe"


def test_non_default_values_are_in_the_key() -> None:
    changed = RECIPE.with_(head_lr=1e-3, objective=Objective(ClassWeights.SQRT, 2.0, 0.5, 0.1))
    assert changed.key == f"{RECIPE.key}-hlr0.001-wsqrt-focal2-la0.5-ls0.1"


def test_roles_in_every_block_are_in_the_key() -> None:
    assert RECIPE.with_(sites=EVERYWHERE).key == "r8-qvnt2_qv-a1-lr0.0002-d0.05-probe-b32-s0"


def test_sites_are_named_and_written_as_before_unless_roles_are_everywhere() -> None:
    assert (str(Sites(QV_FFN, 4)), str(EVERYWHERE)) == ("q/v+FFN, top 4", "q/v everywhere, q/v+FFN top 2")
    assert to_json(Sites(ATTENTION_QV, 4)) == {"is": "Sites", "roles": ["q", "v"], "top_layers": 4}
    assert to_json(EVERYWHERE)["everywhere"] == ["q", "v"]


def test_sites_know_the_blocks_of_each_role() -> None:
    assert [EVERYWHERE.blocks_with(role, 6) for role in ("q", "v", "k", "ffn_in")] == [6, 6, 0, 2]
    assert (EVERYWHERE.depth(6), Sites(QV_FFN, 2).depth(6), Sites(QV_FFN, 9).depth(6)) == (6, 2, 6)
    assert EVERYWHERE.within(6) == EVERYWHERE
    assert EVERYWHERE.within(2) == Sites(QV_FFN, 2)  # every block carries all of them


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


def test_adapter_weights_are_counted_block_by_block() -> None:
    facts, sizes = c.FACTS, {role: sum(shape) for role, shape in c.FACTS.shapes.items()}
    top, below = sum(sizes[role] for role in QV_FFN), sum(sizes[role] for role in ATTENTION_QV)
    assert facts.adapter_parameters(3, EVERYWHERE) == 3 * (2 * top + (facts.layers - 2) * below)
    every = RECIPE.with_(sites=Sites(ATTENTION_QV, facts.layers))
    everywhere = RECIPE.with_(sites=EVERYWHERE)
    assert facts.probe_work(everywhere, 2) == facts.probe_work(every, 2)  # no block lies below the lowest adapted one


def test_the_default_objective_is_plain() -> None:
    assert PLAIN == Objective() and PLAIN.key == ""
    assert len(fields(Objective)) == 4
