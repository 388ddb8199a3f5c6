"""Time by stage: nested stages count once, all together are the wall clock, and keeping the account costs nothing."""

import time
from collections.abc import Iterator

import pytest

from rankfirst.measure import wall_clock
from rankfirst.measure.wall_clock import Account, kept, span


class Clock:
    """Seconds that pass when the test says so."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    clock = Clock()
    monkeypatch.setattr(wall_clock.time, "monotonic", clock)
    yield clock


def test_a_second_counts_for_the_innermost_stage_only(clock: Clock) -> None:
    account = Account(began=98.0)
    with kept(account):
        with span("probes"):
            clock.now += 3
            with span("evaluation"):
                clock.now += 2
                with span("cache"):
                    clock.now += 4
            clock.now += 1
        clock.now += 5
    assert account.so_far() == {"other": 7.0, "probes": 4.0, "evaluation": 2.0, "cache": 4.0}
    assert sum(account.taken().values()) == clock.now - 98.0
    assert not any(account.so_far().values())


def test_a_stage_that_is_still_open_counts_up_to_now(clock: Clock) -> None:
    account = Account()
    with kept(account), span("final"):
        clock.now += 2
        assert account.taken() == {"other": 0.0, "final": 2.0}
        clock.now += 1
        assert account.so_far() == {"final": 1.0}


def test_what_was_done_before_it_was_opened_has_a_stage(clock: Clock) -> None:
    account = Account(began=90.0, until_now="start")
    clock.now += 2
    assert account.so_far() == {"start": 10.0, "other": 2.0}


def test_an_error_ends_its_stage(clock: Clock) -> None:
    account = Account()
    with kept(account):
        with pytest.raises(ValueError, match="bad"), span("encode"):
            clock.now += 1
            raise ValueError("bad")
        clock.now += 2
    assert account.so_far() == {"encode": 1.0, "other": 2.0}


def test_without_an_account_nothing_is_kept(clock: Clock) -> None:
    account = Account()
    with kept(account):
        pass
    with span("encode"):
        clock.now += 1
    assert account.so_far() == {"other": 1.0}


def test_a_decorated_function_is_a_stage(clock: Clock) -> None:
    @span("checks")
    def check(seconds: float) -> float:
        clock.now += seconds
        return seconds

    account = Account()
    with kept(account):
        assert check(2.0) == 2.0 and check(1.0) == 1.0
    assert account.so_far() == {"other": 0.0, "checks": 3.0}


def test_stages_are_shown_in_order_and_unknown_ones_last() -> None:
    assert list(wall_clock.in_order({"new": 1.0, "final": 1.0, "encode": 2.0})) == ["encode", "final", "new"]


def test_a_span_costs_microseconds() -> None:
    """A run opens a few hundred, so that this is far below 1% of even a second."""
    account, best = Account(), float("inf")
    with kept(account):
        for _ in range(5):
            began = time.perf_counter()
            for _ in range(1000):
                with span("cache"):
                    pass
            best = min(best, time.perf_counter() - began)
    assert best / 1000 < 50e-6
