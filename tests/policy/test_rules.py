"""Each row of the tables: fires on evidence made for it, does what the flow says, and stops where it must."""

import ast
import math
from dataclasses import replace
from pathlib import Path

import pytest

from rankfirst.policy import CAPACITY, OPTIMISE, Evidence, Rule, decide, symptoms
from rankfirst.policy import thresholds as t
from rankfirst.policy.decide import moved
from rankfirst.policy.rules import GUARD, RECHECK, TABLES
from rankfirst.policy.search_space import MEASURED, SEED, SearchSpace
from rankfirst.records import (
    ATTENTION_QV,
    KNOBS,
    Advance,
    Change,
    Experiment,
    Extend,
    Family,
    Move,
    Sites,
    Stage,
    Stop,
)
from tests.policy import curves as c

SAFE = c.RECIPE.with_(safe_numerics=True)
DIVERGED_AGAIN = c.evidence(replace(c.diverged().curve, recipe=SAFE))
DIVERGED_AT_THE_LOWEST_LR = c.evidence(replace(c.diverged().curve, recipe=SAFE.with_(lr=1e-4)))
BLIND = c.evidence(c.curve(c.FALLING, [(0.5, math.nan, 0.5, 0.97)] * 3))
FLAT_AND_LEARNT = c.evidence(c.curve(c.FLAT, [(0.4, 0.96, 0.4, 0.98)] * 3))

CAPACITY_ROWS: dict[str, tuple[Evidence, Move | type]] = {
    "numerics": (c.diverged(), Change(SAFE)),
    "numerics_lower": (DIVERGED_AGAIN, Change(SAFE.with_(lr=1e-4))),
    "numerics_again": (DIVERGED_AT_THE_LOWEST_LR, Stop("stop.diverged")),
    "numerics_once": (c.diverged(work_left=0.0), Stop("stop.diverged_once")),
    "memory": (c.out_of_memory(), Stop("stop.memory")),
    "too_little": (c.too_short(), Extend(2.0)),
    "took_worse": (c.worse_than_before(), Change(c.RECIPE.with_(rank=2))),
    "recall_lost": (c.recall_lost(), Change(c.RECIPE.with_(rank=2))),
    "unlearning": (c.unlearning(), Advance(Stage.OPTIMISE)),
    "data_arm": (c.branched(c.suspect_errors()), Experiment),
    "data_dropped": (c.without(drop_doubtful=True), Change(c.RECIPE.with_(without=tuple(range(20))))),
    "data_limited": (c.suspect_errors(), Advance(Stage.OPTIMISE)),
    "overfit": (c.memorising(), Change(c.RECIPE.with_(rank=2))),
    "untested": (c.branched(c.slow_fall()), Experiment),
    "sites_limited": (c.named("sites"), Change(c.MORE_SITES)),
    "rank_limited": (c.named("rank"), Change(c.RECIPE.with_(rank=32))),
    "lr_limited": (c.named("lr"), Advance(Stage.OPTIMISE)),
    "undecided": (c.named("undecided"), Advance(Stage.OPTIMISE)),
    "underfit": (c.plateau(), Change(c.MORE_SITES)),
    "look_alike": (c.slow_fall(), Advance(Stage.OPTIMISE)),
    "capacity_open": (c.plateau(work_left=0.0), Advance(Stage.OPTIMISE)),
    "capacity_right": (c.steady_improvement(), Advance(Stage.OPTIMISE)),
    "cannot_tell": (BLIND, Advance(Stage.OPTIMISE)),
    "capacity_enough": (FLAT_AND_LEARNT, Advance(Stage.OPTIMISE)),
}
OPTIMISE_ROWS: dict[str, tuple[Evidence, Move | type]] = {
    name: (replace(e, stage=Stage.OPTIMISE), move)
    for name, (e, move) in {
        **{rule.id: CAPACITY_ROWS[rule.id] for rule in OPTIMISE if rule.id in CAPACITY_ROWS},
        "unlearning": (c.unlearning(), Change(c.RECIPE.with_(lr=2e-4))),
        "branch_weak": (c.named("scaling"), Change(c.RECIPE.with_(scaling=4.0))),
        "insensitive": (c.lr_pair(), Change(c.RECIPE.with_(scaling=4.0))),
        "lr_small": (c.named("lr"), Change(c.RECIPE.with_(lr=1.6e-3))),
        "lr_large": (c.named("lr-"), Change(c.RECIPE.with_(lr=1e-4))),
        "over_confident": (c.named("dropout"), Change(c.RECIPE.with_(dropout=0.1))),
        "no_arm": (c.named("undecided"), Advance(Stage.FINAL)),
        "asked_before": (c.more_dropout(), Advance(Stage.FINAL)),
        "oscillate": (c.oscillating(), Change(c.RECIPE.with_(lr=2e-4))),
        "seeds": (c.differing_seeds(), Change(c.RECIPE.with_(lr=2e-4))),
        "falls_slowly": (c.slow_fall(), Change(c.RECIPE.with_(lr=8e-4))),
        "settled": (c.steady_improvement(), Advance(Stage.FINAL)),
    }.items()
}
RECHECK_ROWS: dict[str, tuple[Evidence, Move | type]] = {
    name: (replace(e, stage=Stage.RECHECK), Advance(Stage.FINAL) if isinstance(move, Advance) else move)
    for name, (e, move) in {
        **{rule.id: CAPACITY_ROWS[rule.id] for rule in RECHECK if rule.id in CAPACITY_ROWS},
        "rank_spare": (c.named("rank-"), Change(c.RECIPE.with_(rank=2))),
        "sites_spare": (c.named("sites-"), Change(c.RECIPE.with_(sites=Sites(ATTENTION_QV, 2)))),
    }.items()
}
STAGES = (Stage.CAPACITY, Stage.OPTIMISE, Stage.RECHECK)
ROWS = [(name, *row) for rows in (CAPACITY_ROWS, OPTIMISE_ROWS, RECHECK_ROWS) for name, row in rows.items()]
ids = [f"{e.stage}-{name}" for name, e, _ in ROWS]
MEANINGS = {(stage, rule.id): rule.meaning for stage, table in TABLES.items() for rule in table}
OWN = {
    Stage.CAPACITY: {"rank", "sites"},
    Stage.OPTIMISE: {"lr", "scaling", "dropout"},
    Stage.RECHECK: {"rank", "sites"},
}
# Rows that turn a knob because of what they saw; taking back and safe numerics turn none of their own.
TURNS = [(name, e, m) for name, e, m in ROWS if isinstance(m, Change) and MEANINGS[e.stage, name].way]
turn_ids = [f"{e.stage}-{name}" for name, e, _ in TURNS]


def test_no_row_of_the_tables_is_missing_here() -> None:
    assert list(CAPACITY_ROWS) == [rule.id for rule in CAPACITY]
    assert sorted(OPTIMISE_ROWS) == sorted(rule.id for rule in OPTIMISE)
    assert sorted(RECHECK_ROWS) == sorted(rule.id for rule in RECHECK)


@pytest.mark.parametrize(("name", "given", "move"), ROWS, ids=ids)
def test_a_row_fires_on_its_evidence_and_does_what_the_flow_says(name: str, given: Evidence, move: Move | type) -> None:
    decision = decide(given)
    assert decision.rule_id == name
    assert isinstance(decision.move, move) if isinstance(move, type) else decision.move == move
    assert [rule for rule, _ in decision.findings][-1] == name


@pytest.mark.parametrize(("name", "given", "move"), TURNS, ids=turn_ids)
def test_a_stage_turns_only_its_own_knobs(name: str, given: Evidence, move: Change) -> None:
    own = {"lr"} if name == "numerics_lower" else OWN[given.stage]  # numerics is neither capacity nor dynamics
    assert set(moved(given.curve.recipe, move.recipe)) <= own


@pytest.mark.parametrize(("name", "given", "move"), ROWS, ids=ids)
def test_a_row_means_what_it_does(name: str, given: Evidence, move: Move | type) -> None:
    """Tellers know a rule by its meaning alone: a knob it moves, the direction, and numbers that its finding has."""
    decision, about = decide(given), MEANINGS[given.stage, name]
    assert decision.meaning == about and about.family is not Family.OTHER
    found = decision.finding
    assert found is not None and set(about.quotes) <= set(found.numbers)
    old, new = given.curve.recipe, getattr(decision.move, "recipe", given.curve.recipe)
    knobs = moved(old, new)
    if about.family is Family.TAKEN_BACK or not about.way:
        assert not about.way and (not knobs or about.family is Family.TAKEN_BACK)
        return
    assert len(knobs) == 1 and knobs[0] in about.knobs
    before, after = (c.FACTS.adapter_parameters(1, r.sites) if knobs[0] == "sites" else getattr(r, knobs[0])
                     for r in (old, new))  # fmt: skip
    assert about.way == (1 if after > before else -1)


@pytest.mark.parametrize("stage", STAGES)
def test_a_rule_that_moves_a_knob_says_which_and_which_way(stage: Stage) -> None:
    moving = {r.id for r in TABLES[stage] if r.action.__qualname__.startswith(("change.", "favoured."))} - {
        "numerics",
        "data_dropped",
    }
    assert {rule.id for rule in TABLES[stage] if rule.meaning.way} == moving
    turning = {rule.id: rule.meaning for rule in TABLES[stage] if rule.meaning.way}
    assert turning.pop("numerics_lower").knobs == ("lr",)
    assert all(set(meaning.knobs) <= OWN[stage] for meaning in turning.values())
    for rule in TABLES[stage]:
        assert all(code.startswith(f"no_{knob}_") and knob in KNOBS for knob, code in rule.left_alone.items())


def test_the_guard_locks_every_knob_in_exactly_one_stage() -> None:
    assert {knob: stage for stage, knob in GUARD}.keys() == set(KNOBS)
    assert len(GUARD) == len(KNOBS)


@pytest.mark.parametrize("table", TABLES.values(), ids=list(TABLES))
def test_every_table_ends_in_a_rule_that_always_advances(table: tuple[Rule, ...]) -> None:
    assert table[-1].symptom is symptoms.always
    assert isinstance(table[-1].action(c.diverged()), Advance)


def test_the_recheck_asks_what_capacity_asks_then_what_can_be_spared() -> None:
    """At the settled lr: no look at labels or at unlearning, an experiment before every reading, and smaller arms."""
    capacity, recheck = ({rule.id: rule for rule in table} for table in (CAPACITY, RECHECK))
    assert recheck.keys() - capacity.keys() == {"rank_spare", "sites_spare"}
    assert capacity.keys() - recheck.keys() == {"unlearning", "data_arm", "data_dropped", "data_limited", "lr_limited"}
    for name in recheck.keys() & capacity.keys():
        assert recheck[name].symptom.__name__ == capacity[name].symptom.__name__
        assert recheck[name].meaning == capacity[name].meaning
    order = [rule.id for rule in RECHECK]
    assert order.index("untested") < order.index("undecided") < order.index("overfit")
    assert decide(c.steady_improvement(stage=Stage.RECHECK)).move == Advance(Stage.FINAL)


@pytest.mark.parametrize("lr", t.LRS)
@pytest.mark.parametrize("space", [MEASURED, SEED], ids=lambda space: space.name)
@pytest.mark.parametrize("wide", [False, True])
def test_a_reading_moves_lr_by_x2_and_past_the_band_once_only(lr: float, space: SearchSpace, wide: bool) -> None:
    recipe = c.RECIPE.with_(lr=lr)
    factor = 2  # all that a reading is worth, whatever experiments may do
    inside = space.band[0] / 1.01 < lr < space.band[1] * 1.01
    for e, wanted in ((c.oscillating(), lr / factor), (c.slow_fall(), lr * factor)):
        given = replace(e, stage=Stage.OPTIMISE, wide_lr=wide, space=space, curve=replace(e.curve, recipe=recipe))
        outwards = lr > space.band[1] if wanted > lr else lr < space.band[0]
        end = min(max(wanted, t.LRS[0]), t.LRS[-1])
        stays = end == pytest.approx(lr) or (outwards and not wide and not inside)
        assert decide(given).move == (Advance(Stage.FINAL) if stays else Change(recipe.with_(lr=pytest.approx(end))))


def test_past_the_band_every_step_needs_an_experiment_of_its_own() -> None:
    """The second confirmation: the experiment from this very recipe names lr again."""
    beyond = c.RECIPE.with_(lr=1.6e-3)
    e = c.named("lr", stage=Stage.OPTIMISE)
    told = replace(e.experiment, checkpoint=beyond)  # type: ignore[type-var]
    given = replace(e, curve=replace(e.curve, recipe=beyond), experiment=told)
    assert decide(given).move == Change(beyond.with_(lr=6.4e-3))
    assert not isinstance(decide(replace(given, experiment=None)).move, Change)


@pytest.mark.parametrize(
    ("space", "ladder"),
    [pytest.param(MEASURED, (1.0, 4.0, 16.0, 64.0), id="measured"), pytest.param(SEED, (1.0, 2.0, 4.0), id="seed")],
)
def test_scaling_climbs_its_ladder_and_never_beyond(space: SearchSpace, ladder: tuple[float, ...]) -> None:
    e = c.lr_pair(stage=Stage.OPTIMISE, space=space)
    for scaling, wanted in zip(ladder, (*ladder[1:], None), strict=True):
        before, now = (replace(x, recipe=x.recipe.with_(scaling=scaling)) for x in (e.before, e.curve) if x)
        decision = decide(replace(e, curve=now, before=before))
        if wanted is None:
            assert ("insensitive", "no_room") in decision.turned_down
            assert not isinstance(decision.move, Change) or decision.move.recipe.scaling == ladder[-1]
        else:
            assert decision.move == Change(now.recipe.with_(scaling=wanted))


def test_no_share_or_limit_stands_outside_the_thresholds() -> None:
    """Whole numbers count things; what is no whole number is a judgement and needs its unit and source."""
    room = Path(t.__file__).parent
    found = {
        (path.name, node.value)
        for path in room.glob("*.py")
        if path.name != "thresholds.py"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, float) and not node.value.is_integer()
    }
    assert {value for _, value in found} <= {1e-9}, found  # keeps a division from zero
