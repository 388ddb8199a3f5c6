"""Detect lack of memory, and retry with smaller batches."""

from collections.abc import Callable

import torch


def halving(rows: list[int], work: Callable[[list[int]], None]) -> None:
    """Call `work` with all rows at once, or with halves of them (recursively) if memory is too small."""
    try:
        return work(rows)
    except (RuntimeError, MemoryError) as error:
        if not out_of_memory(error) or len(rows) < 2:
            raise
    # Outside the handler: inside it, the traceback would keep the tensors of the failed attempt alive.
    halving(rows[: len(rows) // 2], work)
    halving(rows[len(rows) // 2 :], work)


def out_of_memory(error: BaseException) -> bool:
    """Whether this is lack of memory: CUDA has a class for it, the CPU allocator only a message that varies by OS."""
    message = str(error).lower()
    return isinstance(error, MemoryError | torch.OutOfMemoryError) or (
        "not enough memory" in message or "can't allocate memory" in message
    )
