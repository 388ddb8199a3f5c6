"""Estimate the remaining time of a run as a span, from the duration of its steps so far; None without any.

Probes and arms take about the same time; their number is not known in advance, since the policy decides it.
"""

from dataclasses import dataclass, field
from typing import Final

from rankfirst.policy.final_training import SEARCH_WORK, final_epochs
from rankfirst.records import Recipe

# Probes per run: eight finished runs of 800 to 10,000 rows had 5 to 8; for other sizes an assumption.
FEW, MANY = 6, 12
# Least seconds and least share of a step for an estimate of its speed.
BASIS_SECONDS: Final = 2.0
BASIS_SHARE: Final = 0.02
RECENT: Final = 3  # latest probes that estimate the cost of the next one, since recipes grow during a search

Span = tuple[float, float]
"""Seconds: at least, at most."""


@dataclass
class Known:
    """The cost of the steps of a run so far, and the recipes to probe next."""

    keys: set[str] = field(default_factory=set)  # recipes that were probed
    announced: set[str] = field(default_factory=set)  # recipes that a decision requires and that are not probed yet
    seconds: list[float] = field(default_factory=list)  # of each probe
    probes: int = 0
    work: float = 0.0  # TFLOP of all training
    probe_work: float = 0.0  # TFLOP of all probes
    rows: int = 0  # of the training split
    epoch_seconds: float = 0.0  # of the latest probe, scaled to all rows
    final_epochs: int | None = None
    trained: bool = False  # the final training is over

    def probed(self, key: str, took: float, work: float, epochs: float, rows: int) -> None:
        """Record a finished probe of `epochs` epochs over about `rows` rows; `took`: seconds, `work`: TFLOP."""
        self.keys.add(key)
        self.announced.discard(key)
        self.probes += 1
        self.probe_work += work
        self.seconds.append(took)
        self.epoch_seconds = took / max(1.0, epochs) * max(1.0, self.rows / max(1, rows))


def of_step(share: float, began_share: float, took: float) -> float | None:
    """Remaining seconds of a step that went from `began_share` to `share` in `took` seconds; None if too early."""
    gained = share - began_share
    if took < BASIS_SECONDS or gained < BASIS_SHARE:
        return None
    return took * (1 - share) / gained


def of_run(known: Known, stage: str, elapsed: float, limit: float | None, work_limit: float | None,
           step_left: float | None, training: bool) -> Span | None:  # fmt: skip
    """Seconds until the end of training, (at least, at most); at least 0 means unknown. None without an estimate.

    Args:
        elapsed, limit: seconds. work_limit: TFLOP. step_left: remaining seconds of the current training, if `training`.
    """
    room = None if limit is None else max(0.0, limit - elapsed)
    if known.trained:
        return None
    if stage == "final":
        span = None if step_left is None else (step_left, step_left)
    else:
        span = _walk(known, work_limit, step_left, training)
    if span is None:
        return None if room is None else (0.0, room)
    return span if room is None else (min(span[0], room), min(span[1], room))


def _walk(known: Known, work_limit: float | None, step_left: float | None, training: bool) -> Span | None:
    """Remaining seconds of probes and final training; None before the first probe."""
    recent = known.seconds[-RECENT:]
    if not recent:
        return None
    one = sum(recent) / len(recent)
    now = (step_left if step_left is not None else one) if training else 0.0
    begun = known.probes + training
    announced = max(0, len(known.announced) - training)
    most = announced
    if work_limit is None:
        most = max(announced, MANY - begun)
    elif known.probe_work:
        room = (SEARCH_WORK * work_limit - known.probe_work) * known.probes / known.probe_work - training
        most = max(0, min(max(announced, MANY - begun), int(room)))
    few = min(most, max(announced, FEW - begun))
    epochs = final_epochs(known.rows, Recipe.batch_size)
    fewer = final_epochs(known.rows, Recipe.batch_size, several=False)
    return now + few * one + fewer * known.epoch_seconds, now + most * one + epochs * known.epoch_seconds
