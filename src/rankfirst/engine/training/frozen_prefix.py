"""The frozen prefix: hidden states below the lowest adapted block, computed once and replayed.

The blocks below are replaced by a stand-in that hands out the stored states, so that the model's own forward still
makes masks and positions: nothing here knows an architecture.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from torch import Tensor, nn


class Replay(nn.Module):
    """Stands where a block was and hands out the states set for this batch (else its input), as the block would.

    Some models ask a block for its attributes (ModernBERT: `attention_type`) or unpack what it returns (DeBERTa), so
    the stand-in answers with the block's own and returns as many parts.
    """

    def __init__(self, block: nn.Module, parts: int) -> None:
        super().__init__()
        self.__dict__["block"] = block  # not registered: it must not show among the model's modules
        self.parts = parts  # 0: a plain tensor
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
    """Ends a forward pass after the last block that is wanted."""


@contextmanager
def capture_output(block: nn.Module, stop: bool = False) -> Iterator[list[Any]]:
    """While inside, the list holds the block's latest output; with `stop` the forward pass ends there in `Enough`."""
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
    """While inside, the first `depth` blocks are stand-ins; yields the one that replays (None for depth 0)."""
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
