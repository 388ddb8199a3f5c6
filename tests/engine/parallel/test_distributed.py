"""Several processes train one recipe: the contract, the numbers of one process, and what becomes of a lost one."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from rankfirst.engine.base import Engine, EngineOptions, FinalPlan, Source
from rankfirst.engine.base_models.sources import resolve
from rankfirst.engine.local import LocalEngine
from rankfirst.engine.network.lora import Dropout, Part
from rankfirst.engine.parallel import processes as crews
from rankfirst.engine.parallel.distributed import DistributedEngine
from rankfirst.engine.parallel.processes import TIMEOUT, Processes, parse
from rankfirst.errors import EngineError, OptionError
from rankfirst.records import Curve, Dataset
from tests.engine import tiny
from tests.engine.contract import EngineContract

RECIPE = tiny.recipe(dropout=0.2)
PLAN = FinalPlan(epochs=3)
DEEPER = RECIPE.with_(sites=tiny.FFN_TOO)
ROUNDING = 1e-5
ODD = tiny.dataset(train=41)  # its last batch has one row, of which one process has none
WINDOWS: dict[str, Any] = {"max_tokens": 8, "windows": True}
LONG = 500  # epochs: long enough to be met in the middle


def together(
    bert: Source, folder: Path, rows: Dataset | None = None, shard: bool = False, timeout: float = TIMEOUT, **more: Any
) -> Any:
    options, processes = EngineOptions(device="cpu", **more), Processes(2, shard)
    engine = DistributedEngine(rows or tiny.dataset(), bert, folder, processes, options, timeout)
    tiny.give_head(engine)
    return engine


@pytest.fixture(scope="module")
def deberta(tmp_path_factory: pytest.TempPathFactory) -> Source:
    """Its blocks return tuples, which a process sees only if it has a turn at filling the cache of states."""
    return resolve(str(tiny.write_base(tmp_path_factory.mktemp("deberta"), "deberta-v2")))


@pytest.fixture(scope="module")
def pair(deberta: Source, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DistributedEngine]:
    engine = together(deberta, tmp_path_factory.mktemp("pair") / "work")
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def parts(bert: Source, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DistributedEngine]:
    """Each process holds a part of the base; texts are read in windows."""
    engine = together(bert, tmp_path_factory.mktemp("parts") / "work", ODD, shard=True, **WINDOWS)
    yield engine
    engine.close()


@pytest.fixture
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., LocalEngine]:
    monkeypatch.setattr(Dropout, "POOL", 1 << 22)  # as in the processes, which know nothing of the fixture `small`
    return lambda source, rows=None, **more: tiny.engine(source, tmp_path / "alone", rows, **more)


@pytest.mark.slow
class TestDistributed(EngineContract):
    """Trains in two processes."""

    @pytest.fixture
    def trained(self, pair: DistributedEngine) -> Engine:
        return pair


def numbers(record: Curve) -> dict[str, Any]:
    """What a training showed, but for rows that are all but undecided."""
    told = {f.name: getattr(record, f.name) for f in fields(record)}
    evaluations = told.pop("evaluations")
    told["val"] = [(e.val_loss, e.train_loss, e.val_macro_f1) for e in evaluations]
    return {name: value for name, value in told.items() if name not in ("recipe", "health", "checkpoint", "end")}


def check_same(found: Engine, expected: Engine) -> None:
    """Everything that trains or encodes, to rounding."""
    for engine in (found, expected):
        engine.expect(RECIPE)
    for split in ("train", "val", "test"):
        for pooling, array in expected.features(split).items():
            np.testing.assert_allclose(found.features(split)[pooling], array, atol=ROUNDING)
    one, other = found.probe(RECIPE, 3), expected.probe(RECIPE, 3)
    pairs = [(one, other), (found.finish(RECIPE, PLAN, "f"), expected.finish(RECIPE, PLAN, "f"))]
    pairs.append((found.probe(DEEPER, 2), expected.probe(DEEPER, 2)))
    for record, reference in pairs:
        told = numbers(reference)
        for name, value in numbers(record).items():
            if value is None or told[name] is None:  # no step was cut to fit memory
                assert value is told[name], name
                continue
            np.testing.assert_allclose(value, told[name], atol=ROUNDING, rtol=1e-4, err_msg=name)
    for checkpoint, split in ((one.checkpoint, "test"), ("f-best", "val")):
        np.testing.assert_allclose(found.logits(checkpoint, split), expected.logits(checkpoint, split), atol=1e-4)
    np.testing.assert_allclose(found.read("f-best", ["send cash"])[1], expected.read("f-best", ["send cash"])[1],
                               atol=1e-4)  # fmt: skip


@pytest.mark.slow
def test_two_processes_find_what_one_finds(
    pair: DistributedEngine, deberta: Source, alone: Callable[..., LocalEngine]
) -> None:
    check_same(pair, alone(deberta))


@pytest.mark.slow
def test_a_base_in_parts_finds_what_a_whole_one_finds(
    parts: DistributedEngine, bert: Source, alone: Callable[..., LocalEngine]
) -> None:
    whole = alone(bert, ODD, **WINDOWS)
    check_same(parts, whole)
    blocks = sum(p.numel() for p in whole.model.stack.parameters() if p.dim() == 2)
    held = sum(p.numel() for p in whole.model.encoder.parameters())
    assert max(parts.held) < held - 0.4 * blocks


@pytest.mark.slow
def test_what_needs_every_process_is_asked_of_every_one(parts: DistributedEngine, tmp_path: Path) -> None:
    pace = parts.calibrate()
    assert [(t.dtype, t.threads) for t in pace.trials] == [("float32", 1)]
    parts.adopt(pace)
    assert parts.ms_per_text() > 0 and parts.speed() > 0
    parts.export(parts.probe(RECIPE, 1).checkpoint, str(tmp_path / "out"))
    assert (tmp_path / "out" / "adapter" / "adapter_model.safetensors").is_file()
    with pytest.raises(EngineError) as refused:
        parts.full(1)
    assert refused.value.code == "processes.no_full"
    assert parts.probe(RECIPE, 1).steps  # an error that leaves nobody waiting ends nothing


@pytest.fixture
def doomed(bert: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DistributedEngine]:
    monkeypatch.setattr(crews, "GRACE", 1.0)
    engine = together(bert, tmp_path / "work", timeout=4.0)
    yield engine
    engine.release()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("sent", "code"),
    [
        pytest.param(signal.SIGKILL, "processes.died", id="killed"),
        pytest.param(signal.SIGSTOP, "processes.parted", id="stands-still"),
    ],
)
def test_a_lost_process_is_one_line_soon(doomed: DistributedEngine, sent: signal.Signals, code: str) -> None:
    members = list(doomed.pool.members)
    begun = threading.Event()

    def lose() -> None:
        begun.wait()
        members[1].process.send_signal(sent)

    threading.Thread(target=lose, daemon=True).start()
    with pytest.raises(EngineError) as lost:
        doomed.probe(RECIPE, LONG, lambda *told: begun.set())
    assert lost.value.code == code
    assert all(member.process.poll() is not None for member in members)
    with pytest.raises(EngineError) as gone:
        doomed.has("anything")
    assert gone.value.code == "processes.gone"


def test_processes_end_with_their_driver(tmp_path: Path) -> None:
    """Busy ones too, who do not look at their pipe: here another process holds it open."""
    script = textwrap.dedent("""
        import subprocess, time
        from rankfirst.engine.parallel.processes import ProcessPool
        members = ProcessPool(2, 1).members
        pipes = [member.pipe.fileno() for member in members]
        keeper = subprocess.Popen(["sleep", "60"], stdout=subprocess.DEVNULL, pass_fds=pipes)
        print(keeper.pid, *[member.process.pid for member in members], flush=True)
        time.sleep(60)
    """)
    own = os.environ | {"TMPDIR": str(tmp_path)}  # a killed driver leaves the file where they meet
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, env=own) as driver:
        assert driver.stdout is not None
        keeper, *pids = (int(pid) for pid in driver.stdout.readline().split())
        assert len(pids) == 2 and all(map(alive, pids))
        driver.kill()
    until = time.monotonic() + 20
    while any(map(alive, pids)) and time.monotonic() < until:
        time.sleep(0.1)
    os.kill(keeper, signal.SIGKILL)
    assert not any(map(alive, pids))


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    return not stat.is_file() or stat.read_text().rsplit(")", 1)[1].split()[0] != "Z"


def test_dropout_falls_on_a_part_as_it_falls_on_the_whole() -> None:
    def mask(x: torch.Tensor, part: Part, size: int) -> torch.Tensor:
        drop = Dropout(0.5)
        drop.pool, drop.random, drop.part = torch.arange(size).float(), torch.Generator().manual_seed(3), part
        drop.train()
        made = drop.mask(x)
        assert made is not None
        return made

    for size in (1 << 12, 100):  # one slice of the pool, and several
        whole = mask(torch.zeros(5 * 3, 4), Part(), size)
        for before, own in ((0, 2), (2, 3), (4, 1)):
            mine = mask(torch.zeros(own * 3, 4), Part(before, own, 5, own * 3), size)
            assert torch.equal(mine, whole[before * 3 : (before + own) * 3])
        other = mask(torch.zeros(7, 4), Part(2, 2, 5, 6), size)  # no row a token
        assert torch.equal(other, mask(torch.zeros(7, 4), Part(), size))


@pytest.mark.parametrize(
    ("count", "shard", "engine", "code"),
    [
        (0, False, "local", "processes.bad_count"),
        (1, True, "local", "processes.shard_alone"),
        (None, True, "local", "processes.shard_alone"),
        (2, False, "ray", "processes.with_ray"),
        (100_000, False, "local", "processes.small_machine"),
    ],
)
def test_what_does_not_go_is_refused(count: int | None, shard: bool, engine: str, code: str) -> None:
    with pytest.raises(OptionError) as refused:
        parse(count, shard, engine)
    assert refused.value.code == code


def test_one_process_is_this_one() -> None:
    assert parse(None, False, "ray") is None and parse(1, False, "local") is None
