"""The clock limit: read as people write it, and spent on what fits."""

import math

import pytest

from rankfirst.clock import Clock, parse_budget
from rankfirst.errors import OptionError


@pytest.mark.parametrize(
    ("text", "seconds"), [("10m", 600), ("1.5h", 5400), ("90s", 90), ("10", 600), (" 2 H ", 7200), ("5min", 300)]
)
def test_a_budget_is_read(text: str, seconds: float) -> None:
    assert parse_budget(text) == seconds


@pytest.mark.parametrize("text", ["", "ten", "-5m", "0m", "5 days", "1e9x", "m"])
def test_nonsense_is_refused(text: str) -> None:
    with pytest.raises(OptionError):
        parse_budget(text)


def test_without_a_limit_everything_fits() -> None:
    clock = Clock(None, lambda: 1e9)
    assert clock.allows(1e9)
    assert clock.room(1.0) == math.inf


def test_speed_is_learnt_and_a_rough_guess_forgotten() -> None:
    clock = Clock(100.0, lambda: 20.0)
    clock.learn(work=1.0, spent=50.0, rough=True)
    assert clock.cost(2.0) == 100.0
    clock.learn(work=10.0, spent=20.0)
    assert clock.cost(2.0) == 4.0
    assert clock.allows(15.0, share=0.5)
    assert not clock.allows(16.0, share=0.5)
    assert clock.room(10.0) == 4.0
