"""The user's own clock limit (`--budget`), and what a piece of work is likely to take."""

import math
from collections.abc import Callable


class Clock:
    """Seconds against a limit. Speed is learnt from what was trained on this machine."""

    def __init__(self, limit: float | None, seconds: Callable[[], float]) -> None:
        """Args: limit: seconds, None = no limit. seconds: how long the run has taken so far."""
        self.limit, self.seconds = limit, seconds
        self.work, self.spent, self.rough = 0.0, 0.0, False

    def learn(self, work: float, spent: float, rough: bool = False) -> None:
        """`work` TFLOP took `spent` seconds. `rough`: only until something better is known."""
        if self.rough or not self.work:
            self.work, self.spent, self.rough = 0.0, 0.0, rough
        self.work, self.spent = self.work + work, self.spent + spent

    def cost(self, work: float) -> float:
        """Seconds that `work` TFLOP are likely to take; 0 before anything was learnt."""
        return work * self.spent / self.work if self.work else 0.0

    def allows(self, work: float, share: float = 1.0) -> bool:
        """Whether `work` TFLOP end before `share` of the limit is used."""
        return self.limit is None or self.seconds() + self.cost(work) <= share * self.limit

    def said(self, at: str) -> dict[str, float | str | None]:
        """The event that tells where the limit was reached."""
        return {"limit": self.limit, "spent": round(self.seconds(), 1), "at": at}

    def room(self, work: float) -> float:
        """How many times `work` TFLOP fit into what is left; infinite without a limit."""
        if self.limit is None:
            return math.inf
        return max(0.0, self.limit - self.seconds()) / max(1e-9, self.cost(work))
