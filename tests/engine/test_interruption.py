"""`finish` killed at any moment and begun again in the same folder, as after a power cut."""

import itertools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from rankfirst.engine.base import FinalPlan, Source
from rankfirst.engine.training import checkpoint, corpus
from rankfirst.engine.training.checkpoint_store import CheckpointStore
from rankfirst.engine.training.evaluation import Judged
from rankfirst.engine.training.loop import Loop
from rankfirst.records import Curve
from tests.engine import tiny

RECIPE = tiny.recipe()
PLAN = FinalPlan(epochs=4)


class Killed(BaseException):
    """Nothing in the engine may catch it, as nothing catches a kill."""


def at(n: int) -> Callable[..., None]:
    """A tick that kills at its n-th call."""
    calls = itertools.count(1)

    def tick(*_: object) -> None:
        if next(calls) == n:
            raise Killed

    return tick


def finish(bert: Source, work: Path, tick: Callable[..., None] = lambda *_: None) -> tuple[Curve, np.ndarray]:
    """The final curve and the kept checkpoint's logits, by a new engine."""
    engine = tiny.engine(bert, work)
    curve = engine.finish(RECIPE, PLAN, "final", tick)
    return curve, engine.logits(curve.checkpoint, "val")


def same(one: tuple[Curve, np.ndarray], other: tuple[Curve, np.ndarray]) -> None:
    """Everything but the work, which may count what was lost."""
    assert one[0].evaluations == other[0].evaluations
    assert replace(one[0], work=0) == replace(other[0], work=0)
    assert np.array_equal(one[1], other[1])


@pytest.fixture(scope="module")
def undisturbed(bert: Source, tmp_path_factory: pytest.TempPathFactory) -> tuple[Curve, np.ndarray]:
    return finish(bert, tmp_path_factory.mktemp("undisturbed"))


@pytest.mark.parametrize("moment", [1, 7, 17])
def test_a_kill_while_training_changes_nothing(
    bert: Source, tmp_path: Path, undisturbed: tuple[Curve, np.ndarray], moment: int
) -> None:
    with pytest.raises(Killed):
        finish(bert, tmp_path, at(moment))
    same(finish(bert, tmp_path), undisturbed)


def test_three_kills_change_nothing(bert: Source, tmp_path: Path, undisturbed: tuple[Curve, np.ndarray]) -> None:
    for moment in (9, 8, 4):
        with pytest.raises(Killed):
            finish(bert, tmp_path, at(moment))
    same(finish(bert, tmp_path), undisturbed)


@pytest.mark.parametrize(("write", "before"), [(1, True), (1, False), (2, True), (2, False), (5, True), (5, False)])
def test_a_kill_around_any_checkpoint_changes_nothing(
    bert: Source,
    tmp_path: Path,
    undisturbed: tuple[Curve, np.ndarray],
    monkeypatch: pytest.MonkeyPatch,
    write: int,
    before: bool,
) -> None:
    kill, save = at(write), checkpoint.save

    def cut(state: checkpoint.State, path: Path) -> None:
        if before:
            kill()
        save(state, path)
        kill()

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(checkpoint, "save", cut)
        finish(bert, tmp_path)
    same(finish(bert, tmp_path), undisturbed)


@pytest.mark.parametrize("write", [1, 3])
def test_a_kill_before_any_curve_is_written_changes_nothing(
    bert: Source, tmp_path: Path, undisturbed: tuple[Curve, np.ndarray], monkeypatch: pytest.MonkeyPatch, write: int
) -> None:
    kill, real = at(write), CheckpointStore.write_curve
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(CheckpointStore, "write_curve", lambda *told: (kill(), real(*told)))
        finish(bert, tmp_path)
    same(finish(bert, tmp_path), undisturbed)


def test_a_finished_run_begun_again_trains_nothing(bert: Source, tmp_path: Path) -> None:
    first, ticks = finish(bert, tmp_path), []
    again = finish(bert, tmp_path, lambda *told: ticks.append(told))
    assert first[0] == again[0] and not ticks


def test_a_kill_between_curve_and_checkpoint_counts_work_once(
    bert: Source, tmp_path: Path, undisturbed: tuple[Curve, np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> None:
    save = checkpoint.save

    def cut(state: checkpoint.State, path: Path) -> None:
        if path.name == "final-state.safetensors":
            raise Killed
        save(state, path)

    with pytest.raises(Killed):
        finish(bert, tmp_path, at(12))  # in the third epoch
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(checkpoint, "save", cut)
        finish(bert, tmp_path)
    assert finish(bert, tmp_path)[0].work == pytest.approx(undisturbed[0].work)


def test_cached_states_do_not_depend_on_which_rows_came_first(
    bert: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(corpus, "SUBSET_ROWS", 6)
    rows = tiny.dataset(train=200)
    cold, warm = tiny.engine(bert, tmp_path / "a", rows), tiny.engine(bert, tmp_path / "b", rows)
    cold.corpus.fill("train", 1, cold.corpus.subset)
    cold.corpus.fill("train", 1, range(200))
    warm.corpus.fill("train", 1, range(200))
    one, other = (e.corpus.store("train", 1).packed for e in (cold, warm))
    assert torch.allclose(one, other, rtol=0, atol=1e-6)


def test_a_stray_answer_of_a_class_without_rows_does_not_choose_the_epoch(
    bert: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Epoch 3 is the best, but one of its answers names the class without validation rows: F1 0 for it.
    scores = {0: (0.5, 0.5), 1: (0.6, 0.6), 2: (0.7, 0.7), 3: (0.6, 0.9), 4: (0.5, 0.75)}
    evaluate = Loop.evaluate

    def scripted(self: Loop, epoch: float) -> Judged:
        judged = evaluate(self, epoch)
        f1, occurring = scores[int(epoch)]
        found = replace(judged.evaluation, val_macro_f1=f1, val_f1_occurring=occurring)
        return replace(judged, evaluation=found)

    monkeypatch.setattr(Loop, "evaluate", scripted)
    curve = tiny.engine(bert, tmp_path).finish(RECIPE, PLAN, "final")
    assert curve.best.epoch == checkpoint.load(tmp_path / f"{curve.checkpoint}.safetensors").epochs == 3


def test_a_continued_finish_remembers_an_epoch_turned_down_for_its_tail(
    bert: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Epoch 2 has the best macro-F1 but loses the tail; epoch 3 is the one to keep.
    scores = {0: (0.5, 0.8), 1: (0.6, 0.8), 2: (0.9, 0.2), 3: (0.7, 0.8), 4: (0.65, 0.8)}
    evaluate = Loop.evaluate

    def scripted(self: Loop, epoch: float) -> Judged:
        judged = evaluate(self, epoch)
        f1, tail = scores[int(epoch)]
        return replace(judged, evaluation=replace(judged.evaluation, val_macro_f1=f1, recall=(1.0, 1.0, tail)))

    monkeypatch.setattr(Loop, "evaluate", scripted)
    plan = replace(PLAN, tail=(2,))
    whole = tiny.engine(bert, tmp_path / "whole").finish(RECIPE, plan, "final")
    with pytest.raises(Killed):
        tiny.engine(bert, tmp_path / "cut").finish(RECIPE, plan, "final", at(13))  # after epoch 2
    continued = tiny.engine(bert, tmp_path / "cut").finish(RECIPE, plan, "final")
    assert continued.val_log_loss == whole.val_log_loss
