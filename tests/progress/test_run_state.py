"""What the live view knows: from the events of a run, its ticks and pulses; times only with a basis."""

import json
from pathlib import Path
from typing import Any

import pytest

from rankfirst.engine.base import Pulse
from rankfirst.progress.run_state import Board, whole_step
from rankfirst.records import ATTENTION_QV, Recipe, Sites, to_json

RECIPE = Recipe(rank=8, sites=Sites(ATTENTION_QV, 2), scaling=1.0, lr=4e-4, dropout=0.05)


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def board(clock: Clock) -> Board:
    return Board(now=clock)


def event(kind: str, payload: Any, seconds: float, key: str = "") -> dict[str, Any]:
    return {"n": 1, "at": "", "seconds": seconds, "kind": kind, "key": key, "payload": payload}


def probe(recipe: Recipe, seconds: float, f1: float = 0.5, work: float = 1.0, kind: str = "probe") -> dict[str, Any]:
    evaluations = [{"val_macro_f1": 0.9}, {"val_macro_f1": f1}, {"val_macro_f1": f1 - 0.1}]
    told = {"recipe": to_json(recipe), "train_loss": [2.0, {"float": "nan"}, 1.0], "evaluations": evaluations,
            "work": work, "epochs": 2.0, "steps_per_epoch": 10}  # fmt: skip
    return event(kind, told, seconds, recipe.key)


def begun(board: Board, limit: float | None = None, work: float | None = 80.0) -> None:
    board.event(event("run", {"budget_seconds": limit, "budget_work": work}, 0.0))
    board.event(event("profile", {"n_train": 640}, 5.0))
    board.event(event("rung", {"val": {"macro_f1": 0.48}}, 6.0, "frozen"))
    board.event(event("start", {"recipe": to_json(RECIPE)}, 6.0))


def test_a_training_as_it_goes_on(board: Board, clock: Clock) -> None:
    begun(board)
    board.pulse(Pulse(RECIPE, 0, val_macro_f1=0.48))
    for step in range(1, 6):
        board.tick("train 1/2", step, 10)
        board.pulse(Pulse(RECIPE, step, train_loss=1 / step))
        clock.at += 1
    seen = board.view()
    assert (seen.stage, seen.what, seen.share, seen.recipe) == ("capacity", "train 1/2", 0.25, RECIPE)
    assert seen.losses == (1, 1 / 2, 1 / 3, 1 / 4, 1 / 5) and seen.f1 is None and seen.best is None
    assert seen.step_left == pytest.approx(5 * 0.75 / 0.2)  # 0.2 of it in the five seconds since the first tick
    board.pulse(Pulse(RECIPE, 10, val_macro_f1=0.52))
    assert (board.view().f1, board.view().best) == (0.52, 0.52)
    board.pulse(Pulse(RECIPE.with_(lr=1.6e-3), 0, val_macro_f1=0.48))
    assert board.view().losses == () and board.view().best == 0.52


def test_the_start_is_no_score_of_a_training(board: Board) -> None:
    begun(board)
    board.event(probe(RECIPE, 16.0, f1=0.47))
    seen = board.view()
    assert (seen.best, seen.frozen, seen.probes, seen.losses) == (0.47, 0.48, 1, (2.0, 1.0))
    assert seen.what == "" and seen.step_left is None  # its step is over


def test_elapsed_counts_earlier_sessions_and_goes_on_between_events(board: Board, clock: Clock) -> None:
    assert board.view().elapsed == 0
    begun(board)
    clock.at += 7
    assert board.view().elapsed == 13


def test_nothing_is_known_of_the_end_before_the_first_probe(board: Board, clock: Clock) -> None:
    begun(board)
    assert board.view().left is None


def test_with_a_clock_limit_it_is_known_at_most(board: Board, clock: Clock) -> None:
    begun(board, limit=60.0, work=None)
    clock.at += 4
    assert board.view().left == (0.0, 50.0)
    board.event(probe(RECIPE, 20.0))
    assert board.view().left == (40.0, 40.0)  # by its probes it would take longer, the limit does not allow that


def test_the_end_is_reckoned_from_probes_and_the_final_training(board: Board) -> None:
    begun(board)
    board.event(probe(RECIPE, 16.0))  # ten seconds for two epochs over 320 of 640 rows
    low, high = board.view().left or (0, 0)
    # Five to eleven probes more, and so few rows are trained for the most epochs.
    assert (low, high) == (pytest.approx(5 * 10 + 13 * 10), pytest.approx(11 * 10 + 30 * 10))


def test_arms_that_were_announced_are_counted_and_work_bounds_them(board: Board) -> None:
    begun(board, work=6.5)
    for i in range(3):
        board.event(probe(RECIPE.with_(seed=i), 16.0 + 10 * i))
    arms = [{"kind": "lr", "recipe": to_json(RECIPE.with_(lr=lr))} for lr in (1e-3, 2e-3, 4e-4)]
    board.event(event("decision", {"stage": "optimise", "move": {"is": "Experiment", "arms": arms}}, 36.0))
    assert board.known.announced == {RECIPE.with_(lr=1e-3).key, RECIPE.with_(lr=2e-3).key}  # the third was probed
    low, high = board.view().left or (0, 0)
    assert (low, high) == (pytest.approx(10 + 130), pytest.approx(10 + 300))  # room for one more in 5/8 of 6.5 TFLOP


def test_the_final_training_comes_to_its_end(board: Board, clock: Clock) -> None:
    begun(board)
    board.event(probe(RECIPE, 16.0))
    board.event(event("final_plan", {"epochs": 6}, 16.0))
    board.tick("train 1/6", 0, 20)
    clock.at += 10
    board.tick("train 2/6", 10, 20)
    assert board.view().stage == "final"
    assert board.view().left == (pytest.approx(30.0), pytest.approx(30.0))
    board.event(probe(RECIPE, 30.0, kind="final"))
    assert board.view().left is None and board.view().probes == 1 and board.view().work == 2


def test_advancing_names_the_next_stage(board: Board) -> None:
    begun(board)
    board.event(event("decision", {"stage": "capacity", "move": {"is": "Advance", "stage": "optimise"}}, 7.0))
    assert board.view().stage == "optimise"


@pytest.mark.parametrize("payload", [{}, {"recipe": 3}, None, [], {"move": {"stage": "orbit"}, "stage": "orbit"}])
@pytest.mark.parametrize("kind", ["probe", "decision", "run", "profile", "rung", "start", "final_plan", "unheard"])
def test_events_of_other_versions_end_no_run(board: Board, kind: str, payload: Any) -> None:
    board.event(event(kind, payload, 1.0, "frozen"))
    assert board.view().stage in ("assess", "capacity", "final")


def test_a_run_read_back_is_seen_as_it_went(tmp_path: Path, board: Board) -> None:
    lines = [event("run", {"budget_work": 80.0}, 0.0), probe(RECIPE, 9.0), probe(RECIPE.with_(seed=1), 19.0, 0.6)]
    for line in lines:
        board.event(json.loads(json.dumps(line)))
    assert (board.view().best, board.view().probes, board.view().work, board.known.seconds) == (
        0.6,
        2,
        2.0,
        [9.0, 10.0],
    )


@pytest.mark.parametrize(
    ("what", "told"),
    [("train 2/2", ("train", 0.625)), ("refit 2/2", ("refit", 0.625)), ("cache 2/2", ("cache", 0.25)),
     ("features", ("features", 0.25)), ("rank train", ("rank train", 0.25))],
)  # fmt: skip
def test_epochs_of_a_training_are_one_step(what: str, told: tuple[str, float]) -> None:
    assert whole_step(what, 1, 4) == told
    assert whole_step(what, 0, 0)[1] in (0.0, 0.5)
