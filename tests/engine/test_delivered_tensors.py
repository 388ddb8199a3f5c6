"""Every tensor that training made reaches the delivery; what transformers makes up has no say in an answer."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from rankfirst.engine.base_models.sources import resolve
from rankfirst.engine.export import formats
from rankfirst.engine.export.predictor import Predictor
from rankfirst.engine.local import LocalEngine
from tests.engine import tiny
from tests.engine.export.test_adapter import facts, plain_logits

KINDS = ("bert", "roberta", "deberta-v2", "electra", "albert", "modernbert", "gpt2", "qwen2")


def without_a_pooler(folder: Path, kind: str) -> Path:
    """A checkpoint of a language model, as most encoders are published."""
    import transformers

    torch.manual_seed(3)
    tiny.write_tokenizer(folder)
    config = transformers.AutoConfig.for_model(tiny.MODEL_TYPES.get(kind, kind), **tiny.ARCHITECTURES[kind])
    auto = transformers.AutoModelForCausalLM if kind in tiny.DECODERS else transformers.AutoModelForMaskedLM
    auto.from_config(config).save_pretrained(str(folder))
    assert not any("pooler" in name for name in load_file(folder / "model.safetensors"))
    return folder


def delivered(base: Path, folder: Path) -> tuple[LocalEngine, Any]:
    engine = tiny.engine(resolve(str(base)), folder / "work")
    engine.use_head("mean", *head(engine))
    checkpoint = engine.probe(tiny.recipe(), 2).checkpoint
    engine.export(checkpoint, str(folder / "model"))
    return engine, checkpoint


def head(engine: LocalEngine) -> tuple[np.ndarray, np.ndarray]:
    weight = np.random.default_rng(0).normal(0, 0.1, (3, engine.facts.hidden)).astype(np.float32)
    return weight, np.zeros(3, dtype=np.float32)


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_trained_is_what_is_saved(kind: str, tmp_path: Path) -> None:
    """Head and adapter move in training, nothing else may, and each of their tensors is in the files, bit for bit."""
    engine, checkpoint = delivered(tiny.write_base(tmp_path / "base", kind), tmp_path)
    engine.model.attach(tiny.recipe())
    learns = {name for name, p in engine.model.encoder.named_parameters() if p.requires_grad}
    assert learns == set(engine.model.adapter())
    state = engine.checkpoints.load(checkpoint)
    assert set(state.weights) == set(engine.model.trainable())
    saved = load_file(tmp_path / "model" / "adapter" / "adapter_model.safetensors")
    ours = {n for n in state.weights if not n.startswith("head.")}
    assert {f"base_model.model.{n.replace('.default.', '.')}" for n in ours} == set(saved)
    for name in ours:
        assert torch.equal(saved[f"base_model.model.{name.replace('.default.', '.')}"], state.weights[name])
        assert ".lora_B." not in name or state.weights[name].abs().max() > 0
    told = load_file(tmp_path / "model" / "head.safetensors")
    weight, bias = head(engine)
    assert torch.equal(told["weight"], state.weights["head.weight"]) and not np.array_equal(told["weight"], weight)
    assert torch.equal(told["bias"], state.weights["head.bias"]) and not np.array_equal(told["bias"], bias)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "qwen2"])
def test_a_pooler_that_is_made_up_anew_changes_no_answer(kind: str, tmp_path: Path) -> None:
    """Every loading makes up another one: the engine's, the predictor's and a stranger's must still agree."""
    base = without_a_pooler(tmp_path / "base", kind)
    engine, checkpoint = delivered(base, tmp_path)
    expected = engine.logits(checkpoint, "test")
    torch.manual_seed(99)
    assert np.abs(plain_logits(base, tmp_path / "model", engine.dataset.test.texts) - expected).max() < 1e-5
    torch.manual_seed(123)
    predictor = Predictor(tmp_path / "model", facts(engine))
    assert np.abs(predictor.logits(engine.dataset.test.texts) - expected).max() < 1e-5


@pytest.mark.parametrize("kind", ["bert", "qwen2"])
def test_a_base_of_float16_is_delivered_in_float32(kind: str, tmp_path: Path) -> None:
    """transformers would read it as its config says, and train or merge in half precision."""
    import transformers

    base = tiny.write_base(tmp_path / "base", kind)
    transformers.AutoModel.from_pretrained(base).to(torch.float16).save_pretrained(base)
    assert json.loads((base / "config.json").read_text())["dtype"] == "float16"
    engine, checkpoint = delivered(base, tmp_path)
    predictor = Predictor(tmp_path / "model", facts(engine))
    assert np.abs(predictor.logits(engine.dataset.test.texts) - engine.logits(checkpoint, "test")).max() < 1e-5
    formats.write_merged(predictor.model, tmp_path / "merged", 16)
    assert {t.dtype for t in load_file(tmp_path / "merged" / "model.safetensors").values()} == {torch.float32}
    assert json.loads((tmp_path / "merged" / "config.json").read_text())["dtype"] == "float32"
