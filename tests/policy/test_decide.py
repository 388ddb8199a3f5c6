"""The tables, tested as tables: curves named by what they show."""

import pytest

from rankfirst.policy import Ceiling, Evidence, Noise, decide
from rankfirst.policy.actions import QV_FFN
from rankfirst.records import (
    Advance,
    BaseFacts,
    Change,
    Complexity,
    Curve,
    Evaluation,
    Experiment,
    Health,
    Profile,
    Recipe,
    Sites,
    SizeTier,
    Stage,
    Stop,
)

FACTS = BaseFacts("tiny", 6, 8, dict.fromkeys(("q", "k", "v", "o", "ffn_in", "ffn_out"), (8, 8)), 512, 1, 1, 1, 9, 9)
PROFILE = Profile(9, 2, 2, ("a", "b"), (5, 4), False, 1.0, 2, SizeTier.UNDER_1K, 2.0, 1.2, (), 0.0, "en",
                  9.0, 9.0, 9, 0, (), 0, 0, (), Complexity.LOW)  # fmt: skip


def curve(train: tuple[float, ...], val: list[tuple[float, float, float, float]], rank: int = 8, safe: bool = False,
          health: Health = Health.FINE) -> Curve:  # fmt: skip
    """`val`: (val loss, val F1, train loss, train F1) an evaluation."""
    recipe = Recipe(rank, Sites(QV_FFN, 2), 1.0, 4e-4, 0.05, safe_numerics=safe)
    evaluations = tuple(Evaluation(10 * i, float(i), v, f, f, (f, f), t, tf) for i, (v, f, t, tf) in enumerate(val))
    steps = tuple(range(1, len(train) + 1))
    return Curve(recipe, health, len(val) - 1.0, len(train), steps, train, train, evaluations, (0.5, 0.6), ((0,), (1,)),
                 (), 9, 1.0, 100, 0.0, "checkpoint")  # fmt: skip


def evidence(c: Curve, stage: Stage = Stage.CAPACITY) -> Evidence:
    return Evidence(stage, c, ((0,), (1,)), PROFILE, FACTS, Noise(0.01, 0.02, 2), Ceiling(64, 6))


FALLING = tuple(1.0 - 0.03 * i for i in range(24))
FLAT = tuple(1.0 + 0.001 * (i % 2) for i in range(24))
HEALTHY = [(0.5, 0.93, 0.5, 0.97), (0.4, 0.96, 0.4, 0.98), (0.4, 0.96, 0.35, 0.98)]
OVERFIT = [(0.5, 0.80, 0.9, 0.80), (0.6, 0.78, 0.3, 0.97), (0.9, 0.74, 0.1, 0.99)]
LOW = [(0.9, 0.50, 0.9, 0.52), (0.9, 0.50, 0.9, 0.53), (0.9, 0.505, 0.89, 0.53)]
CLIMBING = [(0.9, 0.50, 0.9, 0.52), (0.8, 0.55, 0.7, 0.60), (0.7, 0.60, 0.6, 0.65)]


@pytest.mark.parametrize(
    ("given", "rule", "move"),
    [
        pytest.param(curve(FALLING, HEALTHY), "capacity_right", Advance, id="healthy"),
        pytest.param(curve(FALLING, OVERFIT), "overfit", Change, id="memorising"),
        pytest.param(curve(FLAT, LOW), "underfit", Change, id="plateau"),
        pytest.param(curve(FALLING, CLIMBING), "slow", Experiment, id="look-alikes"),
        pytest.param(curve((1.0,), LOW[:1], health=Health.DIVERGED), "numerics", Change, id="nan"),
        pytest.param(curve((1.0,), LOW[:1], safe=True, health=Health.DIVERGED), "numerics_again", Stop, id="nan-again"),
    ],
)
def test_capacity_table(given: Curve, rule: str, move: type) -> None:
    decision = decide(evidence(given))
    assert (decision.rule_id, type(decision.move)) == (rule, move)


@pytest.mark.parametrize("shape", [HEALTHY, OVERFIT, LOW, CLIMBING])
def test_capacity_never_moves_the_dynamics(shape: list[tuple[float, float, float, float]]) -> None:
    given = curve(FALLING, shape)
    move = decide(evidence(given)).move
    if isinstance(move, Change):
        assert (move.recipe.lr, move.recipe.scaling) == (given.recipe.lr, given.recipe.scaling)
    assert move is not None


def test_optimise_raises_lr_by_one_rung() -> None:
    move = decide(evidence(curve(FALLING, CLIMBING), Stage.OPTIMISE)).move
    assert isinstance(move, Change)
    assert move.recipe.lr == pytest.approx(8e-4)
