"""Where the wall clock of a run goes, stage by stage. Stages nest, and each second counts for the innermost one.

Always on: a span costs microseconds (tests/measure/test_wall_clock.py), and none is opened inside a training step.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

OTHER: Final = "other"
UNRECORDED: Final = "unrecorded"  # of sessions of a version that kept no account
STAGES: Final = ("start", "pace", "checks", "baselines", "encode", "cache", "probes", "evaluation", "decisions",
                 "final", "held_out", "calibration", "refit", "delivery", OTHER, UNRECORDED)  # fmt: skip
"""In the order in which they are shown."""


class Account:
    """Seconds by stage. What no stage claims counts as `OTHER`, so that the stages sum to the wall clock."""

    def __init__(self, began: float | None = None, until_now: str = OTHER) -> None:
        """Args: began: `time.monotonic()` from which seconds count, up to now for the stage `until_now`; None: now."""
        self._open: list[str] = [until_now]
        self._last = time.monotonic() if began is None else began
        self._spent: dict[str, float] = {}
        self._settle()
        self._open = [OTHER]

    def enter(self, stage: str) -> None:
        """Begin a stage inside the current one, which is paused meanwhile."""
        self._settle()
        self._open.append(stage)

    def leave(self) -> None:
        """End the current stage."""
        self._settle()
        self._open.pop()

    def so_far(self) -> dict[str, float]:
        """Seconds by stage since the last `taken`."""
        self._settle()
        return dict(self._spent)

    def taken(self) -> dict[str, float]:
        """As `so_far`; the next call begins from here."""
        found, self._spent = self.so_far(), {}
        return found

    def _settle(self) -> None:
        now, stage = time.monotonic(), self._open[-1]
        self._spent[stage] = self._spent.get(stage, 0.0) + now - self._last
        self._last = now


_current: ContextVar[Account | None] = ContextVar("account", default=None)


@contextmanager
def kept(account: Account) -> Iterator[None]:
    """Within this context, the spans of this thread count for `account`."""
    before = _current.set(account)
    try:
        yield
    finally:
        _current.reset(before)


@contextmanager
def span(stage: str) -> Iterator[None]:
    """Within this context (or function, as a decorator), time counts for `stage`; without an account, nothing does."""
    account = _current.get()
    if account is None:
        yield
        return
    account.enter(stage)
    try:
        yield
    finally:
        account.leave()


def in_order(seconds: Mapping[str, float]) -> dict[str, float]:
    """The stages that took any time, in the order in which they are shown; unknown ones, of other versions, last."""
    known = [stage for stage in STAGES if stage in seconds]
    return {stage: seconds[stage] for stage in (*known, *(s for s in seconds if s not in STAGES))}
