"""A base that trains in bfloat16: what is told of its models is computed in float32, as they are delivered."""

from pathlib import Path

import numpy as np
import pytest
import torch

from rankfirst.engine.base import FinalPlan, Source
from rankfirst.engine.local import LocalEngine
from rankfirst.engine.network import float_types
from rankfirst.records import Pace
from tests.engine import tiny

ROUNDED = Pace("cpu", "bfloat16", 1, ())
EXACT = Pace("cpu", "bfloat16", 1, (), figures="float32")
PLAN = FinalPlan(2)


@pytest.fixture(params=[None, 4], ids=["floats", "4-bits"])
def engines(request: pytest.FixtureRequest, bert: Source, tmp_path: Path) -> tuple[LocalEngine, LocalEngine]:
    """One that computes in float32, and one that trains in bfloat16."""
    if request.param:
        pytest.importorskip("bitsandbytes", reason="needs the extra bnb")
    made = [tiny.engine(bert, tmp_path / name, base_bits=request.param) for name in ("wide", "narrow")]
    made[1].adopt(EXACT)
    for engine in made:
        engine.expect(tiny.recipe())
        tiny.give_head(engine)
    return made[0], made[1]


def test_figures_are_those_of_float32_bit_for_bit(engines: tuple[LocalEngine, LocalEngine]) -> None:
    wide, narrow = engines
    texts = list(wide.dataset.val.texts)
    assert (narrow.features("val")["mean"] == wide.features("val")["mean"]).all()
    assert (narrow.encode(texts)["mean"] == wide.encode(texts)["mean"]).all()
    assert (narrow.features("train")["mean"] != wide.features("train")["mean"]).any()  # or this shows nothing
    name = narrow.finish(tiny.recipe(), PLAN, "final").checkpoint
    wide.checkpoints.save(name, narrow.checkpoints.load(name))
    for split in ("train", "val", "test"):
        assert narrow.logits(name, split) == pytest.approx(wide.logits(name, split), abs=1e-5)
    for mine, theirs in zip(narrow.read(name, texts), wide.read(name, texts), strict=True):
        assert (mine == theirs).all()
    assert (narrow.info.dtype, narrow.info.figures) == ("bfloat16", "float32")
    assert (wide.info.dtype, wide.info.figures) == ("float32", "")


def test_training_and_its_evaluations_are_as_they_were(bert: Source, tmp_path: Path) -> None:
    curves = []
    for name, pace in (("before", ROUNDED), ("now", EXACT)):
        engine = tiny.engine(bert, tmp_path / name)
        engine.adopt(pace)
        engine.expect(tiny.recipe())
        engine.features("train"), engine.features("val")
        first = engine.probe(tiny.recipe(), 2)
        engine.logits(first.checkpoint, "val")  # in between, in float32
        curves.append((first, engine.finish(tiny.recipe(), PLAN, "final")))
        assert engine.corpus.store("val", engine.capture_depth).packed.dtype == torch.bfloat16
    for before, now in zip(*curves, strict=True):
        assert now.train_loss == before.train_loss
        assert now.val_log_loss == pytest.approx(before.val_log_loss, rel=1e-3)


def test_an_error_leaves_the_base_as_it_was(bert: Source, tmp_path: Path) -> None:
    model = tiny.engine(bert, tmp_path).model
    model.narrow("bfloat16", keep=True)
    rounded, exact = model.encoder, model.exact
    with pytest.raises(ValueError, match="bad"), float_types.exactly(model):
        assert model.encoder is exact and model.dtype == "float32"
        model.attach(tiny.recipe())
        raise ValueError("bad")
    assert model.encoder is rounded and model.stack[0] in set(rounded.modules())
    assert not any("lora_" in name for name, _ in [*rounded.named_modules(), *exact.named_modules()])


def test_a_large_base_is_not_kept_twice(engine: LocalEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    assert engine.calibrate().figures == "float32"
    monkeypatch.setattr(float_types, "KEPT_MOST", 10)
    assert engine.calibrate().figures == ""
    engine.adopt(ROUNDED)
    assert engine.model.exact is None and engine.info.figures == ""
    assert np.isfinite(engine.features("val")["mean"]).all()
