"""Identical training texts with different labels: no model can learn both."""

from typing import Final

from rankfirst.data.checks.levels import level
from rankfirst.data.quality.facts import SHOWN_ROWS, Facts
from rankfirst.records import Check

# Share of training rows (assumption: 1% of unlearnable rows is about one point of accuracy).
CONFLICTS_WARN: Final = 0.01


def check(facts: Facts) -> Check:
    """Note: any conflict. Warning: 1% of the rows. Score: number of rows with that text."""
    rows = facts.conflict_rows
    share = len(rows) / len(facts.keys)
    numbers = {"conflicts": len(rows), "texts": len(conflict_groups(facts)), "share": share}
    scores = tuple(float(len(facts.rows_of[facts.keys[row]])) for row in rows[:SHOWN_ROWS])
    return Check("data.check.conflicts", level(share, 0.0, CONFLICTS_WARN), numbers, rows[:SHOWN_ROWS], scores)


def conflict_groups(facts: Facts) -> list[tuple[int, ...]]:
    """All training rows of every text that carries different labels, most repeated text first."""
    return [tuple(facts.rows_of[key]) for key in dict.fromkeys(facts.keys[row] for row in facts.conflict_rows)]
