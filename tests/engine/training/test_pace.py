"""Precision and threads: what is measured, and when a measurement changes anything."""

import copy
import itertools
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import AutoConfig, AutoModel

from rankfirst.engine import device
from rankfirst.engine.base import FinalPlan, Source
from rankfirst.engine.base_models.sources import resolve
from rankfirst.engine.local import LocalEngine
from rankfirst.engine.network.float_types import narrowed
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


def test_measuring_leaves_the_base_and_the_threads_alone(engine: LocalEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calibrate, "bfloat16_units", lambda device: ("avx512_bf16",))
    before, threads = engine.features("val")["mean"], torch.get_num_threads()
    pace = engine.calibrate()
    assert {t.dtype for t in pace.trials} == {"float32", "bfloat16"} and pace.units == ("avx512_bf16",)
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


def test_without_units_bfloat16_is_not_even_tried(engine: LocalEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calibrate, "bfloat16_units", lambda device: ())
    pace = engine.calibrate()
    assert {t.dtype for t in pace.trials} == {pace.dtype} == {"float32"} and pace.units == ()


@pytest.mark.parametrize(
    ("features", "expected"),
    [
        ({"avx2": True, "avx512_bf16": True, "amx_bf16": True, "amx_tile": True}, ("amx_bf16", "avx512_bf16")),
        ({"neon": True, "bf16": True, "sve_bf16": False}, ("bf16",)),
        ({"avx2": True, "avx512_bf16": False, "architecture": "x86_64"}, ()),
    ],
)
def test_the_processor_says_whether_it_has_units(
    monkeypatch: pytest.MonkeyPatch, features: dict[str, object], expected: tuple[str, ...]
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: features, raising=False)
    assert device.bfloat16_units(torch.device("cpu")) == expected


def test_an_older_torch_leaves_it_to_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(torch.cpu, "get_capabilities", raising=False)
    monkeypatch.setattr(device, "_cpu_flags", lambda: ["Features", ":", "fp", "asimd", "bf16"])
    assert device.bfloat16_units(torch.device("cpu")) == ("bf16",)
    monkeypatch.setattr(device, "_cpu_flags", list)
    assert device.bfloat16_units(torch.device("cpu")) == ()


class Company:
    """Other programs take processors away at times, so that a pass takes up to eight times as long by the clock.

    `cost` is the time of a pass alone; processor time is that, whoever else computes.
    """

    def __init__(self, engine: LocalEngine, cost: dict[str, float], seed: int) -> None:
        self.engine, self.cost, self.random = engine, cost, np.random.default_rng(seed)
        self.wall = self.mine = 0.0
        self.ran = engine.model.hidden_states

    def hidden_states(self, *batch: torch.Tensor) -> torch.Tensor:
        dtype = str(next(self.engine.model.encoder.parameters()).dtype).removeprefix("torch.")
        alone = self.cost[dtype] / torch.get_num_threads()
        self.mine += self.cost[dtype]
        self.wall += alone * float(self.random.choice([1, 2, 4, 8], p=[0.3, 0.2, 0.2, 0.3]))
        return self.ran(*batch)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize(("narrow", "expected"), [(0.4, "bfloat16"), (0.9, "float32")])
def test_company_does_not_change_the_type(
    engine: LocalEngine, monkeypatch: pytest.MonkeyPatch, seed: int, narrow: float, expected: str
) -> None:
    """By the clock, a type that is 2.5 times faster is slower in many a round, and one as fast seems 8 times faster."""
    company = Company(engine, {"float32": 0.05, "bfloat16": 0.05 * narrow}, seed)
    monkeypatch.setattr(engine.model, "hidden_states", company.hidden_states)
    monkeypatch.setattr(calibrate, "bfloat16_units", lambda device: ("amx_bf16",))
    monkeypatch.setattr(calibrate, "MOST_DEVIATION", 1.0)
    monkeypatch.setattr(calibrate.time, "perf_counter", lambda: company.wall)
    monkeypatch.setattr(calibrate.time, "thread_time", lambda: company.mine)
    assert engine.calibrate().dtype == expected


class Machine:
    """Seconds of a pass by number of threads, which a test changes while the engine trains."""

    def __init__(self, engine: LocalEngine, monkeypatch: pytest.MonkeyPatch, **seconds: float) -> None:
        self.seconds, self.now, self.ran, self.passes = seconds, 0.0, engine.model.hidden_states, 0
        monkeypatch.setattr(engine.model, "hidden_states", self.hidden_states)
        monkeypatch.setattr(calibrate.time, "perf_counter", lambda: self.now)
        monkeypatch.setattr(torch, "set_num_threads", lambda count: vars(self).update(threads=count))
        monkeypatch.setattr(torch, "get_num_threads", lambda: self.threads)
        self.threads = 2
        engine.threads = calibrate.Threads(engine.model, engine._sample)
        monkeypatch.setattr(calibrate, "bfloat16_units", lambda device: ())

    def hidden_states(self, *batch: torch.Tensor) -> torch.Tensor:
        self.passes += 1
        self.now += self.seconds["two" if self.threads == 2 else "one"]
        return self.ran(*batch)


def test_a_run_that_began_on_a_busy_machine_gets_its_threads_back(
    engine: LocalEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = Machine(engine, monkeypatch, one=0.1, two=0.4)  # the other core is taken
    engine.adopt(engine.calibrate())
    assert machine.threads == 1
    engine.threads.expected, machine.seconds["two"] = 0.2, 0.05
    for _ in range(11):  # one thread trains as fast as ever
        engine.threads.heed(1.0, 5.0)
    assert machine.threads == 1
    engine.threads.heed(1.0, 5.0)  # a minute later
    assert machine.threads == 2


def test_a_core_that_is_taken_away_is_noticed_by_the_pace_of_training(
    engine: LocalEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = Machine(engine, monkeypatch, one=0.1, two=0.05)
    engine.adopt(engine.calibrate())
    engine.threads.heed(1.0, 5.0)
    engine.threads.heed(1.0, 5.0)
    assert machine.threads == 2
    machine.seconds["two"], passes = 0.4, machine.passes
    engine.threads.heed(1.0, 6.0)  # not 1.5 times slower
    assert machine.passes == passes
    engine.threads.heed(1.0, 12.0)
    assert machine.threads == 1 and machine.passes > passes
    passes = machine.passes
    engine.threads.heed(1.0, 12.0)  # now as expected
    assert machine.passes == passes


def test_short_trainings_are_judged_together(engine: LocalEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine(engine, monkeypatch, one=0.1, two=0.05)
    engine.adopt(engine.calibrate())
    engine.threads.heed(1.0, 5.0)
    engine.threads.expected, passes = 0.2, machine.passes
    for _ in range(4):
        engine.threads.heed(0.01, 1.0)
    assert machine.passes == passes
    engine.threads.heed(0.01, 1.0)
    assert machine.passes > passes


def test_a_change_of_threads_between_epochs_changes_no_figure(bert: Source, tmp_path: Path) -> None:
    recipe, plan = tiny.recipe(), FinalPlan(3)
    steady = tiny.engine(bert, tmp_path / "steady")
    expected = steady.probe(recipe, 3), steady.finish(recipe, plan, "final")
    engine = tiny.engine(bert, tmp_path / "changing")
    counts = itertools.cycle([2, 1, 4])
    heeded = []

    def heed(work: float, seconds: float) -> None:
        heeded.append((work, seconds))
        torch.set_num_threads(next(counts))

    engine.threads.heed = heed  # type: ignore[method-assign]
    try:
        found = engine.probe(recipe, 3), engine.finish(recipe, plan, "final")
    finally:
        engine.release()
    assert len(heeded) == 6 and all(work > 0 and seconds > 0 for work, seconds in heeded)
    assert torch.get_num_threads() == 1  # as before the engine was made
    for one, other in zip(expected, found, strict=True):
        assert one.train_loss == pytest.approx(other.train_loss, rel=1e-4)
        assert one.val_log_loss == pytest.approx(other.val_log_loss, rel=1e-4, abs=1e-6)
        assert one.val_predicted == other.val_predicted


def test_late_tokens_move_no_more_than_early_ones_in_bfloat16() -> None:
    """A random decoder over 500 tokens; with its rotary frequencies rounded, late tokens move about twice as far."""
    torch.manual_seed(0)
    sizes = {"vocab_size": 1000, "hidden_size": 128, "num_hidden_layers": 4, "intermediate_size": 256}
    heads = {"num_attention_heads": 4, "num_key_value_heads": 4, "pad_token_id": 0, "initializer_range": 0.1}
    encoder = AutoModel.from_config(AutoConfig.for_model("qwen2", **sizes, **heads)).eval()
    ids = torch.randint(5, 1000, (2, 500))

    def late_to_early(narrow: torch.nn.Module) -> float:
        with torch.no_grad():
            exact, rounded = (each(input_ids=ids).last_hidden_state.float() for each in (encoder, narrow))
        moved = (rounded - exact).norm(dim=-1) / exact.norm(dim=-1)
        return float(moved[:, 400:].mean() / moved[:, :100].mean())

    assert late_to_early(narrowed(encoder, torch.bfloat16)) < 1.3
    assert late_to_early(copy.deepcopy(encoder).to(torch.bfloat16)) > 1.6
