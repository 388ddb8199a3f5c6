"""Pictures: well-formed, described, escaped, and calm about numbers that are not finite."""

from xml.etree import ElementTree

import pytest

from rankfirst.report import charts, plots
from rankfirst.report.phrases import Both
from rankfirst.report.view_model import Plot, Series, Span, Whisker

HOSTILE = Both('<script>alert(1)</script>"><img onerror=x>', "<b>&\"'")
NAN = float("nan")


def series(ys, name=HOSTILE):
    return Series(name, tuple(float(n) for n in range(len(ys))), tuple(ys), "b", dots=True)


PICTURES = {
    "rung": lambda: charts.rung_bar(HOSTILE, Span(0.8, 0.7, 0.9), 0.5, True),
    "gain": lambda: charts.gain(Whisker(HOSTILE, 5.8, 1.7, HOSTILE, True), HOSTILE),
    "whiskers": lambda: charts.whiskers([Whisker(HOSTILE, 0.04, 0.01, HOSTILE, True)], HOSTILE),
    "plot": lambda: charts.plot(Plot(HOSTILE, (series((0.9, 0.4)),), level=0.5, level_name=HOSTILE)),
}


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_well_formed_described_and_escaped(name):
    drawn = PICTURES[name]()
    root = ElementTree.fromstring(drawn)
    assert root.get("role") == "img"
    assert [child.tag for child in root][:2] == ["title", "desc"]
    assert root.find("title").text and root.find("desc").text
    tags = {node.tag for node in root.iter()}
    assert tags <= {"svg", "g", "title", "desc", "text", "line", "rect", "circle"}
    assert not any(key.startswith("on") or "href" in key for node in root.iter() for key in node.keys())


def test_numbers_that_are_not_finite_are_left_out():
    drawn = charts.plot(Plot(HOSTILE, (series((0.9, NAN, float("inf"), 0.4)),)))
    assert "nan" not in drawn and "inf" not in drawn and drawn.count("<circle") == 2


@pytest.mark.parametrize("ys", [(), (NAN, NAN)])
def test_without_a_point_there_is_no_plot(ys):
    assert charts.plot(Plot(HOSTILE, (series(ys),))) == ""


@pytest.mark.parametrize("ys", [(0.0, 0.0), (0.5,), (1.0, 1.0), (1e-9, 2e-9), (-3.0, 4.0), (1e6, 2e6)])
@pytest.mark.parametrize("share", [True, False])
def test_any_range_can_be_drawn(ys, share):
    root = ElementTree.fromstring(charts.plot(Plot(HOSTILE, (series(ys),), share=share)))
    places = [float(node.get("cy")) for node in root.iter("circle")]
    assert len(places) == len(ys) and all(-1 <= place <= 190 for place in places)


def test_a_long_curve_is_thinned_and_keeps_its_ends():
    drawn = charts.plot(Plot(HOSTILE, (series([1 / (n + 1) for n in range(5000)]),)))
    root = ElementTree.fromstring(drawn)
    across = [float(node.get("cx").rstrip("%")) for node in root.iter("circle")]
    assert len(across) <= 121 and across[0] == 9 and across[-1] == 97


def test_whiskers_without_an_interval_are_no_picture():
    assert charts.whiskers([Whisker(HOSTILE, NAN, NAN, HOSTILE, False)], HOSTILE) == ""
    both = [Whisker(HOSTILE, NAN, NAN, HOSTILE, False), Whisker(HOSTILE, -0.02, 0.01, HOSTILE, False)]
    assert charts.whiskers(both, HOSTILE).count("<circle") == 1


@pytest.mark.parametrize("gain", [0.0, -4.2, 12.0])
def test_a_gain_stays_inside_its_picture(gain):
    root = ElementTree.fromstring(charts.gain(Whisker(HOSTILE, gain, None, HOSTILE, False), HOSTILE))
    assert 0 <= float(root.find("circle").get("cx").rstrip("%")) <= 100


@pytest.mark.parametrize("value", [None, NAN, -1.0, 0.5, 7.0])
def test_shares_are_clipped(value):
    root = ElementTree.fromstring(charts.share_bar(value, value))
    assert all(0 <= float(node.get("width").rstrip("%")) <= 100 for node in root.iter("rect"))


def test_axes_carry_round_values():
    root = ElementTree.fromstring(charts.plot(Plot(HOSTILE, (series((0.9, 0.2)),))))
    ticks = [node.text for node in root.iter("text") if node.get("text-anchor") == "end"]
    assert ticks[:4] == ["0", "0.25", "0.5", "0.75"]


def test_numbers_that_are_none_are_gaps():
    curve = Series(HOSTILE, (1, 2, 3, 4, 5), (1.0, "x", None, NAN, [2]))
    assert plots._numbers(curve.ys) == [1.0, None, None, None, None] and charts.plot(Plot(HOSTILE, (curve,)))
