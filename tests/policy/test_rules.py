"""Each row of the tables: fires on evidence made for it, does what the flow says, and stops where it must."""

from dataclasses import replace

import pytest

from rankfirst.policy import CAPACITY, OPTIMISE, Evidence, Rule, decide, symptoms
from rankfirst.policy import thresholds as t
from rankfirst.policy.actions import QV_FFN
from rankfirst.policy.decide import moved
from rankfirst.policy.rules import GUARD, TABLES
from rankfirst.records import KNOBS, Advance, Change, Experiment, Extend, Move, Sites, Stage, Stop
from rankfirst.walk import TAKEN_BACK
from tests.policy import curves as c

SAFE = c.RECIPE.with_(safe_numerics=True)
DIVERGED_AGAIN = c.evidence(replace(c.diverged().curve, recipe=SAFE))
FLAT_AND_LEARNT = c.evidence(c.curve(c.FLAT, [(0.4, 0.96, 0.4, 0.98)] * 3))

CAPACITY_ROWS: dict[str, tuple[Evidence, Move | type]] = {
    "numerics": (c.diverged(), Change(SAFE)),
    "numerics_again": (DIVERGED_AGAIN, Stop("stop.diverged")),
    "numerics_once": (c.diverged(work_left=0.0), Stop("stop.diverged_once")),
    "memory": (c.out_of_memory(), Stop("stop.memory")),
    "too_little": (c.too_short(), Extend(2.0)),
    "took_worse": (c.worse_than_before(), Change(c.RECIPE.with_(rank=2))),
    "recall_lost": (c.recall_lost(), Change(c.RECIPE.with_(rank=2))),
    "data_limited": (c.suspect_errors(), Advance(Stage.OPTIMISE)),
    "overfit": (c.memorising(), Change(c.RECIPE.with_(rank=2))),
    "rank_limited": (c.named("rank"), Change(c.RECIPE.with_(rank=32))),
    "sites_limited": (c.named("sites"), Change(c.RECIPE.with_(sites=Sites(QV_FFN, 6)))),
    "lr_limited": (c.named("lr"), Advance(Stage.OPTIMISE)),
    "undecided": (c.named("undecided"), Advance(Stage.OPTIMISE)),
    "underfit": (c.plateau(), Change(c.RECIPE.with_(sites=Sites(QV_FFN, 6)))),
    "slow": (c.slow_fall(), Experiment),
    "capacity_right": (c.steady_improvement(), Advance(Stage.OPTIMISE)),
    "capacity_enough": (FLAT_AND_LEARNT, Advance(Stage.OPTIMISE)),
}
OPTIMISE_ROWS: dict[str, tuple[Evidence, Move | type]] = {
    name: (replace(e, stage=Stage.OPTIMISE), move)
    for name, (e, move) in {
        **{rule.id: CAPACITY_ROWS[rule.id] for rule in OPTIMISE if rule.id in CAPACITY_ROWS},
        "oscillate": (c.oscillating(), Change(c.RECIPE.with_(lr=2e-4))),
        "seeds": (c.differing_seeds(), Change(c.RECIPE.with_(lr=2e-4))),
        "insensitive": (c.lr_pair(), Change(c.RECIPE.with_(scaling=2.0))),
        "lr_small": (c.named("lr"), Change(c.RECIPE.with_(lr=8e-4))),
        "falls_slowly": (c.slow_fall(), Change(c.RECIPE.with_(lr=8e-4))),
        "over_confident": (c.over_confident(), Change(c.RECIPE.with_(dropout=0.1))),
        "settled": (c.steady_improvement(), Advance(Stage.FINAL)),
    }.items()
}
ROWS = [(name, *row) for rows in (CAPACITY_ROWS, OPTIMISE_ROWS) for name, row in rows.items()]
ids = [f"{e.stage}-{name}" for name, e, _ in ROWS]
# Rows that turn a knob because of what they saw; taking back and safe numerics turn none of their own.
TURNS = [(name, e, m) for name, e, m in ROWS if isinstance(m, Change) and name not in (*TAKEN_BACK, "numerics")]
turn_ids = [f"{e.stage}-{name}" for name, e, _ in TURNS]


def test_no_row_of_the_tables_is_missing_here() -> None:
    assert list(CAPACITY_ROWS) == [rule.id for rule in CAPACITY]
    assert list(OPTIMISE_ROWS) == [rule.id for rule in OPTIMISE]


@pytest.mark.parametrize(("name", "given", "move"), ROWS, ids=ids)
def test_a_row_fires_on_its_evidence_and_does_what_the_flow_says(name: str, given: Evidence, move: Move | type) -> None:
    decision = decide(given)
    assert decision.rule_id == name
    assert isinstance(decision.move, move) if isinstance(move, type) else decision.move == move
    assert [rule for rule, _ in decision.findings][-1] == name


@pytest.mark.parametrize(("name", "given", "move"), TURNS, ids=turn_ids)
def test_a_stage_turns_only_its_own_knobs(name: str, given: Evidence, move: Change) -> None:
    own = {"rank", "sites"} if given.stage is Stage.CAPACITY else {"lr", "scaling", "dropout"}
    assert set(moved(given.curve.recipe, move.recipe)) <= own


def test_the_guard_locks_every_knob_in_exactly_one_stage() -> None:
    assert {knob: stage for stage, knob in GUARD}.keys() == set(KNOBS)
    assert len(GUARD) == len(KNOBS)


@pytest.mark.parametrize("table", TABLES.values(), ids=list(TABLES))
def test_every_table_ends_in_a_rule_that_always_advances(table: tuple[Rule, ...]) -> None:
    assert table[-1].symptom is symptoms.always
    assert isinstance(table[-1].action(c.diverged()), Advance)


def test_the_recheck_reads_the_capacity_table_and_ends_in_final() -> None:
    assert TABLES[Stage.RECHECK] is CAPACITY
    assert decide(c.steady_improvement(stage=Stage.RECHECK)).move == Advance(Stage.FINAL)


@pytest.mark.parametrize("lr", t.LRS)
@pytest.mark.parametrize(("wide", "lowest", "highest"), [(False, 5e-5, 8e-4), (True, t.LRS[0], t.LRS[-1])])
def test_an_lr_step_is_x2_and_leaves_the_band_by_one_step_only(
    lr: float, wide: bool, lowest: float, highest: float
) -> None:
    recipe = c.RECIPE.with_(lr=lr)
    for e, wanted in ((c.oscillating(), lr / 2), (c.slow_fall(), lr * 2)):
        given = replace(e, stage=Stage.OPTIMISE, wide_lr=wide, curve=replace(e.curve, recipe=recipe))
        beyond = wanted < lowest / 1.01 if wanted < lr else wanted > highest * 1.01
        move = decide(given).move
        assert move == (Advance(Stage.FINAL) if beyond else Change(recipe.with_(lr=pytest.approx(wanted))))


def test_scaling_goes_1_2_4_and_never_beyond() -> None:
    e = c.lr_pair(stage=Stage.OPTIMISE)
    for scaling, wanted in ((1.0, 2.0), (2.0, 4.0), (4.0, None)):
        before, now = (replace(x, recipe=x.recipe.with_(scaling=scaling)) for x in (e.before, e.curve) if x)
        decision = decide(replace(e, curve=now, before=before))
        if wanted is None:
            assert ("insensitive", "no_room") in decision.turned_down
            assert not isinstance(decision.move, Change) or decision.move.recipe.scaling == 4.0
        else:
            assert decision.move == Change(now.recipe.with_(scaling=wanted))
