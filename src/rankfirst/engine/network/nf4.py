"""A frozen base in 4 bits, as QLoRA has it: linear maps hold NF4, sixteen values scaled block by block.

bitsandbytes (extra `bnb`) packs and unpacks; the arithmetic is here. Its own forward rounds biases to the type it
computes in, for good, and on a CPU with bfloat16 units it packs the weights anew; then no adapter would leave the base
as it was. Here a weight is unpacked for the product that needs it, in the backward pass again, and nothing is changed.
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

# Bytes a weight: half of one, and a scale for every 64, itself a byte with a float for every 256 (double quantising).
PACKED = 0.5 + 1 / 64 + 4 / (64 * 256)


def hush() -> None:
    """Before whatever imports bitsandbytes, as PEFT does: it warns of kernels that are never asked for here."""
    logging.getLogger("bitsandbytes").setLevel(logging.ERROR)


def require() -> None:
    """Raises: OptionError when the extra is missing."""
    if find_spec("bitsandbytes") is None:
        raise OptionError("option.extra", package="bitsandbytes", extra="bnb")


def settings() -> Any:
    """How transformers is to load the base."""
    require()
    from transformers import BitsAndBytesConfig

    return BitsAndBytesConfig(load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_use_double_quant=True,
                              bnb_4bit_compute_dtype=torch.float32)  # fmt: skip


def packed(weight: Any) -> bool:
    return getattr(weight, "quant_state", None) is not None


def numbers(weight: Tensor) -> int:
    """How many weights a parameter stands for; packed ones lie two in a byte."""
    state = getattr(weight, "quant_state", None)
    return int(weight.numel() if state is None else state.shape.numel())


def unpacked(weight: Any) -> Tensor:
    """(o, d) in the type that is computed in; a weight that is not packed as it is."""
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
    """g (N, o) -> (N, d): the gradient of what `product` was handed."""
    if not packed(weight):
        return torch.mm(g, weight)
    w = unpacked(weight)
    return torch.mm(g.to(w.dtype), w).to(g.dtype)


class Frozen(torch.autograd.Function):
    """x W' + b of a packed W, which is unpacked again for the backward pass instead of kept."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        """x (N, d) -> (N, o)."""
        ctx.weight = weight  # the layer's own: nothing is kept alive by it
        return product(x, weight, bias)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor | None, ...]:
        return (back(g, ctx.weight) if ctx.needs_input_grad[0] else None), None, None


def layers(encoder: nn.Module) -> Iterator[tuple[str, Any]]:
    """The packed linear maps by name."""
    for name, module in encoder.named_modules():
        if isinstance(module, nn.Linear) and packed(module.weight):
            yield name, module


def take_over(encoder: nn.Module) -> None:
    """Give every packed layer the arithmetic of this module, and let go of the file that was read."""
    for tensor in (*encoder.parameters(), *encoder.buffers()):
        if not packed(tensor):
            tensor.data = tensor.data.clone()  # a view of the mapped file, all of which would stay in memory with it
    for _, layer in layers(encoder):
        layer.forward = MethodType(_forward, layer)


def _forward(layer: Any, x: Tensor) -> Tensor:
    flat = x.reshape(-1, x.shape[-1])
    out: Tensor = Frozen.apply(flat, layer.weight, layer.bias)  # type: ignore[no-untyped-call]
    return out.view(*x.shape[:-1], out.shape[-1])


def dtype(encoder: nn.Module) -> torch.dtype:
    """The type that packed layers compute in."""
    return next((layer.weight.quant_state.dtype for _, layer in layers(encoder)), torch.float32)


def compute_in(encoder: nn.Module, wanted: torch.dtype) -> None:
    """Unpack to another float type from now on; what is stored stays as it is."""
    for _, layer in layers(encoder):
        layer.weight.quant_state.dtype = wanted


def thaw(encoder: Any) -> None:
    """Make ordinary float32 layers of the packed ones, with the very values these stand for, and forget the packing."""
    compute_in(encoder, torch.float32)
    for name, layer in list(layers(encoder)):
        encoder.set_submodule(name, _plain(layer))
    encoder.hf_quantizer.remove_quantization_config(encoder)
    encoder.is_loaded_in_4bit = False


def _plain(layer: Any) -> nn.Module:
    weight = unpacked(layer.weight)
    if layer.source_cls.__name__ == "Conv1D":  # GPT-2's, which keeps its weight turned
        plain: Any = layer.source_cls(layer.out_features, layer.in_features)
        weight = weight.t().contiguous()
    else:
        plain = nn.Linear(layer.in_features, layer.out_features, layer.bias is not None)
    plain.weight = nn.Parameter(weight, requires_grad=False)
    if layer.bias is not None:
        plain.bias = layer.bias
    return plain.to(weight.device)  # type: ignore[no-any-return]


def base_bytes(folder: Path, whole: int) -> int:
    """Bytes of a base with its linear maps packed, before it is loaded.

    Args: whole: its bytes in float32. Where its configuration cannot be read, the least there could be.
    """
    from transformers import AutoConfig, AutoModel

    try:
        config = AutoConfig.from_pretrained(folder, trust_remote_code=False)
        with torch.device("meta"):
            empty: nn.Module = AutoModel.from_config(config, trust_remote_code=False)
        linear: list[Any] = [m for m in empty.modules() if type(m) is nn.Linear or type(m).__name__ == "Conv1D"]
        saved = sum(int(m.weight.numel()) for m in linear)
    except Exception:  # loading it will say what is wrong
        return int(PACKED * whole / 4)
    return max(int(PACKED * whole / 4), int(whole - (4 - PACKED) * saved))
