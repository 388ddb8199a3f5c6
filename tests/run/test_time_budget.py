"""The clock limit is spent on what fits."""

import math

from rankfirst.run.time_budget import Clock


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
    assert clock.room(10.0, kept=20.0) == 3.0 and clock.room(10.0, kept=500.0) == 0.0
