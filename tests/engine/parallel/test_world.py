"""What processes agree on, and a base in parts, without other processes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from rankfirst.engine.base import Source
from rankfirst.engine.base_models.sources import resolve
from rankfirst.engine.local import LocalEngine
from rankfirst.engine.parallel.world import ALONE, World, held_weights
from rankfirst.engine.training import footprint
from rankfirst.engine.training.footprint import Room
from rankfirst.engine.training.frozen_prefix import replaced_below
from rankfirst.engine.training.frozen_states import StateStore
from rankfirst.errors import EngineError
from rankfirst.records import Curve
from tests.engine import tiny

RECIPE = tiny.recipe(dropout=0.2)


@pytest.mark.parametrize("count", [0, 1, 5, 32])
@pytest.mark.parametrize("size", [1, 2, 3])
def test_every_row_is_one_process_s(count: int, size: int) -> None:
    shares = [World(rank, size).share(count) for rank in range(size)]
    assert [row for share in shares for row in share] == list(range(count))
    assert max(map(len, shares)) - min(map(len, shares)) <= 1


def short() -> list[int]:
    raise MemoryError


def others(monkeypatch: pytest.MonkeyPatch, *told: tuple[bool, list[Any]]) -> None:
    """What the other processes say, whatever they are asked."""
    monkeypatch.setattr("accelerate.utils.gather_object", lambda own: [*own, *told])


def test_what_all_found_comes_in_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    others(monkeypatch, (False, [2]), (False, [3]))
    assert World(0, 3).exchange(lambda: [1]) == [1, 2, 3]
    assert World(0, 3).least(2.5) == 2


def test_lack_of_memory_in_one_process_is_lack_in_all(monkeypatch: pytest.MonkeyPatch) -> None:
    others(monkeypatch, (True, []))
    with pytest.raises(MemoryError):
        World(0, 2).exchange(lambda: [1])
    others(monkeypatch, (False, [1]))
    with pytest.raises(MemoryError):
        World(0, 2).exchange(short)
    with pytest.raises(MemoryError):
        ALONE.exchange(short)


def test_where_the_base_is_in_parts_it_is_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """The others stand inside a pass that this one does not finish: nobody could answer a question."""
    others(monkeypatch)
    with pytest.raises(EngineError) as told:
        World(1, 2, sharded=True).exchange(short)
    assert told.value.code == "processes.no_memory" and told.value.fields["process"] == 2


def test_all_have_read_what_is_missing_before_one_adds_to_it(
    bert: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else one that comes later would find less to do, and the others would wait for its turns."""
    told: list[str] = []
    missing, put = StateStore.missing, StateStore.put
    monkeypatch.setattr("accelerate.utils.gather_object", lambda own: told.append("all") or own)
    monkeypatch.setattr(StateStore, "missing", lambda *args: told.append("read") or missing(*args))
    monkeypatch.setattr(StateStore, "put", lambda *args: told.append("put") or put(*args))
    engine = tiny.engine(bert, tmp_path / "work", world=World(0, 2))
    engine.corpus.fill("train", 1, range(5))
    assert "all" in told[told.index("read") : told.index("put")]


@pytest.mark.parametrize("kind", ["bert", "albert", "deberta-v2", "modernbert", "gpt2", "qwen3"])
def test_gradients_of_the_parts_of_a_batch_are_those_of_the_whole(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Dropout falls on the same numbers, whatever else an architecture adapts beside its rows."""
    others(monkeypatch)
    monkeypatch.setattr(torch.distributed, "all_reduce", lambda whole: None)
    engine = tiny.engine(resolve(str(tiny.write_base(tmp_path / "base", kind))), tmp_path / "work")
    trained = engine.checkpoints.load(engine.probe(RECIPE, 1).checkpoint)

    def gradients(world: World) -> dict[str, torch.Tensor]:
        engine.model.world = world
        loop = engine._loop(RECIPE, trained)
        loop.begin_epoch(list(range(40)))
        with replaced_below(engine.model.stack, loop.depth, engine.corpus.tuple_blocks) as replay:
            loop._gradients(list(range(7)), replay)
        return {name: p.grad for name, p in loop.parameters.items() if p.grad is not None}

    whole, first, second = map(gradients, (ALONE, World(0, 2), World(1, 2)))
    for name, gradient in whole.items():
        torch.testing.assert_close(first[name] + second[name], gradient, atol=1e-6, rtol=1e-4)


@pytest.fixture(scope="module")
def group(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A group of this one process, whose base is in one part: it comes and goes as parts do."""
    meeting = (tmp_path_factory.mktemp("group") / "meeting").as_uri()
    torch.distributed.init_process_group("gloo", init_method=meeting, rank=0, world_size=1)
    yield World(0, 1, sharded=True)
    torch.distributed.destroy_process_group()


@pytest.mark.parametrize(
    "kind",
    ["bert", *(pytest.param(kind, marks=pytest.mark.slow) for kind in ("albert", "deberta-v2", "gpt2", "qwen3"))],
)
def test_parts_are_put_together_in_any_architecture(
    group: World, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = resolve(str(tiny.write_base(tmp_path / "base", kind)))
    whole, parted = (tiny.engine(source, tmp_path / name, world=w) for name, w in (("a", ALONE), ("b", group)))
    assert held_weights(parted.model.encoder) == held_weights(whole.model.encoder)
    assert any(hasattr(p, "to_local") for p in parted.model.encoder.parameters())
    expected = losses(whole.probe(RECIPE, 2))
    assert losses(parted.probe(RECIPE, 2)) == pytest.approx(expected, abs=1e-5)
    monkeypatch.setattr(footprint.Planner, "room", lambda self, recipe: Room(64, recompute=True))
    again, twice = (losses(engine.probe(RECIPE, 2)) for engine in (whole, parted))
    assert twice == pytest.approx(again, abs=1e-5)


def losses(curve: Curve) -> list[float]:
    return [*curve.train_loss, *(e.val_loss for e in curve.evaluations)]


def test_where_memory_is_short_blocks_in_parts_run_twice(group: World, bert: Source, tmp_path: Path) -> None:
    engine: LocalEngine = tiny.engine(bert, tmp_path / "work", world=group)
    assert engine.planner.room(RECIPE) == Room()
    engine.planner.user_limit = footprint.held(engine.device)
    assert engine.planner.room(RECIPE) == Room(footprint.LEAST_PIECE, recompute=True)


def test_a_device_must_hold_its_part_only(bert: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(footprint, "held", lambda device: 0)
    whole = footprint.weight_bytes(bert.folder)
    footprint.check_base("x", bert.folder, torch.device("cuda"), whole - 1, parts=2)
    monkeypatch.setattr(torch.cuda, "memory_reserved", lambda device: 1000)  # and without a limit, what the GPU has
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (whole - 1001, 1 << 40))
    with pytest.raises(EngineError):
        footprint.check_base("x", bert.folder, torch.device("cuda"), None)
    for device, parts in (("cuda", 1), ("cpu", 2)):  # on a CPU it is loaded whole
        with pytest.raises(EngineError):
            footprint.check_base("x", bert.folder, torch.device(device), whole - 1, parts=parts)
