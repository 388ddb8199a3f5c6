"""Validation and test texts that training has already shown the model."""

from typing import Final

from rankfirst.data.checks.levels import level
from rankfirst.data.facts import SHOWN_ROWS, Facts
from rankfirst.records import Check

# Share of a split's rows (assumption: memorised rows then move the score by up to a point).
LEAKAGE_WARN: Final = 0.01


def check(facts: Facts) -> Check:
    """Any leaked row is worth a note, 1% of a split a warning."""
    data = facts.dataset
    val, val_other, val_rows = facts.leaked_val
    test, test_other, test_rows = facts.leaked_test
    val_share = val / max(1, len(data.val))
    test_share = test / max(1, len(data.test) if data.test else 0)
    numbers = {
        "val": val,
        "val_share": val_share,
        "test": test,
        "test_share": test_share,
        "other_labels": val_other + test_other,
    }
    rows = tuple(dict.fromkeys(val_rows + test_rows))[:SHOWN_ROWS]
    return Check("data.check.leakage", level(max(val_share, test_share), 0.0, LEAKAGE_WARN), numbers, rows)
