"""What a training shows while it goes on is what its curve holds in the end."""

import math

from rankfirst.engine.base import FinalPlan, Pulse
from rankfirst.engine.local import LocalEngine
from rankfirst.records import Curve
from tests.engine import tiny

RECIPE = tiny.recipe()


def agree(heard: list[Pulse], curve: Curve) -> None:
    """Losses and scores in the order of their steps, none left out."""
    losses = [(p.step, p.train_loss) for p in heard if p.train_loss is not None]
    scores = [(p.step, p.val_macro_f1) for p in heard if p.val_macro_f1 is not None]
    assert losses == list(zip(curve.steps, curve.train_loss, strict=True))
    assert scores == [(e.step, e.val_macro_f1) for e in curve.evaluations]
    assert {p.recipe for p in heard} == {curve.recipe}
    assert [p.step for p in heard] == sorted(p.step for p in heard)


def test_a_probe_and_a_final_training_are_told_as_they_go(engine: LocalEngine) -> None:
    heard: list[Pulse] = []
    engine.watch = heard.append
    agree(heard, engine.probe(RECIPE, 2))
    heard.clear()
    agree(heard, engine.finish(RECIPE, FinalPlan(epochs=2), "final"))


def test_a_training_that_diverges_was_told_up_to_there(engine: LocalEngine) -> None:
    heard: list[Pulse] = []
    engine.watch = heard.append
    engine.probe(RECIPE.with_(lr=1e30), 2)
    assert heard[0].step == 0
    assert all(math.isfinite(p.train_loss) for p in heard if p.train_loss is not None)
