"""Truth sets and the figures made of them."""

import pytest
from benchmarks.atlas import design, judge
from benchmarks.atlas.judge import Answer

from rankfirst.records import Recipe
from tests.benchmarks.atlases import atlas

LOW = design.BASE.with_(lr=design.LRS[0], rank=design.RANKS[0])
TOP = design.BASE.with_(lr=design.LRS[-1], rank=design.RANKS[-1])


def steep(recipe: Recipe) -> float:
    """Twenty points a rung of lr, so that no noise hides which move is right."""
    return 0.2 + 0.2 * design.LRS.index(recipe.lr)


def test_the_move_that_ends_highest_is_right():
    truth = judge.truth(atlas(steep), LOW)
    assert truth.right == {"lr+"}
    assert not truth.healthy
    assert truth.best == pytest.approx(20.0)


def test_at_the_top_everything_that_ends_as_high_is_right_and_going_down_is_harmful():
    truth = judge.truth(atlas(steep), TOP)
    assert truth.right == {"none", "rank-", "sites+", "sites-"}
    assert truth.harmful == truth.surely == {"lr-"}


def test_a_diverged_destination_is_harmful_and_never_right():
    to = design.neighbour(LOW, "lr", 1)
    truth = judge.truth(atlas(steep, diverged={to.key}), LOW)
    assert "lr+" in truth.harmful
    assert truth.healthy


def test_figures_count_answers_alarms_and_what_was_gained():
    table = atlas(steep)
    low, top = judge.truth(table, LOW), judge.truth(table, TOP)
    score = judge.judge([(low, Answer("lr+", 2.0)), (low, Answer(None)), (top, Answer("lr-")), (top, Answer("none"))])
    assert score.hit == pytest.approx(2 / 3)
    assert score.coverage == 0.75
    assert score.harmful == score.surely == 0.25
    assert score.alarms == 0.5
    assert score.captured == pytest.approx(0.0)  # 20 gained, 20 lost again
    assert score.regret == pytest.approx(10.0)
    assert score.runs == 0.5
