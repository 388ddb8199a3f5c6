"""Precision and threads: what is measured, and when a measurement changes anything."""

from pathlib import Path

import pytest
import torch

from rankfirst.engine.base_models.sources import resolve
from rankfirst.engine.local import LocalEngine
from rankfirst.engine.network.model import TextModel
from rankfirst.engine.training import pace as calibrate
from rankfirst.records import Pace, Trial
from tests.engine import tiny


def trial(dtype: str, threads: int, rate: float, deviation: float = 0.0) -> Trial:
    return Trial(dtype, threads, rate, deviation)


@pytest.mark.parametrize(
    ("halved", "narrow", "deviation", "expected"),
    [
        (105, 0, 0, (4, "float32")),  # noise does not change the number of threads
        (130, 0, 0, (2, "float32")),
        (90, 120, 0.001, (4, "float32")),  # a little faster is not worth another precision
        (90, 200, 0.001, (4, "bfloat16")),
        (90, 200, 0.1, (4, "float32")),  # fast and wrong
    ],
)  # fmt: skip
def test_only_clear_gains_change_anything(
    halved: float, narrow: float, deviation: float, expected: tuple[int, str]
) -> None:
    trials = [trial("float32", 4, 100), trial("float32", 2, halved)]
    threads = calibrate._threads(trials, 4)
    trials.append(trial("bfloat16", threads, narrow, deviation))
    assert (threads, calibrate._dtype(trials, threads)) == expected


def test_measuring_leaves_the_base_and_the_threads_alone(engine: LocalEngine) -> None:
    before, threads = engine.features("val")["mean"], torch.get_num_threads()
    pace = engine.calibrate()
    assert {t.dtype for t in pace.trials} == {"float32", "bfloat16"}
    assert all(t.tokens_per_second > 0 for t in pace.trials)
    assert (engine.features("val")["mean"] == before).all() and torch.get_num_threads() == threads
    assert next(engine.model.encoder.parameters()).dtype == torch.float32


def test_a_gpu_is_measured_with_the_threads_there_are_and_waited_for(
    engine: LocalEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[torch.device] = []
    monkeypatch.setattr(torch.cuda, "synchronize", waited.append)
    monkeypatch.setattr(engine.model, "device", torch.device("cuda"))
    monkeypatch.setattr(torch, "get_num_threads", lambda: 8)
    monkeypatch.setattr(torch, "set_num_threads", lambda threads: None)
    batch = engine.model.encoder.embeddings.word_embeddings.weight.new_ones(2, 3, dtype=torch.long)
    monkeypatch.setattr(engine.model, "pad", lambda rows: (batch, batch.bool()))
    with monkeypatch.context() as patch:
        patch.setattr(calibrate, "_narrow", lambda *args: [])
        pace = calibrate.measure(engine.model, [[2, 3]] * 4)
    assert {t.threads for t in pace.trials} == {8}
    assert len(waited) == 2 * (calibrate.ROUNDS + 1)


def test_speed_waits_for_the_device(engine: LocalEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    """CUDA answers a forward pass before it is computed."""
    waited: list[torch.device] = []
    monkeypatch.setattr(torch.cuda, "synchronize", waited.append)
    monkeypatch.setattr(engine, "device", torch.device("cuda"))
    assert engine.speed() > 0 and len(waited) == 2


def test_rotary_frequencies_are_not_rounded(tmp_path: Path) -> None:
    """Rounded, they turn late tokens wrongly: the states of a long text would move twice as far."""
    model = TextModel(resolve(str(tiny.write_base(tmp_path / "base", "qwen2"))), torch.device("cpu"))
    exact = model.encoder.rotary_emb.inv_freq.clone()
    copied = calibrate.narrowed(model.encoder, torch.bfloat16)
    model.narrow("bfloat16")
    for encoder in (copied, model.encoder):
        assert {p.dtype for p in encoder.parameters()} == {torch.bfloat16}
        assert torch.equal(encoder.rotary_emb.inv_freq, exact)
    assert "rotary_emb.inv_freq" not in model.encoder.state_dict()


def test_a_rounded_base_trains_a_full_precision_adapter(engine: LocalEngine) -> None:
    wide = engine.probe(tiny.recipe(), 1)
    engine.adopt(Pace("cpu", "bfloat16", 1, ()))
    assert engine.info.dtype == "bfloat16"
    narrow = engine.probe(tiny.recipe(), 1)
    assert narrow.last.val_loss == pytest.approx(wide.last.val_loss, rel=0.05)
    assert {p.dtype for p in engine.model.trainable().values()} == {torch.float32}
    assert engine.corpus.store("train", 1).packed.dtype == torch.bfloat16
