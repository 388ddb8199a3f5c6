"""Task complexity as a sum of points from one table, so that it can be verified by hand."""

from collections.abc import Callable, Sequence
from typing import Final

from rankfirst.records import Complexity, Profile, Shift, Verdict

# Out-of-fold confusion rate above which two classes count as ambiguous (assumption: one row in ten is misassigned).
AMBIGUOUS_RATE: Final = 0.10

# (name, value, limit for one unit of points, limit for two units, points per unit)
Row = tuple[str, Callable[[Profile], float], float, float, int]


def confused_share(profile: Profile) -> float:
    """Share of rows whose out-of-fold predictions differ from their labels; 0 if not computed yet."""
    shares = [check.numbers.get("mixed", 0.0) for check in profile.checks if check.code == "data.check.ambiguous_pairs"]
    return float(shares[0]) if shares else 0.0


# All limits are assumptions, checked on public sets (benchmarks/assess_suspects.py, results/assess_complexity.csv):
# seven balanced intents are low; a hundred long-tail topics, and fifteen that a frozen encoder predicts correctly half
# the time, are high. One ambiguous pair describes two classes, not the task. Confused rows count double: many classes
# and a long tail only make them likely.
POINTS: Final[tuple[Row, ...]] = (
    ("classes", lambda p: len(p.classes), 20, 80, 1),
    ("effective classes", lambda p: p.effective_classes, 15, 60, 1),
    ("labels a row", lambda p: p.labels_per_row if p.multi_label else 1.0, 1.2, 2.0, 1),
    ("share of rows in the tail", lambda p: p.tail_share, 0.05, 0.20, 1),
    ("share of rows in conflict", lambda p: len(p.conflict_rows) / max(1, p.n_train), 0.01, 0.05, 1),
    ("ambiguous pairs", lambda p: sum(rate >= AMBIGUOUS_RATE for _, _, rate in p.ambiguous_pairs), 2, 6, 1),
    ("share of rows mixed up", confused_share, 0.10, 0.30, 2),
)
# Points if validation, test, a later date or a second file has a distribution shift.
SHIFTED: Final = 1
# Minimum points of each level.
MEDIUM: Final = 2
HIGH: Final = 5


def points(profile: Profile, shifts: Sequence[Shift] | None = None) -> dict[str, int]:
    """Fact -> its points; shift counts only if it was tested (not None)."""
    by_fact = {
        fact: each * ((value(profile) >= one) + (value(profile) >= two)) for fact, value, one, two, each in POINTS
    }
    if shifts is not None:
        by_fact["shift"] = SHIFTED * any(shift.verdict is Verdict.PRESENT for shift in shifts)
    return by_fact


def judge_complexity(profile: Profile, shifts: Sequence[Shift] | None = None) -> Complexity:
    """The complexity by the facts available; without out-of-fold probabilities, ambiguity adds no points."""
    total = sum(points(profile, shifts).values())
    if total >= HIGH:
        return Complexity.HIGH
    return Complexity.MEDIUM if total >= MEDIUM else Complexity.LOW
