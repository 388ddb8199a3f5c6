"""A faster forward of LoRA layers: PEFT owns the parameters and their names, this module does the arithmetic.

PEFT computes `result + lora_B(lora_A(dropout(x))) * scaling`: two extra passes over an array of the output's size, and
three more in the backward pass, for a product of rank 8. Here the matrix product itself adds the low-rank part, the
input after dropout is kept instead of recomputed, and no gradient is computed for the frozen base. The values are equal
up to rounding (tests/engine/network/test_lora.py); a full-depth step of MiniLM-L6 is about a tenth faster
(docs/findings.md).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from types import MethodType
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from rankfirst.engine.network import nf4


@dataclass
class Part:
    """This process's windows of a batch. Dropout draws for the whole batch, so masks equal those of one process."""

    before: int = 0  # windows of the batch before its own
    own: int = 1  # its own windows
    whole: int = 1  # windows of the batch
    tokens: int = 0  # padded tokens of its own windows; 0: it has the whole batch

    def of(self, x: Tensor) -> tuple[int, int]:
        """(offset of `x`, size of the whole array) in elements, if `x` is this process's part of a batch.

        An array without one row per token is no part of a batch (DeBERTa adapts its relative positions, too).
        """
        if x.numel() != self.tokens * x.shape[-1]:
            return 0, x.numel()
        window = x.numel() // self.own
        return window * self.before, window * self.whole


class Dropout(nn.Module):
    """Dropout whose mask is a slice of one precomputed pool, at a random offset.

    Drawing fresh Bernoulli numbers took 28% of a CPU step (profiled: MiniLM-L6, batch 32 x 16 tokens, 24 sites). Slices
    of a pool of 2^22 draws take a tenth of that, and at this size they are practically independent. The pool is in the
    type of the inputs, so that no step converts its slices (3% of a step in bfloat16, benchmarks/dropout_type.py).
    """

    POOL = 1 << 22

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate
        self.pool: Tensor | None = None
        self.random: torch.Generator | None = None
        self.part = Part()

    @classmethod
    def draw(cls, rate: float) -> Tensor:
        """A pool in float32."""
        keep = torch.rand(cls.POOL, generator=torch.Generator().manual_seed(17)) >= rate
        return keep / (1 - rate)

    def mask(self, x: Tensor) -> Tensor | None:
        """Factors 0 or 1 / (1 - rate), shaped like `x`; None if nothing is dropped."""
        if not self.training or self.rate == 0 or self.pool is None or self.random is None:
            return None
        half, (start, whole) = self.pool.numel() // 2, self.part.of(x)
        end = start + x.numel()
        slices = []
        for at in range(0, whole, half):
            drawn = self._slice(min(half, whole - at))
            if at < end and start < at + len(drawn):
                slices.append(drawn[max(0, start - at) : end - at])
        return (slices[0] if len(slices) == 1 else torch.cat(slices)).view_as(x).to(x.dtype)

    def forward(self, x: Tensor) -> Tensor:
        mask = self.mask(x)
        return x if mask is None else x * mask

    def _slice(self, size: int) -> Tensor:
        assert self.pool is not None
        at = int(torch.randint(self.pool.numel() - size, (), generator=self.random))
        return self.pool[at : at + size]


class LowRank(torch.autograd.Function):
    """x W' + b + s (m * x) A' B' with frozen W and b, which get no gradient; no second-order gradients."""

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, w: Tensor, bias: Tensor | None, a: Tensor, b: Tensor, mask: Tensor | None, s: float
    ) -> Tensor:
        """x (N, d), w (o, d), bias (o,), a (r, d), b (o, r), mask (N, d) -> (N, o). a, b may be wider, w may be packed.

        Rows are flat because autograd forbids in-place addition to a view that a function returned (Falcon's blocks do
        that).
        """
        y = nf4.product(x, w, bias)
        dropped = x if mask is None else x * mask
        a_low, b_low = a.to(x.dtype), b.to(x.dtype)
        inner = torch.mm(dropped, a_low.t())
        y.addmm_(inner, b_low.t(), alpha=s)
        ctx.save_for_backward(dropped, inner, a_low, b_low, mask)
        ctx.w = w  # frozen and owned by the layer: need not be saved
        ctx.s, ctx.types = s, (a.dtype, b.dtype)
        return y

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor | None, ...]:
        """Gradients of x (if it needs one), a and b."""
        dropped, inner, a, b, mask = ctx.saved_tensors
        g_inner = torch.mm(g, b).mul_(ctx.s)
        g_a = torch.mm(g_inner.t(), dropped)
        g_b = torch.mm(inner.t(), g).mul_(ctx.s).t()  # in this order: a product with N rows first is four times slower
        g_x = None
        if ctx.needs_input_grad[0]:
            g_x = nf4.back(g, ctx.w)
            if mask is None:
                g_x.addmm_(g_inner, a)
            else:
                g_x.addcmul_(torch.mm(g_inner, a), mask)
        return g_x, None, None, g_a.to(ctx.types[0]), g_b.to(ctx.types[1]), None, None


def update_norm(layers: Iterable[Any], adapter: str = "default") -> float:
    """Frobenius norm of scaling·B·A over all sites together, of PEFT's LoRA layers."""
    total = 0.0
    for layer in layers:
        a, b = layer.lora_A[adapter].weight.detach().float(), layer.lora_B[adapter].weight.detach().float()
        # ||BA||_F^2 = trace(B'B AA'): r x r products instead of the full matrix.
        total += layer.scaling[adapter] ** 2 * max(((b.T @ b) * (a @ a.T)).sum().item(), 0.0)
    return float(total**0.5)


def quicken(layer: nn.Module) -> None:
    """Give a PEFT LoRA layer the fast forward if its base is a plain linear layer (or GPT-2's transposed Conv1D)."""
    base: Any = layer.get_base_layer()  # type: ignore[operator]
    if isinstance(base, nn.Linear) or type(base).__name__ == "Conv1D":
        layer.forward = MethodType(_forward, layer)


def _forward(layer: Any, x: Tensor) -> Tensor:
    base = layer.get_base_layer()
    w = base.weight if isinstance(base, nn.Linear) else base.weight.t()
    a, b = layer.lora_A["default"].weight, layer.lora_B["default"].weight
    flat = x.reshape(-1, x.shape[-1])
    mask = layer.lora_dropout["default"].mask(flat)
    out: Tensor = LowRank.apply(flat, w, base.bias, a, b, mask, layer.scaling["default"])  # type: ignore[no-untyped-call]
    return out.view(*x.shape[:-1], out.shape[-1])
