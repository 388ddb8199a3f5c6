"""A promise is given only if exact tests show it, and it is broken no more often than its confidence allows."""

from typing import Any

import numpy as np
import pytest

from rankfirst.measure.answer_sets import Candidates
from rankfirst.measure.guarantee import Test as Shown
from rankfirst.measure.guarantee import Unkept, Wish, count, lower_limit, needed_rows, p_value
from rankfirst.records import Promise


def drawn(rows: int, seed: int, noise: float = 1.5, multi: bool = False) -> tuple[Candidates, Any]:
    """Four classes, a model that is right about six times of seven, and overconfident."""
    rng = np.random.default_rng(seed)
    truth = np.eye(4, dtype=bool)[rng.choice(4, rows, p=[0.1, 0.2, 0.3, 0.4])]
    if multi:
        truth |= rng.random(truth.shape) < 0.2
    logits = 4.0 * truth + rng.normal(0, noise, truth.shape) - (2.0 if multi else 0.0)
    if multi:
        p = 1 / (1 + np.exp(-logits))
        return Candidates.of(p, p >= 0.5, np.zeros(rows, dtype=bool), None, True), truth
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return Candidates.of(p, np.eye(4, dtype=bool)[p.argmax(axis=1)], np.zeros(rows, dtype=bool)), truth


def holds(promise: Promise, wishes: list[Wish], found: Candidates, truth: Any) -> bool:
    """Whether every wish is true of the rows."""
    sets = found.sets([wish.at for wish in wishes if wish.kind == "recall"], promise.ratio)
    answered = found.answered(sets, promise.level)
    shares = [count(wish, wish.at, truth, found.decided, sets, answered) for wish in wishes]
    return all(kept >= wish.least * rows for wish, (rows, kept) in zip(wishes, shares, strict=True))


@pytest.mark.parametrize(
    ("least", "risk", "rows"), [(0.9, 0.05, 29), (0.95, 0.05, 59), (0.9, 0.025, 36), (0.5, 0.5, 1)]
)
def test_the_fewest_rows_are_just_enough(least: float, risk: float, rows: int) -> None:
    assert needed_rows(least, risk) == rows
    assert p_value(rows, rows, least) <= risk < p_value(rows - 1, rows - 1, least)


def test_a_lower_limit_agrees_with_its_test() -> None:
    low = lower_limit(180, 200, 0.05)
    assert p_value(180, 200, low - 1e-4) < 0.05 < p_value(180, 200, low + 1e-4)


@pytest.mark.parametrize("multi", [False, True])
def test_promises_are_broken_no_more_often_than_their_confidence_allows(multi: bool) -> None:
    everywhere = drawn(60_000, 0, multi=multi)
    wishes = [Wish("recall", "a", 0, 0.93), Wish("precision", "", -1, 0.93)]
    given = broken = 0
    for seed in range(1, 121):
        found, truth = drawn(900, seed, multi=multi)
        test = Shown(found, truth, wishes, 0.8, seed)
        rule = test.choose()
        if not isinstance(rule, Unkept):
            given += 1
            broken += not holds(test.promise(*rule), wishes, *everywhere)
    assert given > 60  # it is possible, so that the next line says something
    assert broken <= 0.2 * given + 3 * np.sqrt(0.16 * given)


def test_promises_of_several_recalls_share_one_test() -> None:
    found, truth = drawn(1_500, 3, noise=0.5)
    wishes = [Wish("recall", name, at, 0.95) for at, name in enumerate("abcd")]
    test = Shown(found, truth, wishes, 0.95)
    rule = test.choose()
    assert not isinstance(rule, Unkept)
    assert test.recall_risk == pytest.approx(0.05)  # all of them are shown at each ratio, so no risk is divided
    assert all(clause.low >= 0.95 for clause in test.promise(*rule).clauses)


def test_too_few_rows_are_refused_with_the_number_that_suffices() -> None:
    found, truth = drawn(100, 1)
    unkept = Shown(found, truth, [Wish("recall", "a", 0, 0.9)], 0.95).choose()
    assert isinstance(unkept, Unkept)
    assert unkept.too_few
    assert (unkept.needed, unkept.rows) == (29, truth[:, 0].sum())


def test_what_rows_do_not_show_is_refused_with_what_they_do() -> None:
    found, truth = drawn(2_000, 1, noise=3.0)
    unkept = Shown(found, truth, [Wish("precision", "", -1, 0.999)], 0.95).choose()
    assert isinstance(unkept, Unkept)
    assert unkept.low < 0.999


def test_a_label_is_given_only_where_nothing_else_is_in_the_answer_set() -> None:
    p = np.array([[0.6, 0.4], [0.9, 0.1], [0.2, 0.8]])
    found = Candidates.of(p, np.eye(2, dtype=bool)[p.argmax(axis=1)], np.array([False, False, True]))
    sets = found.sets([1], 0.5)
    assert sets.tolist() == [[True, True], [True, False], [False, True]]
    assert found.answered(sets, 0.7).tolist() == [False, True, False]  # two candidates; sure; the model abstains
