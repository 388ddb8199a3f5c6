"""transformers' own classes say what our network says, or are refused."""

import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from rankfirst.engine.base_models import sources
from rankfirst.engine.export import sequence_classifier
from rankfirst.engine.network.model import TextModel
from rankfirst.errors import OptionError
from rankfirst.model import subprocess_check
from tests.engine import tiny

TEXTS = ["send cash", "card", "please help my card now the limit", "lost lost lost", "zzz " * 40]
CLASSES = ("card|a", "取款", "send")
ENCODERS = ("bert", "ernie", "roberta", "xlm-roberta", "mpnet", "electra", "distilbert", "deberta-v2", "deberta-v3",
            "albert", "modernbert")  # fmt: skip
RMS = tuple(kind for kind in tiny.DECODERS if kind != "gpt2")


def made(folder: Path, kind: str, pooling: str, bias: bool = True) -> TextModel:
    """A model whose norms have gains and biases as trained ones do."""
    model = TextModel(sources.resolve(str(tiny.write_base(folder / "base", kind))), torch.device("cpu"))
    random = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for module in model.encoder.modules():
            if "Norm" in type(module).__name__ and getattr(module, "weight", None) is not None:
                module.weight.mul_(torch.rand(module.weight.shape, generator=random) + 0.5)
                if getattr(module, "bias", None) is not None:
                    module.bias.add_(torch.randn(module.bias.shape, generator=random) * 0.3)
    model.pooling = pooling
    model.set_head(torch.randn(3, model.hidden, generator=random), torch.randn(3, generator=random) * bias)
    return model


def facts(model: TextModel, multi_label: bool = False) -> dict[str, Any]:
    return {"classes": list(CLASSES), "prefix": "", "max_tokens": 16, "multi_label": multi_label}


def written(model: TextModel, folder: Path, kind: str = "classifier", multi_label: bool = False) -> Path:
    told = facts(model, multi_label)
    sequence_classifier.write(model, folder / kind, kind, CLASSES, told, 1.5)
    (folder / "decision.json").write_text(json.dumps(told), encoding="utf-8")
    return folder / kind


def expected(model: TextModel) -> np.ndarray:
    read = model.tokenize(TEXTS, "", 16)
    with torch.no_grad():
        return torch.cat([model.logits(*model.batch(read, [i])[:2]) for i in range(len(TEXTS))]).numpy() / 1.5


@pytest.mark.parametrize("kind", [*ENCODERS, "gpt2"])
def test_the_class_answers_as_the_network(kind: str, tmp_path: Path) -> None:
    model = made(tmp_path, kind, "last" if kind == "gpt2" else "cls")
    written(model, tmp_path)
    got, wanted = subprocess_check.by_the_pipeline(tmp_path, "classifier", TEXTS), expected(model)
    assert np.abs(got - wanted).max() < 3e-5 * np.abs(wanted).max()


@pytest.mark.parametrize("kind", RMS)
def test_a_decoder_without_a_bias_is_its_class(kind: str, tmp_path: Path) -> None:
    model = made(tmp_path, kind, "last", bias=False)
    written(model, tmp_path)
    got, wanted = subprocess_check.by_the_pipeline(tmp_path, "classifier", TEXTS), expected(model)
    assert np.abs(got - wanted).max() < 3e-5 * np.abs(wanted).max()


@pytest.mark.parametrize("kind", RMS)
def test_a_bias_that_nothing_can_take_is_refused_and_kept_for_vllm(kind: str, tmp_path: Path) -> None:
    model = made(tmp_path, kind, "last")
    with pytest.raises(OptionError) as refused:
        written(model, tmp_path)
    assert refused.value.code == "export.no_bias"
    folder = written(model, tmp_path, "vllm")
    got, wanted = subprocess_check.by_the_pipeline(tmp_path, "vllm", TEXTS), expected(model)
    assert np.abs(got - wanted).max() < 3e-5 * np.abs(wanted).max()
    # What vLLM's loader looks for: the class's name, the labels, and the tensors by their names in transformers.
    told, tensors = json.loads((folder / "config.json").read_text()), load_file(folder / "model.safetensors")
    assert told["architectures"][0].endswith("ForSequenceClassification") and len(told["id2label"]) == 3
    assert tensors["score.weight"].shape == (3, model.hidden) and tensors["score.bias"].shape == (3,)
    assert all(name.startswith(("model.", "score.")) for name in tensors)


@pytest.mark.parametrize(("kind", "pooling"), [("bert", "mean"), ("roberta", "max"), ("qwen2", "mean")])
def test_another_pooling_is_refused(kind: str, pooling: str, tmp_path: Path) -> None:
    with pytest.raises(OptionError) as refused:
        written(made(tmp_path, kind, pooling), tmp_path)
    assert refused.value.code == "export.pooling" and "merged" in str(refused.value)
    assert not (tmp_path / "classifier").exists()


def test_an_encoder_is_not_for_vllm(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="encoder"):
        written(made(tmp_path, "bert", "cls"), tmp_path, "vllm")


@pytest.mark.parametrize("multi_label", [False, True])
def test_the_pipeline_gives_names_and_calibrated_probabilities_and_warns_of_nothing(
    multi_label: bool, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    from transformers import pipeline

    model = made(tmp_path, "bert", "cls")
    folder = written(model, tmp_path, multi_label=multi_label)
    told = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    assert told["architectures"] == ["BertForSequenceClassification"] and told["dtype"] == "float32"
    assert list(told["id2label"].values()) == list(CLASSES)
    capfd.readouterr()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ask = pipeline("text-classification", model=str(folder), device="cpu")
        answers = ask(TEXTS, top_k=None, truncation=True)
    said = [line for line in capfd.readouterr().err.splitlines() if "Loading weights" not in line and line.strip()]
    assert said == []
    logits = expected(model)
    wanted = 1 / (1 + np.exp(-logits)) if multi_label else np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    for row, given in zip(wanted, answers, strict=True):
        assert {each["label"] for each in given} == set(CLASSES)
        for each in given:
            assert abs(each["score"] - row[CLASSES.index(each["label"])]) < 1e-5


def test_a_text_may_end_in_what_used_to_fill_up_a_batch(tmp_path: Path) -> None:
    """Qwen3-Embedding ends every text in its padding token, which the class would pass over."""
    model = made(tmp_path, "qwen2", "last", bias=False)
    model.tokenizer.pad_token = "[SEP]"
    written(model, tmp_path)
    got, wanted = subprocess_check.by_the_pipeline(tmp_path, "classifier", TEXTS), expected(model)
    assert np.abs(got - wanted).max() < 3e-5 * np.abs(wanted).max()
