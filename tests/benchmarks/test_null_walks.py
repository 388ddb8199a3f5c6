"""Simulated probes that differ by chance alone."""

import numpy as np
import pytest

from benchmarks import null_walks as n
from rankfirst.policy.noise import paired_mean
from rankfirst.records import QV_FFN, Recipe, Sites

RECIPE = Recipe(16, Sites(QV_FFN, 2), 1.0, 4e-4, 0.05)


def z_of_seeds(factor: float) -> list[float]:
    """Paired difference of two seeds' losses in standard errors over rows, on many worlds."""
    found = []
    for seed in range(200):
        world = n.World(n.SHAPES[0], 300, seed, factor)
        pair = (n.losses(world.margins(RECIPE.with_(seed=s), 2, "val", 300)).tolist() for s in (1, 2))
        gain, error = paired_mean(*pair)
        found.append(gain / error)
    return found


@pytest.mark.parametrize("factor", [1.0, n.SEED_FACTOR])
def test_two_seeds_differ_by_the_measured_factor_more_than_rows_explain(factor: float) -> None:
    z = z_of_seeds(factor)
    assert np.std(z) == pytest.approx(factor, rel=0.15)
    assert abs(np.mean(z)) < 0.3


def test_every_recipe_has_the_same_start_and_the_same_curve_each_time() -> None:
    world = n.World(n.SHAPES[0], 100, 0)
    one, other = (world.curve(recipe, 2) for recipe in (RECIPE, RECIPE.with_(lr=1.6e-3)))
    assert one == world.curve(RECIPE, 2)
    assert one.start == other.start and one.last.val_loss != other.last.val_loss
    assert one.last.val_macro_f1 > one.start.val_macro_f1
    assert len(one.steps) == len(set(one.steps)) == len(one.train_loss)


def test_a_move_is_named_by_what_it_changes() -> None:
    changes = ({}, {"seed": 3}, {"rank": 8}, {"sites": Sites(QV_FFN, 4)}, {"lr": 8e-4, "rank": 8})
    names = [n.moved(RECIPE, RECIPE.with_(**change)) for change in changes]
    assert names == ["stays", "stays", "smaller", "larger", "dynamics"]


def test_a_walk_and_its_comparisons_are_counted() -> None:
    tally, known = n.Tally(), n.profile()
    world = n.World(n.SHAPES[0], 60, 0)
    n.walk(world, known, tally)
    tally.seeds += [any(n.two_seeds(world, known))]
    row = n.told("learns", 60, tally)
    assert row["walks"] == 1 and sum(tally.moves.values()) == 1 and tally.rules and tally.work > 0
    assert row["moves"] in {0.0, 100.0}
