"""Damaged evidence: no symptom raises, every sentence can still be said, and NaN is never read as ABSENT."""

import math
from collections.abc import Callable
from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from rankfirst.policy import Evidence, Noise
from rankfirst.records import Curve, Verdict
from tests.policy import curves as c
from tests.policy.test_symptoms import SYMPTOMS, any_is, last_is, seen, short

NAN, INF = math.nan, math.inf
WHICH = ("this", "others", "all")


def evaluations(**fields: Any) -> Callable[[Curve], Curve]:
    return lambda x: replace(x, evaluations=tuple(replace(v, **fields) for v in x.evaluations))


def every_figure(value: float) -> Callable[[Curve], Curve]:
    names = ("val_loss", "val_macro_f1", "val_accuracy", "train_loss", "train_macro_f1")
    fields = dict.fromkeys(names, value) | {"recall": (value, value)}
    return lambda x: replace(
        evaluations(**fields)(x),
        train_loss=(value,) * len(x.steps),
        grad_norm=(value,) * len(x.steps),
        val_log_loss=(value,) * c.ROWS,
        end_log_loss=(value,) * c.ROWS,
        update_norm=value,
    )


def rows(few: int) -> Callable[[Curve], Curve]:
    return lambda x: replace(x, end_log_loss=(0.5,) * few, end_predicted=((0,),) * few)


HURTS: dict[str, Callable[[Curve], Curve]] = {
    "nothing": lambda x: x,
    "no-evaluations": lambda x: replace(x, evaluations=()),
    "one-evaluation": lambda x: replace(x, evaluations=x.evaluations[:1]),
    "two-evaluations": lambda x: replace(x, evaluations=x.evaluations[:2]),
    "no-points": lambda x: replace(x, steps=(), train_loss=(), grad_norm=()),
    "one-point": lambda x: replace(x, steps=(1,), train_loss=(1.0,), grad_norm=(1.0,)),
    "no-class-has-rows": evaluations(recall=(NAN, NAN)),
    "one-class-without-rows": evaluations(recall=(0.5, NAN)),
    "nan-everywhere": every_figure(NAN),
    "inf-everywhere": every_figure(INF),
    "minus-inf-everywhere": every_figure(-INF),
    "zero-everywhere": every_figure(0.0),
    "no-end": lambda x: replace(x, end_log_loss=(), end_predicted=()),
    "nobody-predicted": lambda x: replace(x, end_predicted=((),) * c.ROWS),
}


def full(hurt: Callable[[Curve], Curve], which: str) -> Evidence:
    """Evidence of every kind at once, so that no symptom can leave early; `which` of its curves is hurt."""
    e = c.named("rank", profile=c.suspect_errors().profile, seeds=c.differing_seeds().seeds)
    here, there = (hurt if which != "others" else HURTS["nothing"]), (hurt if which != "this" else HURTS["nothing"])
    old = there(replace(c.curve(c.FLAT, c.LOW, c.RECIPE.with_(lr=2e-4)), train_wrong=tuple(range(20))))
    now = here(replace(e.curve, train_wrong=tuple(range(20))))
    return replace(e, curve=now, incumbent=old, before=old, seeds=tuple(map(there, e.seeds)))


def test_no_symptom_raises(subtests: pytest.Subtests) -> None:
    for hurt, which in product(HURTS, WHICH):
        e = full(HURTS[hurt], which)
        for name in SYMPTOMS:
            with subtests.test(name=name, hurt=hurt, which=which):
                seen(name, e)


def test_no_symptom_raises_on_hardly_any_validation_rows(subtests: pytest.Subtests) -> None:
    for truth in (((0,),), ((),), ()):  # one row, one without a label, none
        few = len(truth)
        e = replace(full(rows(few), "all"), truth=truth, noise=Noise(INF, INF, few))
        for name in SYMPTOMS:
            with subtests.test(name=name, truth=truth):
                seen(name, e)


def test_no_symptom_raises_where_no_row_carries_a_label(subtests: pytest.Subtests) -> None:
    """Multi-label rows may be empty, in truth and in predictions."""
    e = replace(full(HURTS["nobody-predicted"], "all"), truth=((),) * c.ROWS)
    for name in SYMPTOMS:
        with subtests.test(name=name):
            seen(name, e)


NOT_ABSENT = [
    ("overfit_by_capacity", last_is(1, NAN, "memorising"), "nan-val-f1"),
    ("underfit", any_is(-2, 2, NAN, "slow_fall"), "nan-train-loss-before-the-last"),
    ("underfit", last_is(2, INF, "plateau"), "inf-train-loss"),
    ("underfit", last_is(3, NAN, "plateau"), "nan-train-f1"),
    ("slow", any_is(-2, 2, NAN, "slow_fall"), "nan-train-loss-before-the-last"),
    ("slow", last_is(3, NAN, "slow_fall"), "nan-train-f1"),
    ("improving", any_is(0, 1, NAN), "nan-first-val-f1"),
    ("improving", any_is(0, 2, NAN), "nan-first-train-loss"),
    ("improving", replace(c.steady_improvement(), noise=Noise(INF, INF, 9)), "no-noise-floor"),
    ("oscillating", any_is(1, 1, NAN, "oscillating"), "nan-val-f1"),
    ("oscillating", c.evidence(c.curve(c.SWINGING, ())), "no-f1-at-all"),
    ("oscillating", short(11, 3), "eleven-points"),
    ("lr_insensitive", replace(c.lr_pair(), before=c.curve(c.FLAT, [(0.9, 0.5, NAN, 0.5)] * 3,
                                                           c.RECIPE.with_(lr=2e-4))), "nan-before"),
    ("capacity_symptom", any_is(-1, 3, NAN, "plateau"), "nan-train-f1"),
    ("named_by_experiment_rank", replace(c.named("rank"), curve=c.curve(c.FALLING, c.CLIMBING, c.RECIPE.with_(rank=2))),
     "experiment-of-another-probe"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "given"), [pytest.param(n, e, id=f"{n}-{why}") for n, e, why in NOT_ABSENT])
def test_what_cannot_be_told_is_unknown(name: str, given: Evidence) -> None:
    assert seen(name, given) is Verdict.UNKNOWN
