"""Whether two delivered models differ beyond random variation, as far as their journals show. Decides nothing.

Journals hold each validation row's log-loss and answer, but not its label. So log-loss is compared in pairs, which
cancels the variation common to both models, while macro-F1 is only known with each run's interval. Combining these
intervals as independent gives too wide a band for models that agree on most rows: a gap outside it is significant, a
gap inside it is inconclusive.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import Any, Final

from rankfirst.messages.grammar import INTERVAL
from rankfirst.report.events import Event, last, listing, number
from rankfirst.report.view_model import Span

LEAST_ROWS: Final = 10  # fewer rows give no meaningful variance; same as in policy.noise


@dataclass(frozen=True)
class Gap:
    """A difference, second minus first, with the half-width of its 95% interval."""

    value: float
    reach: float

    @property
    def beyond(self) -> bool:
        """Whether the interval excludes zero."""
        return abs(self.value) > self.reach


@dataclass(frozen=True)
class Rows:
    """A model's results per row of the validation split."""

    losses: tuple[float, ...] = ()  # nats
    answers: tuple[tuple[int, ...], ...] = ()


def same_rows(first: Sequence[Event], second: Sequence[Event]) -> bool | None:
    """Whether both runs were evaluated on the same validation rows; None if a journal does not say.

    The fingerprint covers texts and labels of every split in order, after splitting.
    """
    fingerprints = [last(events, "run").get("fingerprint") for events in (first, second)]
    return None if None in fingerprints or "" in fingerprints else fingerprints[0] == fingerprints[1]


def rows_of(events: Sequence[Event], rung: str) -> Rows:
    """The rows of a model; empty if its event has none."""
    payload = next((e.payload for e in reversed(events) if e.kind == "rung" and e.key == rung), {})
    losses = [number(loss) for loss in listing(payload.get("val_log_loss"))]
    answers = tuple(_answer(row) for row in listing(payload.get("val_predicted")))
    finite_losses = tuple(loss for loss in losses if loss is not None and math.isfinite(loss))
    return Rows(finite_losses if len(finite_losses) == len(losses) else (), answers)


def _answer(row: Any) -> tuple[int, ...]:
    return tuple(sorted(index for index in listing(row) if isinstance(index, int)))


def loss_gap(first: Rows, second: Rows) -> Gap | None:
    """Mean log-loss saved per row by the second model (positive: better), paired; None unless the rows are the same."""
    if len(first.losses) != len(second.losses) or len(first.losses) < LEAST_ROWS:
        return None
    saved = [old - new for old, new in zip(first.losses, second.losses, strict=True)]
    return Gap(fmean(saved), INTERVAL * stdev(saved) / math.sqrt(len(saved)))


def differing_answers(first: Rows, second: Rows) -> tuple[int, int] | None:
    """(rows answered differently, rows) before thresholds; None unless both answered the same rows."""
    if not first.answers or len(first.answers) != len(second.answers):
        return None
    return sum(a != b for a, b in zip(first.answers, second.answers, strict=True)), len(first.answers)


def f1_gap(first: Span, second: Span) -> Gap | None:
    """macro-F1 of the second minus the first, from the two intervals; None if either was not measured."""
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
