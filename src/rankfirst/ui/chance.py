"""Whether two delivered models differ beyond noise, as far as their journals can tell. Not for: deciding anything.

Journals hold each validation row's log-loss and answer but not its label. So the log-loss is compared row by row, which
cancels what is common to both, while macro-F1 has only the intervals of each run. Taken as independent these make too
wide a band for models that agree on most rows: what lies beyond it is beyond noise, what lies inside stays open.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import Any, Final

from rankfirst.report.events import Event, last, listing, number
from rankfirst.report.views import Span

Z: Final = 1.96  # standard errors of a 95% interval
LEAST_ROWS: Final = 10  # fewer have no spread worth the name; as in policy.noise


@dataclass(frozen=True)
class Gap:
    """A difference, second minus first, with half the width of its 95% interval."""

    value: float
    reach: float

    @property
    def beyond(self) -> bool:
        """Whether zero lies outside."""
        return abs(self.value) > self.reach


@dataclass(frozen=True)
class Rows:
    """What a rung answered, row by row of the validation split."""

    losses: tuple[float, ...] = ()  # nats
    answers: tuple[tuple[int, ...], ...] = ()


def same_rows(first: Sequence[Event], second: Sequence[Event]) -> bool | None:
    """Whether both runs were judged on the same validation rows; None where a journal does not say.

    The fingerprint covers texts and labels of every split, in their order, after the splits were made.
    """
    told = [last(events, "run").get("fingerprint") for events in (first, second)]
    return None if None in told or "" in told else told[0] == told[1]


def rows_of(events: Sequence[Event], rung: str) -> Rows:
    """The rows of a rung; empty where its event has none."""
    told = next((e.payload for e in reversed(events) if e.kind == "rung" and e.key == rung), {})
    losses = [number(loss) for loss in listing(told.get("val_log_loss"))]
    answers = tuple(_answer(row) for row in listing(told.get("val_predicted")))
    whole = tuple(loss for loss in losses if loss is not None and math.isfinite(loss))
    return Rows(whole if len(whole) == len(losses) else (), answers)


def _answer(row: Any) -> tuple[int, ...]:
    return tuple(sorted(index for index in listing(row) if isinstance(index, int)))


def loss_gap(first: Rows, second: Rows) -> Gap | None:
    """Log-loss that the second saves a row (positive: better), paired; None unless both have the same rows."""
    if len(first.losses) != len(second.losses) or len(first.losses) < LEAST_ROWS:
        return None
    saved = [old - new for old, new in zip(first.losses, second.losses, strict=True)]
    return Gap(fmean(saved), Z * stdev(saved) / math.sqrt(len(saved)))


def unlike(first: Rows, second: Rows) -> tuple[int, int] | None:
    """(rows answered differently, rows) before thresholds; None unless both answered the same rows."""
    if not first.answers or len(first.answers) != len(second.answers):
        return None
    return sum(a != b for a, b in zip(first.answers, second.answers, strict=True)), len(first.answers)


def f1_gap(first: Span, second: Span) -> Gap | None:
    """macro-F1 of the second over the first, from the intervals of each; None where one was not measured."""
    if first.value is None or second.value is None:
        return None
    reach = [_reach(span) for span in (first, second)]
    if None in reach:
        return None
    return Gap(second.value - first.value, math.hypot(*(r for r in reach if r is not None)))


def _reach(span: Span) -> float | None:
    if span.low is None or span.high is None or not math.isfinite(span.high - span.low):
        return None
    return (span.high - span.low) / 2
