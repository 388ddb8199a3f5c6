"""Training texts that occur more than once."""

from typing import Final

from rankfirst.data.checks.levels import level
from rankfirst.data.quality.facts import SHOWN_ROWS, Facts
from rankfirst.records import Check

# Share of training rows (assumption: a few greetings repeat in any log; a tenth means the pipeline wrote rows twice).
DUPLICATES_NOTE: Final = 0.01
DUPLICATES_WARN: Final = 0.10


def check(facts: Facts) -> Check:
    """Rows that repeat an earlier training text up to case, width and spacing. Score: number of rows with that text."""
    n = len(facts.keys)
    repeats = n - len(facts.rows_of)
    groups = duplicate_groups(facts)
    numbers = {"rows": n, "duplicates": repeats, "texts": len(groups), "share": repeats / n}
    shown = groups[:SHOWN_ROWS]
    verdict = level(repeats / n, DUPLICATES_NOTE, DUPLICATES_WARN)
    rows, scores = tuple(rows[0] for rows in shown), tuple(float(len(rows)) for rows in shown)
    return Check("data.check.duplicates", verdict, numbers, rows, scores)


def duplicate_groups(facts: Facts) -> list[tuple[int, ...]]:
    """All training rows of every text that occurs more than once, most repeated text first."""
    return sorted((tuple(rows) for rows in facts.rows_of.values() if len(rows) > 1), key=len, reverse=True)
