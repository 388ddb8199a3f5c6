"""How long a run may still take: from what its steps took so far, as a span, and not at all without a basis.

Probes and arms cost about the same; how many more there will be, the policy decides as it goes.
"""

from dataclasses import dataclass, field
from typing import Final

from rankfirst.policy import thresholds as t

# probes a run. Eight finished runs of 800 to 10,000 rows made 5 to 8 (Assumption beyond those).
FEW, MANY = 5, 8
# seconds, share. A rate read off less than that is chance.
BASIS_SECONDS: Final = 2.0
BASIS_SHARE: Final = 0.02
RECENT: Final = 3  # probes behind the cost of the next: the recipes of a walk grow
LEAST_EPOCHS: Final = t.FINAL_PATIENCE + 1  # of a final training that finds its best epoch first

Span = tuple[float, float]
"""Seconds: at least, at most."""


@dataclass
class Known:
    """What the steps of a run cost so far, and which are to come."""

    keys: set[str] = field(default_factory=set)  # recipes that were probed
    announced: set[str] = field(default_factory=set)  # recipes a decision asked for and nobody probed yet
    seconds: list[float] = field(default_factory=list)  # a probe
    probes: int = 0
    work: float = 0.0  # TFLOP of all training
    probe_work: float = 0.0  # TFLOP of all probes
    rows: int = 0  # of the training split
    epoch_seconds: float = 0.0  # of the newest probe, for all rows
    final_epochs: int | None = None
    trained: bool = False  # the final training is over

    def probed(self, key: str, took: float, work: float, epochs: float, rows: int) -> None:
        """A probe of so many `epochs` over about `rows` rows is finished."""
        self.keys.add(key)
        self.announced.discard(key)
        self.probes += 1
        self.probe_work += work
        self.seconds.append(took)
        self.epoch_seconds = took / max(1.0, epochs) * max(1.0, self.rows / max(1, rows))


def of_step(share: float, began_share: float, took: float) -> float | None:
    """Seconds left of a step that got from one share to the other in `took` seconds."""
    gained = share - began_share
    if took < BASIS_SECONDS or gained < BASIS_SHARE:
        return None
    return took * (1 - share) / gained


def of_run(known: Known, stage: str, elapsed: float, limit: float | None, work_limit: float | None,
           step_left: float | None, training: bool) -> Span | None:  # fmt: skip
    """Seconds until the end of training, (at least, at most); at least 0: nobody knows.

    Args:
        elapsed, limit: seconds. work_limit: TFLOP. step_left: seconds of the training that runs, if `training`.
    """
    room = None if limit is None else max(0.0, limit - elapsed)
    if known.trained:
        return None
    if stage == "final":
        span = None if step_left is None else (0.0, step_left)  # it may stop at any epoch
    else:
        span = _walk(known, work_limit, step_left, training)
    if span is None:
        return None if room is None else (0.0, room)
    return span if room is None else (min(span[0], room), min(span[1], room))


def _walk(known: Known, work_limit: float | None, step_left: float | None, training: bool) -> Span | None:
    """Probes to come, and the final training."""
    recent = known.seconds[-RECENT:]
    if not recent:
        return None
    one = sum(recent) / len(recent)
    now = (step_left if step_left is not None else one) if training else 0.0
    made = known.probes + training
    asked = max(0, len(known.announced) - training)
    most = asked
    if work_limit is None:
        most = max(asked, MANY - made)
    elif known.probe_work:
        room = (work_limit / 2 - known.probe_work) * known.probes / known.probe_work - training
        most = max(0, min(max(asked, MANY - made), int(room)))
    few = min(most, max(asked, FEW - made))
    return (now + few * one + LEAST_EPOCHS * known.epoch_seconds,
            now + most * one + t.FINAL_EPOCHS_SLOW * known.epoch_seconds)  # fmt: skip
