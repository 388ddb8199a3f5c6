"""The fast forward of one adapted layer: PEFT owns the parameters and their names, this owns the arithmetic.

PEFT writes `result + lora_B(lora_A(dropout(x))) * scaling`: two passes over an array as wide as the output, and three
more in the backward, for a product of rank 8. Here the low-rank part is added by the matrix product itself, the
dropped input is kept instead of computed again, and nothing is computed for a base that does not learn. Same values to
rounding (tests/engine/network/test_lora.py); a full-depth step of MiniLM-L6 is about a tenth faster (docs/findings.md).
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
    """Which windows of a batch this process has; dropout draws for all of them, as one process would."""

    before: int = 0
    own: int = 1
    whole: int = 1
    tokens: int = 0  # padded, of its own; 0: it has all

    def of(self, x: Tensor) -> tuple[int, int]:
        """(first number, numbers in all) of the array that `x` is this process's part of.

        What is not a row a token belongs to no batch (DeBERTa adapts its relative positions too).
        """
        if x.numel() != self.tokens * x.shape[-1]:
            return 0, x.numel()
        window = x.numel() // self.own
        return window * self.before, window * self.whole


class Dropout(nn.Module):
    """Dropout whose mask is a slice at a random offset of one prepared pool.

    Drawing fresh Bernoulli numbers was 28% of a CPU step (profiled: MiniLM-L6, batch 32 x 16 tokens, 24 sites);
    slices of a pool of 2^22 draws cost a tenth of that and are as good as independent at this size.
    """

    POOL = 1 << 22

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate
        self.pool: Tensor | None = None
        self.random: torch.Generator | None = None
        self.part = Part()

    def mask(self, x: Tensor) -> Tensor | None:
        """Factors 0 or 1 / (1 - rate), shaped like `x`; None when nothing is dropped."""
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
    """x W' + b + s (m * x) A' B' with a frozen W and b; no gradient for them, and none of the second order."""

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, w: Tensor, bias: Tensor | None, a: Tensor, b: Tensor, mask: Tensor | None, s: float
    ) -> Tensor:
        """x (N, d), w (o, d), bias (o,), a (r, d), b (o, r), mask (N, d) -> (N, o). a, b may be wider, w packed.

        Rows are flat because autograd lets nobody add in place to a view that a function made (Falcon's blocks do).
        """
        y = nf4.product(x, w, bias)
        dropped = x if mask is None else x * mask
        a_low, b_low = a.to(x.dtype), b.to(x.dtype)
        inner = torch.mm(dropped, a_low.t())
        y.addmm_(inner, b_low.t(), alpha=s)
        ctx.save_for_backward(dropped, inner, a_low, b_low, mask)
        ctx.w = w  # frozen, and the layer's own
        ctx.s, ctx.types = s, (a.dtype, b.dtype)
        return y

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor | None, ...]:
        """Gradients of x (when something below learns), a and b."""
        dropped, inner, a, b, mask = ctx.saved_tensors
        g_inner = torch.mm(g, b).mul_(ctx.s)
        g_a = torch.mm(g_inner.t(), dropped)
        g_b = torch.mm(inner.t(), g).mul_(ctx.s).t()  # this way round: a product with N rows first is four times slower
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
    """Give a PEFT LoRA layer the fast forward when its base is a plain linear map (GPT-2's Conv1D keeps it turned)."""
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
