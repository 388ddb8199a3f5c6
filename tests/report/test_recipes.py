"""Every recipe side by side: what moved against where it was tried from, and what it reached."""

from rankfirst.records import Health, to_json
from rankfirst.report.recipes import heads, recipes
from tests.report import journal_example as example


def rows(told=None, frozen=0.826):
    return recipes(example.events(told), frozen)


def test_each_probe_and_the_final_training_is_a_row():
    told = rows()
    assert [row.number for row in told] == ["1", "2", "3", ""]
    assert [row.delivered for row in told] == [False, False, False, True]
    assert len(heads()) == len(told[0].settings) == 5


def test_what_moved_is_marked_against_the_recipe_it_was_tried_from():
    moved = [[n for n, knob in enumerate(row.settings) if knob.moved] for row in rows()]
    assert moved[0] == []
    assert 0 in moved[1] or 3 in moved[2]  # rank, lr


def test_gains_are_points_over_the_frozen_rung_and_unknown_without_one():
    assert rows()[0].gain.startswith("+")
    assert {row.gain for row in rows(frozen=None)} == {"–"}


def test_a_probe_that_broke_says_how():
    told = [*example.told(), ("probe", "x", to_json(example.curve(health=Health.DIVERGED)))]
    assert rows(told)[-1].outcome.en and not rows(told)[0].outcome.en


def test_a_run_without_probes_has_no_rows():
    assert rows(example.told()[:4]) == ()
