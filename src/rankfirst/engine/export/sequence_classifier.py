"""A delivered model as transformers' own class for sequence classification, where that class can say the same.

Those classes put a layer of their own between the state they read and the classifier, or leave out the bias. Both can
be had: where a weight is small enough tanh and GELU are straight lines, so that layer becomes the identity; and a
decoder that ends in LayerNorm has a direction in which all its states are equal, which takes the bias. What cannot be
said: pooling over all tokens, and a bias after RMSNorm. That one `vllm` reads from the file, transformers does not.
"""

import copy
import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from rankfirst.engine.base import Floats
from rankfirst.engine.network.model import TextModel
from rankfirst.engine.network.token_windows import Frame
from rankfirst.errors import OptionError

KINDS: Final = ("classifier", "vllm")
# tanh(x) = x but for x^3 / 3: at 2^-12 that is 2e-8 of a state of 1, and powers of two round nothing.
STRAIGHT_TANH: Final = 2.0**-12
# gelu(x) = x / 2 but for 0.4 x^2: 8e-7 of a state of 1.
STRAIGHT_GELU: Final = 2.0**-20
LEAST_CONSTANT: Final = 1e-2  # of the direction's length: below, float32 would lose more than 1e-4 of a logit


def check(model: TextModel, kind: str) -> None:
    """Raises: OptionError when transformers' class for this base cannot say what the model says."""
    from transformers.models.auto.modeling_auto import MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING

    config: Any = model.encoder.config
    if type(config) not in MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING:
        raise OptionError("export.no_class", kind=kind, family=config.model_type)
    read = "last" if model.causal else "cls"
    if model.pooling != read:
        raise OptionError("export.pooling", kind=kind, pooling=model.pooling, read=read)
    if kind == "vllm" and not model.causal:
        raise OptionError("export.no_decoder", family=config.model_type)
    if kind == "classifier" and model.causal and bool(model.head.bias.any()) and _constant(model) is None:
        raise OptionError("export.no_bias", family=config.model_type)


def write(
    model: TextModel, folder: Path, kind: str, classes: Sequence[str], facts: Mapping[str, Any], temperature: float
) -> None:
    """A folder for `pipeline("text-classification")`: logits are divided by the temperature already.

    Args: facts: decision.json.
    """
    check(model, kind)
    with torch.no_grad():
        made = _made(model, kind, classes, bool(facts["multi_label"]), temperature)
    tokenizer = copy.deepcopy(model.tokenizer)
    tokenizer.padding_side, tokenizer.model_max_length = "right", int(facts["max_tokens"])
    tokenizer.model_input_names = ["input_ids", "attention_mask"]  # what training saw
    if model.causal:  # whose class finds the last token by it; encoders count positions from theirs
        made.config.pad_token_id = _pad(model)
        tokenizer.pad_token = tokenizer.convert_ids_to_tokens(made.config.pad_token_id)
    part = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    made.save_pretrained(part, safe_serialization=True)
    tokenizer.save_pretrained(part)
    shutil.rmtree(folder, ignore_errors=True)
    os.replace(part, folder)


def _made(model: TextModel, kind: str, classes: Sequence[str], multi_label: bool, temperature: float) -> Any:
    from transformers import AutoModelForSequenceClassification

    config: Any = copy.deepcopy(model.encoder.config)
    config.id2label = dict(enumerate(classes))
    config.label2id = {name: i for i, name in enumerate(classes)}
    config.problem_type = "multi_label_classification" if multi_label else "single_label_classification"
    if hasattr(config, "classifier_pooling"):  # ModernBERT
        config.classifier_pooling, config.classifier_activation, config.classifier_bias = "cls", "linear", True
    if hasattr(config, "pooler_hidden_act"):  # DeBERTa
        config.pooler_hidden_act = "linear"
    made: Any = AutoModelForSequenceClassification.from_config(config, dtype=torch.float32).eval()
    base = getattr(made, made.base_model_prefix)
    lost = base.load_state_dict(model.encoder.state_dict(), strict=False).missing_keys
    assert not [name for name in lost if "pooler" not in name], lost
    weight, bias = (each.detach().double() / temperature for each in (model.head.weight, model.head.bias))
    if hasattr(made, "score"):
        _decoder(made, model, weight, bias, kind == "vllm")
    elif hasattr(made, "pre_classifier"):
        _rectified(made, base, weight, bias)
    elif hasattr(made, "head"):
        _normed(made, base, weight, bias)
    else:
        _straight(made, base, weight, bias)
    return made


def _set(layer: Any, weight: Tensor, bias: Tensor | float = 0.0) -> None:
    layer.weight.copy_(weight)
    if layer.bias is not None:
        layer.bias.copy_(torch.as_tensor(bias).expand_as(layer.bias))


def _straight(made: Any, base: Any, weight: Tensor, bias: Tensor) -> None:
    """A layer and an activation before the classifier: BERT's pooler, RoBERTa's dense, DeBERTa's, ELECTRA's."""
    if hasattr(made.classifier, "out_proj"):
        dense, last = made.classifier.dense, made.classifier.out_proj
        step, slope = (STRAIGHT_GELU, 0.5) if hasattr(made.classifier, "activation") else (STRAIGHT_TANH, 1.0)
    elif hasattr(made, "pooler"):  # its activation is the identity by the config
        dense, last, step, slope = made.pooler.dense, made.classifier, 1.0, 1.0
    else:
        pooler = base.pooler
        dense, last, step, slope = getattr(pooler, "dense", pooler), made.classifier, STRAIGHT_TANH, 1.0
    _set(dense, step * torch.eye(len(dense.weight)))
    _set(last, weight / (step * slope), bias)


def _rectified(made: Any, base: Any, weight: Tensor, bias: Tensor) -> None:
    """DistilBERT: a layer and ReLU, which does nothing to states that are moved above zero."""
    norm = [module for module in base.modules() if isinstance(module, nn.LayerNorm)][-1]
    above = norm.weight.double().abs() * len(norm.weight) ** 0.5 + norm.bias.double().abs()  # no state is further off
    _set(made.pre_classifier, torch.eye(len(above)), above)
    _set(made.classifier, weight, bias - weight @ above)


def _normed(made: Any, base: Any, weight: Tensor, bias: Tensor) -> None:
    """ModernBERT: a layer and another LayerNorm, which does nothing to states that it would have made."""
    norm, again = base.final_norm, made.head.norm
    gain = norm.weight.double()
    shift = torch.zeros_like(gain) if norm.bias is None else norm.bias.double()
    _set(made.head.dense, torch.diag(1 / gain), -shift / gain)
    _set(again, gain, shift)
    _set(made.classifier, weight, bias)


def _decoder(made: Any, model: TextModel, weight: Tensor, bias: Tensor, spare: bool) -> None:
    """No bias: a constant of the states takes it, or it stands in the file for who reads it."""
    constant = _constant(model) if bias.any() else None
    if constant is not None:
        weight = weight + bias[:, None] * constant
    elif spare:
        made.score = nn.Linear(weight.shape[1], weight.shape[0])
    _set(made.score, weight, bias)


def _constant(model: TextModel) -> Tensor | None:
    """(d,) a vector that gives 1 with every state; None where the last layer is no LayerNorm with a bias.

    What LayerNorm makes has mean 0 before gain and bias: (1 / gain) times the state is the sum of bias / gain.
    """
    norms = [module for module in model.encoder.children() if isinstance(module, nn.LayerNorm)]
    if not norms or norms[-1].bias is None or not norms[-1].weight.all():
        return None
    inverse = 1 / norms[-1].weight.detach().double()
    total = inverse @ norms[-1].bias.detach().double()
    return inverse / total if total.abs() > LEAST_CONSTANT * inverse.norm() else None


def _pad(model: TextModel) -> int:
    """What fills up a batch: the class reads the last token that is no padding, so no text may end in it."""
    tail = set(Frame.of(model.tokenizer, "").tail)
    special = [int(token) for token in model.tokenizer.all_special_ids]
    free = [token for token in (model.pad_id, *special) if token not in tail and token < model.vectors]
    return free[0] if free else model.pad_id


def answers(folder: Path, kind: str, facts: Mapping[str, Any], texts: Sequence[str]) -> Floats:
    """(n, C) logits of transformers' pipeline on what was written, classes found by their names.

    Args: facts: decision.json.
    """
    from transformers import pipeline

    place = {name: i for i, name in enumerate(facts["classes"])}
    ask: Any = pipeline("text-classification", model=str(folder), device="cpu")
    if kind == "vllm":
        _with_bias(ask.model, folder)
    # The tokenizer's own side: as in training.
    answers = ask([facts["prefix"] + text for text in texts], top_k=None, function_to_apply="none", truncation=True,
               batch_size=16)  # fmt: skip
    logits = np.zeros((len(texts), len(place)), dtype=np.float32)
    for row, found in zip(logits, answers, strict=True):
        for one in found:
            row[place[one["label"]]] = one["score"]
    return logits


def _with_bias(model: Any, folder: Path) -> None:
    """What vLLM reads and transformers leaves out."""
    for path in folder.glob("*.safetensors"):
        bias = load_file(path).get("score.bias")
        if bias is not None:
            model.score.bias = torch.nn.Parameter(bias)
