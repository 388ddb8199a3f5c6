"""Detect lack of memory, and retry with smaller batches."""

from collections.abc import Callable

import torch

# Of the CPU's allocator, which varies by OS; of CUDA outside torch's allocator, MPS and NCCL; and of CUDA's libraries.
SAID = ("not enough memory", "can't allocate memory", "out of memory", "status_alloc_failed")


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
    """Whether this is lack of memory: torch's allocator for CUDA has a class for it, all others only a message."""
    message = str(error).lower()
    return isinstance(error, MemoryError | torch.OutOfMemoryError) or any(phrase in message for phrase in SAID)
