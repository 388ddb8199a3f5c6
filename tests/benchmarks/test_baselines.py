"""Advisers of the comparison."""

from dataclasses import replace

import pytest
from benchmarks.atlas import baselines, design, judge
from benchmarks.atlas.store import Atlas

from rankfirst.records import Curve, Evaluation, Recipe
from tests.benchmarks.atlases import atlas
from tests.benchmarks.test_judge import LOW, TOP, steep


def showing(table: Atlas, start: Recipe, probe: Curve) -> Atlas:
    """The atlas, with another probe of one start."""
    return replace(table, runs=dict(table.runs) | {start.key: replace(table.runs[start.key], cooled=probe)})


def shown(*told: tuple[float, float, float]) -> Atlas:
    """(validation loss, validation F1, train F1) of every evaluation of BASE's probe."""
    table = atlas()
    made = tuple(Evaluation(i, float(i), loss, f1, f1, (), 0.1, train) for i, (loss, f1, train) in enumerate(told))
    return showing(table, design.BASE, replace(table.runs[design.BASE.key].probe, evaluations=made))


@pytest.mark.parametrize(
    ("told", "move"),
    [
        pytest.param([(1, 0.5, 0.5), (1, 0.504, 0.504), (1, 0.507, 0.508)], "lr+", id="slow"),
        pytest.param([(1, 0.5, 0.5), (1, 0.6, 0.6), (1, 0.56, 0.6)], "lr-", id="oscillates"),
        pytest.param([(1, 0.5, 0.5), (1, 0.6, 0.7), (1, 0.6, 0.8)], "rank-", id="overfits"),
        pytest.param([(1, 0.5, 0.5), (1, 0.6, 0.6), (1, 0.7, 0.7)], "none", id="healthy"),
    ],
)
def test_autotrainer_repairs_what_it_sees(told, move):
    assert baselines.autotrainer(shown(*told), design.BASE).move == move


@pytest.mark.parametrize(
    ("told", "move"),
    [
        pytest.param([(0.5, 0.5, 0.5), (1.0, 0.5, 0.5), (1.0, 0.5, 0.5)], "lr-", id="oscillates"),
        pytest.param([(0.5, 0.5, 0.5), (0.5, 0.5, 0.5), (0.51, 0.5, 0.5)], "rank-", id="overfits"),
        pytest.param([(0.5, 0.5, 0.5), (0.4, 0.5, 0.5), (0.3, 0.5, 0.5)], "none", id="healthy"),
    ],
)
def test_bttackler_treats_what_it_sees(told, move):
    assert baselines.bttackler(shown(*told), design.BASE).move == move


def test_bttackler_calls_a_loss_slow_that_varies_more_in_its_second_half():
    table = shown((0.5, 0.5, 0.5), (0.4, 0.5, 0.5), (0.3, 0.5, 0.5))
    probe = table.runs[design.BASE.key].probe
    steepening = replace(probe, train_loss=tuple(1.0 - 0.01 * i for i in range(24)))
    assert baselines.bttackler(showing(table, design.BASE, steepening), design.BASE).move == "lr+"


@pytest.mark.parametrize("adviser", [baselines.autotrainer, baselines.bttackler])
def test_rules_lower_the_lr_of_a_diverged_probe(adviser):
    assert adviser(atlas(diverged={design.BASE.key}), design.BASE).move == "lr-"


def test_no_adviser_leaves_the_ladder():
    for adviser in (baselines.always("lr+"), baselines.always("rank+")):
        assert adviser(atlas(), TOP).move == "none"


def test_one_probe_each_pays_for_every_neighbour_but_not_for_the_start():
    told = baselines.one_probe_each()(atlas(steep), LOW)
    assert told.move == "lr+"
    # lr+, rank+ and sites- cost half a run each; deeper sites twice that.
    assert told.runs == pytest.approx(3 * 0.5 + 1.0)


def test_one_probe_each_goes_nowhere_inside_the_noise():
    table = atlas(steep)
    assert baselines.one_probe_each("loss", errors=2.0)(table, LOW).move == "none"  # all probes end with equal losses


def test_the_tree_learns_from_other_sets_only():
    solved = [(table := atlas(steep), [judge.truth(table, start) for start in table.grid])]
    adviser = baselines.train_val_tree(recipe=True)(solved)
    assert adviser(atlas(steep), LOW).move == "lr+"
    assert baselines.train_val_tree()([])(table, LOW).move is None
