"""Throughput of this machine with this base model, and the precision it will train in."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Trial:
    """One way to run the frozen base, timed on a typical batch."""

    dtype: str  # of the base's weights; adapter, head and losses are always float32
    threads: int
    tokens_per_second: float  # of a forward pass, without padding
    deviation: float  # largest relative distance of a text's mean state from its float32 value


@dataclass(frozen=True)
class Pace:
    """The configuration that was chosen, and all that were timed."""

    device: str
    dtype: str
    threads: int
    trials: tuple[Trial, ...]
    padding: float = 0.0  # share of a training batch's tokens that is padding
    figures: str = ""  # type in which figures of the model are computed; "": in `dtype`, as in old runs
    units: tuple[str, ...] = ()  # of the processor for bfloat16; without any it is not tried
