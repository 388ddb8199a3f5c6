"""Training texts that occur more than once."""

from typing import Final

from rankfirst.data.checks.levels import level
from rankfirst.data.facts import SHOWN_ROWS, Facts
from rankfirst.records import Check

# Share of training rows (assumption: a few greetings repeat in any log; a tenth is a pipeline that wrote rows twice).
DUPLICATES_NOTE: Final = 0.01
DUPLICATES_WARN: Final = 0.10


def check(facts: Facts) -> Check:
    """Rows that repeat an earlier training text, whatever case, width or spacing."""
    n = len(facts.keys)
    repeats = n - len(facts.rows_of)
    groups = sorted((rows for rows in facts.rows_of.values() if len(rows) > 1), key=len, reverse=True)
    numbers = {"rows": n, "duplicates": repeats, "texts": len(groups), "share": repeats / n}
    examples = tuple(rows[0] for rows in groups[:SHOWN_ROWS])
    return Check("data.check.duplicates", level(repeats / n, DUPLICATES_NOTE, DUPLICATES_WARN), numbers, examples)
