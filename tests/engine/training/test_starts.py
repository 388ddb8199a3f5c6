"""Before the first step all recipes with the same sites and head answer alike, so that is evaluated once."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from rankfirst.engine.base import FinalPlan, Source
from rankfirst.engine.local import LocalEngine
from rankfirst.engine.training.loop import Loop
from rankfirst.records import Curve, Head, Objective, Pace
from tests.engine import tiny

RECIPES = (tiny.recipe(), tiny.recipe(rank=1, lr=0.02), tiny.recipe(scaling=1.0, dropout=0.1),
           tiny.recipe(sites=tiny.FFN_TOO))  # fmt: skip
PLAN = FinalPlan(2)


@pytest.fixture
def passes(monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter[str]]:
    """How often each split was evaluated."""
    counted: Counter[str] = Counter()
    real = Loop.logits

    def logits(self, split, *args, **kwargs):  # type: ignore[no-untyped-def]
        counted[split] += 1
        return real(self, split, *args, **kwargs)

    monkeypatch.setattr(Loop, "logits", logits)
    yield counted


def trained(engine: LocalEngine) -> list[Curve]:
    return [*(engine.probe(recipe, 2) for recipe in RECIPES), engine.finish(RECIPES[1], PLAN, "final")]


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_every_figure_is_as_if_each_recipe_had_been_evaluated(
    bert: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, passes: Counter[str], dtype: str
) -> None:
    shared, alone = (tiny.engine(bert, tmp_path / name) for name in ("shared", "alone"))
    for engine in (shared, alone):
        engine.adopt(Pace("cpu", dtype, 1, ()))
    curves = trained(shared)
    assert passes["val"] == 2 * len(curves) + 2  # two places of sites; the others start from what is known
    monkeypatch.setattr(Loop, "evaluate", Loop._evaluate)
    again = trained(alone)
    assert passes["val"] == 2 * len(curves) + 2 + 3 * len(curves)
    for one, other in zip(curves, again, strict=True):
        assert one == other


def test_another_head_prior_or_prefix_is_evaluated_again(engine: LocalEngine, passes: Counter[str]) -> None:
    def evaluated(recipe=RECIPES[0]) -> bool:  # type: ignore[no-untyped-def]
        before = passes["val"]
        engine._loop(recipe, None).evaluate(0.0)
        return passes["val"] > before

    assert evaluated() and not evaluated()
    assert evaluated(tiny.recipe(head=Head.ZERO)) and evaluated()
    assert evaluated(tiny.recipe(objective=Objective(logit_adjustment=1.0)))
    assert not evaluated()
    tiny.give_head(engine)
    assert evaluated()
    engine.adopt_prefix("query: ")
    assert evaluated() and not evaluated()


def test_a_start_from_trained_weights_is_evaluated(engine: LocalEngine, passes: Counter[str]) -> None:
    name = engine.probe(RECIPES[0], 1).checkpoint
    before = passes["val"]
    for _ in range(2):
        engine._loop(RECIPES[0], engine.checkpoints.load(name)).evaluate(1.0)
    assert passes["val"] == before + 2
