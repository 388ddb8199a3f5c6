"""The task's complexity: points from one table, so that the verdict can be recounted by hand."""

from collections.abc import Callable
from typing import Final

from rankfirst.records import Complexity, Profile

# Out-of-fold confusion rate from which two classes count as ambiguous (assumption: one row in ten goes to the other).
AMBIGUOUS_RATE: Final = 0.10

Row = tuple[str, Callable[[Profile], float], float, float]

# fact, its value, from here 1 point, from here 2 points. All limits are assumptions, set so that seven even intents
# are low, a hundred long-tail topics high.
POINTS: Final[tuple[Row, ...]] = (
    ("classes", lambda p: len(p.classes), 20, 80),
    ("effective classes", lambda p: p.effective_classes, 15, 60),
    ("labels a row", lambda p: p.labels_per_row if p.multi_label else 1.0, 1.2, 2.0),
    ("share of rows in the tail", lambda p: p.tail_share, 0.05, 0.20),
    ("share of rows in conflict", lambda p: len(p.conflict_rows) / max(1, p.n_train), 0.01, 0.05),
    ("ambiguous pairs", lambda p: sum(rate >= AMBIGUOUS_RATE for _, _, rate in p.ambiguous_pairs), 1, 5),
)
# Points.
MEDIUM: Final = 2
HIGH: Final = 5


def points(profile: Profile) -> dict[str, int]:
    """Fact -> 0, 1 or 2 points."""
    return {fact: (value(profile) >= one) + (value(profile) >= two) for fact, value, one, two in POINTS}


def judge(profile: Profile) -> Complexity:
    """The verdict on the facts the profile has; without out-of-fold probabilities ambiguous pairs count nothing."""
    total = sum(points(profile).values())
    if total >= HIGH:
        return Complexity.HIGH
    return Complexity.MEDIUM if total >= MEDIUM else Complexity.LOW
