"""Choose precision and thread count by measuring for about two seconds on the actual base and typical rows.

float32 stays unless the processor has units for a narrower type and this type is much faster and gives nearly the same
states. Other programs may compute meanwhile, so each measurement takes short rounds of all candidates in turn, of which
the fastest counts. Types are compared by the processor time of one thread, which others cannot take away; thread counts
can only be compared by the clock, so they are chosen again when training gets much slower or faster (`Threads`).
"""

import math
import time
from collections.abc import Callable, Sequence
from functools import partial

import torch
from torch import Tensor

from rankfirst.engine.device import bfloat16_units, now
from rankfirst.engine.network.float_types import figures_in_float32, narrowed
from rankfirst.engine.network.model import TextModel
from rankfirst.records import Pace, Trial

ROWS = 32  # as in a training batch
SECONDS = 2.0  # for all trials together
ROUNDS = 6  # at most; the best counts, since noise only ever slows a run down
NARROW_ROUNDS = 3
LEAST_THREAD_GAIN = 1.15  # fewer threads than torch's own choice must be this much faster
LEAST_DTYPE_GAIN = 1.3  # a narrower type must be this much faster ...
MOST_DEVIATION = 0.02  # ... and change no text's pooled state by more than this share of its norm
LARGEST_COPY = 1 << 30  # weights; a larger base is not copied to measure another type
# TFLOP/s in training over those of a forward pass: 0.45 to 0.62 in three finished runs (`run/forecast.py`).
TRAINING = 0.53
CHANGED = 1.5  # training at a rate that differs by this factor: other programs have come or gone
LEAST_SECONDS = 5.0  # of training, for its rate to count
AGAIN_SECONDS = 60.0  # of training with fewer threads than there are, after which they are chosen again
RECHECK_SECONDS = 1.0  # for choosing again

Batch = tuple[Tensor, Tensor]


def measure(model: TextModel, rows: Sequence[Sequence[int]]) -> Pace:
    """Measure float32 at several thread counts, and bfloat16 if the processor has units for it.

    Args: rows: token ids of training texts.
    """
    batch, most = typical(model, rows), torch.get_num_threads()
    # If all processes take part in each pass, the number of passes must not depend on a clock.
    together = model.world.sharded
    # On a GPU these threads compute nothing of a pass: what differs is noise.
    fixed = together or model.device.type == "cuda"
    units = () if together else bfloat16_units(model.device)
    deadline = math.inf if together else time.perf_counter() + SECONDS
    try:
        trials = thread_trials(model, batch, (most,) if fixed else (most, max(1, most // 2), 1), deadline)
        threads = _threads(trials, most)
        if units and (model.bits or sum(p.numel() for p in model.encoder.parameters()) <= LARGEST_COPY):
            trials += _narrow(model, batch, next(t for t in trials if t.threads == threads))
    finally:
        torch.set_num_threads(most)
    figures = "float32" if figures_in_float32(model) else ""
    return Pace(str(model.device), _dtype(trials, threads), threads, tuple(trials), units=units, figures=figures)


def typical(model: TextModel, rows: Sequence[Sequence[int]]) -> Batch:
    """(ids, mask) of a batch of texts that are neither the shortest nor the longest."""
    return model.pad(sorted(rows, key=len)[len(rows) // 4 :][:ROWS])


def thread_trials(model: TextModel, batch: Batch, counts: Sequence[int], deadline: float) -> list[Trial]:
    """The best of a few alternating rounds of each number of threads; at least one round, even after the deadline."""
    best: dict[int, float] = {}
    clock = partial(now, model.device)
    tried = sorted(set(counts), reverse=True)
    for turn in range(ROUNDS + 1):
        for threads in tried:
            torch.set_num_threads(threads)
            seconds = _seconds(model, batch, clock)
            if turn:  # the first round is a warm-up
                best[threads] = min(best.get(threads, seconds), seconds)
        if best and time.perf_counter() > deadline:
            break
    tokens = int(batch[1].sum())
    return [Trial(model.dtype, threads, tokens / best[threads], 0.0) for threads in tried]


def _narrow(model: TextModel, batch: Batch, wide: Trial) -> list[Trial]:
    """Compare bfloat16 with float32 on a copy of the base, since rounding is irreversible; 4-bit bases need no copy.

    Returns: a trial with the rate of `wide` times the gain in processor time.
    """
    encoder = model.encoder

    def use(dtype: str) -> None:
        if model.bits:
            model.narrow(dtype)
        else:
            model.encoder = encoders[dtype]

    try:
        encoders = {"float32": encoder} if model.bits else {
            "float32": encoder, "bfloat16": narrowed(encoder, torch.bfloat16)}  # fmt: skip
        clock = _processor_time(model.device)
        best: dict[str, float] = {}
        states: dict[str, Tensor] = {}
        torch.set_num_threads(1 if clock is time.thread_time else wide.threads)
        for turn in range(NARROW_ROUNDS + 1):
            for dtype in ("float32", "bfloat16"):
                use(dtype)
                if not turn:  # warm up
                    states[dtype] = _means(model, batch)
                    continue
                seconds = _seconds(model, batch, clock)
                best[dtype] = min(best.get(dtype, seconds), seconds)
        exact = states["float32"]
        moved = (states["bfloat16"] - exact).norm(dim=1) / exact.norm(dim=1).clamp_min(1e-9)
        gain = best["float32"] / max(1e-9, best["bfloat16"])
        return [Trial("bfloat16", wide.threads, wide.tokens_per_second * gain, float(moved.max()))]
    except (RuntimeError, MemoryError):
        return []  # no memory for a copy, or an operator without bfloat16 support: stay with float32
    finally:
        model.encoder = encoder
        if model.bits:
            model.narrow("float32")


def _processor_time(device: torch.device) -> Callable[[], float]:
    """A clock that stops while other programs compute; where there is none, wall-clock time."""
    fine = time.get_clock_info("thread_time").resolution < 1e-3  # 16 ms on Windows
    return time.thread_time if device.type == "cpu" and fine else partial(now, device)


class Threads:
    """Chooses the number of threads again during a run, as other programs come and go. Nothing is decided by it."""

    def __init__(self, model: TextModel, rows: Callable[[], Sequence[Sequence[int]]]) -> None:
        """Args: rows: returns token ids of training texts, as for `measure`."""
        self.model, self.rows, self.most = model, rows, torch.get_num_threads()
        self.expected: float | None = None  # TFLOP/s of training
        self.work = self.seconds = self.since = 0.0

    def adopt(self, pace: Pace, work: float) -> None:
        """Use the measured number of threads. Args: work: TFLOP of a forward pass over one token."""
        torch.set_num_threads(min(pace.threads, self.most))
        rates = [t.tokens_per_second for t in pace.trials if (t.dtype, t.threads) == (pace.dtype, pace.threads)]
        self.expected = TRAINING * rates[0] * work if rates else None

    def heed(self, work: float, seconds: float) -> None:
        """Choose again if this training (TFLOP, seconds) was much slower or faster than expected, or after a while."""
        self.work, self.seconds, self.since = self.work + work, self.seconds + seconds, self.since + seconds
        if self.most == 1 or self.model.device.type == "cuda" or self.seconds < LEAST_SECONDS or not self.work:
            return
        rate, self.work, self.seconds = self.work / self.seconds, 0.0, 0.0
        self.expected = self.expected or rate
        changed = not self.expected / CHANGED < rate < self.expected * CHANGED
        if changed or (torch.get_num_threads() < self.most and self.since >= AGAIN_SECONDS):
            self.choose()

    def choose(self) -> None:
        """Measure the candidate thread counts and use the fastest; the next steps set the step time to expect."""
        rows, most = self.rows(), self.most
        counts = most, max(1, most // 2), 1
        trials = thread_trials(self.model, typical(self.model, rows), counts, time.perf_counter() + RECHECK_SECONDS)
        torch.set_num_threads(_threads(trials, most))
        self.expected, self.since = None, 0.0

    def restore(self) -> None:
        """Give the process the number of threads back that it had."""
        torch.set_num_threads(self.most)


@torch.no_grad()
def _seconds(model: TextModel, batch: Batch, clock: Callable[[], float]) -> float:
    began = clock()
    model.hidden_states(*batch)
    return clock() - began


@torch.no_grad()
def _means(model: TextModel, batch: Batch) -> Tensor:
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
