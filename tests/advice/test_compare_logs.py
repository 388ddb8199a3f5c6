"""Two logs: one knob, none, or several."""

from dataclasses import replace

from rankfirst.advice import LogPair, compare
from rankfirst.advice.logs import collect
from rankfirst.messages import LANGS
from rankfirst.records import Role
from rankfirst.records.training_log import LoggedRecipe, TrainingLog
from rankfirst.report.phrases import both
from tests.advice.logs import written as w

KNOWN = LoggedRecipe(rank=8, alpha=16.0, lr=2e-4, dropout=0.05, roles=(Role.Q, Role.V))


def log(recipe: LoggedRecipe = KNOWN, rows: w.Rows = w.GOOD) -> TrainingLog:
    return collect.log("log", "trainer_state", w.history(w.SETTLED, rows), recipe)


def said(pair: LogPair) -> str:
    told = ["\n".join(both(*one)[lang] for one in pair.said) for lang in LANGS]
    assert not any("{" in text for text in told)
    return told[0]


def test_one_knob_is_named_with_what_changed_and_without_an_interval() -> None:
    pair = compare(log(), log(replace(KNOWN, lr=4e-4), w.OVERFIT))
    assert pair.differ == ("lr",)
    told = said(pair)
    assert "one setting: lr 2e-4 → 4e-4" in told and "at step 300, the last one that both" in told
    assert "validation F1 0.870 → 0.790 (-0.080)" in told
    assert "there is no interval" in told and "random variation" not in told


def test_validation_rows_say_what_is_chance() -> None:
    other = log(replace(KNOWN, lr=4e-4), w.OVERFIT)
    assert "beyond random variation on 2,000 validation rows" in said(compare(log(), other, 2000))
    assert "no winner" in said(compare(log(), other, 50))


def test_rank_with_the_alpha_that_keeps_the_scaling_is_one_knob() -> None:
    assert compare(log(), log(replace(KNOWN, rank=32, alpha=64.0))).differ == ("rank",)


def test_rank_with_alpha_kept_is_two() -> None:
    told = said(compare(log(), log(replace(KNOWN, rank=32))))
    assert "while lora_alpha 16 did not" in told and "validation loss" not in told


def test_several_knobs_tell_nothing_apart() -> None:
    told = said(compare(log(), log(replace(KNOWN, lr=4e-4, dropout=0.1, roles=(Role.Q,)))))
    assert "differ in 3 settings" in told and "validation loss" not in told


def test_the_same_recipe_twice_is_chance() -> None:
    assert "random variation" in said(compare(log(), log()))


def test_what_is_not_known_of_both_may_differ() -> None:
    assert "hidden difference is possible: scaling, target modules" in said(
        compare(log(), log(replace(KNOWN, alpha=None, roles=None)))
    )


def test_runs_that_share_no_step_are_compared_at_their_ends() -> None:
    rows = w.history(w.SETTLED, w.GOOD)
    later = collect.log("log", "csv", [row | {"step": 7 * row["step"] + 1} for row in rows], KNOWN)
    assert "they have no step in common" in said(compare(log(), later))
    assert "nothing to compare" in said(compare(log(), log(rows=[])))
