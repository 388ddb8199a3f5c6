"""Learning rate schedules: warm-up, and how lr falls to zero."""

from collections.abc import Callable

# Share of the steps. A fixed number of steps is most of a short training: with twenty, 136 rows never saw the peak lr.
# RoBERTa's fine-tuning takes 6%; Adam's second moment, which a warm-up waits for, needs more in a short training.
WARMUP_SHARE = 0.1
MOST_WARMUP_STEPS = 100

Schedule = Callable[[int], float]
"""Optimiser step (from 0) -> factor on the peak lr, and on the head's peak lr if it has its own."""


def warm_hold_fall(total: int) -> Schedule:
    """The schedule of probes: warm-up, a constant peak, and linear decay to zero over the last third of `total` steps.

    The decay makes probes end as final training does. Weights trained at a constant lr contain the noise of their last
    steps, and more of it at a higher lr: on MixATIS the best of four learning rates had the worst validation loss until
    its lr had decayed (docs/findings.md, 2026-11-24).
    """
    fall, warm = max(1, round(total / 3)), warm_up(total)
    return lambda step: min(1.0, (step + 1) / warm) * min(1.0, max(0.0, (total - step) / fall))


def warm_then_linear(total: int, warm: int | None = None) -> Schedule:
    """The schedule of final training: warm-up, then linear decay to a twentieth of the peak at `total` steps."""
    steps = warm_up(total) if warm is None else warm
    return lambda step: min(1.0, (step + 1) / steps) * max(0.05, 1 - step / max(1, total))


def warm_up(total: int) -> int:
    """Steps of the warm-up of a training of `total` steps."""
    return max(1, min(MOST_WARMUP_STEPS, round(WARMUP_SHARE * total)))
