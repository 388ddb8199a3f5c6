"""The backward pass of torch's fused attention: in float32 on a CPU, deterministic on a GPU.

On a CPU it goes forward and backward 1.6 to 5 times slower in bfloat16 than in float32, the shorter the texts the more:
31 against 6 ms for 32 texts of 32 tokens and 12 heads, one thread, torch 2.13 (benchmarks/attention_backward.py). In
the forward pass alone bfloat16 is as fast or faster.

On a GPU torch takes the deterministic algorithm of a fused kernel only where operations that have none are errors. That
is no setting for the whole step: some bases have such an operation (DeBERTa's gather). So it holds for attention alone.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention
from torch.overrides import TorchFunctionMode

Attend = Callable[..., Tensor]


class AttentionBackward(TorchFunctionMode):
    """Within this context, attention that gradients flow through is differentiated as this module says."""

    def __torch_function__(
        self, func: Callable[..., Any], types: Iterable[type], args: Any = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        """Called for every function of torch."""
        if func is scaled_dot_product_attention:
            return _attend(*args, **(kwargs or {}))
        return func(*args, **(kwargs or {}))


def for_base(dtype: str, device: torch.device) -> AbstractContextManager[Any]:
    """The context in which a base of this type runs on this device."""
    if device.type == "cuda":
        _only(errors=False)  # a backward pass that ran out of memory may have left the other setting
        return AttentionBackward()
    return AttentionBackward() if dtype == "bfloat16" and device.type == "cpu" else nullcontext()


def _attend(query: Tensor, key: Tensor, value: Tensor, attn_mask: Tensor | None = None, dropout_p: float = 0.0,
            is_causal: bool = False, **how: Any) -> Tensor:  # fmt: skip
    """`scaled_dot_product_attention`, differentiated as the module says."""
    learns = torch.is_grad_enabled() and any(each.requires_grad for each in (query, key, value))
    if learns and query.device.type == "cuda":
        return deterministic(scaled_dot_product_attention, query, key, value, attn_mask, dropout_p, is_causal, **how)
    if not learns or query.dtype is not torch.bfloat16 or query.device.type != "cpu":
        return scaled_dot_product_attention(query, key, value, attn_mask, dropout_p, is_causal, **how)
    mask = attn_mask.float() if attn_mask is not None and attn_mask.is_floating_point() else attn_mask
    wide = scaled_dot_product_attention(query.float(), key.float(), value.float(), mask, dropout_p, is_causal, **how)
    return wide.to(query.dtype)


def deterministic(attend: Attend, query: Tensor, key: Tensor, value: Tensor, *args: Any, **how: Any) -> Tensor:
    """`attend(query, key, value, ...)`, forward and backward with operations without determinism as errors."""
    inputs = _Left.apply(query, key, value)  # type: ignore[no-untyped-call]
    _only(errors=True)  # a kernel without a deterministic backward pass is not chosen then
    try:
        out = attend(*inputs, *args, **how)
    finally:
        _only(errors=False)
    entered: Tensor = _Entered.apply(out)  # type: ignore[no-untyped-call]
    return entered


def _only(errors: bool) -> None:
    """Whether an operation without a deterministic algorithm is an error. Unchanged where anything is allowed."""
    if torch.are_deterministic_algorithms_enabled():
        torch.use_deterministic_algorithms(True, warn_only=not errors)


class _Entered(torch.autograd.Function):
    """The output of attention: its gradient comes first in the backward pass."""

    @staticmethod
    def forward(ctx: Any, out: Tensor) -> Tensor:
        return out.view_as(out)

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> Tensor:
        _only(errors=True)
        return g


class _Left(torch.autograd.Function):
    """The inputs of attention: their gradients come last."""

    @staticmethod
    def forward(ctx: Any, *inputs: Tensor) -> tuple[Tensor, ...]:
        return tuple(each.view_as(each) for each in inputs)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, ...]:
        _only(errors=False)
        return gradients
