"""The engine on a pretended GPU: no tensor of the CPU meets one of the GPU, and every number is that of the CPU."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from benchmarks.gpu_check.exact import PLAN, flow, numbers
from transformers import PreTrainedModel

from rankfirst.engine.base import Source
from rankfirst.engine.base_models.sources import resolve
from rankfirst.engine.export.adapter import write_head_arrays
from rankfirst.engine.export.predictor import Predictor
from rankfirst.engine.local import LocalEngine
from rankfirst.records import Health
from tests.engine import tiny
from tests.engine.pretended import gpu

RECIPES = (tiny.recipe(), tiny.recipe(rank=1, lr=0.02), tiny.recipe(scaling=1.0, sites=tiny.FFN_TOO))


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
    return made, flow(made, RECIPES)


@pytest.mark.parametrize("kind", tiny.kinds(["bert", "deberta-v2", "gpt2", "qwen2", "modernbert", "albert"]))
@pytest.mark.parametrize("options", [{}, {"windows": True, "max_tokens": 6}], ids=["short", "windows"])
def test_all_that_a_run_asks_has_the_numbers_of_the_cpu(kind: str, options: dict[str, Any], tmp_path: Path) -> None:
    source = resolve(str(tiny.write_base(tmp_path / kind, kind)))
    _, plain = trained(source, tmp_path / "cpu", "cpu", **options)
    with gpu():
        made, there = trained(source, tmp_path / "gpu", "cuda", **options)
        assert made.model.device.type == "cuda" and made.info.device.startswith("cuda")
        assert next(iter(made.model.encoder.parameters())).device.type == "cuda"
    for name in ("features", "sampled", "logits", "read"):
        for key, array in plain[name].items():
            same(there[name][key], array)
    for name in ("probes", "probe", "finish", "refit"):
        assert [numbers(curve) for curve in there[name]] == [numbers(curve) for curve in plain[name]]
    assert (there["full"], there["tokens"]) == (plain["full"], plain["tokens"])


def test_training_in_bfloat16_beside_the_exact_weights_obeys_them_too(bert: Source, tmp_path: Path) -> None:
    """As a run does it: measured, adopted, and what is told of the model computed in float32."""
    with gpu():
        made = tiny.engine(bert, tmp_path / "gpu", device="cuda")
        pace = made.calibrate()
        assert pace.units == ("cuda",) and {t.dtype for t in pace.trials} == {"float32", "bfloat16"}
        assert {t.threads for t in pace.trials} == {torch.get_num_threads()}
        made.adopt(replace(pace, dtype="bfloat16"))
        made.features("train")
        curves = made.probes(RECIPES, 1)
        final = made.finish(RECIPES[2], PLAN, "final")
        assert made.info.dtype == "bfloat16" and made.model.exact is not None
        assert {p.device.type for p in made.model.exact.parameters()} == {"cuda"}
        assert all(curve.health is Health.FINE for curve in (*curves, final))
        assert np.isfinite(made.logits("final-best", "val")).all() and made.speed() > 0 and made.ms_per_text() > 0


def test_a_delivery_read_on_a_gpu_answers_as_on_the_cpu(bert: Source, tmp_path: Path) -> None:
    made = tiny.engine(bert, tmp_path / "work")
    made.finish(RECIPES[2], PLAN, "final")
    made.export("final-best", str(tmp_path / "model"))
    facts = {"base_model": bert.spec, "base_sha256": bert.sha256, "kind": "lora", "pooling": "mean", "prefix": "",
             "max_tokens": 32}  # fmt: skip
    texts = made.dataset.val.texts
    plain = Predictor(tmp_path / "model", facts)
    with gpu():
        there = Predictor(tmp_path / "model", facts, device="cuda")
        same(there.logits(texts), plain.logits(texts))
        same(there.of_vectors(there.vectors(texts)), plain.of_vectors(plain.vectors(texts)))
        assert {p.device.type for p in there.model.encoder.parameters()} == {"cuda"}


def test_without_room_for_it_on_the_gpu_a_delivery_is_read_on_the_cpu(
    bert: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The engine still holds its own base when a run reads back what it delivered."""
    write_head_arrays(np.zeros((3, 16), dtype=np.float32), np.zeros(3, dtype=np.float32), tmp_path)
    facts = {"base_model": bert.spec, "base_sha256": bert.sha256, "kind": "frozen", "pooling": "mean", "prefix": "",
             "max_tokens": 32}  # fmt: skip
    real = PreTrainedModel.to

    def full(model: Any, device: torch.device) -> Any:
        if device.type == "cuda":
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return real(model, device)

    monkeypatch.setattr(PreTrainedModel, "to", full)
    assert Predictor(tmp_path, facts, device="cuda").model.device.type == "cpu"
