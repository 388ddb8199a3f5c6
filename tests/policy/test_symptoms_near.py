"""Each condition of a symptom decides on its own: curves that differ from its curve in one thing."""

from dataclasses import replace

import pytest

from rankfirst.policy import Evidence
from rankfirst.records import Verdict
from tests.policy import curves as c
from tests.policy.test_symptoms import seen

P, A = Verdict.PRESENT, Verdict.ABSENT


def shape(*val: tuple[float, float, float, float]) -> Evidence:
    return c.evidence(c.curve(c.FALLING, val))


def suspects(count: int) -> Evidence:
    return c.suspect_errors(range(count))


CASES = [
    ("overfit_by_capacity", shape((0.5, 0.8, 0.9, 0.8), (0.6, 0.8, 0.3, 0.9), (0.9, 0.78, 0.1, 0.99)), P, "loss-rises"),
    ("overfit_by_capacity", shape((0.5, 0.8, 0.9, 0.8), (0.6, 0.8, 0.3, 0.9), (0.9, 0.8, 0.1, 0.99)), A, "f1-stays"),
    ("overfit_by_capacity", shape((0.5, 0.8, 0.9, 0.8), (0.5, 0.86, 0.3, 0.9), (0.5, 0.8, 0.1, 0.99)), P, "f1-falls"),
    ("overfit_by_capacity", shape((0.5, 0.8, 0.9, 0.8), (0.5, 0.82, 0.3, 0.9), (0.9, 0.86, 0.1, 0.99)), A, "f1-gains"),
    (
        "overfit_by_capacity",
        shape((0.5, 0.8, 0.9, 0.8), (0.6, 0.8, 0.8, 0.8), (0.9, 0.7, 0.7, 0.8)),
        A,
        "not-memorised",
    ),
    ("overfit_by_capacity", shape((0.5, 0.8, 0.9, 0.8), (0.5, 0.8, 0.3, 0.9), (0.53, 0.79, 0.1, 0.99)), A, "in-noise"),
    ("capacity_symptom", c.memorising(), P, "overfit-alone"),
    ("capacity_symptom", c.plateau(), P, "underfit-alone"),
    ("capacity_symptom", c.slow_fall(), A, "a-slow-fall-is-neither"),
    ("capacity_symptom", c.evidence(c.curve(c.FLAT, c.LOW[:1])), P, "underfit-though-overfit-is-unknown"),
    ("worse_than_before", c.worse_than_before(loss=0.3, wrong=12), P, "f1-alone"),
    ("worse_than_before", c.worse_than_before(loss=0.8, wrong=2), P, "loss-alone"),
    ("worse_than_before", c.worse_than_before(loss=0.8, wrong=0), A, "loss-worse-but-f1-better"),
    ("worse_than_before", c.worse_than_before(loss=0.395, wrong=3), A, "one-row-of-forty"),
    ("recall_lost", c.recall_lost(low=0.75), A, "macro-f1-gains-more"),
    ("data_limited", suspects(8), A, "most-errors-lie-elsewhere"),
    ("data_limited", suspects(60), A, "nearly-every-row-is-suspect-anyway"),
    ("data_limited", suspects(0), A, "no-suspects"),
    ("doubtful_labels", c.branched(suspects(2)), A, "few"),
    ("doubtful_labels", c.branched(suspects(7)), A, "many-by-chance"),
    ("doubtful_labels", c.branched(suspects(8)), P, "just-enough"),
    ("doubtful_labels", c.branched(suspects(46)), A, "most-rows"),
    ("doubtful_labels", c.branched(c.suspect_errors(without_tried=True)), A, "tried"),
    ("doubtful_labels", replace(c.branched(c.suspect_errors()), pinned=frozenset({"rows"})), A, "rows-are-given"),
    ("better_without", c.without(gain=-0.1, drop_doubtful=True), A, "worse"),
    ("improving", shape((0.5, 0.9, 0.3, 0.9), (0.4, 0.93, 0.4, 0.9), (0.4, 0.96, 0.5, 0.9)), A, "train-loss-rose"),
    ("improving", shape((0.5, 0.955, 0.5, 0.9), (0.4, 0.96, 0.4, 0.9), (0.4, 0.96, 0.3, 0.9)), A, "gain-in-noise"),
    ("slow", shape((0.9, 0.9, 0.9, 0.9), (0.8, 0.95, 0.7, 0.96), (0.7, 0.96, 0.6, 0.97)), A, "learnt-and-high"),
    ("slow", shape((0.9, 0.5, 0.9, 0.9), (0.8, 0.55, 0.7, 0.96), (0.7, 0.6, 0.6, 0.97)), P, "learnt-but-val-climbs"),
    ("slow", shape((0.9, 0.5, 0.9, 0.5), (0.8, 0.5, 0.7, 0.6), (0.7, 0.5, 0.6, 0.7)), P, "not-learnt-yet"),
    ("slow", shape(*c.LOW), A, "not-falling"),
    ("underfit", shape(*c.CLIMBING), A, "still-falling"),
    ("underfit", shape(*[(0.4, 0.7, 0.4, 0.96)] * 3), A, "learnt"),
    ("underfit", c.evidence(c.curve(c.FLAT, c.LOW[:1])), P, "by-its-points-where-evaluations-are-missing"),
    ("underfit", c.evidence(c.curve(c.FALLING, c.LOW[:1], epochs=1.0)), A, "points-that-fall"),
    ("seeds_differ", c.differing_seeds(apart=0.029), A, "inside-the-swing"),
    ("seeds_differ", replace(c.differing_seeds(), noise=c.Noise(0.06, 0.02, c.ROWS)), A, "in-noise"),
    ("lr_insensitive", c.lr_pair(after=[(0.9, 0.5, 0.82, 0.5)] * 3), A, "loss-moved-by-8%"),
    ("too_little", c.evidence(c.curve(c.FALLING[:12], c.HEALTHY)), A, "just-enough"),
    ("too_little", c.evidence(c.curve(c.FALLING[:11], c.HEALTHY)), P, "one-point-short"),
    ("too_little", c.evidence(c.curve(c.FALLING, c.HEALTHY[:2])), P, "one-evaluation-short"),
]


@pytest.mark.parametrize(
    ("name", "given", "wanted"), [pytest.param(n, e, v, id=f"{n}-{v}-{why}") for n, e, v, why in CASES]
)
def test_one_condition_decides(name: str, given: Evidence, wanted: Verdict) -> None:
    assert seen(name, given) is wanted
