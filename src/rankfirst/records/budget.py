"""What a run may spend, counted so that the same seed spends the same."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Budget:
    """Work is counted in TFLOP, not seconds: decisions must not depend on how busy the machine is.

    `max_seconds` is the user's own clock limit (`--budget`); a decision it forces is recorded as such.
    """

    max_work: float  # TFLOP for probes, experiments and the final training together
    max_seconds: float | None = None
