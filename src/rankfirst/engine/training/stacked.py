"""One linear layer with the LoRA matrices of several recipes; each recipe applies to its own slice of the rows.

On a GPU a small encoder is limited by kernel launches, not by arithmetic. So the frozen product and every low-rank
product are one launch for all recipes: their A and B are views into stacks that are as wide as the highest rank and
zero beyond each recipe's own rank. The slice of a recipe that does not adapt this layer is all zero.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from rankfirst.engine.network import nf4


class SharedRowsError(Exception):
    """A layer got rows that belong to no recipe (DeBERTa's relative positions): such a network cannot be packed."""


class StackedLowRank(torch.autograd.Function):
    """`lora.LowRank` for m recipes at once; the gradients of A and B go to their own parameters."""

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, w: Tensor, bias: Tensor | None, a: Tensor, b: Tensor, s: Tensor, mask: Tensor | None,
        owners: Sequence[int], *parameters: Tensor,
    ) -> Tensor:  # fmt: skip
        """x (m·N, d), w (o, d), bias (o,), a (m, R, d), b (m, R, o), s (m, 1, 1), mask (m, N, d) -> (m·N, o).

        Args:
            a, b: the stacks; their dtype may be wider than that of x. owners: recipe index of each parameter pair.
            parameters: A (r, d) and B (o, r) of each owner, which are views into the stacks.
        """
        y = nf4.product(x, w, bias)
        rows = x.view(len(a), -1, x.shape[1])
        dropped = rows if mask is None else rows * mask
        a, b = a.to(x.dtype), b.to(x.dtype)
        inner = torch.bmm(dropped, a.transpose(1, 2)).mul_(s)
        y.view(len(a), -1, y.shape[1]).baddbmm_(inner, b)
        ctx.save_for_backward(dropped, inner, a, b, s, mask)
        ctx.w = w  # frozen and owned by the layer: need not be saved
        ctx.owners, ctx.ranks = owners, [p.shape[0] for p in parameters[::2]]
        ctx.type = parameters[0].dtype
        return y

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor | None, ...]:
        """Gradients of x (if it needs one) and of the parameters."""
        dropped, inner, a, b, s, mask = ctx.saved_tensors
        rows = g.reshape(len(a), -1, g.shape[1])
        g_inner = torch.bmm(rows, b.transpose(1, 2)).mul_(s)
        g_a = torch.bmm(g_inner.transpose(1, 2), dropped).to(ctx.type)
        g_b = torch.bmm(inner.transpose(1, 2), rows).to(ctx.type)
        g_x = None
        if ctx.needs_input_grad[0]:
            g_x = nf4.back(g, ctx.w)
            below = g_x.view(len(a), -1, g_x.shape[1])
            if mask is None:
                below.baddbmm_(g_inner, a)
            else:
                below.addcmul_(torch.bmm(g_inner, a), mask)
        parts = []
        for k, r in zip(ctx.owners, ctx.ranks, strict=True):
            parts += [g_a[k, :r], g_b[k, :r].t()]
        return (g_x, *(None,) * 7, *parts)


class Site(nn.Module):
    """Replaces an adapted layer for all recipes; other attributes are those of the frozen layer."""

    def __init__(self, base: Any, layers: Sequence[Any]) -> None:
        """Args: base: the frozen layer. layers: PEFT's layer or None per recipe; their A and B move into the stacks."""
        super().__init__()
        self.base, self.layers = base, tuple(layers)  # a tuple, so that they are not registered as submodules
        self.rows = 0  # rows of the batch over all recipes; set before each forward pass
        self.owners = tuple(k for k, layer in enumerate(layers) if layer is not None)
        pairs = [(layers[k].lora_A["default"].weight, layers[k].lora_B["default"].weight) for k in self.owners]
        rank, first = max(len(a) for a, _ in pairs), pairs[0]
        shape = (len(layers), rank)
        self.a = first[0].new_zeros(*shape, first[0].shape[1], requires_grad=False)
        self.b = first[1].new_zeros(*shape, first[1].shape[0], requires_grad=False)
        self.s = first[0].new_zeros(len(layers), 1, 1, requires_grad=False)
        self.own_parameters = [p for pair in pairs for p in pair]
        with torch.no_grad():
            for k, (a, b) in zip(self.owners, pairs, strict=True):
                self.a[k, : len(a)], self.b[k, : len(a)] = a, b.t()
                a.data, b.data = self.a[k, : len(a)], self.b[k, : len(a)].t()
                self.s[k] = layers[k].scaling["default"]

    def __getattr__(self, name: str) -> Any:
        try:
            return super().__getattr__(name)
        except AttributeError:
            return getattr(super().__getattr__("base"), name)

    def forward(self, x: Tensor) -> Tensor:
        """Raises: SharedRowsError."""
        if len(x) != self.rows:
            raise SharedRowsError
        base = self.base
        w = base.weight if isinstance(base, nn.Linear) else base.weight.t()
        flat = x.reshape(-1, x.shape[-1])
        s = self.s.to(flat.dtype)
        out: Tensor = StackedLowRank.apply(  # type: ignore[no-untyped-call]
            flat, w, base.bias, self.a, self.b, s, self._mask(flat), self.owners, *self.own_parameters
        )
        return out.view(*x.shape[:-1], out.shape[-1])

    def _mask(self, flat: Tensor) -> Tensor | None:
        """(m, N, d) masks, each drawn as the recipe would draw it alone; None if nothing is dropped."""
        slices = flat.detach().chunk(len(self.layers))
        masks = [
            None if layer is None else layer.lora_dropout["default"].mask(part)
            for layer, part in zip(self.layers, slices, strict=True)
        ]
        if all(mask is None for mask in masks):
            return None
        return torch.stack([
            torch.ones_like(part) if mask is None else mask for mask, part in zip(masks, slices, strict=True)
        ])  # fmt: skip
