"""Which of several base models is taken: not the luckiest, but the cheapest of those that chance cannot tell apart."""

import numpy as np
import pytest

from rankfirst.messages import say
from rankfirst.policy import choose_base
from rankfirst.records import BaseTrial, from_json, to_json

CLASSES = 4
TRUTH = tuple((i % CLASSES,) for i in range(400))


def answers(wrong: int, seed: int = 0) -> tuple[tuple[int, ...], ...]:
    """The truth with so many rows answered by the next class."""
    rows = set(np.random.default_rng(seed).choice(len(TRUTH), wrong, replace=False).tolist())
    return tuple(((label + (i in rows)) % CLASSES,) for i, (label,) in enumerate(TRUTH))


def trial(spec: str, wrong: int, gigaflop: float, leaky: bool = False, val: int | None = None) -> BaseTrial:
    """A candidate that gets so many rows wrong; `val`: of the validation rows."""
    told = answers(wrong, seed=len(spec))
    other = told if val is None else answers(val, seed=len(spec))
    return BaseTrial(spec, f"sha-{spec}", "", "mean", leaky, told, other, 0.5, 0.6, gigaflop, 90.0, 5.0, 1.0)


@pytest.mark.parametrize(
    ("trials", "taken", "code"),
    [
        pytest.param([("a", 20, 1.0), ("bb", 80, 0.2)], "a", "best", id="the-cheap-one-is-worse"),
        pytest.param([("a", 20, 1.0), ("bb", 22, 0.2)], "bb", "cheaper", id="within-noise-the-cheap-one"),
        pytest.param([("a", 20, 1.0), ("bb", 22, 0.9)], "a", "best_of_cheap", id="about-the-same-cost-the-better-one"),
        pytest.param([("a", 20, 0.2), ("bb", 22, 1.0)], "a", "best_of_cheap", id="best-and-cheap"),
        pytest.param([("a", 20, 1.0)], "a", "alone", id="alone"),
        pytest.param([("a", 20, 1.0), ("bb", 20, 1.0)], "a", "best_of_cheap", id="equal-as-asked"),
    ],
)
def test_the_cheapest_within_noise_of_the_best(trials, taken, code):
    choice = choose_base("auto:x", [trial(*t) for t in trials], TRUTH, TRUTH, CLASSES)
    assert (choice.spec, choice.sha256, choice.code) == (taken, f"sha-{taken}", f"bases.because.{code}")
    assert [v.spec for v in choice.verdicts if v.code == "bases.taken"] == [taken]
    for lang in ("en", "zh"):
        assert taken in say(choice.code, lang, **choice.numbers)
        assert all(say(verdict.code, lang) for verdict in choice.verdicts)


def test_two_that_lose_for_different_reasons_are_told_apart():
    choice = choose_base("auto:x", [trial("a", 20, 1.0), trial("bb", 100, 0.1), trial("ccc", 22, 0.5)], TRUTH, TRUTH, 4)
    assert {v.spec: v.code for v in choice.verdicts} == {
        "a": "bases.dearer",
        "bb": "bases.worse",
        "ccc": "bases.taken",
    }


def test_leaking_folds_hand_the_judgement_to_validation():
    """A base that remembers templates looks better on held-out training rows than it is."""
    trials = [trial("a", 4, 1.0, leaky=True, val=90), trial("bb", 40, 1.0, val=30)]
    choice = choose_base("auto:x", trials, TRUTH, TRUTH, CLASSES)
    assert (choice.spec, choice.judged_on) == ("bb", "validation")
    assert choice.verdicts[0].log_loss == 0.6


def test_too_few_rows_know_nothing_and_the_cheapest_is_taken():
    few = [
        BaseTrial(spec, spec, "", "mean", False, told, told, 0.5, 0.5, cost, 90.0, 5.0, 1.0)
        for spec, told, cost in (("right", TRUTH[:4], 1.0), ("wrong", TRUTH[1:5], 0.1))
    ]
    choice = choose_base("auto:x", few, TRUTH[:4], TRUTH[:4], CLASSES)
    assert choice.spec == "wrong"


def test_a_choice_survives_the_journal():
    choice = choose_base("auto:x", [trial("a", 20, 1.0), trial("bb", 22, 0.2)], TRUTH, TRUTH, CLASSES)
    assert from_json(type(choice), to_json(choice)) == choice
