"""From an observed run to its advice: which rules are asked, what is named, and what is not."""

import math
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import rankfirst
from rankfirst import report
from rankfirst.advice.live_run import advise, evidence
from rankfirst.engine.training.loop import SAFE_CLIP, SAFE_EPSILON
from rankfirst.messages import LANGS, sentences
from rankfirst.records import Advance, Change, Extend, Health, Stage
from rankfirst.records.observed import Observed
from tests.policy import curves as c

PLATEAU = [(v, f, 0.6, f1) for v, f, _, f1 in c.LOW]  # below what class frequencies alone give
LEARNT = [(0.9, 0.6, 0.9, 0.6), *c.HEALTHY[1:]]


def observed(curve: Any, lr: float | None = None, **changes: Any) -> Observed:
    if lr is not None:
        curve = replace(curve, recipe=curve.recipe.with_(lr=lr))
    return replace(Observed(curve, c.TRUTH, c.FACTS, ("a", "b"), (5000, 4000), False, 9000), **changes)


def decay(share: float, points: int = 24) -> tuple[float, ...]:
    """lr at the points of a run of two epochs (steps 1-24, evaluated at 10 and 20), `share` of its peak after 10."""
    return tuple(4e-4 if step <= 10 else share * 4e-4 for step in range(1, points + 1))


@pytest.mark.parametrize(
    ("curve", "rules", "move"),
    [
        pytest.param(c.curve(c.FALLING, LEARNT), ["capacity_right", "settled"], Advance, id="healthy"),
        pytest.param(c.curve(c.FALLING, c.HEALTHY), ["capacity_enough", "settled"], Advance, id="within-noise"),
        pytest.param(c.curve(c.FALLING, c.OVERFIT), ["overfit"], Change, id="overfit"),
        pytest.param(c.curve(c.FLAT, PLATEAU), ["underfit"], Change, id="plateau"),
        pytest.param(c.curve(c.FALLING, c.CLIMBING), ["look_alike"], Advance, id="slow"),
        pytest.param(c.curve(c.FALLING[:5], c.HEALTHY[:2]), ["too_little"], Extend, id="one-epoch"),
        pytest.param(c.curve(c.FALLING, c.LOW[:1], health=Health.DIVERGED), ["numerics"], Change, id="diverged"),
    ],
)
def test_it_decides_as_the_policy_does(curve: Any, rules: list[str], move: type) -> None:
    advice = advise(observed(curve))
    assert [d.rule_id for d in advice.decisions] == rules
    assert advice.decision is not None and isinstance(advice.decision.move, move)
    for decision in advice.decisions:
        assert set(report.tell("decision", "", decision, "en")) <= set(advice.lines)


def test_the_optimiser_is_asked_only_once_capacity_is_settled() -> None:
    stages = [d.stage for d in advise(observed(c.curve(c.SWINGING, c.UNSTABLE))).decisions]
    assert stages in ([Stage.CAPACITY], [Stage.CAPACITY, Stage.OPTIMISE])
    assert [d.stage for d in advise(observed(c.curve(c.FALLING, c.HEALTHY))).decisions] == list(Stage)[1:3]


def said(advice: Any) -> str:
    return "\n".join(advice.lines)


def test_the_look_alike_names_its_experiment() -> None:
    told = said(advise(observed(c.curve(c.FALLING, c.CLIMBING))))
    assert "whether lr or capacity is too low" in told
    assert "lr 4e-4 → 1.6e-3; " in told
    assert "a randomly initialised head" in told and "no row was checked" in told


def test_a_new_rank_comes_with_the_alpha_that_keeps_the_scaling() -> None:
    curve = c.curve(c.FALLING, c.OVERFIT, c.RECIPE.with_(rank=16, scaling=2.0))
    assert "r=4, lora_alpha=8" in said(advise(observed(curve)))
    assert "r=4, lora_alpha=4," in said(advise(observed(curve, rslora=True)))


@pytest.mark.parametrize(
    ("lr", "asked"), [(1e-5, False), (4.9e-5, False), (5e-5, True), (4e-4, True), (1e-3, True), (2e-3, False)]
)
def test_capacity_is_not_judged_outside_the_lr_band(lr: float, asked: bool) -> None:
    seen = observed(c.curve(c.FALLING, c.HEALTHY), lr)
    advice = advise(seen)
    assert (advice.decision is not None) is asked
    assert ("no verdict on capacity" in said(advice)) is not asked
    assert advise(seen, wide_lr=True).decision is not None


def test_a_risen_loss_is_no_plateau() -> None:
    risen = [(0.9, 0.5, 0.9, 0.5), (5.0, 0.3, 5.0, 0.3), (9.0, 0.2, 9.0, 0.2)]
    advice = advise(observed(c.curve(c.FLAT, risen)))
    assert advice.decisions == () and "0.900 → 9.000" in said(advice) and "lr 4e-4 → 2e-4" in said(advice)
    blind = advise(observed(c.curve([1.0] * 12 + [3.0] * 12, []), lr=8e-4))
    assert blind.decisions == () and "1.000 → 3.000" in said(blind) and "lr 8e-4 → 4e-4" in said(blind)


@pytest.mark.parametrize(("share", "verdict"), [(1.0, True), (0.6, True), (0.3, False)])
def test_a_plateau_of_an_lr_that_ran_out_is_no_verdict(share: float, verdict: bool) -> None:
    advice = advise(observed(replace(c.curve(c.FLAT, PLATEAU), lr=decay(share))))
    assert (advice.decision is not None) is verdict
    assert ("lr_scheduler_type" in said(advice)) is not verdict


@pytest.mark.parametrize(("multi", "prior"), [(False, 0.687), (True, 1.374)])
def test_a_plateau_at_the_class_frequencies_says_nothing_about_capacity(multi: bool, prior: float) -> None:
    at = [(prior, 0.3, prior, 0.3)] * 3
    seen = observed(c.curve(c.FLAT, at), multi_label=multi)
    advice = advise(seen)
    assert seen.prior_loss() == pytest.approx(prior, abs=1e-3)
    assert advice.decision is None and "Not even the head has learnt" in said(advice)
    lower = [(v, f, 0.9 * loss, f1) for v, f, loss, f1 in at]
    assert [d.rule_id for d in advise(replace(seen, curve=c.curve(c.FLAT, lower))).decisions] == ["underfit"]
    assert observed(seen.curve, class_counts=()).prior_loss() == math.inf


def test_a_plateau_that_was_there_before_lr_ran_out_stands() -> None:
    curve = c.curve(c.FLAT, [*PLATEAU, PLATEAU[-1]], steps=tuple(range(2, 50, 2)))
    lrs = tuple(4e-4 if step <= 20 else 1e-5 for step in curve.steps)
    assert [d.rule_id for d in advise(observed(replace(curve, lr=lrs))).decisions] == ["underfit"]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        pytest.param({"curve": c.curve(c.FALLING, [], epochs=3.0)}, "trend (0)", id="no-evaluation"),
        pytest.param({"curve": c.curve(c.FLAT, PLATEAU[:2], epochs=3.0)}, "trend (1)", id="one-evaluation"),
        pytest.param({"truth": c.TRUTH[:5]}, "5 rows are too few for a noise estimate", id="few-rows"),
        pytest.param(
            {"curve": c.curve(c.FALLING, [(v, f, math.nan, math.nan) for v, f, _, _ in c.HEALTHY])},
            "could not be read one by one",
            id="no-subset",
        ),
    ],
)
def test_what_could_not_be_seen_is_no_verdict(changes: dict[str, Any], told: str) -> None:
    seen = observed(c.curve(c.FALLING, c.HEALTHY))
    if "truth" in changes:
        curve = seen.curve
        changes["curve"] = replace(curve, val_predicted=curve.val_predicted[:5], val_log_loss=curve.val_log_loss[:5])
    advice = advise(replace(seen, **changes))
    assert advice.decision is None and "No verdict" in said(advice) and told in said(advice)


def test_close_evaluations_are_thinned_to_an_epoch() -> None:
    curve = c.curve(c.FALLING, [c.HEALTHY[0], *[c.HEALTHY[1]] * 12])
    close = tuple(replace(e, epoch=e.epoch / 4) for e in curve.evaluations)
    kept = evidence(observed(replace(curve, evaluations=close))).curve.evaluations
    assert [e.epoch for e in kept] == [0.0, 1.0, 2.0, 3.0]
    short = tuple(replace(e, epoch=e.epoch / 12) for e in curve.evaluations)
    assert [e.epoch for e in evidence(observed(replace(curve, evaluations=short))).curve.evaluations] == [0.0, 0.5, 1.0]


def test_the_sites_that_were_read_roughly_say_so() -> None:
    assert "q/v + FFN, top 2 layers" in advise(observed(c.curve(c.FALLING, c.HEALTHY), exact_sites=False)).lines[-1]


def test_every_sentence_is_used_and_exists() -> None:
    package = Path(rankfirst.__file__).parent
    sources = [package / "advice" / "live_run.py", *(package / "engine").rglob("*.py")]
    used = {code for path in sources for code in re.findall(r'"(advice\.\w+)"', path.read_text("utf-8"))}
    assert used == {code for code in sentences() if code.startswith("advice.")}


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize(
    "curve",
    [
        c.curve(c.FALLING, c.CLIMBING),
        c.curve(c.FLAT, PLATEAU),
        c.curve(c.FALLING, c.OVERFIT),
        c.curve(c.FALLING, [], epochs=3.0),
    ],
)
def test_no_sentence_lacks_a_number(curve: Any, lang: Any) -> None:
    assert "advice." not in said(advise(observed(curve, exact_sites=False), lang))


def test_safe_numerics_are_those_of_the_engine() -> None:
    told = said(advise(observed(c.curve(c.FALLING, c.LOW[:1], health=Health.DIVERGED))))
    assert f"max_grad_norm={SAFE_CLIP}" in told
    assert float(told.partition("adam_epsilon=")[2].partition(",")[0]) == SAFE_EPSILON


def test_a_checkpoint_of_somebody_elses_run_is_nothing_to_branch_from() -> None:
    """Foreign curves carry the trainer's checkpoint names: the readings still speak."""
    plain, named = (advise(observed(c.curve(c.FALLING, LEARNT, checkpoint=name))) for name in ("", "checkpoint-24"))
    assert [d.rule_id for d in named.decisions] == [d.rule_id for d in plain.decisions]
