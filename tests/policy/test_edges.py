"""The edges of the table: extensions, second divergences, the guard, the band, diverged seeds, what is affordable."""

from dataclasses import replace

import pytest

from rankfirst.policy import CAPACITY, Rule, decide, symptoms
from rankfirst.policy.actions import change
from rankfirst.policy.decide import MOVE_LIMITS
from rankfirst.policy.rules import TABLES
from rankfirst.records import Change, Extend, Stage, Stop, Verdict
from tests.policy import curves as c
from tests.policy.test_symptoms import seen


@pytest.mark.parametrize(("steps", "first"), [(130, 2), (9, 6), (50, 4)])
def test_an_extension_adds_one_epoch_to_a_probe_once(steps: int, first: int) -> None:
    """However long the probes of this set are: the fewer steps an epoch has, the more epochs."""
    e = c.too_short(facts=replace(c.FACTS, probe_steps=steps))
    for epochs, wanted in ((float(first), first + 1.0), (first + 0.5, first + 1.0), (first + 1.0, None)):
        decision = decide(replace(e, curve=replace(e.curve, epochs=epochs)))
        assert decision.move == Extend(wanted) if wanted else ("too_little", "no_room") in decision.turned_down


@pytest.mark.parametrize(
    "short_of", [{"moves": MOVE_LIMITS[Stage.CAPACITY]}, {"work_left": 0.0}], ids=["moves", "budget"]
)
def test_one_divergence_is_never_called_a_second(short_of: dict[str, float]) -> None:
    assert decide(c.diverged(**short_of)).move != Stop("stop.diverged")


def test_the_guard_also_stops_a_rule_that_returns_to_a_tried_recipe(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the incumbent may be returned to past the guard, and only taking back does."""
    other = c.RECIPE.with_(lr=8e-4)
    rogue = Rule("rogue", symptoms.always, change(lambda e: other), "this test")
    monkeypatch.setitem(TABLES, Stage.CAPACITY, (rogue, CAPACITY[-1]))  # type: ignore[misc]
    decision = decide(c.steady_improvement(tried=frozenset({other.key})))
    assert decision.turned_down == (("rogue", "no_lr_underfit"),)


def test_the_end_of_the_band_is_said_aloud() -> None:
    """Flow, bounds: "lr-limited at the band's edge", not merely "no room"."""
    e = c.slow_fall(stage=Stage.OPTIMISE)
    decision = decide(replace(e, curve=replace(e.curve, recipe=c.RECIPE.with_(lr=1.6e-3))))
    assert dict(decision.turned_down)["falls_slowly"] != "no_room"


def test_a_seed_that_diverged_is_the_largest_difference() -> None:
    dead = replace(c.diverged().curve, recipe=c.RECIPE.with_(seed=1))
    assert seen("seeds_differ", c.steady_improvement(seeds=(dead,))) is Verdict.PRESENT


def test_what_is_affordable_is_counted_in_the_epochs_that_will_be_trained() -> None:
    """After an extended probe: two epochs of deeper sites fit the budget, three do not, three of a higher rank do."""
    e = c.plateau()
    left = c.FACTS.probe_work(c.MORE_SITES, 2) * 1.01
    assert decide(replace(e, curve=replace(e.curve, epochs=3.0), work_left=left)).move == Change(
        c.RECIPE.with_(rank=32)
    )
