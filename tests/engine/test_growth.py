"""Moves that keep the function: rank up and down, scaling, sites; Adam's moments follow the chain rule."""

import numpy as np
import pytest
import torch
from torch import Tensor

from rankfirst.engine.local import LocalEngine
from rankfirst.engine.training import function_preserving
from rankfirst.engine.training.checkpoint import State
from rankfirst.engine.training.loop import Loop, Trace
from rankfirst.engine.training.schedules import warm_hold_fall
from rankfirst.records import ALL_ROLES, ATTENTION_QV, Recipe, Sites
from tests.engine import tiny

A, B = "q.lora_A.default.weight", "q.lora_B.default.weight"


def tensor(*shape: int, seed: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def state(rank: int = 4, inner: int = 4) -> tuple[State, Tensor]:
    """B·A of true rank `inner`, with moments that are the gradient for an upstream gradient, which is returned."""
    a = tensor(rank, inner, seed=1) @ tensor(inner, 6, seed=4) if inner < rank else tensor(rank, 6, seed=1)
    b, g = tensor(5, rank, seed=2), tensor(5, 6, seed=3)
    moments = {A: (b.T @ g, torch.ones(rank, 6).double(), 9.0), B: (g @ a.T, torch.ones(5, rank).double(), 9.0)}
    return State(tiny.recipe(rank=rank, scaling=2.0), {A: a, B: b}, moments), g


def fresh(rank: int) -> dict[str, Tensor]:
    return {A: tensor(rank, 6, seed=7), B: torch.zeros(5, rank).double()}


def product(weights: dict[str, Tensor]) -> Tensor:
    return weights[B] @ weights[A]


def test_a_higher_rank_keeps_the_update_and_the_old_moments() -> None:
    old, _ = state()
    new = function_preserving.carry(old, fresh(16), 2.0)
    torch.testing.assert_close(product(new.weights), product(old.weights))
    assert new.weights[A].shape == (16, 6) and new.lost == 0
    assert torch.equal(new.moments[A][0][:4], old.moments[A][0]) and not new.moments[A][0][4:].any()
    assert new.moments[B][1].min() > 0  # a zero there would blow the first step up


def test_a_lower_rank_is_the_nearest_one_and_says_what_it_lost() -> None:
    old, g = state()
    new = function_preserving.carry(old, fresh(2), 2.0)
    u, s, vh = torch.linalg.svd(product(old.weights))
    torch.testing.assert_close(product(new.weights), u[:, :2] * s[:2] @ vh[:2])
    assert new.lost == pytest.approx(float((s[2:].square().sum() / s.square().sum()).sqrt()))
    torch.testing.assert_close(new.moments[A][0], new.weights[B].T @ g)  # the gradient at the new place
    torch.testing.assert_close(new.moments[B][0], g @ new.weights[A].T)
    assert new.moments[A][1].min() > 0 and new.moments[B][1].min() > 0


def test_a_rank_that_was_not_used_is_given_up_for_nothing() -> None:
    old, _ = state(inner=2)
    new = function_preserving.carry(old, fresh(2), 2.0)
    torch.testing.assert_close(product(new.weights), product(old.weights))
    assert new.lost == pytest.approx(0, abs=1e-6)


def test_an_untrained_adapter_can_still_learn_at_a_lower_rank() -> None:
    old, _ = state()
    old.weights[B].zero_()
    new = function_preserving.carry(old, fresh(2), 2.0)
    assert new.lost == 0 and not new.weights[B].any()
    assert new.weights[A].norm(dim=1).min() > 0.5 * old.weights[A].norm() / 2


def test_another_scaling_keeps_the_update() -> None:
    old, _ = state()
    new = function_preserving.carry(old, fresh(4), 8.0)
    torch.testing.assert_close(8.0 * product(new.weights), 2.0 * product(old.weights))
    # d loss / d B = scaling G A': four times the scaling, four times the gradient.
    torch.testing.assert_close(new.moments[B][0], 4 * old.moments[B][0])
    torch.testing.assert_close(new.moments[A][0], old.moments[A][0])


def test_a_dropped_site_is_lost_and_told() -> None:
    old, _ = state()
    old.weights |= {n.replace("q.", "v."): w.clone() for n, w in list(old.weights.items())}
    new = function_preserving.carry(old, fresh(4), 2.0)
    assert set(new.weights) == {A, B} and new.lost == pytest.approx(0.5**0.5)


@pytest.mark.parametrize(
    "change",
    [
        {"rank": 8},
        {"scaling": 4.0},
        {"sites": tiny.FFN_TOO},
        {"rank": 8, "scaling": 0.5},
        {"sites": Sites(ALL_ROLES, 2, ATTENTION_QV)},
    ],
    ids=str,
)
def test_the_network_answers_the_same_after_a_move(engine: LocalEngine, change: dict[str, object]) -> None:
    curve = engine.probe(tiny.recipe(), 2)
    before = engine.logits(curve.checkpoint, "val")
    state = engine.checkpoints.load(curve.checkpoint)
    loop = Loop(engine.corpus, tiny.recipe(**change), state, engine.heads[tiny.recipe().head])
    assert abs(loop.logits("val") - before).max() <= 1e-6


def test_a_move_to_q_and_v_in_every_block_keeps_what_was_learnt_above(engine: LocalEngine) -> None:
    state = engine.checkpoints.load(engine.probe(tiny.recipe(sites=tiny.FFN_TOO), 2).checkpoint)
    recipe = tiny.recipe(sites=tiny.FFN_ON_TOP)
    loop = Loop(engine.corpus, recipe, state, engine.heads[recipe.head])
    kept = loop.model.adapter()
    assert kept.keys() < state.weights.keys() and 0 < loop.lost < 1  # FFN below the top block is given up
    assert all(torch.equal(p, state.weights[name]) for name, p in kept.items())


def test_a_lower_rank_trains_from_a_checkpoint_and_tells_its_loss(engine: LocalEngine) -> None:
    state = engine.checkpoints.load(engine.probe(tiny.recipe(rank=4), 2).checkpoint)
    recipe: Recipe = tiny.recipe(rank=1)
    loop = Loop(engine.corpus, recipe, state, engine.heads[recipe.head])
    loop.train(engine.corpus.probe_rows, warm_hold_fall(10**6), trace := Trace(1))
    assert len(trace.loss) == 5 and np.isfinite(trace.loss).all() and 0 < loop.lost < 1
