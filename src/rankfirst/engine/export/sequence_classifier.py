"""Export a delivered model as transformers' class for sequence classification, if that class can represent it.

Those classes have an extra layer before the classifier, or no bias. Both can be handled: for small enough inputs tanh
and GELU are linear, so the extra layer can be made the identity; and the states of a decoder that ends in LayerNorm
have a constant component, which can carry the bias. Pooling over all tokens cannot be represented, nor a bias after
RMSNorm; `vllm` reads that bias from the file, transformers does not.
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
from rankfirst.measure.disk import usual_modes

KINDS: Final = ("classifier", "vllm")
# tanh(x) = x with an error of x^3 / 3: at 2^-12 that is 2e-8 for a state of 1, and powers of two are exact.
STRAIGHT_TANH: Final = 2.0**-12
# gelu(x) = x / 2 with an error of 0.4 x^2: at 2^-20 that is 8e-7 for a state of 1.
STRAIGHT_GELU: Final = 2.0**-20
LEAST_CONSTANT: Final = 1e-2  # relative to the vector's norm: below it, float32 would lose more than 1e-4 of a logit


def check(model: TextModel, kind: str) -> None:
    """Raises: OptionError if transformers' class for this base cannot represent the model."""
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
    """Write a folder for `pipeline("text-classification")`; the temperature is folded into the head.

    Args: facts: decision.json.
    """
    check(model, kind)
    with torch.no_grad():
        classifier = _classifier(model, kind, classes, bool(facts["multi_label"]), temperature)
    tokenizer = copy.deepcopy(model.tokenizer)
    tokenizer.padding_side, tokenizer.model_max_length = "right", int(facts["max_tokens"])
    tokenizer.model_input_names = ["input_ids", "attention_mask"]  # as in training
    if model.causal:  # the class finds the last token by the padding id; encoders number positions from theirs
        classifier.config.pad_token_id = _pad(model)
        tokenizer.pad_token = tokenizer.convert_ids_to_tokens(classifier.config.pad_token_id)
    part = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    classifier.save_pretrained(part, safe_serialization=True)
    tokenizer.save_pretrained(part)
    usual_modes(part)
    shutil.rmtree(folder, ignore_errors=True)
    os.replace(part, folder)


def _classifier(model: TextModel, kind: str, classes: Sequence[str], multi_label: bool, temperature: float) -> Any:
    from transformers import AutoModelForSequenceClassification

    config: Any = copy.deepcopy(model.encoder.config)
    config.id2label = dict(enumerate(classes))
    config.label2id = {name: i for i, name in enumerate(classes)}
    config.problem_type = "multi_label_classification" if multi_label else "single_label_classification"
    if hasattr(config, "classifier_pooling"):  # ModernBERT
        config.classifier_pooling, config.classifier_activation, config.classifier_bias = "cls", "linear", True
    if hasattr(config, "pooler_hidden_act"):  # DeBERTa
        config.pooler_hidden_act = "linear"
    classifier: Any = AutoModelForSequenceClassification.from_config(config, dtype=torch.float32).eval()
    base = getattr(classifier, classifier.base_model_prefix)
    lost = base.load_state_dict(model.encoder.state_dict(), strict=False).missing_keys
    assert not [name for name in lost if "pooler" not in name], lost
    weight, bias = (each.detach().double() / temperature for each in (model.head.weight, model.head.bias))
    if hasattr(classifier, "score"):
        _decoder(classifier, model, weight, bias, kind == "vllm")
    elif hasattr(classifier, "pre_classifier"):
        _rectified(classifier, base, weight, bias)
    elif hasattr(classifier, "head"):
        _normed(classifier, base, weight, bias)
    else:
        _straight(classifier, base, weight, bias)
    return classifier


def _set(layer: Any, weight: Tensor, bias: Tensor | float = 0.0) -> None:
    layer.weight.copy_(weight)
    if layer.bias is not None:
        layer.bias.copy_(torch.as_tensor(bias).expand_as(layer.bias))


def _straight(classifier: Any, base: Any, weight: Tensor, bias: Tensor) -> None:
    """BERT, RoBERTa, DeBERTa, ELECTRA: make the dense layer and activation before the classifier the identity."""
    if hasattr(classifier.classifier, "out_proj"):
        dense, last = classifier.classifier.dense, classifier.classifier.out_proj
        step, slope = (STRAIGHT_GELU, 0.5) if hasattr(classifier.classifier, "activation") else (STRAIGHT_TANH, 1.0)
    elif hasattr(classifier, "pooler"):  # the config makes its activation the identity
        dense, last, step, slope = classifier.pooler.dense, classifier.classifier, 1.0, 1.0
    else:
        pooler = base.pooler
        dense, last, step, slope = getattr(pooler, "dense", pooler), classifier.classifier, STRAIGHT_TANH, 1.0
    _set(dense, step * torch.eye(len(dense.weight)))
    _set(last, weight / (step * slope), bias)


def _rectified(classifier: Any, base: Any, weight: Tensor, bias: Tensor) -> None:
    """DistilBERT has a layer and ReLU: shift the states above zero, where ReLU is the identity."""
    norm = [module for module in base.modules() if isinstance(module, nn.LayerNorm)][-1]
    # The largest absolute value that a state can have.
    above = norm.weight.double().abs() * len(norm.weight) ** 0.5 + norm.bias.double().abs()
    _set(classifier.pre_classifier, torch.eye(len(above)), above)
    _set(classifier.classifier, weight, bias - weight @ above)


def _normed(classifier: Any, base: Any, weight: Tensor, bias: Tensor) -> None:
    """ModernBERT has a layer and a second LayerNorm: undo gain and bias of the first, and repeat them in the second."""
    norm, again = base.final_norm, classifier.head.norm
    gain = norm.weight.double()
    shift = torch.zeros_like(gain) if norm.bias is None else norm.bias.double()
    _set(classifier.head.dense, torch.diag(1 / gain), -shift / gain)
    _set(again, gain, shift)
    _set(classifier.classifier, weight, bias)


def _decoder(classifier: Any, model: TextModel, weight: Tensor, bias: Tensor, spare: bool) -> None:
    """Decoders have no bias: a constant component of the states carries it, or it is stored for vLLM (`spare`)."""
    constant = _constant(model) if bias.any() else None
    if constant is not None:
        weight = weight + bias[:, None] * constant
    elif spare:
        classifier.score = nn.Linear(weight.shape[1], weight.shape[0])
    _set(classifier.score, weight, bias)


def _constant(model: TextModel) -> Tensor | None:
    """(d,) vector whose product with every state is 1; None if the last layer is not a LayerNorm with a bias.

    The output of LayerNorm has mean 0 before gain and bias, so (1 / gain) times the state is the sum of bias / gain.
    """
    norms = [module for module in model.encoder.children() if isinstance(module, nn.LayerNorm)]
    if not norms or norms[-1].bias is None or not norms[-1].weight.all():
        return None
    inverse = 1 / norms[-1].weight.detach().double()
    total = inverse @ norms[-1].bias.detach().double()
    return inverse / total if total.abs() > LEAST_CONSTANT * inverse.norm() else None


def _pad(model: TextModel) -> int:
    """The padding id. The class reads the last token that is not padding, so no text may end with this id."""
    tail = set(Frame.of(model.tokenizer, "").tail)
    special = [int(token) for token in model.tokenizer.all_special_ids]
    free = [token for token in (model.pad_id, *special) if token not in tail and token < model.vectors]
    return free[0] if free else model.pad_id


def answers(folder: Path, kind: str, facts: Mapping[str, Any], texts: Sequence[str]) -> Floats:
    """(n, C) logits of transformers' pipeline on the written folder, in the order of decision.json.

    Args: facts: decision.json.
    """
    from transformers import pipeline

    column = {name: i for i, name in enumerate(facts["classes"])}
    pipe: Any = pipeline("text-classification", model=str(folder), device="cpu")
    if kind == "vllm":
        _with_bias(pipe.model, folder)
    # Truncates on the tokenizer's default side, as in training.
    answers = pipe([facts["prefix"] + text for text in texts], top_k=None, function_to_apply="none", truncation=True,
               batch_size=16)  # fmt: skip
    logits = np.zeros((len(texts), len(column)), dtype=np.float32)
    for row, answer in zip(logits, answers, strict=True):
        for score in answer:
            row[column[score["label"]]] = score["score"]
    return logits


def _with_bias(model: Any, folder: Path) -> None:
    """Load the bias that vLLM reads and transformers ignores."""
    for path in folder.glob("*.safetensors"):
        bias = load_file(path).get("score.bias")
        if bias is not None:
            model.score.bias = torch.nn.Parameter(bias)
