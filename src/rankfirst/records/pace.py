"""How fast this machine is with this base model, and in which precision it will train."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Trial:
    """One way to run the frozen base, measured on a typical batch."""

    dtype: str  # of the base's weights; adapter, head and losses are always float32
    threads: int
    tokens_per_second: float  # real tokens through a forward pass
    deviation: float  # largest relative distance of a text's mean state from the float32 one


@dataclass(frozen=True)
class Pace:
    """The way that was chosen, and all that were tried."""

    device: str
    dtype: str
    threads: int
    trials: tuple[Trial, ...]
    padding: float = 0.0  # share of a training batch's tokens that is padding
