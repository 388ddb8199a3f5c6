"""The float type of a base: rounded in place, or in a copy beside the exact weights, which then compute the figures.

Training and probes may compute in bfloat16, but a delivery computes in float32. So every reported figure is
computed in float32 as well: predictions on validation rows equal those of the delivery, up to the order of additions.
"""

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, Final, ParamSpec, TypeVar

import torch
from torch import nn

if TYPE_CHECKING:
    from rankfirst.engine.network.model import TextModel

KEPT_MOST: Final = 300_000_000  # weights of a base whose exact weights are kept as well (1.2 GB)

P = ParamSpec("P")
R = TypeVar("R")


def rotary(name: str) -> bool:
    """Whether a buffer holds rotary frequencies: rounding them rotates later tokens more wrongly."""
    return name.endswith("inv_freq")


def round_weights(encoder: nn.Module, dtype: torch.dtype) -> None:
    """Convert an encoder to another float type, in place, but its rotary frequencies."""
    exact = [(module, name, buffer) for module in encoder.modules() for name, buffer in module.named_buffers("", False)]
    encoder.to(dtype)
    for module, name, buffer in exact:
        if rotary(name):
            module.register_buffer(name, buffer, persistent=name not in module._non_persistent_buffers_set)


def narrowed(wide: nn.Module, dtype: torch.dtype) -> nn.Module:
    """A copy in another float type, made without a second copy in the original type."""
    buffers = [buffer for name, buffer in wide.named_buffers() if not rotary(name)]
    floats = [t for t in (*wide.parameters(), *buffers) if t.is_floating_point()]
    memo = {
        id(t): nn.Parameter(t.detach().to(dtype), requires_grad=False) if isinstance(t, nn.Parameter) else t.to(dtype)
        for t in floats
    }
    return copy.deepcopy(wide, memo)


def figures_in_float32(model: "TextModel") -> bool:
    """Whether the base is small enough for its exact weights beside the rounded ones; in 4 bits there is one copy."""
    return bool(model.bits) or sum(p.numel() for p in model.encoder.parameters()) <= KEPT_MOST


def is_exact(model: "TextModel") -> bool:
    """Whether the base computes within `exactly`, though it computes in another type outside."""
    return model.exact is not None and model.dtype == "float32"


@contextmanager
def exactly(model: "TextModel", wanted: bool = True) -> Iterator[None]:
    """Within this context the base computes in float32, if that was kept. No adapter is attached before and after."""
    exact, rounded, dtype = model.exact, model.encoder, model.dtype
    if exact is None or not wanted:
        yield
        return
    model.detach()
    try:
        if model.bits:
            model.round_to("float32")
        else:
            model.use(exact)
        yield
    finally:
        model.detach()
        if model.bits:
            model.round_to(dtype)
        else:
            model.use(rounded)


def exact(method: Callable[Concatenate[Any, P], R]) -> Callable[Concatenate[Any, P], R]:
    """A method of an engine that computes with `exactly` its `model`."""

    @wraps(method)
    def computed(self: Any, /, *args: P.args, **kwargs: P.kwargs) -> R:
        with exactly(self.model):
            return method(self, *args, **kwargs)

    return computed
