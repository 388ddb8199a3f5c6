"""What a run is likely to take, and how independent runs spread."""

from dataclasses import replace

import pytest

from rankfirst.forecast import Basis, Job, forecast, makespan

BASIS = Basis(rows=9000, rate=0.23, features=3.6, probe=1.9, epoch=2.9, budget=80.0)


def test_every_step_is_a_span_and_all_is_their_sum() -> None:
    *steps, whole = forecast(BASIS)
    assert [s.step for s in steps] == ["start", "features", "ladder", "probes", "final", "delivery"]
    assert all(0 < s.least <= s.most for s in steps)
    assert (whole.least, whole.most) == pytest.approx((sum(s.least for s in steps), sum(s.most for s in steps)))


def test_a_clock_limit_is_the_most() -> None:
    whole = forecast(replace(BASIS, budget=None, seconds=100.0))[-1]
    assert (whole.most, whole.basis) == (100.0, "limit")
    assert forecast(replace(BASIS, budget=None, seconds=1e6))[-1].basis == "runs"


def test_probes_take_no_more_than_half_of_the_work() -> None:
    probes = forecast(replace(BASIS, probe=30.0))[3]
    assert probes.most == pytest.approx(40.0 / (0.23 * 0.45))


def test_one_worker_does_all_in_turn_and_a_chain_is_never_shorter() -> None:
    job = Job(3.0, ((2.0,), (1.0, 1.0)), 4.0)
    assert makespan([job], 1) == pytest.approx(11.0)
    assert makespan([job], 100) == pytest.approx(10.0)
    assert makespan([job] * 6, 1, 0.5) == pytest.approx(6 * (11.0 + 5 * 0.5))
    assert makespan([job] * 6, 1000) == pytest.approx(10.0)
    assert makespan([], 3) == 0.0


def test_more_workers_never_take_longer_here() -> None:
    jobs = [Job(1.0 + i % 3, ((2.0,), (3.0, 1.0)), 2.0) for i in range(20)]
    ends = [makespan(jobs, m, 0.1) for m in (1, 2, 4, 8, 64)]
    assert ends == sorted(ends, reverse=True)
