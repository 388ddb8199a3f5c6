"""What is delivered answers as the engine did, in plain transformers + PEFT and in our own predictor."""

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from rankfirst.engine.base import Source
from rankfirst.engine.export.predictor import Predictor
from rankfirst.engine.local import LocalEngine
from rankfirst.errors import ModelError
from tests.engine import tiny

RECIPES = {
    "q-v-top-2": tiny.recipe(),
    "ffn-on-top": tiny.recipe(sites=tiny.FFN_ON_TOP),
    "ffn-too": tiny.recipe(sites=tiny.FFN_TOO, rank=3, scaling=0.7),
}


@torch.no_grad()
def plain_logits(base: Path, folder: Path, texts: tuple[str, ...]) -> np.ndarray:
    """With nothing of rankfirst: a stranger's ten lines."""
    from peft import PeftModel
    from transformers import AutoModel, AutoTokenizer

    model = PeftModel.from_pretrained(AutoModel.from_pretrained(base), str(folder / "adapter")).eval()
    batch = AutoTokenizer.from_pretrained(base)(list(texts), padding=True, return_tensors="pt")
    states = model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]).last_hidden_state
    mask = batch["attention_mask"][..., None]
    head = load_file(folder / "head.safetensors")
    return ((states * mask).sum(1) / mask.sum(1) @ head["weight"].T + head["bias"]).numpy()


@pytest.mark.parametrize("name", RECIPES)
def test_plain_peft_answers_as_the_engine(engine: LocalEngine, tmp_path: Path, name: str) -> None:
    checkpoint = engine.probe(RECIPES[name], 2).checkpoint
    engine.export(checkpoint, str(tmp_path / "model"))
    expected = engine.logits(checkpoint, "test")
    got = plain_logits(engine.source.folder, tmp_path / "model", engine.dataset.test.texts)
    assert np.abs(got - expected).max() < 1e-5


def facts(engine: LocalEngine, **changes: object) -> dict[str, object]:
    return {
        "kind": "lora",
        "base_model": engine.source.spec,
        "base_sha256": engine.source.sha256,
        "pooling": "mean",
        "prefix": engine.prefix,
        "max_tokens": engine.max_tokens,
    } | changes


@pytest.mark.parametrize("name", RECIPES)
def test_the_predictor_answers_as_the_engine(engine: LocalEngine, tmp_path: Path, name: str) -> None:
    checkpoint = engine.probe(RECIPES[name], 2).checkpoint
    engine.export(checkpoint, str(tmp_path / "model"))
    got = Predictor(tmp_path / "model", facts(engine)).logits(engine.dataset.test.texts)
    assert np.abs(got - engine.logits(checkpoint, "test")).max() < 1e-5


def test_exporting_twice_or_between_runs_changes_nothing(engine: LocalEngine, tmp_path: Path) -> None:
    first = engine.probe(tiny.recipe(), 1)
    engine.export(first.checkpoint, str(tmp_path / "a"))
    assert engine.probe(tiny.recipe(), 1) == first
    engine.export(first.checkpoint, str(tmp_path / "b"))
    for part in ("adapter/adapter_model.safetensors", "adapter/adapter_config.json", "head.safetensors"):
        assert (tmp_path / "a" / part).read_bytes() == (tmp_path / "b" / part).read_bytes()
    assert not list(tmp_path.rglob("*.tmp"))


def test_the_predictor_refuses_another_base(engine: LocalEngine, bert: Source, tmp_path: Path) -> None:
    engine.export(engine.probe(tiny.recipe(), 1).checkpoint, str(tmp_path / "model"))
    with pytest.raises(ModelError) as caught:
        Predictor(tmp_path / "model", facts(engine, base_sha256="0" * 64))
    assert caught.value.code == "model.wrong_hash"
