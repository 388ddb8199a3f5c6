"""What the walk does with the policy's decisions when every next probe diverges."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

from rankfirst.engine.base import Engine
from rankfirst.records import Budget, Curve, Health, Recipe, Stage
from rankfirst.run.journal import Journal
from rankfirst.run.search import Walk, Wishes
from rankfirst.run.time_budget import Clock
from tests.policy import curves as c


class Exploding(Engine):
    """An engine on which every probe diverges."""

    facts = c.FACTS

    def probe(self, recipe: Recipe, epochs: int, tick: object = None) -> Curve:
        return c.curve((), (), recipe, Health.DIVERGED, end_log_loss=(), end_predicted=())

    def has(self, checkpoint: str) -> bool:
        return True


def test_a_walk_that_diverges_ends_with_the_good_probe_it_came_from(tmp_path: Path) -> None:
    """lr x2 diverges, with safe numerics too: the probe before it is settled on, not thrown away."""
    good = replace(c.slow_fall().curve, checkpoint="good")
    rows = SimpleNamespace(val=SimpleNamespace(labels=c.TRUTH))
    e = c.named("lr")
    walk = Walk(rows, Exploding(), Journal(tmp_path / "journal.jsonl"), Wishes(Budget(float("inf"))),
                Clock(None, lambda: 0.0), lambda *a: None, e.profile, e.ceiling, e.noise)  # type: ignore[arg-type]  # fmt: skip
    walk.curves[good.recipe.key] = good
    assert e.experiment is not None
    walk.results[good.recipe.key] = e.experiment
    assert walk.stage(Stage.OPTIMISE, good) == good


def test_the_walk_hands_on_what_other_seeds_of_a_recipe_showed(tmp_path: Path) -> None:
    e = c.steady_improvement()
    rows = SimpleNamespace(val=SimpleNamespace(labels=c.TRUTH))
    walk = Walk(rows, Exploding(), Journal(tmp_path / "journal.jsonl"), Wishes(Budget(float("inf"))),
                Clock(None, lambda: 0.0), lambda *a: None, e.profile, e.ceiling, e.noise)  # type: ignore[arg-type]  # fmt: skip
    other = replace(e.curve, recipe=c.RECIPE.with_(seed=1))
    deeper = replace(e.curve, recipe=c.RECIPE.with_(rank=32))
    walk.curves = {curve.recipe.key: curve for curve in (e.curve, other, deeper)}
    assert walk._evidence(Stage.OPTIMISE, e.curve).seeds == (other,)
