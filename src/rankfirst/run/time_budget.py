"""The user's clock limit (`--budget`), and estimates of how long work takes on this machine."""

import math
from collections.abc import Callable


class Clock:
    """Compares elapsed and estimated seconds with a limit; speed is learnt from the work done so far."""

    def __init__(self, limit: float | None, seconds: Callable[[], float]) -> None:
        """Args: limit: seconds; None: no limit. seconds: returns how long the run has taken so far."""
        self.limit, self.seconds = limit, seconds
        self.work, self.spent, self.rough = 0.0, 0.0, False

    def learn(self, work: float, spent: float, rough: bool = False) -> None:
        """Record that `work` TFLOP took `spent` seconds; a `rough` measurement is dropped once a better one exists."""
        if self.rough or not self.work:
            self.work, self.spent, self.rough = 0.0, 0.0, rough
        self.work, self.spent = self.work + work, self.spent + spent

    def cost(self, work: float) -> float:
        """Estimated seconds for `work` TFLOP; 0 before any measurement."""
        return work * self.spent / self.work if self.work else 0.0

    def allows(self, work: float, share: float = 1.0) -> bool:
        """Whether `work` TFLOP would end before `share` of the limit is used."""
        return self.limit is None or self.seconds() + self.cost(work) <= share * self.limit

    def event(self, at: str) -> dict[str, float | str | None]:
        """The payload of the `clock` event, which records where the limit was reached."""
        return {"limit": self.limit, "spent": round(self.seconds(), 1), "at": at}

    def room(self, work: float, kept: float = 0.0) -> float:
        """How many times `work` TFLOP fit into the remaining time less `kept` seconds; infinite without a limit."""
        if self.limit is None:
            return math.inf
        return max(0.0, self.limit - kept - self.seconds()) / max(1e-9, self.cost(work))
