"""A frozen base in 4 bits, as in QLoRA: linear layers store NF4, sixteen values with one scale per block of weights.

bitsandbytes (extra `bnb`) packs and unpacks; the arithmetic is here. The forward of bitsandbytes permanently rounds
biases to the compute dtype, and on a CPU with bfloat16 units it repacks the weights, so the base would change. Here a
weight is unpacked for each product, again in the backward pass, and nothing is modified.
"""

import logging
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from types import MethodType
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from rankfirst.errors import OptionError

# Bytes per weight: half a byte, one byte of scale per 64, and one float per 256 scales (double quantisation).
PACKED = 0.5 + 1 / 64 + 4 / (64 * 256)


def hush() -> None:
    """Silence bitsandbytes' warnings about kernels not used here. Call before anything imports it, as PEFT does."""
    logging.getLogger("bitsandbytes").setLevel(logging.ERROR)


def require() -> None:
    """Raises: OptionError if the extra is missing."""
    if find_spec("bitsandbytes") is None:
        raise OptionError("option.extra", package="bitsandbytes", extra="bnb")


def settings() -> Any:
    """The quantisation config with which transformers loads the base."""
    require()
    from transformers import BitsAndBytesConfig

    return BitsAndBytesConfig(load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_use_double_quant=True,
                              bnb_4bit_compute_dtype=torch.float32)  # fmt: skip


def packed(weight: Any) -> bool:
    return getattr(weight, "quant_state", None) is not None


def input_type(layer: Any) -> torch.dtype:
    """The type of a linear layer's inputs; float32 for packed weights, which take any."""
    return torch.float32 if packed(layer.weight) else layer.weight.dtype


def numbers(weight: Tensor) -> int:
    """Number of weights in a parameter; a packed byte holds two."""
    state = getattr(weight, "quant_state", None)
    return int(weight.numel() if state is None else state.shape.numel())


def unpacked(weight: Any) -> Tensor:
    """(o, d) weights in the compute dtype; an unpacked weight is returned as it is."""
    if not packed(weight):
        return weight  # type: ignore[no-any-return]
    from bitsandbytes.functional import dequantize_4bit

    floats: Tensor = dequantize_4bit(weight.data, weight.quant_state)
    return floats


def product(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    """x (N, d), weight (o, d), packed or not, bias (o,) -> (N, o) in the type of x."""
    if not packed(weight):
        return torch.mm(x, weight.t()) if bias is None else torch.addmm(bias, x, weight.t())
    w = unpacked(weight)
    narrow = x.to(w.dtype)
    y = torch.mm(narrow, w.t()) if bias is None else torch.addmm(bias.to(w.dtype), narrow, w.t())
    return y.to(x.dtype)


def back(g: Tensor, weight: Tensor) -> Tensor:
    """g (N, o) -> (N, d): the gradient with respect to the input of `product`."""
    if not packed(weight):
        return torch.mm(g, weight)
    w = unpacked(weight)
    return torch.mm(g.to(w.dtype), w).to(g.dtype)


class Frozen(torch.autograd.Function):
    """x W' + b with a packed W, which is unpacked again in the backward pass instead of kept."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        """x (N, d) -> (N, o)."""
        ctx.weight = weight  # owned by the layer: this reference keeps no extra memory alive
        return product(x, weight, bias)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor | None, ...]:
        return (back(g, ctx.weight) if ctx.needs_input_grad[0] else None), None, None


def layers(encoder: nn.Module) -> Iterator[tuple[str, Any]]:
    """The packed linear layers by name."""
    for name, module in encoder.named_modules():
        if isinstance(module, nn.Linear) and packed(module.weight):
            yield name, module


def take_over(encoder: nn.Module) -> None:
    """Give every packed layer the forward of this module, and release the mapped weight file."""
    for tensor in (*encoder.parameters(), *encoder.buffers()):
        if not packed(tensor):
            tensor.data = tensor.data.clone()  # it was a view that keeps the whole mapped file in memory
    for _, layer in layers(encoder):
        layer.forward = MethodType(_forward, layer)


def _forward(layer: Any, x: Tensor) -> Tensor:
    flat = x.reshape(-1, x.shape[-1])
    out: Tensor = Frozen.apply(flat, layer.weight, layer.bias)  # type: ignore[no-untyped-call]
    return out.view(*x.shape[:-1], out.shape[-1])


def dtype(encoder: nn.Module) -> torch.dtype:
    """The compute dtype of packed layers."""
    return next((layer.weight.quant_state.dtype for _, layer in layers(encoder)), torch.float32)


def compute_in(encoder: nn.Module, wanted: torch.dtype) -> None:
    """Set the compute dtype of packed layers; the stored weights do not change."""
    for _, layer in layers(encoder):
        layer.weight.quant_state.dtype = wanted


def thaw(encoder: Any) -> None:
    """Replace packed layers by ordinary float32 layers with the same values, and remove the quantisation config."""
    compute_in(encoder, torch.float32)
    for name, layer in list(layers(encoder)):
        encoder.set_submodule(name, _plain(layer))
    encoder.hf_quantizer.remove_quantization_config(encoder)
    encoder.is_loaded_in_4bit = False


def _plain(layer: Any) -> nn.Module:
    weight = unpacked(layer.weight)
    if layer.source_cls.__name__ == "Conv1D":  # GPT-2's, which stores the transposed weight
        plain: Any = layer.source_cls(layer.out_features, layer.in_features)
        weight = weight.t().contiguous()
    else:
        plain = nn.Linear(layer.in_features, layer.out_features, layer.bias is not None)
    plain.weight = nn.Parameter(weight, requires_grad=False)
    if layer.bias is not None:
        plain.bias = layer.bias
    return plain.to(weight.device)  # type: ignore[no-any-return]


def base_bytes(folder: Path, whole: int) -> int:
    """Bytes of a base with packed linear layers, computed before it is loaded.

    Args: whole: its bytes in float32.
    Returns: a lower bound if its configuration cannot be read.
    """
    from transformers import AutoConfig, AutoModel

    try:
        config = AutoConfig.from_pretrained(folder, trust_remote_code=False)
        with torch.device("meta"):
            empty: nn.Module = AutoModel.from_config(config, trust_remote_code=False)
        linear: list[Any] = [m for m in empty.modules() if type(m) is nn.Linear or type(m).__name__ == "Conv1D"]
        saved = sum(int(m.weight.numel()) for m in linear)
    except Exception:  # loading the base will report the error
        return int(PACKED * whole / 4)
    return max(int(PACKED * whole / 4), int(whole - (4 - PACKED) * saved))
