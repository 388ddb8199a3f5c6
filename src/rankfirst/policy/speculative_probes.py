"""Which probes may be asked for next, before the one under way is known: for engines that can train while they wait.

A guess decides nothing. One that is wrong costs what nobody else wanted at the time.
"""

from collections.abc import Iterable
from dataclasses import replace
from itertools import chain

from rankfirst.policy import experiments
from rankfirst.policy.evidence import Evidence
from rankfirst.records import Curve, Health, Recipe, Stage


def ahead(e: Evidence | None, asked: Evidence) -> tuple[Recipe, ...]:
    """Recipes nobody has trained, most likely first.

    Args:
        e: where the walk stands; None before its first probe. asked: the same with the `unseen` curve of what is being
            trained, in the stage that would look at it.
    """
    here = () if e is None else experiments.every(e)
    if e is not None and e.stage is Stage.CAPACITY:  # undecided is the most frequent answer: then the dynamics ask
        here += experiments.every(replace(e, stage=Stage.OPTIMISE))
    after = experiments.every(asked)
    raised = e is not None and asked.curve.recipe.lr > e.curve.recipe.lr
    if raised and e is not None and e.stage is Stage.CAPACITY:  # where lr up wins, the dynamics raise it once more
        after = experiments.every(replace(asked, stage=Stage.OPTIMISE))
    first, second = (after, here) if raised else (here, after)
    known = asked.probed | asked.tried | {asked.curve.recipe.key}
    return tuple(_once((arm.recipe for arm in chain(first, second)), known))


def unseen(recipe: Recipe, epochs: int) -> Curve:
    """The curve of a probe that is not over: its recipe, its length, and nothing to read."""
    return Curve(recipe, Health.FINE, float(epochs), 0, (), (), (), (), (), (), (), 0, 0.0, 0, 0.0)


def _once(recipes: Iterable[Recipe], known: frozenset[str]) -> Iterable[Recipe]:
    by_key = {recipe.key: recipe for recipe in recipes}
    return (recipe for key, recipe in by_key.items() if key not in known)
