"""The engine on a pretended GPU: no tensor of the CPU meets one of the GPU, and every number is that of the CPU."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from rankfirst.engine.base import FinalPlan, Source
from rankfirst.engine.base_models.sources import resolve
from rankfirst.engine.local import LocalEngine
from rankfirst.records import Curve
from tests.engine import tiny
from tests.engine.pretended import gpu

RECIPES = (tiny.recipe(), tiny.recipe(rank=1, lr=0.02), tiny.recipe(scaling=1.0, sites=tiny.FFN_TOO))
PLAN = FinalPlan(epochs=2, patience=2)


def same(mine: Any, theirs: Any) -> None:
    np.testing.assert_array_equal(np.asarray(mine), np.asarray(theirs))


def test_its_rules_are_those_of_a_gpu() -> None:
    with gpu():
        here, there = torch.ones(2), torch.ones(2, device="cuda")
        assert there.device.type == "cuda" and (there * 2).device.type == "cuda" and there.cpu().device.type == "cpu"
        assert torch.zeros(2).device.type == "cpu" and there.new_zeros(3).device.type == "cuda"
        with pytest.raises(RuntimeError, match="same device"):
            here + there
        with pytest.raises(TypeError, match="numpy"):
            there.numpy()
        with pytest.raises(RuntimeError, match="generator"):
            there.normal_(generator=torch.Generator())
        assert (there * torch.tensor(2.0)).tolist() == [2, 2]  # a number of the CPU may come along
        same((there * 3).cpu().numpy(), [3, 3])


def trained(source: Source, work: Path, device: str, **options: Any) -> tuple[LocalEngine, dict[str, Any]]:
    """What a run asks of an engine, and all numbers that come back."""
    made = tiny.engine(source, work, device=device, pack=True, **options)
    out: dict[str, Any] = {"features": made.features("val"), "sampled": made.sample_features([3, 1], "")}
    tiny.give_head(made)
    made.expect(RECIPES[0])
    curves = made.probes(RECIPES, 2)
    out["probes"] = curves
    out["alone"] = made.probe(RECIPES[0], 1)
    out["final"] = made.finish(RECIPES[2], PLAN, "final")
    out["again"] = made.refit(RECIPES[2], PLAN, 1, "again", _head(made))
    out["logits"] = made.logits("final-best", "test")
    out["read"] = made.read("final-best", made.dataset.val.texts)
    out["planned"] = made.footprint(RECIPES[0]).tokens
    return made, out


def _head(made: LocalEngine) -> tuple[Any, Any]:
    weight = np.full((len(tiny.CLASSES), made.facts.hidden), 0.1, dtype=np.float32)
    return weight, np.zeros(len(tiny.CLASSES), dtype=np.float32)


def numbers(curve: Curve) -> tuple[Any, ...]:
    """What depends on no clock."""
    return (
        curve.train_loss,
        curve.grad_norm,
        curve.step_norm,
        curve.val_log_loss,
        curve.val_predicted,
        curve.update_norm,
    )


@pytest.mark.parametrize("kind", tiny.kinds(["bert", "deberta-v2", "gpt2", "qwen2", "modernbert", "albert"]))
@pytest.mark.parametrize("options", [{}, {"windows": True, "max_tokens": 6}], ids=["short", "windows"])
def test_all_that_a_run_asks_has_the_numbers_of_the_cpu(kind: str, options: dict[str, Any], tmp_path: Path) -> None:
    source = resolve(str(tiny.write_base(tmp_path / kind, kind)))
    _, plain = trained(source, tmp_path / "cpu", "cpu", **options)
    with gpu():
        made, there = trained(source, tmp_path / "gpu", "cuda", **options)
        assert made.model.device.type == "cuda" and made.info.device.startswith("cuda")
        assert next(iter(made.model.encoder.parameters())).device.type == "cuda"
    for name in ("features", "sampled"):
        for pooling, array in plain[name].items():
            same(there[name][pooling], array)
    for mine, theirs in zip(there["probes"], plain["probes"], strict=True):
        assert numbers(mine) == numbers(theirs)
    for name in ("alone", "final", "again"):
        assert numbers(there[name]) == numbers(plain[name])
    same(there["logits"], plain["logits"])
    same(there["read"][0], plain["read"][0])
    assert there["planned"] == plain["planned"]
