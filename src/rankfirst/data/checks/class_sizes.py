"""Class sizes and the long tail; if every class is small, there is none."""

from typing import Final

from rankfirst.data.checks.levels import level
from rankfirst.data.quality.facts import SHOWN_ROWS, TAIL_ROWS, Facts
from rankfirst.records import Check, Level

# Largest over smallest class (assumption: below 10 plain loss is sufficient; above 50 most batches lack rare classes).
RATIO_NOTE: Final = 10.0
RATIO_WARN: Final = 50.0
# Share of rows that carry only tail classes (assumption).
TAIL_WARN: Final = 0.10


def check(facts: Facts) -> Check:
    """Note: any tail class. Warning: a class with one row, a heavy tail, or a large ratio."""
    counts = facts.counts
    single = int((counts == 1).sum())
    verdict = level(facts.imbalance, RATIO_NOTE, RATIO_WARN)
    if single or facts.tail_share > TAIL_WARN:
        verdict = Level.WARN
    elif facts.tail and verdict is Level.OK:
        verdict = Level.NOTE
    tail = set(facts.tail)
    rows = [row for row, labels in enumerate(facts.dataset.train.labels) if tail.intersection(labels)]
    rows.sort(key=lambda row: min(counts[label] for label in facts.dataset.train.labels[row]))
    numbers = {
        "classes": len(counts),
        "effective": facts.effective_classes,
        "ratio": facts.imbalance,
        "largest": int(counts.max()),
        "smallest": int(counts[counts > 0].min()),
        "tail": len(tail),
        "tail_rows": TAIL_ROWS,
        "tail_share": facts.tail_share,
        "single": single,
    }
    if len(tail) == len(counts):
        return Check("data.check.small_classes", verdict, numbers)
    return Check("data.check.class_sizes", verdict, numbers, tuple(rows[:SHOWN_ROWS]))
