"""The minimiser: finds the bottom of convex bowls, stops when told, does not loop on a flat floor."""

import numpy as np
import pytest

from rankfirst.baselines.lbfgs import minimise


def bowl(curvatures, centre):
    calls = []

    def objective(x):
        calls.append(1)
        return 0.5 * float(curvatures @ (x - centre) ** 2), (curvatures * (x - centre)).astype(np.float32)

    return objective, calls


@pytest.mark.parametrize("condition", [1, 100, 10_000])
def test_reaches_the_bottom_whatever_the_scales(condition):
    curvatures = np.geomspace(1, condition, 20)
    centre = np.linspace(-1, 1, 20)
    objective, _ = bowl(curvatures, centre)
    found = minimise(objective, np.zeros(20, dtype=np.float32), gradient_norm=1e-4, iterations=500)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, centre, atol=1e-3)


def test_a_start_that_is_good_enough_costs_one_call():
    objective, calls = bowl(np.ones(3), np.zeros(3))
    start = np.full(3, 1e-6, dtype=np.float32)
    assert minimise(objective, start, gradient_norm=1e-3, iterations=50) is start
    assert len(calls) == 1


def test_iterations_are_a_limit():
    objective, _ = bowl(np.geomspace(1, 1e6, 50), np.ones(50))
    found = minimise(objective, np.zeros(50, dtype=np.float32), gradient_norm=0.0, iterations=2)
    assert not np.allclose(found, 1, atol=0.01)


def test_stops_where_float32_sees_no_descent():
    objective, calls = bowl(np.ones(3), np.full(3, 0.1))
    minimise(objective, np.zeros(3, dtype=np.float32), gradient_norm=0.0, iterations=10_000)
    assert len(calls) < 1000
