"""From a log to what is said of it: UNKNOWN stays UNKNOWN, one experiment, and the knobs to leave alone."""

import json
import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rankfirst.advice import LogAdvice, LogReport, Look, compare, conclude, live_run
from rankfirst.advice.log_advice import run_lines
from rankfirst.advice.log_evidence import observed, thinned
from rankfirst.advice.logs import collect, read
from rankfirst.advice.looks import LOOKS
from rankfirst.errors import DataError
from rankfirst.messages import LANGS, sentences
from rankfirst.records.training_log import LoggedRecipe, LossPoint, TrainingLog
from tests.advice.logs import written as w

KNOWN = LoggedRecipe(rank=8, alpha=16.0, lr=2e-4, dropout=0.05)
# What is tried instead where the log has a reason for it.
OTHERWISE = ("logs.try.lr_first", "logs.try.log_steps", "logs.try.trains_in_band")
RISING = tuple(0.7 + 0.1 * i for i in range(30))
LEARNT = tuple(2.0 * math.exp(-i / 2) + 0.05 + 0.001 * (-1) ** i for i in range(30))
DECAYED = [2e-4 * max(0.0, 1 - at / 15) for at in range(30)]
CREEPING = w.evaluations((0.9, 0.7, 1.1), (0.80, 0.86, 0.86))


def log(losses: Sequence[Any], evaluations: w.Rows = w.GOOD, recipe: LoggedRecipe = KNOWN, **given: Any) -> TrainingLog:
    return collect.log("log", "trainer_state", w.history(losses, evaluations, **given), recipe)


def said(told: LogAdvice, lang: Any = "en") -> str:
    return "\n".join(run_lines(told, lang))


BENDING = tuple(w.SETTLED[:3]) + tuple(1.2 - 0.03 * i for i in range(12)) + (0.86,) * 15  # falls until lr is gone

CASES = [
    pytest.param(log((*w.SETTLED[:20], math.nan, "nan")), Look.DIVERGED, id="diverged"),
    pytest.param(log(RISING), Look.ROSE, id="rose"),
    pytest.param(log(w.COLLAPSED, w.OVERFIT), Look.TURNED, id="overfit"),
    pytest.param(log(w.COLLAPSED, w.evaluations((0.9, 0.7, 1.1))), Look.TURNED, id="overfit-by-loss-alone"),
    pytest.param(log(w.COLLAPSED, CREEPING), Look.CREEPING, id="over-confident"),
    pytest.param(log(w.FALLING), Look.FALLING, id="falling"),
    pytest.param(log(w.SETTLED), Look.PLATEAU, id="plateau"),
    pytest.param(log(BENDING, lr=DECAYED), Look.RAN_OUT, id="flat-as-lr-vanished"),
    pytest.param(log(LEARNT), Look.LEARNT, id="learnt"),
    pytest.param(log(w.SETTLED[:6]), Look.UNCLEAR, id="six-points"),
    pytest.param(log(("",) * 30), Look.UNCLEAR, id="no-loss"),
    pytest.param(log((0.0,) * 30), Look.NO_LOSS, id="nothing-to-learn"),
    pytest.param(log((1.1, 1.098) * 15, [], lr=0.0), Look.NO_LR, id="lr-of-zero"),
    pytest.param(log(w.FALLING, lr=[1e-6 * at for at in range(1, 31)]), Look.WARMUP, id="lr-rising-to-the-end"),
    pytest.param(log((1.39, 1.385) * 15, []), Look.UNLEARNT, id="loss-of-guessing"),
]


@pytest.mark.parametrize(("given", "look"), CASES)
def test_what_a_curve_looks_like(given: TrainingLog, look: Look) -> None:
    told = conclude(given)
    assert told.look is look
    assert told.next is not None and told.next[0] in (LOOKS[look].experiment, *OTHERWISE)
    for lang in LANGS:
        assert not any("{" in line or "(None" in line for line in run_lines(told, lang))


def test_every_look_can_be_said() -> None:
    assert set(Look) == LOOKS.keys()
    codes = {c for row in LOOKS.values() for c in (row.experiment, *row.leave, *([row.plain] if row.plain else []))}
    assert codes <= sentences().keys()


@pytest.mark.parametrize(("given", "look"), CASES)
def test_a_log_moves_no_knob_of_capacity_or_dynamics(given: TrainingLog, look: Look) -> None:
    """Without answers row by row there is no noise floor: only a divergence and too little evidence are decided."""
    for code in [d.rule_id for d in conclude(given).advice.decisions]:
        assert code in ("numerics", "too_little")
    told = conclude(given)
    if look in (Look.TURNED, Look.CREEPING, Look.FALLING, Look.PLATEAU, Look.RAN_OUT, Look.LEARNT):
        assert "logs.cannot.rows_unknown" in [code for code, _ in told.cannot]


def test_a_divergence_is_told_as_one() -> None:
    told = conclude(log((*w.SETTLED[:20], math.nan, math.inf)))
    assert [d.rule_id for d in told.advice.decisions] == ["numerics"]
    assert "(step 210)" in " ".join(told.advice.lines) and "step 200" not in " ".join(told.advice.lines)
    assert "from step 210 to the end" in said(told) and "numerics, not capacity" in said(told)
    assert "rank and target modules stay" in said(told) and "only lr 2e-4 → 1e-4" in said(told)


def test_the_arms_are_exact() -> None:
    told = said(conclude(log(w.FALLING)))
    assert "(1) no change; (2) only lr 2e-4 → 8e-4; (3) only rank 8 → 32 with lora_alpha 16 → 64" in told
    down = said(conclude(log(w.COLLAPSED, w.OVERFIT)))
    assert "only lr 2e-4 → 5e-5; (3) only rank 8 → 2 with lora_alpha 16 → 4" in down
    rslora = replace(KNOWN, rank=4, rslora=True)
    assert "rank 4 → 16 with lora_alpha 16 → 32" in said(conclude(log(w.FALLING, recipe=rslora)))


def test_settings_nobody_told_are_asked_for_and_not_made_up() -> None:
    told = conclude(log(w.FALLING, recipe=LoggedRecipe(rank=8), lr=math.nan))
    assert "alpha, lr: give --alpha, --lr" in said(told)
    assert "only lr × 4" in said(told) and "4e-4" not in said(told)
    risen = said(conclude(log(RISING, recipe=LoggedRecipe())))
    assert "only lr ÷ 2" in risen and "4e-4" not in risen


@pytest.mark.parametrize(("given", "look"), CASES)
def test_rank_is_named_only_if_an_adapter_is_in_sight(given: TrainingLog, look: Look) -> None:
    told = conclude(replace(given, recipe=LoggedRecipe()))
    for lang in LANGS:
        assert "rank" not in "\n".join(run_lines(told, lang))
    assert "no adapter_config.json is beside it" in said(told) and told.leave == ()


@pytest.mark.parametrize(
    ("look", "reason"),
    [(w.COLLAPSED, "not whether it memorises"), (w.SETTLED, "no learning rate helps"), (w.FALLING, "lr and rank stay")],
)
def test_the_guard_says_which_knob_to_leave_alone(look: Sequence[float], reason: str) -> None:
    assert reason in said(conclude(log(look, w.OVERFIT if look is w.COLLAPSED else w.GOOD)))


def test_a_plateau_under_a_vanished_lr_is_not_called_underfit() -> None:
    told = said(conclude(log(BENDING, lr=DECAYED)))
    assert "not called underfitting" in told and "constant_with_warmup" in told and "sign of underfitting" not in told
    flat = conclude(log(w.SETTLED, lr=[2e-4] * 24 + [1e-5] * 6))  # it lay flat before, too
    assert flat.look is Look.PLATEAU


@pytest.mark.parametrize(("train_f1", "look"), [(0.6, Look.PLATEAU), (0.97, Look.LEARNT)])
def test_the_f1_of_training_rows_tells_a_plateau_from_rows_learnt(train_f1: float, look: Look) -> None:
    rows = [e | {"eval_train_macro_f1": train_f1} for e in w.GOOD]
    told = conclude(log(w.SETTLED, rows))
    assert told.look is look
    assert "fixed training subset" not in said(told)


def test_an_lr_outside_the_band_comes_first_as_the_policy_says() -> None:
    told = conclude(log(w.SETTLED, recipe=replace(KNOWN, lr=1e-5), lr=1e-5))
    assert told.next[0] == "logs.try.lr_first" and "only lr 1e-5 → 1e-4" in said(told)
    assert "is outside the range" in said(told)
    learnt = conclude(log(LEARNT, recipe=replace(KNOWN, lr=1e-5), lr=1e-5))
    assert learnt.next[0] == "logs.try.seeds"


def test_validation_rows_give_scores_a_noise() -> None:
    told = said(conclude(log(w.SETTLED), 400))
    assert "400 validation rows: F1 varies at random by about ± 3.3 points" in told
    assert "+7.0 points: beyond random variation (95% interval ± 5.1)" in told
    assert "within random variation" in said(conclude(log(w.SETTLED), 100))
    assert "at random" not in said(conclude(log(w.SETTLED)))


def test_few_rows_make_a_fall_of_the_score_chance() -> None:
    assert conclude(log(w.COLLAPSED, w.OVERFIT), 50).look is Look.CREEPING
    assert conclude(log(w.COLLAPSED, w.OVERFIT), 2000).look is Look.TURNED


def test_steps_without_epochs_are_enough() -> None:
    rows = [{k: v for k, v in row.items() if k != "epoch"} for row in w.history(w.SETTLED, w.GOOD)]
    told = conclude(collect.log("log", "csv", rows, KNOWN))
    assert told.look is Look.PLATEAU and "epochs are not logged" in said(told)
    assert "Too little evidence" not in said(told)


def test_many_points_are_averaged_and_few_are_kept() -> None:
    points = tuple(LossPoint(i, float(i % 2), i / 1000) for i in range(1, 10_001))
    many = TrainingLog("log", "csv", points, (), KNOWN)
    found = thinned(many)
    assert len(found) == 500 and found[-1].step == 10_000
    assert all(p.loss == pytest.approx(0.5) for p in found)
    few = replace(many, points=points[:30])
    assert thinned(few) == few.points


@pytest.mark.parametrize(("given", "look"), CASES)
def test_the_policy_reads_what_was_not_logged_as_unknown(given: TrainingLog, look: Look) -> None:
    seen = observed(given)
    assert seen.truth == () and seen.n_train == 0
    e = live_run.evidence(seen)
    assert math.isinf(e.noise.f1_se) and math.isinf(e.noise.loss_se)


FIGURES = st.floats() | st.sampled_from([0.0, 0.5, 1e300, -1e300, math.nan])
ROW = st.fixed_dictionaries(
    {"step": st.integers(0, 99)},
    optional={name: FIGURES for name in ("loss", "eval_loss", "eval_f1", "epoch", "lr", "grad_norm", "eval_train_f1")},
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(ROW, min_size=1, max_size=40), val_rows=st.integers(0, 99))
def test_figures_of_anything_can_be_told(rows: w.Rows, val_rows: int, tmp_path: Path) -> None:
    try:
        made = read(w.jsonl(tmp_path / "log.jsonl", rows))
    except DataError:
        return
    told = LogReport((conclude(made, val_rows),), compare(made, made, val_rows))
    for lang in LANGS:
        assert all(len(line) < 1500 for line in told.lines(lang))
        json.dumps(told.json(lang), allow_nan=False)
