"""What can go wrong while training is a result, and the next run is not harmed by it."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import torch

from rankfirst.engine.base import EngineOptions, FinalPlan, Source
from rankfirst.engine.local import LocalEngine
from rankfirst.engine.network.model import TextModel
from rankfirst.engine.training import loop
from rankfirst.engine.training.batches import sorted_batches
from rankfirst.engine.training.loop import Loop
from rankfirst.engine.training.out_of_memory import out_of_memory
from rankfirst.errors import EngineError
from rankfirst.records import Curve, Health
from tests.engine import tiny

RECIPE = tiny.recipe()
PLAIN = tiny.recipe(dropout=0.0)  # pieces of a batch draw other dropout masks than the whole
PLAN = FinalPlan(epochs=3)


def not_a_number(after: int) -> Any:
    """A loss that is NaN from its `after`-th call on."""
    real, calls = Loop.loss, 0

    def loss(self: Loop, logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        nonlocal calls
        calls += 1
        return real(self, logits, targets) * (float("nan") if calls > after else 1.0)

    return loss


def small_memory(rows: int) -> Any:
    """A backward pass that fits no more than `rows` rows."""
    real = Loop._backward

    def backward(self: Loop, chosen: Sequence[int], *rest: Any) -> float:
        if len(chosen) > rows:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB.")
        return real(self, chosen, *rest)

    return backward


def full_at(call: int) -> Any:
    """A backward pass that runs out of memory once, at its `call`-th call."""
    real, calls = Loop._backward, 0

    def backward(self: Loop, *rest: Any) -> float:
        nonlocal calls
        calls += 1
        if calls == call:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB.")
        return real(self, *rest)

    return backward


def same_losses(one: Curve, other: Curve) -> None:
    assert one.steps == other.steps
    assert one.train_loss == pytest.approx(other.train_loss, abs=1e-5)
    assert one.grad_norm == pytest.approx(other.grad_norm, abs=1e-4)
    assert one.val_log_loss == pytest.approx(other.val_log_loss, abs=1e-4)


def test_training_before_the_head_is_given_is_one_clear_error(bert: Any, tmp_path: Path) -> None:
    with pytest.raises(EngineError) as caught:
        LocalEngine(tiny.dataset(), bert, tmp_path, EngineOptions(device="cpu")).probe(RECIPE, 1)
    assert caught.value.code == "engine.no_head"


def test_a_loss_that_is_not_a_number_is_divergence(engine: LocalEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Loop, "loss", not_a_number(after=7))
    curve = engine.probe(RECIPE, 3)
    assert (curve.health, curve.checkpoint, curve.epochs) == (Health.DIVERGED, "", 1)
    assert [e.step for e in curve.evaluations] == [0, 5]
    assert not list(engine.folder.glob("*.safetensors"))


def test_a_gradient_that_is_infinite_is_divergence(engine: LocalEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.nn.utils, "clip_grad_norm_", lambda *_: torch.tensor(float("inf")))
    assert engine.probe(RECIPE, 1).health is Health.DIVERGED


def test_an_absurd_learning_rate_ends_as_a_result(engine: LocalEngine) -> None:
    assert engine.probe(RECIPE.with_(lr=1e30), 2).health is Health.DIVERGED


def test_a_diverged_finish_keeps_the_best_epoch_so_far(engine: LocalEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Loop, "loss", not_a_number(after=7))
    curve = engine.finish(RECIPE, PLAN, "final")
    assert curve.health is Health.DIVERGED
    predicted = engine.logits(curve.checkpoint, "val").argmax(axis=1)
    assert tuple((int(c),) for c in predicted) == curve.val_predicted


def test_a_diverged_run_does_not_harm_the_next(engine: LocalEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    clean = engine.probe(RECIPE, 1)
    with monkeypatch.context() as patch:
        patch.setattr(Loop, "loss", not_a_number(after=2))
        engine.probe(RECIPE, 1)
    assert engine.probe(RECIPE, 1) == clean


@pytest.mark.parametrize("rows", [1, 3, 5])
def test_a_batch_that_does_not_fit_is_cut_and_trains_the_same(
    engine: LocalEngine, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    whole = engine.probe(PLAIN, 2)
    monkeypatch.setattr(Loop, "_backward", small_memory(rows))
    cut = engine.probe(PLAIN, 2)
    assert cut.health is Health.FINE
    same_losses(cut, whole)
    assert cut.work == pytest.approx(whole.work)


def test_a_batch_half_done_leaves_no_gradient_behind(engine: LocalEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Loop, "_backward", small_memory(5))
    smooth = engine.probe(PLAIN, 1)
    monkeypatch.setattr(Loop, "_backward", full_at(3))  # the second half of the first batch, once cut
    same_losses(engine.probe(PLAIN, 1), smooth)


def test_work_counts_a_row_once_when_memory_ran_out(engine: LocalEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Loop, "_backward", small_memory(5))
    smooth = engine.probe(PLAIN, 1)
    monkeypatch.setattr(Loop, "_backward", full_at(3))
    assert engine.probe(PLAIN, 1).work == pytest.approx(smooth.work)


def test_one_row_that_does_not_fit_ends_as_a_result(engine: LocalEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Loop, "_backward", small_memory(0))
    probe, final = engine.probe(RECIPE, 1), engine.finish(RECIPE, PLAN, "final")
    assert probe.health is final.health is Health.OUT_OF_MEMORY
    assert probe.checkpoint == "" and len(probe.evaluations) == 1


def test_lack_of_memory_is_recognised_on_this_cpu() -> None:
    with pytest.raises(RuntimeError) as caught:
        torch.empty(10**15)
    assert out_of_memory(caught.value)


@pytest.mark.parametrize(
    "message",
    [
        "CUDA out of memory. Tried to allocate 20.00 MiB",  # as a plain RuntimeError: of an older torch, or pickled
        "CUDA error: out of memory",  # outside torch's allocator
        "CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`",
        "MPS backend out of memory (MPS allocated: 9.06 GB)",
    ],
)
def test_lack_of_memory_is_recognised_on_devices(message: str) -> None:
    assert out_of_memory(RuntimeError(message)) and not out_of_memory(ValueError)


def test_a_base_that_does_not_fit_on_its_device_is_one_line(bert: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: Any, **kwargs: Any) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory.")

    monkeypatch.setattr("transformers.PreTrainedModel.to", refuse)
    with pytest.raises(EngineError) as caught:
        TextModel(bert, torch.device("cpu"))
    assert caught.value.code == "engine.no_memory"


def test_other_errors_are_not_taken_for_lack_of_memory(engine: LocalEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> float:
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")

    monkeypatch.setattr(Loop, "_backward", broken)
    with pytest.raises(RuntimeError, match="mat1"):
        engine.probe(RECIPE, 1)


@pytest.mark.parametrize("kept", [0, 100, -1])
def test_a_checkpoint_that_is_cut_off_is_not_there(engine: LocalEngine, kept: int) -> None:
    name = engine.probe(RECIPE, 1).checkpoint
    path = engine.folder / f"{name}.safetensors"
    path.write_bytes(path.read_bytes()[:kept])
    assert not engine.has(name)


def test_a_checkpoint_of_someone_else_is_not_there(engine: LocalEngine) -> None:
    from safetensors.torch import save_file

    engine.folder.mkdir()
    save_file({"x": torch.zeros(2)}, engine.folder / "foreign.safetensors")
    (engine.folder / "folder.safetensors").mkdir()
    assert not engine.has("foreign") and not engine.has("folder")


def test_no_half_written_file_is_left(engine: LocalEngine) -> None:
    name = engine.probe(RECIPE, 1).checkpoint
    assert {p.name for p in engine.folder.iterdir()} == {f"{name}.safetensors", f"{name}.curve.json"}
    json.loads((engine.folder / f"{name}.curve.json").read_text(encoding="utf-8"))


def test_progress_of_an_evaluation_reaches_its_total(engine: LocalEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    name, seen = engine.probe(RECIPE, 1).checkpoint, []
    monkeypatch.setattr(loop, "sorted_batches", lambda *shapes: sorted_batches(*shapes, rows=4))
    engine.logits(name, "val", tick=lambda _, done, total: seen.append((done, total)))
    assert seen[-1] == (15, 15)


def short_of_memory(monkeypatch: pytest.MonkeyPatch, rows: int) -> None:
    """A forward pass of more than so many rows does not fit."""
    real = TextModel.hidden_states

    def hidden_states(self: TextModel, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        if len(ids) > rows:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return real(self, ids, mask)

    monkeypatch.setattr(TextModel, "hidden_states", hidden_states)


def test_features_are_the_same_when_memory_is_short(engine: LocalEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = engine.features("val")["mean"]
    short_of_memory(monkeypatch, rows=2)
    assert engine.features("val")["mean"] == pytest.approx(whole, abs=1e-5)


def test_not_even_one_text_fits_is_one_line(engine: LocalEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    short_of_memory(monkeypatch, rows=0)
    with pytest.raises(EngineError) as refused:
        engine.features("val")
    assert refused.value.code == "engine.no_memory"
