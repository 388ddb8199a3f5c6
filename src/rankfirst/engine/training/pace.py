"""Choose precision and thread count by measuring for about two seconds on the actual base and typical rows.

float32 stays unless a narrower type is much faster and gives nearly the same states. Which type that is depends on the
machine, so it is measured: a CPU without matrix units runs bfloat16 at half the speed of float32, one with them several
times faster.
"""

import copy
import math
import time
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from rankfirst.engine.device import now
from rankfirst.engine.network.model import TextModel, rotary
from rankfirst.records import Pace, Trial

ROWS = 32  # as in a training batch
SECONDS = 2.0  # for all trials together
ROUNDS = 3  # the best counts; settings alternate: noise only ever slows a run down
LEAST_THREAD_GAIN = 1.15  # fewer threads than torch's own choice must be this much faster
LEAST_DTYPE_GAIN = 1.3  # a narrower type must be this much faster ...
MOST_DEVIATION = 0.02  # ... and change no text's pooled state by more than this share of its norm
LARGEST_COPY = 1 << 30  # weights; a larger base is not copied to measure another type

Way = tuple[str, int]  # dtype, threads


def measure(model: TextModel, rows: Sequence[Sequence[int]]) -> Pace:
    """Measure float32 at several thread counts, and bfloat16 at the best. `rows`: token ids of training texts."""
    batch = model.pad(sorted(rows, key=len)[len(rows) // 4 :][:ROWS])
    most = torch.get_num_threads()
    # If all processes take part in each pass, the number of passes must not depend on a clock.
    together = model.world.sharded
    # On a GPU these threads compute nothing of a pass: what differs is noise.
    fixed = together or model.device.type == "cuda"
    threads_tried = {most} if fixed else {most, max(1, most // 2), 1}
    wide: list[Way] = [("float32", n) for n in sorted(threads_tried, reverse=True)]
    deadline = math.inf if together else time.perf_counter() + SECONDS
    try:
        trials = _try(model, batch, wide, deadline)
        threads = _threads(trials, most)
        if not together and (model.bits or sum(p.numel() for p in model.encoder.parameters()) <= LARGEST_COPY):
            trials += _narrow(model, batch, threads, deadline)
    finally:
        torch.set_num_threads(most)
    return Pace(str(model.device), _dtype(trials, threads), threads, tuple(trials))


def _try(model: TextModel, batch: tuple[Tensor, Tensor], ways: Sequence[Way], deadline: float) -> list[Trial]:
    """The best of a few alternating rounds of each setting; at least one round, even after the deadline."""
    best: dict[Way, float] = {}
    for turn in range(ROUNDS + 1):
        for way in ways:
            torch.set_num_threads(way[1])
            seconds = _seconds(model, batch)
            if turn:  # the first round is a warm-up
                best[way] = min(best.get(way, seconds), seconds)
        if best and time.perf_counter() > deadline:
            break
    tokens = int(batch[1].sum())
    return [Trial(dtype, threads, tokens / best[dtype, threads], 0.0) for dtype, threads in ways]


def _narrow(model: TextModel, batch: tuple[Tensor, Tensor], threads: int, deadline: float) -> list[Trial]:
    """Measure bfloat16 on a copy of the base, since rounding is irreversible; a 4-bit base needs no copy."""
    wide, exact = model.encoder, _means(model, batch)
    try:
        if model.bits:
            model.narrow("bfloat16")
        else:
            model.encoder = narrowed(wide, torch.bfloat16)
        (trial,) = _try(model, batch, [("bfloat16", threads)], deadline)
        moved = (_means(model, batch) - exact).norm(dim=1) / exact.norm(dim=1).clamp_min(1e-9)
        return [Trial(trial.dtype, threads, trial.tokens_per_second, float(moved.max()))]
    except (RuntimeError, MemoryError):
        return []  # no memory for a copy, or an operator without bfloat16 support: stay with float32
    finally:
        model.encoder = wide
        if model.bits:
            model.narrow("float32")


def narrowed(wide: nn.Module, dtype: torch.dtype) -> nn.Module:
    """A copy in another float type, made without a second copy in the original type."""
    buffers = [buffer for name, buffer in wide.named_buffers() if not rotary(name)]
    floats = [t for t in (*wide.parameters(), *buffers) if t.is_floating_point()]
    memo = {
        id(t): nn.Parameter(t.detach().to(dtype), requires_grad=False) if isinstance(t, nn.Parameter) else t.to(dtype)
        for t in floats
    }
    return copy.deepcopy(wide, memo)


@torch.no_grad()
def _seconds(model: TextModel, batch: tuple[Tensor, Tensor]) -> float:
    began = now(model.device)
    model.hidden_states(*batch)
    return now(model.device) - began


@torch.no_grad()
def _means(model: TextModel, batch: tuple[Tensor, Tensor]) -> Tensor:
    return model.pool(model.hidden_states(*batch).float(), batch[1], "mean")


def _threads(trials: Sequence[Trial], most: int) -> int:
    """torch's default unless another count is clearly faster, so that the same machine always chooses the same."""
    own = next(t for t in trials if t.threads == most)
    best = max(trials, key=lambda t: t.tokens_per_second)
    return best.threads if best.tokens_per_second > LEAST_THREAD_GAIN * own.tokens_per_second else most


def _dtype(trials: Sequence[Trial], threads: int) -> str:
    wide = next(t for t in trials if t.dtype == "float32" and t.threads == threads)
    for t in trials:
        faster = t.tokens_per_second > LEAST_DTYPE_GAIN * wide.tokens_per_second
        if t.dtype != "float32" and faster and t.deviation <= MOST_DEVIATION:
            return t.dtype
    return "float32"
