"""What a run may spend, counted so that equal seeds spend equal amounts."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Budget:
    """Work is counted in full runs, not seconds, so that decisions do not depend on how busy the machine is.

    A full run is one final training of the recipe that the search has reached, so that the budget fits every base model
    and every number of rows. `max_seconds` is the user's own time limit (`--budget`); a decision that it forces is
    recorded as such.
    """

    full_runs: float  # of probes, experiments and final training together
    max_seconds: float | None = None
