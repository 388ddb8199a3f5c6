"""Pictures: nothing breaks on odd numbers, axes carry round values."""

import re

import pytest

from rankfirst.report import charts
from rankfirst.report.speech import same

NAN, INF = float("nan"), float("inf")


def test_nothing_to_draw_draws_nothing():
    assert charts.bars([], same("t")) == ""
    assert charts.curves([charts.Line((1.0,), (NAN,)), charts.Line((), ())], same("t")) == ""


@pytest.mark.parametrize("ys", [(0.0, 0.0), (1.0, 1.0), (1e-12, 2e-12), (-1.0, -2.0), (NAN, 3.0), (INF, 1.0)])
@pytest.mark.parametrize("share", [True, False])
def test_odd_curves_stay_finite(ys, share):
    drawn = charts.curves([charts.Line((0.0, 1.0), ys)], same("t"), share)
    assert "nan" not in drawn and "inf" not in drawn


@pytest.mark.parametrize("value", [-1.0, 0.0, 0.5, 2.0, NAN])
def test_odd_bars_stay_inside(value):
    drawn = charts.bars([charts.Bar(same("<b>"), value, NAN, 0.5)], same("t"))
    assert "<b>" not in drawn
    assert all(0 <= float(width) <= 480 for width in re.findall(r' width="([-.\d]+)"', drawn))


def test_axes_carry_round_values():
    drawn = charts.curves([charts.Line((0.0, 40.0), (0.9, 0.2))], same("t"))
    ticks = re.findall(r'text-anchor="end">([^<]+)<', drawn)
    assert ticks[:4] == ["0", "0.25", "0.5", "0.75"]
