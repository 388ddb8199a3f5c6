"""Export a delivered model: merged weights, ONNX, ONNX with int8 weights.

`torch.onnx` writes the graph and onnxruntime quantises its weights; both need the extra `onnx`.
"""

import contextlib
import hashlib
import io
import json
import logging
import os
import shutil
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor, nn

from rankfirst.engine.network.model import TextModel
from rankfirst.engine.network.token_windows import Frame
from rankfirst.errors import OptionError
from rankfirst.measure.disk import usual_modes

OPSET: Final = 18  # the lowest that torch's exporter writes without conversion; onnxruntime reads it since 1.14 (2023)
HEAD: Final = "head_weight"  # name of the head's matrix in the graph
_DEEPEST: Final = 4096  # maximum tokens: no position table that we train is longer
_POOLED: Final = {"mean": "pooling_mode_mean_tokens", "cls": "pooling_mode_cls_token", "max": "pooling_mode_max_tokens",
                  "last": "pooling_mode_lasttoken"}  # fmt: skip


class Graph(nn.Module):
    """Token ids and mask -> logits, and pooled states if requested; includes pooling and head."""

    head_weight: Tensor
    head_bias: Tensor

    def __init__(self, model: TextModel, states: bool = False) -> None:
        super().__init__()
        self.states = states
        self.encoder, self.pooling, self.normalize = model.encoder, model.pooling, model.normalize
        # A product and a sum, which can be excluded from int8; a Gemm would be split and quantised nevertheless.
        self.register_buffer(HEAD, model.head.weight.detach().T.contiguous())
        self.register_buffer("head_bias", model.head.bias.detach().clone())

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor | tuple[Tensor, Tensor]:
        """(B, T) and (B, T) int64 -> (B, C), (B, d)."""
        states = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        features = pooled(states.float(), attention_mask, self.pooling)
        # Alone the head reads unit length: what is output are raw states, which deliveries on one base share.
        read = features / features.norm(dim=1, keepdim=True).clamp_min(1e-12) if self.normalize else features
        logits = read @ self.head_weight + self.head_bias
        return (logits, features) if self.states else logits


def pooled(states: Tensor, mask: Tensor, pooling: str) -> Tensor:
    """(B, T, d) -> (B, d), as `TextModel.pool`, but with operations that do not fix B or T in the graph."""
    if pooling == "cls":
        return states[:, 0]
    if pooling == "last":
        at = (mask.sum(1) - 1)[:, None, None].expand(-1, 1, states.shape[-1])
        return states.gather(1, at).squeeze(1)
    if pooling == "max":
        return states.masked_fill((mask == 0)[..., None], float("-inf")).amax(1)
    weight = mask[..., None].to(states.dtype)
    return (states * weight).sum(1) / weight.sum(1)


def write_onnx(model: TextModel, path: Path, states: bool = False) -> None:
    """Write one ONNX file, for any number of texts and tokens.

    Args: states: whether the pooled states are an output, too. Raises: OptionError if the extra is missing.
    """
    ids = torch.full((2, 8), 5, dtype=torch.long)
    mask = torch.ones_like(ids)
    mask[1, 5:] = 0
    sizes = {
        0: torch.export.Dim("texts", min=1, max=_DEEPEST),
        1: torch.export.Dim("tokens", min=1, max=limit_of(model)),
    }
    outputs = ["logits", "states"] if states else ["logits"]
    save_graph(Graph(model, states).eval(), (ids, mask), path, model.encoder, ["input_ids", "attention_mask"], outputs,
               {"input_ids": sizes, "attention_mask": sizes})  # fmt: skip


def save_graph(graph: nn.Module, example: tuple[Any, ...], path: Path, encoder: Any, inputs: list[str],
               outputs: list[str], sizes: dict[str, Any]) -> None:  # fmt: skip
    """Write the ONNX file of a module around `encoder`.

    Args: example: inputs of the module. sizes: their dimensions that vary, as `torch.export` takes them.
    Raises: OptionError if the extra is missing.
    """
    _need("onnx", "onnxscript", "onnxruntime")
    part = path.with_suffix(".part")
    with _quiet(), _plain_attention(encoder):
        program = torch.onnx.export(
            graph, example, dynamo=True, opset_version=OPSET, verbose=False,
            input_names=inputs, output_names=outputs, dynamic_shapes=sizes,
        )  # fmt: skip
        assert program is not None
        _halve_last(program.model.graph)
        program.save(str(part), external_data=False)
    os.replace(part, path)


@contextlib.contextmanager
def _plain_attention(encoder: Any) -> Iterator[None]:
    """Use unfused attention: torch's fused attention exports to a third more operations."""
    before = encoder.config._attn_implementation
    encoder.set_attn_implementation("eager")
    try:
        yield
    finally:
        encoder.set_attn_implementation(before)


def _halve_last(graph: Any) -> None:
    """Rewrite GELU from x * (0.5 * (1 + erf)) to (x * (1 + erf)) * 0.5, which runtimes recognise and fuse.

    Halving is exact in floating point, so results are bit-identical.
    """
    for node in graph:
        half = node.inputs[1].producer() if node.op_type == "Mul" and node.inputs[1] is not None else None
        if half is None or half.op_type != "Mul" or len(half.outputs[0].uses()) > 1:
            continue
        number, added = half.inputs
        value = number.const_value if number is not None else None
        if value is None or value.size != 1 or float(value.numpy().reshape(())) != 0.5 or not _of_erf(added):
            continue
        half.replace_input_with(0, node.inputs[0])
        node.replace_input_with(0, half.outputs[0])
        node.replace_input_with(1, number)


def _of_erf(value: Any) -> bool:
    """Whether `value` is a sum with the output of an Erf node."""
    node = value.producer() if value is not None else None
    if node is None or node.op_type != "Add":
        return False
    return any(each is not None and (by := each.producer()) is not None and by.op_type == "Erf" for each in node.inputs)


def encoder_sha256(path: Path) -> str:
    """Hash of a graph without its head: two graphs with the same hash differ only in their heads.

    Source file names and line numbers that the exporter stores in a graph are ignored.
    """
    import onnx as graphs
    from onnx import numpy_helper

    graph = graphs.load(str(path), load_external_data=False).graph
    whole = hashlib.sha256()
    heads = {HEAD, f"{HEAD.removesuffix('weight')}bias"}
    for tensor in sorted(graph.initializer, key=lambda each: each.name):
        if tensor.name not in heads:
            whole.update(f"{tensor.name} {list(tensor.dims)} {tensor.data_type}\n".encode())
            whole.update(numpy_helper.to_array(tensor).tobytes())
    for node in graph.node:
        attributes = sorted(attribute.SerializeToString(deterministic=True) for attribute in node.attribute)
        whole.update(f"{node.domain} {node.op_type} {list(node.input)} {list(node.output)}\n".encode())
        whole.update(b"".join(attributes))
    return whole.hexdigest()


def write_int8(onnx: Path, path: Path) -> None:
    """Write the graph with int8 weights and dynamically quantised activations: a quarter of the size.

    One scale per channel changes the fewest predictions; seven bits of eight, because CPUs without VNNI would overflow.
    The head is not quantised: it is a thousandth of the work and determines the prediction.
    """
    _need("onnx", "onnxruntime")
    import onnx as graphs
    from onnxruntime.quantization import QuantType, quantize_dynamic

    nodes = graphs.load(str(onnx), load_external_data=False).graph.node
    head = [node.name for node in nodes if HEAD in node.input]
    part = path.with_suffix(".part")
    with _quiet():
        quantize_dynamic(str(onnx), str(part), weight_type=QuantType.QInt8, per_channel=True, reduce_range=True,
                         nodes_to_exclude=head)  # fmt: skip
    os.replace(part, path)


def write_merged(model: TextModel, folder: Path, limit: int, prefix: str = "") -> None:
    """Write base and adapter as one encoder, for transformers' AutoModel and (with pooling) sentence-transformers.

    Args: limit: maximum tokens of a text. prefix: of each text in training; sentence-transformers will add it.
    """
    part = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    encoder: Any = model.encoder
    encoder.save_pretrained(part, safe_serialization=True)
    model.tokenizer.save_pretrained(part)
    pooling = {name: kind == model.pooling for kind, name in _POOLED.items()}
    (part / "1_Pooling").mkdir()
    _write(part / "1_Pooling" / "config.json", {"word_embedding_dimension": model.hidden, **pooling})
    modules = [("0", "", "Transformer"), ("1", "1_Pooling", "Pooling")]
    if model.normalize:
        (part / "2_Normalize").mkdir()
        modules.append(("2", "2_Normalize", "Normalize"))
    _write(part / "modules.json", [
        {"idx": n, "name": name, "path": path, "type": f"sentence_transformers.models.{kind}"}
        for n, (name, path, kind) in enumerate(modules)
    ])  # fmt: skip
    _write(part / "sentence_bert_config.json", {"max_seq_length": limit, "do_lower_case": False})
    if prefix:
        settings = {"prompts": {"text": prefix}, "default_prompt_name": "text"}
        _write(part / "config_sentence_transformers.json", settings)
    usual_modes(part)
    shutil.rmtree(folder, ignore_errors=True)
    os.replace(part, folder)


def write_tokenizer(model: TextModel, folder: Path) -> None:
    """Write `tokenizer.json` and its settings. Raises: OptionError for a tokenizer that only Python code can run."""
    if not getattr(model.tokenizer, "is_fast", False):
        raise OptionError("export.slow_tokenizer", spec=model.source.spec)
    part = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    model.tokenizer.save_pretrained(part)
    usual_modes(part)
    shutil.rmtree(folder, ignore_errors=True)
    os.replace(part, folder)


def frame(model: TextModel, prefix: str) -> dict[str, Any]:
    """What a runtime needs to read texts as in training: the tokens around each, padding, and what joins several."""
    frame = Frame.of(model.tokenizer, prefix)
    return {"head": list(frame.head), "tail": list(frame.tail), "cuts_left": frame.cuts_left, "pad": model.pad_id,
            "separator": model.separator}  # fmt: skip


def limit_of(model: TextModel) -> int:
    """The most tokens of a text in an exported graph."""
    return max(16, min(model.max_positions, _DEEPEST))


def _write(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=1), encoding="utf-8")


def _need(*packages: str) -> None:
    from importlib.util import find_spec

    missing = [name for name in packages if find_spec(name) is None]
    if missing:
        raise OptionError("option.extra", package=missing[0], extra="onnx")


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Suppress the exporters' progress output and warnings; errors are still raised."""
    loud = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(loud)
