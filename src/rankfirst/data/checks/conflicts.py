"""Equal training texts with different labels: no knob can learn both."""

from typing import Final

from rankfirst.data.checks.levels import level
from rankfirst.data.facts import SHOWN_ROWS, Facts
from rankfirst.records import Check

# Share of training rows (assumption: 1% of unlearnable rows is about one point of accuracy).
CONFLICTS_WARN: Final = 0.01


def check(facts: Facts) -> Check:
    """Any conflict is worth a note, 1% of the rows a warning."""
    rows = facts.conflict_rows
    share = len(rows) / len(facts.keys)
    numbers = {"conflicts": len(rows), "texts": len({facts.keys[row] for row in rows}), "share": share}
    return Check("data.check.conflicts", level(share, 0.0, CONFLICTS_WARN), numbers, rows[:SHOWN_ROWS])
