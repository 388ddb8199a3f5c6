"""The peak learning rate behind a log: its schedule is fitted and extrapolated back to the step where it was highest.

The first logged rate of a decaying schedule is lower than the peak, and what came before it is not in the log. How
long the warm-up took is then unknown, so the result is a pair of bounds, and a value only if one is likely.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import cos, isfinite, pi
from statistics import fmean, median, pstdev
from typing import Final

from rankfirst.records.training_log import LoggedSetup, LrSchedule

# Relative scatter up to which a shape fits: printed logs keep four digits, and trainers differ by one step in when they
# read lr. Assumption.
FITS: Final = 0.02
MOST_POINTS: Final = 1000  # more rates than these show the same schedule
FLAT: Final = 0.001  # relative difference up to which rates are the same
RISES: Final = 3  # last points that must rise for a warm-up that has not ended, unless all rise in proportion
ENDS: Final = 0.05  # share of the run by which a line may miss 0 at its end, for a schedule of two points
# Shares of the run and numbers of steps that warm-ups usually take, the most usual first.
WARMUP_SHARES: Final = (0.0, 0.1, 0.06, 0.05, 0.03, 0.02, 0.01, 0.2)
WARMUP_STEPS: Final = (100.0, 500.0, 50.0, 200.0, 1000.0, 10.0, 20.0)
# First digits of the learning rates that people choose, and how near a value must be to be taken for one of them.
CHOSEN: Final = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
USUAL: Final = (1.0, 2.0, 3.0, 5.0, 10.0)
NEAR: Final = 0.005
NEAR_LOGGED: Final = 0.02  # the same for a peak that is between two logged points

Point = tuple[float, float]
"""(step, or epoch if the log has no steps; lr)"""


def fit(points: Sequence[Point], setup: LoggedSetup, total: float | None) -> LrSchedule | None:
    """The schedule behind the logged rates; None if no rate was logged.

    Args:
        points: the logged rates; the position is NaN if it is unknown. setup: the warm-up, as far as it is known.
        total: the planned end of the run, in the unit of the points; None if unknown.
    """
    points = [(x, lr) for x, lr in points if isfinite(lr) and lr >= 0]
    points = [*points[: -1 : 1 + len(points) // MOST_POINTS], *points[-1:]]
    if not points:
        return None
    rates = [lr for _, lr in points]
    top, at = max(rates), rates.index(max(rates))
    found = LrSchedule("", first=rates[0], last=rates[-1], low=top, high=None, peak=None)
    if top == 0:
        return _with(found, "constant", 0.0, 0.0)
    if _rising(points):
        return LrSchedule("", rates[0], rates[-1], low=top, high=None, peak=None, rising=True)
    if len(rates) > 1 and min(rates[at:]) >= top * (1 - FLAT) and at < len(rates) - 1:
        return _with(found, "constant", top, top)
    if all(isfinite(x) for x, _ in points):
        for kind in ("linear", "cosine"):
            fitted = _decayed(points, at, kind, setup, total)
            # A single rate fits any shape: it counts only if the usual one leads to a usual value.
            if fitted and (sum(lr > 0 for lr in rates) > 1 or _chosen(fitted[0], USUAL, NEAR) == fitted[1]):
                return _with(found, kind, *fitted)
    # No shape fits. A rate that was reached by a warm-up, or held, is the peak; otherwise it is only a bound.
    held = at > 0 or (len(rates) > 2 and rates[1] >= top * (1 - FLAT))
    return _with(found, "", top if held else None, (_chosen(top, CHOSEN, NEAR_LOGGED) or top) if held else None)


def _with(schedule: LrSchedule, kind: str, high: float | None, peak: float | None) -> LrSchedule:
    return LrSchedule(kind, schedule.first, schedule.last, schedule.low, high, peak)


def _rising(points: Sequence[Point]) -> bool:
    """Whether lr was still in its warm-up at the last logged point."""
    rates = [lr for _, lr in points]
    if len(rates) < 2 or rates[-1] < max(rates) or rates[-1] <= rates[-2] * (1 + FLAT):
        return False
    last = rates[-RISES:]
    if len(last) == RISES and all(a < b for a, b in pairwise(last)):
        return True
    per_step = [lr / x for x, lr in points if isfinite(x) and x > 0 and lr > 0]
    return len(per_step) > 1 and max(per_step) < min(per_step) * (1 + 2 * FITS)


def _decayed(
    points: Sequence[Point], at: int, kind: str, setup: LoggedSetup, total: float | None
) -> tuple[float, float | None] | None:
    """(the most that the peak can be, its likely value) if the rates after `at` fit this shape; None if they do not."""
    peak_at = _linear if kind == "linear" else _cosine
    falling, top = points[at:], points[at][1]
    known = _known_warmup(setup, total)
    if at > 0 and known is None:  # the warm-up was logged: the peak is where its line meets the decay
        start = peak_at(falling, 0.0 if kind == "linear" else points[at][0], total)
        if start is None:
            return None
        met = _met(points[at - 1], start, falling) if kind == "linear" else top
        return met, _chosen(met, CHOSEN, NEAR_LOGGED) or met
    warmups = [known] if known is not None else _usual_warmups(total, points[0][0])
    peaks = [p for w in warmups if (p := peak_at(falling, w, total)) is not None and p >= top * (1 - FITS)]
    if not peaks:
        return None
    high = max(*peaks, top)
    if known is not None or high < top * (1 + FITS):
        return high, _chosen(high, CHOSEN, NEAR_LOGGED) or high
    one_step = 1 / total if total else 0.0  # some trainers log the rate before they step, others after it
    if (usual := _chosen(peaks[0], USUAL, NEAR + one_step)) is not None:
        return high, usual
    likely = {chosen for peak in peaks if (chosen := _chosen(peak, CHOSEN, NEAR)) is not None}
    return high, likely.pop() if len(likely) == 1 else None


def _known_warmup(setup: LoggedSetup, total: float | None) -> float | None:
    if setup.warmup_steps is not None and total is not None and total > setup.warmup_steps:
        return setup.warmup_steps
    if setup.warmup_share is not None and total is not None:
        return setup.warmup_share * total
    return 0.0 if setup.warmup_steps == 0 else None


def _usual_warmups(total: float | None, latest: float) -> Iterator[float]:
    """Lengths that a warm-up may have that ended before the first logged point, the most likely first."""
    yield from (share * total for share in WARMUP_SHARES if total and share * total <= latest)
    yield from (steps for steps in (*WARMUP_STEPS, 0.0) if steps <= latest)


def _linear(points: Sequence[Point], warmup: float, total: float | None) -> float | None:
    """The rate at the end of the warm-up on the line through these points; None if they are on none."""
    moving = [(x, lr) for x, lr in points if lr > 0]
    if not moving:
        return None
    x, top = moving[0]
    if len(moving) == 1:
        return top * (total - warmup) / (total - x) if total and warmup <= x < total else None
    run = moving[-1][0] - x
    slope = (moving[-1][1] - top) / run if run > 0 else 0.0
    start = top - slope * x
    if slope >= 0 or any(abs(start + slope * at - lr) > FITS / 2 * top for at, lr in moving):
        return None
    if len(moving) == 2 and total and abs(-start / slope - total) > ENDS * total:
        return None
    return start + slope * warmup


def _cosine(points: Sequence[Point], warmup: float, total: float | None) -> float | None:
    """The peak of a half cosine that ends at 0 after `total`, or at the last point; None if the points do not fit."""
    end = total or (points[-1][0] if points[-1][1] < ENDS * points[0][1] else 0.0)
    if end <= warmup:
        return None
    shares = [(1 + cos(pi * min(1.0, max(0.0, (x - warmup) / (end - warmup))))) / 2 for x, _ in points]
    peaks = [lr / share for (_, lr), share in zip(points, shares, strict=True) if share > ENDS]
    fits = len(peaks) >= RISES and pstdev(peaks) < FITS / 2 * fmean(peaks)
    return median(peaks) if fits else None


def _met(before: Point, start: float, falling: Sequence[Point]) -> float:
    """Where the line from the origin through `before` meets the decay, which was `start` at step 0."""
    (x, top), (end, last) = falling[0], falling[-1]
    rise = before[1] / before[0] if before[0] > 0 else 0.0
    fall = (last - top) / (end - x) if end > x else 0.0
    return max(top, min(start, rise * start / (rise - fall))) if rise > 0 else top


def _chosen(peak: float, digits: Sequence[float], near: float) -> float | None:
    """A rate that people choose, as near to this one; None if there is none."""
    exponent = 10.0 ** int(f"{peak:e}".partition("e")[2])
    digit = min(digits, key=lambda digit: abs(digit * exponent - peak))
    return float(f"{digit * exponent:.2g}") if abs(digit * exponent - peak) <= near * peak else None
