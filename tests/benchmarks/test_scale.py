"""How fits spread over workers."""

import pytest
from benchmarks.scale import Job, makespan


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
