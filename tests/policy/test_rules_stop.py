"""What stops a rule that fires: tried recipes, closed directions, limits, the budget, the user, and the guard."""

from dataclasses import replace

import pytest

from rankfirst.policy import Evidence, Rule, cost, decide, symptoms
from rankfirst.policy.actions import change
from rankfirst.policy.decide import MOVE_LIMITS, moved
from rankfirst.policy.rules import GUARD, TABLES
from rankfirst.records import KNOBS, QV_FFN, Advance, Change, Sites, Stage, Stop, Verdict
from tests.policy import curves as c
from tests.policy.test_rules import OWN, SAFE, TURNS, turn_ids


@pytest.mark.parametrize(("name", "given", "move"), TURNS, ids=turn_ids)
def test_a_recipe_tried_before_is_not_tried_again(name: str, given: Evidence, move: Change) -> None:
    decision = decide(replace(given, tried=frozenset({move.recipe.key})))
    assert decision.move != move
    left = dict(decision.findings)[name].verdict is Verdict.ABSENT  # an arm that the search has been at did not win
    assert left or decision.rule_id == name or (name, "no_room") in decision.turned_down


@pytest.mark.parametrize(("name", "given", "move"), TURNS, ids=turn_ids)
def test_a_direction_taken_back_stays_closed(name: str, given: Evidence, move: Change) -> None:
    knob = moved(given.curve.recipe, move.recipe)[0]
    closed = frozenset({f"{knob}+", f"{knob}-"})
    now = decide(replace(given, closed=closed)).move
    assert not isinstance(now, Change) or knob not in moved(given.curve.recipe, now.recipe)


@pytest.mark.parametrize(("name", "given", "move"), TURNS, ids=turn_ids)
def test_a_stage_that_has_made_its_moves_makes_no_more(name: str, given: Evidence, move: Change) -> None:
    limit = MOVE_LIMITS[given.stage]
    assert decide(replace(given, moves=limit - 1)).move == move
    spent = decide(replace(given, moves=limit))
    assert not isinstance(spent.move, Change)
    assert (name, "move_limit") in spent.turned_down


@pytest.mark.parametrize(("name", "given", "move"), TURNS, ids=turn_ids)
def test_what_the_budget_does_not_allow_is_turned_down(name: str, given: Evidence, move: Change) -> None:
    spent = decide(replace(given, work_left=0.0))
    assert isinstance(spent.move, Stop if name == "numerics_lower" else Advance)
    assert (name, "no_budget") in spent.turned_down


@pytest.mark.parametrize(("name", "given", "move"), TURNS, ids=turn_ids)
def test_knobs_that_the_user_pinned_are_not_moved_and_the_rule_is_named(
    name: str, given: Evidence, move: Change
) -> None:
    capacity = given.stage is not Stage.OPTIMISE and name != "numerics_lower"
    own = frozenset(OWN[given.stage] if capacity else moved(given.curve.recipe, move.recipe))
    decision = decide(replace(given, pinned=own))
    assert (name, "pinned") in decision.turned_down
    assert not isinstance(decision.move, Change) or not own & set(moved(given.curve.recipe, decision.move.recipe))


def test_a_divergence_moves_no_lr_that_the_user_set_though_the_guard_lets_it() -> None:
    """Numerics is neither capacity nor dynamics, so the guard does not apply; what the user set does."""
    again = c.evidence(replace(c.diverged().curve, recipe=SAFE))
    assert decide(again).move == Change(SAFE.with_(lr=1e-4))
    assert decide(replace(again, pinned=frozenset({"lr"}))).move == Stop("stop.diverged")


@pytest.mark.parametrize(
    ("given", "pinned", "free"),
    [
        pytest.param(c.plateau(), "sites", "rank", id="underfit"),
        pytest.param(c.memorising(), "rank", "sites", id="memorising"),
    ],
)
def test_a_pinned_knob_leaves_the_other_capacity_knob_free(given: Evidence, pinned: str, free: str) -> None:
    move = decide(replace(given, pinned=frozenset({pinned}))).move
    assert isinstance(move, Change)
    assert moved(given.curve.recipe, move.recipe) == (free,)


@pytest.mark.parametrize("won", ["rank", "sites"])
def test_where_the_winner_is_pinned_the_knob_that_did_not_win_is_left_alone(won: str) -> None:
    decision = decide(c.named(won, pinned=frozenset({won})))
    assert not isinstance(decision.move, Change)
    assert (f"{won}_limited", "pinned") in decision.turned_down


def test_a_move_that_the_budget_forbids_leaves_the_cheaper_capacity_knob_free() -> None:
    """Deeper sites train more blocks; a higher rank costs what the probe did."""
    e = c.plateau()
    rank = Change(c.RECIPE.with_(rank=32))
    assert decide(replace(e, work_left=cost(e, rank) * 1.01)).move == rank


@pytest.mark.parametrize("stage", TABLES)
def test_a_budget_that_is_overdrawn_settles_the_stage_and_allows_what_is_free(stage: Stage) -> None:
    """One probe of a large base model may cost more than half the budget."""
    assert isinstance(decide(c.steady_improvement(stage=stage, work_left=-1.0)).move, Advance)
    assert decide(c.worse_than_before(stage=stage, work_left=-1.0)).rule_id == "took_worse"


def test_a_change_costs_as_many_epochs_as_the_walk_will_train() -> None:
    """The walk compares like with like: after an extended probe the next one has three epochs as well."""
    e = c.plateau()
    recipe = c.RECIPE.with_(rank=32)
    for epochs in (2.0, 3.0):
        wanted = c.FACTS.probe_work(recipe, epochs)
        assert cost(replace(e, curve=replace(e.curve, epochs=epochs)), Change(recipe)) == pytest.approx(wanted)


def test_an_experiment_that_has_named_a_knob_asks_for_no_more_and_needs_its_checkpoint() -> None:
    """The experiment named rank, but no capacity knob has room: nothing asks for a second one."""
    given = c.branched(c.named("rank", closed=frozenset({"rank+", "sites+"})))
    again = decide(given)
    assert isinstance(again.move, Advance)
    assert ("rank_limited", "no_room") in again.turned_down
    lost = c.evidence(replace(c.slow_fall().curve, checkpoint=""))
    assert dict(decide(lost).findings)["untested"].verdict is Verdict.UNKNOWN


LOCKED = [*GUARD, *((Stage.RECHECK, knob) for stage, knob in GUARD if stage is Stage.CAPACITY)]


@pytest.mark.parametrize(("stage", "knob"), LOCKED)
def test_the_guard_stops_a_rule_that_would_turn_a_locked_knob(
    monkeypatch: pytest.MonkeyPatch, stage: Stage, knob: str
) -> None:
    other = {"rank": 16, "sites": Sites(QV_FFN, 6), "lr": 8e-4, "scaling": 2.0, "dropout": 0.1}[knob]
    rogue = Rule("rogue", symptoms.always, change(lambda e: e.curve.recipe.with_(**{knob: other})), "this test")
    monkeypatch.setitem(TABLES, stage, (rogue, TABLES[stage][-1]))  # type: ignore[misc]
    decision = decide(c.steady_improvement(stage=stage))
    assert isinstance(decision.move, Advance)
    locked = Stage.CAPACITY if stage is Stage.RECHECK else stage
    assert decision.turned_down == (("rogue", GUARD[locked, knob]),)


def test_taking_back_is_free_and_needs_no_room() -> None:
    """The recipe was tried, the moves are used up, nothing is left to spend, and its knob is pinned."""
    e = c.worse_than_before(moves=9, work_left=0.0, pinned=frozenset(KNOBS), closed=frozenset({"rank-"}))
    decision = decide(e)
    assert (decision.rule_id, decision.move) == ("took_worse", Change(c.RECIPE.with_(rank=2)))
    assert decision.move.recipe.key in e.tried
