"""What a run may spend, counted so that equal seeds spend equal amounts."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Budget:
    """Work is counted in TFLOP, not seconds, so that decisions do not depend on how busy the machine is.

    `max_seconds` is the user's own time limit (`--budget`); a decision that it forces is recorded as such.
    """

    max_work: float  # TFLOP of probes, experiments and final training together
    max_seconds: float | None = None
