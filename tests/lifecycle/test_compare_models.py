"""Old or new: a gain, a loss, a trade and a tie are told apart, and classes that fell are named."""

import numpy as np
import pytest

from rankfirst.lifecycle.compare_models import Versus, versus

CLASSES = ("a", "b", "c", "d")
ROWS = 400


def answers(right: dict[int, float], n: int = ROWS, seed: int = 0) -> list[tuple[int, ...]]:
    """Answers to rows 0 1 2 3 0 1 ..., right with that chance a class, else the next class."""
    rng = np.random.default_rng(seed)
    return [(c if rng.random() < right[c] else (c + 1) % 4,) for c in (i % 4 for i in range(n))]


def found(old: dict[int, float], new: dict[int, float], before: int = ROWS) -> Versus:
    truth = [(i % 4,) for i in range(ROWS)]
    return versus(truth, answers(old), answers(new, seed=1), CLASSES, before)


ALL = dict.fromkeys(range(4), 0.8)


@pytest.mark.parametrize(
    ("old", "new", "verdict", "code"),
    [
        pytest.param(ALL, dict.fromkeys(range(4), 0.95), "new", "versus.better", id="better"),
        pytest.param(dict.fromkeys(range(4), 0.95), ALL, "old", "versus.worse", id="worse"),
        pytest.param(ALL, ALL, "unsure", "versus.within", id="no-difference"),
        pytest.param(ALL | {3: 0.0}, ALL, "new", "versus.better", id="a-class-the-old-one-cannot-say"),
        pytest.param({0: 1.0, 1: 0.5, 2: 0.5, 3: 0.5}, {0: 0.3, 1: 0.95, 2: 0.95, 3: 0.95}, "new", "versus.better",
                     id="one-class-pays-less-than-was-gained"),
    ],
)  # fmt: skip
def test_the_verdict(old: dict[int, float], new: dict[int, float], verdict: str, code: str) -> None:
    told = found(old, new)
    assert (told.verdict, told.code) == (verdict, code)


def test_rows_of_before_that_pay_for_new_ones_are_no_clear_case() -> None:
    truth = [(i % 2,) for i in range(200)] + [(2 + i % 2,) for i in range(200)]
    old = [*truth[:200], *[(0,)] * 200]  # knows its own classes only
    new = [(1 - c,) if i % 4 == 0 else (c,) for i, (c,) in enumerate(truth[:200])] + truth[200:]
    told = versus(truth, old, new, CLASSES, 200)
    assert (told.verdict, told.code) == ("unsure", "versus.trade")
    assert told.numbers["kept"] < -told.numbers["kept_noise"]


def test_a_class_that_fell_is_named_and_chance_is_not() -> None:
    told = found(ALL | {0: 1.0}, ALL | {0: 0.7})
    assert [each.name for each in told.lost] == ["a"]
    assert told.lost[0].rows == 100 and told.lost[0].old > 0.99 > told.lost[0].new
    assert not found(ALL, ALL).lost


def test_a_class_without_test_rows_is_left_out() -> None:
    told = versus([(0,)] * 12, [(0,)] * 12, [(1,)] * 12, CLASSES, 12)
    assert [each.name for each in told.classes] == ["a"] and told.verdict == "old"


def test_several_labels_a_row() -> None:
    truth = [(0, 1), (1,), (), (2,)] * 10
    told = versus(truth, [(0,), (1,), (), (2,)] * 10, truth, CLASSES, 20)
    assert told.numbers["gain"] > 0 and {each.name for each in told.classes} == {"a", "b", "c"}
