"""Every symptom: PRESENT on its curve, ABSENT on the healthy one, UNKNOWN where its first line says so."""

import math
import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from rankfirst.messages import LANGS, say
from rankfirst.policy import Evidence, Noise
from rankfirst.policy.rules import CAPACITY, OPTIMISE, RECHECK
from rankfirst.records import Stage, Verdict
from tests.policy import curves as c

Symptom = Callable[[Evidence], object]
# What it looks for, what it needs, what NaN does.
SAYS = re.compile(r"\w[^.]{10,}(?:\.[^.]+)*\. Needs [^;]+; NaN [^;]+\.")
NAN, INF = math.nan, math.inf
SYMPTOMS = {s.__name__: s for s in (rule.symptom for rule in (*CAPACITY, *OPTIMISE, *RECHECK))}


def seen(name: str, e: Evidence) -> Verdict:
    """The verdict, once its sentence has been said in both languages."""
    finding = SYMPTOMS[name](e)
    for lang in LANGS:
        assert say(finding.code, lang, **finding.numbers)
    said = finding.code.rpartition(".")[2]
    assert said == finding.verdict.value or (said, finding.verdict) == ("bet", Verdict.PRESENT)
    return finding.verdict


PRESENT = {
    "not_finite": c.diverged(),
    "diverged_again": c.evidence(replace(c.diverged().curve, recipe=c.RECIPE.with_(safe_numerics=True))),
    "out_of_memory": c.out_of_memory(),
    "too_little": c.too_short(),
    "worse_than_before": c.worse_than_before(),
    "recall_lost": c.recall_lost(),
    "data_limited": c.suspect_errors(),
    "doubtful_labels": c.branched(c.suspect_errors()),
    "better_without": c.without(drop_doubtful=True),
    "overfit_by_capacity": c.memorising(),
    "underfit": c.plateau(),
    "slow": c.slow_fall(),
    "improving": c.steady_improvement(),
    "oscillating": c.oscillating(),
    "seeds_differ": c.differing_seeds(),
    "lr_insensitive": c.lr_pair(),
    "capacity_symptom": c.plateau(),
    "named_by_experiment_rank": c.named("rank"),
    "named_by_experiment_sites": c.named("sites"),
    "named_by_experiment_lr": c.named("lr"),
    "named_by_experiment_lr_down": c.named("lr-", stage=Stage.OPTIMISE),
    "named_by_experiment_scaling": c.named("scaling", stage=Stage.OPTIMISE),
    "named_by_experiment_dropout": c.named("dropout", stage=Stage.OPTIMISE),
    "named_by_experiment_rank_down": c.named("rank-", stage=Stage.RECHECK),
    "named_by_experiment_sites_down": c.named("sites-", stage=Stage.RECHECK),
    "named_by_experiment_undecided": c.named("undecided"),
    "untested": c.branched(c.slow_fall()),
    "lost_before": c.more_dropout(stage=Stage.OPTIMISE),
    "unlearning": c.unlearning(),
    "unreadable": c.too_short(),
    "always": c.diverged(),
}
HEALTHY_PAIR = {
    "worse_than_before": c.worse_than_before(loss=0.3, wrong=1),
    "recall_lost": c.recall_lost(low=0.95),
    "seeds_differ": c.differing_seeds(apart=0.0),
    "lr_insensitive": c.lr_pair(after=c.CLIMBING),
    "named_by_experiment_rank": c.named("undecided"),
    "named_by_experiment_sites": c.named("undecided"),
    "named_by_experiment_lr": c.named("undecided"),
    "named_by_experiment_lr_down": c.named("undecided", stage=Stage.OPTIMISE),
    "named_by_experiment_scaling": c.named("undecided", stage=Stage.OPTIMISE),
    "named_by_experiment_dropout": c.named("undecided", stage=Stage.OPTIMISE),
    "named_by_experiment_rank_down": c.named("undecided", stage=Stage.RECHECK),
    "named_by_experiment_sites_down": c.named("undecided", stage=Stage.RECHECK),
    "named_by_experiment_undecided": c.named("lr"),
    "untested": c.branched(c.named("undecided")),
    "improving": c.plateau(),
    "doubtful_labels": c.branched(c.steady_improvement()),
    "better_without": c.without(),
}


def test_every_symptom_of_the_tables_is_shown_here() -> None:
    assert SYMPTOMS.keys() == PRESENT.keys()


@pytest.mark.parametrize("name", PRESENT)
def test_present_on_its_own_curve(name: str) -> None:
    assert seen(name, PRESENT[name]) is Verdict.PRESENT


@pytest.mark.parametrize("name", sorted(PRESENT.keys() - {"always"}))
def test_absent_on_the_healthy_curve(name: str) -> None:
    assert seen(name, HEALTHY_PAIR.get(name, c.steady_improvement())) is Verdict.ABSENT


@pytest.mark.parametrize(("name", "rule"), [(s.__name__, s) for s in SYMPTOMS.values()])
def test_first_line_says_what_it_needs_and_what_nan_does(name: str, rule: Symptom) -> None:
    first = (rule.__doc__ or "").strip().splitlines()[0]
    assert SAYS.fullmatch(first), first


def test_a_first_line_that_leaves_something_out_is_noticed() -> None:
    whole = "Training loss still falls. Needs 2 evaluations; NaN -> UNKNOWN."
    assert SAYS.fullmatch(whole)
    for part in ("Training loss still falls. ", "Needs 2 evaluations", "; NaN -> UNKNOWN"):
        assert not SAYS.fullmatch(whole.replace(part, ""))


def last_is(at: int, value: float, name: str = "steady_improvement") -> Evidence:
    """The curve with one figure of its last evaluation replaced: 0 val loss, 1 val F1, 2 train loss, 3 train F1."""
    return any_is(-1, at, value, name)


def any_is(which: int, at: int, value: float, name: str = "steady_improvement") -> Evidence:
    e: Evidence = getattr(c, name)()
    fields = ("val_loss", "val_macro_f1", "train_loss", "train_macro_f1")
    evaluations = list(e.curve.evaluations)
    evaluations[which] = replace(evaluations[which], **{fields[at]: value})
    return replace(e, curve=replace(e.curve, evaluations=tuple(evaluations)))


def short(points: int, evaluations: int) -> Evidence:
    return c.evidence(c.curve(c.FALLING[:points], c.CLIMBING[:evaluations]))


def worse_with(**fields: object) -> Evidence:
    e = c.worse_than_before()
    return replace(e, curve=replace(e.curve, **fields))


UNKNOWN = [
    ("better_without", c.branched(c.suspect_errors()), "no-arm"),
    ("doubtful_labels", c.suspect_errors(), "no-checkpoint"),
    (
        "doubtful_labels",
        c.branched(c.steady_improvement(profile=replace(c.PROFILE, suspects_known=False))),
        "not-sought",
    ),
    ("worse_than_before", c.steady_improvement(), "no-incumbent"),
    ("worse_than_before", worse_with(recipe=c.RECIPE.with_(rank=2)), "same-recipe"),
    ("worse_than_before", worse_with(end_log_loss=()), "no-end"),
    ("worse_than_before", worse_with(end_log_loss=(NAN,) * c.ROWS), "nan"),
    ("recall_lost", c.steady_improvement(), "no-incumbent"),
    ("recall_lost", worse_with(recipe=c.RECIPE.with_(rank=2)), "same-recipe"),
    ("recall_lost", worse_with(end_predicted=()), "no-end"),
    ("overfit_by_capacity", short(24, 2), "one-evaluation-after-the-start"),
    ("overfit_by_capacity", last_is(0, NAN, "memorising"), "nan-val-loss"),
    ("overfit_by_capacity", last_is(0, INF, "memorising"), "inf-val-loss"),
    ("overfit_by_capacity", replace(c.memorising(), noise=Noise(0.01, INF, 9)), "no-noise-floor"),
    ("overfit_by_capacity", any_is(0, 2, NAN, "memorising"), "nan-train-loss"),
    ("data_limited", replace(c.suspect_errors(), curve=c.curve(c.FALLING, c.CLIMBING)), "no-wrong-rows"),
    ("named_by_experiment_rank", c.slow_fall(), "no-experiment"),
    ("named_by_experiment_sites", c.slow_fall(), "no-experiment"),
    ("named_by_experiment_lr", c.slow_fall(), "no-experiment"),
    ("named_by_experiment_undecided", c.slow_fall(), "no-experiment"),
    ("underfit", short(11, 3), "few-points"),
    ("underfit", last_is(2, NAN, "plateau"), "nan-train-loss"),
    ("underfit", c.evidence(c.curve((NAN,) * 24, c.LOW[:1])), "nan-points"),
    ("slow", short(11, 3), "few-points"),
    ("slow", short(24, 2), "one-evaluation-after-the-start"),
    ("slow", last_is(2, NAN, "slow_fall"), "nan-train-loss"),
    ("improving", short(24, 2), "one-evaluation-after-the-start"),
    ("improving", last_is(0, NAN), "nan-val-loss"),
    ("oscillating", short(10, 3), "few-points"),
    ("oscillating", c.evidence(c.curve((*c.SWINGING, NAN), c.UNSTABLE)), "nan-points"),
    ("seeds_differ", c.steady_improvement(), "no-other-seeds"),
    ("seeds_differ", c.differing_seeds(apart=NAN), "nan"),
    ("lr_insensitive", c.steady_improvement(), "no-probe-before"),
    ("lr_insensitive", replace(c.lr_pair(), before=c.curve(c.FLAT, c.LOW, c.RECIPE.with_(lr=8e-4))), "lr-lowered"),
    ("lr_insensitive", replace(c.lr_pair(), before=c.worse_than_before().incumbent), "another-knob-moved"),
    ("lr_insensitive", c.lr_pair(after=[(0.9, 0.5, NAN, 0.5)] * 3), "nan"),
    ("capacity_symptom", short(11, 2), "few-points-and-one-evaluation"),
    ("capacity_symptom", c.evidence(c.curve((NAN,) * 24, [(NAN, NAN, NAN, NAN)] * 3)), "nan"),
]


@pytest.mark.parametrize(("name", "given"), [pytest.param(n, e, id=f"{n}-{why}") for n, e, why in UNKNOWN])
def test_unknown_where_its_first_line_says_so(name: str, given: Evidence) -> None:
    assert seen(name, given) is Verdict.UNKNOWN


def test_the_last_few_hard_rows_are_no_oscillation() -> None:
    """Below a tenth of where it began, the loss swings relatively, not really."""
    near_zero = [x / 10 for x in c.SWINGING]
    assert seen("oscillating", c.evidence(c.curve(near_zero, c.UNSTABLE))) is Verdict.PRESENT
    assert seen("oscillating", c.evidence(c.curve([9.0, *near_zero], c.UNSTABLE))) is Verdict.ABSENT


def test_oscillation_needs_both_loss_and_f1_to_swing() -> None:
    assert seen("oscillating", c.evidence(c.curve(c.SWINGING, c.HEALTHY))) is Verdict.ABSENT
    assert seen("oscillating", c.evidence(c.curve(c.FALLING, c.UNSTABLE))) is Verdict.ABSENT


@pytest.mark.parametrize("name", ["oscillating", "overfit_by_capacity", "unlearning"])
def test_a_stray_answer_of_a_class_without_rows_is_no_sign(name: str) -> None:
    # scikit-learn's macro-F1 falls by points; over the classes that have validation rows nothing happened.
    e = PRESENT[name]
    flat = tuple(replace(x, val_f1_occurring=0.9) for x in e.curve.evaluations)
    if name == "overfit_by_capacity":  # not by its loss either: F1 stays
        flat = tuple(replace(x, val_f1_occurring=0.9, val_loss=0.5) for x in e.curve.evaluations)
    assert seen(name, replace(e, curve=replace(e.curve, evaluations=flat))) is Verdict.ABSENT
