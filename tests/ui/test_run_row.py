"""A run in one row: what is delivered, or the best so far; finished, running, cut off or damaged."""

from pathlib import Path

import pytest

from rankfirst.report.phrases import percent
from rankfirst.run.folder import in_use, open_run
from rankfirst.ui.run_index import RunIndex
from rankfirst.ui.run_row import Card, State, card, recipe_of
from rankfirst.ui.scan import scan
from tests.report import journal_example as example
from tests.ui.conftest import changed, events, unfinished, write


def only(folder: Path) -> Card:
    (found,) = scan([folder])
    return card(found)


def test_a_finished_run(tmp_path: Path) -> None:
    told = only(write(tmp_path / "run"))
    assert (told.state, told.ship, told.dataset, told.name) == (State.FINISHED, "lora", "service-intents", "run")
    assert (percent(told.val.value), percent(told.test)) == ("88.4%", "87.6%")
    assert (told.gain, told.noise, told.seconds) == (5.8, 1.7, 431.0)
    assert told.recipe == example.FASTER and told.val.low is not None


def test_a_delivered_baseline_has_no_recipe(tmp_path: Path) -> None:
    frozen = changed(example.told(), "verdict", ship="frozen")
    told = only(write(tmp_path / "run", frozen))
    assert told.ship == "frozen" and told.recipe is None and told.recipe_words.en == ""


def test_an_interrupted_run_shows_the_best_so_far_and_its_command(tmp_path: Path) -> None:
    told = only(write(tmp_path / "run", unfinished(upto="final"), torn='{"n": 99'))
    assert (told.state, told.ship, told.best, told.gain) == (State.INTERRUPTED, "", "frozen", None)
    assert told.command.startswith("rankfirst fit") and told.seconds == 3.0 * told.lines
    assert told.recipe == example.FASTER


def test_a_run_that_is_being_written_is_running(tmp_path: Path) -> None:
    folder = write(tmp_path / "run", unfinished())
    with open_run(folder):
        assert in_use(folder) and only(folder).state is State.RUNNING
    assert not in_use(folder) and only(folder).state is State.INTERRUPTED


def test_reading_does_not_block_a_runs_lock(tmp_path: Path) -> None:
    folder = write(tmp_path / "run", unfinished())
    (folder / ".lock").touch()
    assert not in_use(folder)
    with open_run(folder) as journal:
        assert journal.count == len(unfinished())


def test_a_damaged_journal_has_a_row_with_the_reason(runs: Path) -> None:
    told = only(runs / "broken")
    assert told.state is State.DAMAGED and told.wrong is not None and told.wrong.code == "run.damaged"


def test_an_empty_journal_is_a_run_that_has_not_begun(tmp_path: Path) -> None:
    told = only(write(tmp_path / "run", []))
    assert (told.state, told.lines, told.val.value, told.seconds) == (State.INTERRUPTED, 0, None, None)


@pytest.mark.parametrize(("given", "shown"), [("/models/bge", "bge"), ("pkg:x", "pkg:x"), ("a/b", "a/b")])
def test_a_local_base_is_shown_without_its_path(tmp_path: Path, given: str, shown: str) -> None:
    assert only(write(tmp_path / "run", changed(example.told(), "run", base_model=given))).base == shown


def test_the_recipe_of_an_unreadable_result_is_that_of_the_last_decision() -> None:
    assert recipe_of(events(changed(example.told(), "result", recipe={"rank": "?"}))) == example.FASTER
    assert recipe_of([]) is None


def test_a_journal_is_read_again_only_when_it_has_changed(runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    monkeypatch.setattr("rankfirst.ui.run_index.card", lambda found: read.append(found.name) or card(found))
    index = RunIndex([runs])
    assert [c.name for c in index.cards()] == [c.name for c in index.cards()]
    assert sorted(read) == ["broken", "shop/first", "shop/second"]
    write(runs / "shop" / "second")
    assert {c.name: c.state for c in index.cards()}["shop/second"] is State.FINISHED
    assert read[3:] == ["shop/second"]


def test_the_newest_run_comes_first(tmp_path: Path) -> None:
    write(tmp_path / "short", unfinished(upto="probe"))
    write(tmp_path / "long")
    assert [c.name for c in RunIndex([tmp_path]).cards()] == ["long", "short"]
