"""The task's complexity: points from one table, so that the verdict can be recounted by hand."""

from collections.abc import Callable, Sequence
from typing import Final

from rankfirst.records import Complexity, Profile, Shift, Verdict

# Out-of-fold confusion rate from which two classes count as ambiguous (assumption: one row in ten goes to the other).
AMBIGUOUS_RATE: Final = 0.10

# A fact, its value, from here on so many points, from here on twice as many.
Row = tuple[str, Callable[[Profile], float], float, float, int]


def mixed_up(profile: Profile) -> float:
    """Share of rows whose labels out-of-fold predictions miss; 0 before there are any."""
    found = [check.numbers.get("mixed", 0.0) for check in profile.checks if check.code == "data.check.ambiguous_pairs"]
    return float(found[0]) if found else 0.0


# All limits are assumptions, looked at on public sets (benchmarks/assess_suspects.py, results/assess_complexity.csv):
# seven even intents are low; a hundred long-tail topics, and fifteen that a frozen encoder gets right half the time,
# are high. One ambiguous pair says something of two classes, not of the task. Rows mixed up count double: they are
# what many classes and a long tail only make likely.
POINTS: Final[tuple[Row, ...]] = (
    ("classes", lambda p: len(p.classes), 20, 80, 1),
    ("effective classes", lambda p: p.effective_classes, 15, 60, 1),
    ("labels a row", lambda p: p.labels_per_row if p.multi_label else 1.0, 1.2, 2.0, 1),
    ("share of rows in the tail", lambda p: p.tail_share, 0.05, 0.20, 1),
    ("share of rows in conflict", lambda p: len(p.conflict_rows) / max(1, p.n_train), 0.01, 0.05, 1),
    ("ambiguous pairs", lambda p: sum(rate >= AMBIGUOUS_RATE for _, _, rate in p.ambiguous_pairs), 2, 6, 1),
    ("share of rows mixed up", mixed_up, 0.10, 0.30, 2),
)
# Points where validation, test, a later date or a second file turns out to come from elsewhere.
SHIFTED: Final = 1
# Points.
MEDIUM: Final = 2
HIGH: Final = 5


def points(profile: Profile, shifts: Sequence[Shift] | None = None) -> dict[str, int]:
    """Fact -> its points; shift counts only where it was looked for (not None)."""
    found = {fact: each * ((value(profile) >= one) + (value(profile) >= two)) for fact, value, one, two, each in POINTS}
    if shifts is not None:
        found["shift"] = SHIFTED * any(shift.verdict is Verdict.PRESENT for shift in shifts)
    return found


def judge(profile: Profile, shifts: Sequence[Shift] | None = None) -> Complexity:
    """The verdict on the facts there are; without out-of-fold probabilities ambiguity counts nothing."""
    total = sum(points(profile, shifts).values())
    if total >= HIGH:
        return Complexity.HIGH
    return Complexity.MEDIUM if total >= MEDIUM else Complexity.LOW
