"""Full fine-tuning gives the base back as it was, whatever happens on the way."""

from pathlib import Path

import numpy as np
import pytest
import torch

from rankfirst.engine.base import EngineOptions, Source
from rankfirst.engine.local import LocalEngine
from rankfirst.engine.training import full_finetuning
from rankfirst.errors import EngineError
from rankfirst.records import Health
from tests.engine import tiny


def weights(engine: LocalEngine) -> dict[str, torch.Tensor]:
    return {name: tensor.clone() for name, tensor in engine.model.encoder.state_dict().items()}


def same(engine: LocalEngine, before: dict[str, torch.Tensor]) -> bool:
    now = engine.model.encoder.state_dict()
    frozen = not any(p.requires_grad or p.grad is not None for p in engine.model.encoder.parameters())
    return frozen and all(t.dtype == before[n].dtype and torch.equal(t, before[n]) for n, t in now.items())


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_the_base_comes_back_bit_for_bit(engine: LocalEngine, dtype: str) -> None:
    engine.model.narrow(dtype)
    before = weights(engine)
    run = engine.full(1, 1e-3)
    assert run.health is Health.FINE and run.train_loss and same(engine, before)
    assert run.parameters > sum(t.numel() for n, t in before.items() if "position_ids" not in n)  # and a head


def test_a_run_that_diverges_is_a_result_and_keeps_the_start(engine: LocalEngine) -> None:
    before = weights(engine)
    run = engine.full(2, 1e30)
    assert run.health is Health.DIVERGED and same(engine, before)
    assert np.isfinite(run.logits).all() and run.best_epoch < len(run.val_macro_f1)


def test_lack_of_memory_is_a_result(engine: LocalEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object) -> None:
        raise MemoryError

    before = weights(engine)
    monkeypatch.setattr(full_finetuning, "cut_to_fit", refuse)
    run = engine.full(2, 1e-3)
    assert (run.health, len(run.val_macro_f1)) == (Health.OUT_OF_MEMORY, 1) and same(engine, before)


def test_an_error_of_our_own_still_gives_the_base_back(engine: LocalEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object) -> None:
        raise ZeroDivisionError

    before = weights(engine)
    monkeypatch.setattr(full_finetuning._Run, "_backward", fail)
    with pytest.raises(ZeroDivisionError):
        engine.full(1, 1e-3)
    assert same(engine, before)


def test_several_labels_a_row(bert: Source, tmp_path: Path) -> None:
    engine = tiny.engine(bert, tmp_path, tiny.dataset(multi_label=True))
    run = engine.full(8, 3e-3)
    assert run.health is Health.FINE and run.train_loss[-1] < run.train_loss[0]


def test_it_needs_a_head(bert: Source, tmp_path: Path) -> None:
    with pytest.raises(EngineError):
        LocalEngine(tiny.dataset(), bert, tmp_path, EngineOptions(device="cpu")).full(1)
