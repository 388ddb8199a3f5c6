"""The tables, tested as tables: curves named by what they show."""

import pytest

from rankfirst.policy import Evidence, decide
from rankfirst.records import Advance, Change, Experiment, Extend, Stage, Stop
from tests.policy import curves
from tests.policy.curves import CLIMBING, FALLING, HEALTHY, LOW, OVERFIT, RECIPE, Shape, curve, evidence

SAFE = curve((), (), RECIPE.with_(safe_numerics=True), curves.Health.DIVERGED)
LOWEST = curve((), (), RECIPE.with_(safe_numerics=True, lr=1e-4), curves.Health.DIVERGED)


@pytest.mark.parametrize(
    ("given", "rule", "move"),
    [
        pytest.param(curves.steady_improvement(), "capacity_right", Advance, id="healthy"),
        pytest.param(curves.memorising(), "overfit", Change, id="memorising"),
        pytest.param(curves.plateau(), "underfit", Change, id="plateau"),
        pytest.param(curves.branched(curves.slow_fall()), "untested", Experiment, id="look-alikes"),
        pytest.param(curves.suspect_errors(), "data_limited", Advance, id="suspect-labels"),
        pytest.param(curves.worse_than_before(), "took_worse", Change, id="worse"),
        pytest.param(curves.too_short(), "too_little", Extend, id="too-short"),
        pytest.param(curves.diverged(), "numerics", Change, id="nan"),
        pytest.param(evidence(SAFE), "numerics_lower", Change, id="nan-again"),
        pytest.param(evidence(LOWEST), "numerics_again", Stop, id="nan-at-the-lowest-lr"),
        pytest.param(curves.plateau(work_left=0.0), "capacity_open", Advance, id="plateau-without-a-budget"),
        pytest.param(curves.out_of_memory(), "memory", Stop, id="memory"),
    ],
)
def test_capacity_table(given: Evidence, rule: str, move: type) -> None:
    decision = decide(given)
    assert (decision.rule_id, type(decision.move)) == (rule, move)


@pytest.mark.parametrize("shape", [HEALTHY, OVERFIT, LOW, CLIMBING])
def test_capacity_never_moves_the_dynamics(shape: Shape) -> None:
    given = curve(FALLING, shape)
    move = decide(evidence(given)).move
    if isinstance(move, Change):
        assert (move.recipe.lr, move.recipe.scaling) == (given.recipe.lr, given.recipe.scaling)
    assert move is not None


def test_optimise_raises_lr_by_one_rung_on_a_reading() -> None:
    move = decide(curves.slow_fall(stage=Stage.OPTIMISE)).move
    assert isinstance(move, Change)
    assert move.recipe.lr == pytest.approx(8e-4)
