"""The frozen prefix: hidden states below the lowest adapted block are computed once and replayed.

The blocks below are replaced by stand-ins that return the stored states. The model's own forward still makes masks and
positions, so nothing here depends on the architecture.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from torch import Tensor, nn


class Replay(nn.Module):
    """Replaces a block and returns the states set for this batch, or its input if none are set.

    Some models read attributes of a block (ModernBERT: `attention_type`) or unpack its output (DeBERTa). So the
    stand-in has the attributes of the block and returns a tuple of the same length.
    """

    def __init__(self, block: nn.Module, parts: int) -> None:
        super().__init__()
        self.__dict__["block"] = block  # not registered, so that it is not among the model's modules
        self.parts = parts  # length of the returned tuple; 0: a plain tensor
        self.states: Tensor | None = None  # (B, T, d)

    def __getattr__(self, name: str) -> Any:
        try:
            return super().__getattr__(name)
        except AttributeError:
            return getattr(self.__dict__["block"], name)

    def forward(self, hidden_states: Tensor, *args: Any, **kwargs: Any) -> Any:
        states = hidden_states if self.states is None else self.states
        return (states, *(None,) * (self.parts - 1)) if self.parts else states


class Enough(Exception):
    """Ends a forward pass after the last block that is needed."""


@contextmanager
def capture_output(block: nn.Module, stop: bool = False) -> Iterator[list[Any]]:
    """Within this context, the list holds the block's latest output; `stop` ends the pass there with `Enough`."""
    seen: list[Any] = []

    def keep(_module: nn.Module, _args: Any, output: Any) -> None:
        seen[:] = [output]
        if stop:
            raise Enough

    handle = block.register_forward_hook(keep)
    try:
        yield seen
    finally:
        handle.remove()


@contextmanager
def replaced_below(stack: nn.ModuleList, depth: int, parts: int) -> Iterator[Replay | None]:
    """Within this context, the first `depth` blocks are stand-ins; yields the last one (None for depth 0)."""
    if depth == 0:
        yield None
        return
    originals = [stack[i] for i in range(depth)]
    stand_ins = [Replay(block, parts) for block in originals]
    try:
        for i, stand_in in enumerate(stand_ins):
            stack[i] = stand_in
        yield stand_ins[-1]
    finally:
        for i, block in enumerate(originals):
            stack[i] = block
