"""A base in 4 bits trains as one in floats of the same values does, and nothing ever changes it."""

import gc
import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from rankfirst.engine.base import Source
from rankfirst.engine.base_models.sources import resolve
from rankfirst.engine.local import LocalEngine
from rankfirst.engine.network import nf4
from rankfirst.engine.training import footprint
from rankfirst.errors import EngineError, ModelError, OptionError
from rankfirst.records import Health, Pace
from tests.engine import tiny

pytest.importorskip("bitsandbytes", reason="a base in 4 bits needs the extra bnb (pip install -e '.[dev]')")

KINDS = ("bert", "gpt2", "modernbert", "deberta-v3", "albert", "distilbert", "qwen2", "phi3")
CLOSE = 1e-4  # relative: another order of the same operations


def packed_engine(source: Source, work: Path, **options: Any) -> LocalEngine:
    return tiny.engine(source, work, base_bits=4, **options)


def base(kind: str, tmp_path: Path) -> Source:
    return resolve(str(tiny.write_base(tmp_path / kind, kind)))


def stored(engine: LocalEngine) -> dict[str, torch.Tensor]:
    """A copy of every number the base is made of, scales of the packed weights among them."""
    told = engine.model.encoder.state_dict().items()
    return {name: tensor.clone() for name, tensor in told if not name.endswith("bitsandbytes__nf4")}  # the type's name


def same(before: dict[str, torch.Tensor], after: dict[str, torch.Tensor]) -> bool:
    return before.keys() == after.keys() and all(torch.equal(before[name], after[name]) for name in before)


@pytest.mark.parametrize("kind", tiny.kinds(KINDS))
def test_it_trains_as_a_base_of_the_same_floats(kind: str, tmp_path: Path) -> None:
    source = base(kind, tmp_path)
    packed, floats = (packed_engine(source, tmp_path / name) for name in ("packed", "floats"))
    floats.model.thaw()
    assert not list(nf4.layers(floats.model.encoder)) and list(nf4.layers(packed.model.encoder))
    recipe = tiny.recipe(sites=tiny.FFN_TOO, lr=2e-3)
    before = stored(packed)
    one, other = packed.probe(recipe, 2), floats.probe(recipe, 2)
    assert one.health is Health.FINE and one.last.train_loss < one.start.train_loss
    assert one.train_loss == pytest.approx(other.train_loss, rel=CLOSE)
    assert one.grad_norm == pytest.approx(other.grad_norm, rel=CLOSE)
    assert one.last.val_loss == pytest.approx(other.last.val_loss, rel=CLOSE)
    packed.model.detach()
    assert same(before, stored(packed))


@pytest.mark.parametrize("kind", tiny.kinds(KINDS))
def test_what_is_counted_does_not_depend_on_the_packing(kind: str, tmp_path: Path) -> None:
    source = base(kind, tmp_path)
    packed, floats = packed_engine(source, tmp_path / "a"), tiny.engine(source, tmp_path / "b")
    assert packed.facts == floats.facts
    one, other = packed.probe(tiny.recipe(), 1), floats.probe(tiny.recipe(), 1)
    assert one.work == pytest.approx(other.work) and one.adapter_parameters == other.adapter_parameters


def test_adapters_come_and_go_and_leave_the_base_as_it_was(bert: Source, tmp_path: Path) -> None:
    engine = packed_engine(bert, tmp_path)
    before, states = stored(engine), engine.features("val")["mean"]
    ids, mask = engine.model.pad([[2, 7, 8, 3]])
    bare = engine.model.hidden_states(ids, mask)
    for rank in (2, 8):
        recipe = tiny.recipe(rank=rank, sites=tiny.FFN_TOO)
        engine.model.attach(recipe)
        assert torch.equal(engine.model.hidden_states(ids, mask), bare)  # B = 0
        assert {p.dtype for p in engine.model.trainable().values()} == {torch.float32}
        engine.probe(recipe, 1)
        engine.model.detach()
    assert same(before, stored(engine))
    assert np.array_equal(engine.features("val")["mean"], states)


def test_computing_in_bfloat16_rounds_nothing_that_is_stored(
    bert: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rankfirst.engine.training.pace.bfloat16_units", lambda device: ("avx512_bf16",))
    engine = packed_engine(bert, tmp_path)
    before, wide = stored(engine), engine.probe(tiny.recipe(), 1)
    pace = engine.calibrate()
    assert {t.dtype for t in pace.trials} == {"float32", "bfloat16"} and engine.model.dtype == "float32"
    engine.adopt(Pace("cpu", "bfloat16", 1, ()))
    assert (engine.info.dtype, engine.info.base_bits) == ("bfloat16", 4)
    narrow = engine.probe(tiny.recipe(), 1)
    assert narrow.last.val_loss != wide.last.val_loss
    assert narrow.last.val_loss == pytest.approx(wide.last.val_loss, rel=0.05)
    assert engine.corpus.store("train", 1).packed.dtype == torch.float32  # between layers states stay wide
    engine.model.detach()
    assert same(before, stored(engine))


def test_no_unpacked_weight_is_kept_for_the_backward_pass(bert: Source, tmp_path: Path) -> None:
    engine = packed_engine(bert, tmp_path)
    engine.model.attach(tiny.recipe(sites=tiny.FFN_TOO))
    shapes = {tuple(layer.weight.quant_state.shape) for _, layer in nf4.layers(engine.model.encoder)}
    kept: list[tuple[int, ...]] = []

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        kept.append(tuple(tensor.shape))
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        engine.model.logits(*engine.model.pad([[2, 7, 8, 3]] * 3)).sum().backward()  # type: ignore[no-untyped-call]
    assert kept and not shapes & set(kept)


def test_recipes_are_trained_together_as_alone(bert: Source, tmp_path: Path) -> None:
    from tests.engine.training.test_packed import both, recipes_of
    from tests.engine.training.test_packed import same as alike

    alone, together = both(packed_engine(bert, tmp_path), recipes_of())
    alike(alone, together)


def test_its_size_is_known_before_it_is_loaded(tmp_path: Path) -> None:
    folder = tiny.write_base(tmp_path / "bert", "bert", hidden_size=256, intermediate_size=512)
    whole = footprint.weight_bytes(folder)
    engine = packed_engine(resolve(str(folder)), tmp_path / "work")
    held = sum(t.numel() * t.element_size() for n, t in stored(engine).items() if not n.endswith("quant_map"))
    assert nf4.base_bytes(folder, whole) == pytest.approx(held, rel=0.02) and held < 0.4 * whole


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="Linux says what is mapped")
def test_the_file_of_the_floats_is_let_go(tmp_path: Path) -> None:
    folder = tiny.write_base(tmp_path / "bert", "bert")
    engine = packed_engine(resolve(str(folder)), tmp_path / "work")
    gc.collect()
    assert engine.model.bits and str(folder) not in Path("/proc/self/maps").read_text()


def test_a_base_that_fits_only_in_4_bits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tiny.write_base(tmp_path / "bert", "bert", hidden_size=256, intermediate_size=512)
    limit = footprint.weight_bytes(folder) // 2
    monkeypatch.setattr(footprint, "held", lambda device: 0)
    cpu = torch.device("cpu")
    footprint.check_base("base", folder, cpu, limit, 4)
    for bits, allowed, code in ((None, limit, "memory.base"), (4, limit // 4, "memory.base_bits")):
        with pytest.raises(EngineError) as caught:
            footprint.check_base("base", folder, cpu, allowed, bits)
        assert caught.value.code == code


def test_weights_that_are_not_finite_are_found_after_packing(tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    folder = tiny.write_base(tmp_path / "bert", "bert")
    tensors = load_file(folder / "model.safetensors")
    name = next(n for n in tensors if n.endswith("query.weight"))
    tensors[name][0, 0] = float("inf")
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ModelError) as caught:
        packed_engine(resolve(str(folder)), tmp_path / "work")
    assert caught.value.code == "model.not_finite"


def test_without_the_extra_one_line_says_what_to_install(
    bert: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = importlib.util.find_spec
    monkeypatch.setattr(nf4, "find_spec", lambda name: None if name == "bitsandbytes" else known(name))
    with pytest.raises(OptionError) as caught:
        packed_engine(bert, tmp_path)
    assert 'pip install "rankfirst[bnb]"' in caught.value.sentence("en")
