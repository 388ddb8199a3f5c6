"""Attention in bfloat16 on a CPU, with the backward pass in float32.

torch's fused attention goes forward and backward 1.6 to 5 times slower in bfloat16 than in float32, the shorter the
texts the more: 31 against 6 ms for 32 texts of 32 tokens and 12 heads, one thread, torch 2.13
(benchmarks/attention_backward.py). In the forward pass alone bfloat16 is as fast or faster.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention
from torch.overrides import TorchFunctionMode


class Float32Attention(TorchFunctionMode):
    """Within this context, attention that gradients flow through is computed in float32 and rounded afterwards."""

    def __torch_function__(
        self, func: Callable[..., Any], types: Iterable[type], args: Any = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        """Called for every function of torch."""
        if func is scaled_dot_product_attention:
            return _attend(*args, **(kwargs or {}))
        return func(*args, **(kwargs or {}))


def for_base(dtype: str, device: torch.device) -> AbstractContextManager[Any]:
    """The context in which a base of this type runs on this device."""
    return Float32Attention() if dtype == "bfloat16" and device.type == "cpu" else nullcontext()


def _attend(query: Tensor, key: Tensor, value: Tensor, attn_mask: Tensor | None = None, dropout_p: float = 0.0,
            is_causal: bool = False, **how: Any) -> Tensor:  # fmt: skip
    """`scaled_dot_product_attention`, in float32 where it is to be differentiated in bfloat16."""
    learns = torch.is_grad_enabled() and any(each.requires_grad for each in (query, key, value))
    if not learns or query.dtype is not torch.bfloat16 or query.device.type != "cpu":
        return scaled_dot_product_attention(query, key, value, attn_mask, dropout_p, is_causal, **how)
    mask = attn_mask.float() if attn_mask is not None and attn_mask.is_floating_point() else attn_mask
    wide = scaled_dot_product_attention(query.float(), key.float(), value.float(), mask, dropout_p, is_causal, **how)
    return wide.to(query.dtype)
