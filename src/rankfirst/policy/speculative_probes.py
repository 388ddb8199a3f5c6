"""Guesses of the next probes while one is still training, for engines with idle workers.

A guess decides nothing. A wrong guess only uses idle workers.
"""

from collections.abc import Iterable
from dataclasses import replace
from itertools import chain

from rankfirst.policy import experiments
from rankfirst.policy.evidence import Evidence
from rankfirst.records import Curve, Health, Recipe, Stage


def ahead(e: Evidence | None, pending: Evidence) -> tuple[Recipe, ...]:
    """Recipes without a probe that the search may need next, most likely first.

    Args:
        e: the evidence of the last decision; None before the first probe. pending: the same with the `unseen` curve of
            the probe in training, in the stage that will read it.
    """
    here = () if e is None else experiments.all_arms(e)
    if e is not None and e.stage is Stage.CAPACITY:  # "undecided", the most frequent answer, leads to the dynamics
        here += experiments.all_arms(replace(e, stage=Stage.OPTIMISE))
    after = experiments.all_arms(pending)
    raised = e is not None and pending.curve.recipe.lr > e.curve.recipe.lr
    if raised and e is not None and e.stage is Stage.CAPACITY:  # if lr up wins, the dynamics raise it once more
        after = experiments.all_arms(replace(pending, stage=Stage.OPTIMISE))
    first, second = (after, here) if raised else (here, after)
    known = pending.probed | pending.tried | {pending.curve.recipe.key}
    return tuple(_once((arm.recipe for arm in chain(first, second)), known))


def unseen(recipe: Recipe, epochs: int) -> Curve:
    """The curve of a probe in training: recipe and length, without any figures."""
    return Curve(recipe, Health.FINE, float(epochs), 0, (), (), (), (), (), (), (), 0, 0.0, 0, 0.0)


def _once(recipes: Iterable[Recipe], known: frozenset[str]) -> Iterable[Recipe]:
    by_key = {recipe.key: recipe for recipe in recipes}
    return (recipe for key, recipe in by_key.items() if key not in known)
