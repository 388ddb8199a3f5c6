"""Label combinations per row."""

from collections import Counter
from collections.abc import Container
from typing import Final

import numpy as np

from rankfirst.data.checks.levels import level
from rankfirst.data.quality.facts import Facts
from rankfirst.records import Check, Level, Split

# Share of validation or test rows whose label set does not occur in training (assumption).
UNSEEN_NOTE: Final = 0.02
UNSEEN_WARN: Final = 0.20


def check(facts: Facts) -> Check:
    """Labels per row, distinct sets, sets of a single row, rows without a label, sets that only val or test contain."""
    data = facts.dataset
    sizes = np.array([len(row) for row in data.train.labels])
    train_sets = Counter(data.train.labels)
    val, test = _unseen(data.val, train_sets), _unseen(data.test, train_sets)
    numbers = {
        "per_row": float(sizes.mean()),
        "sets": len(train_sets),
        "once": sum(count == 1 for count in train_sets.values()),
        "unlabelled": float((sizes == 0).mean()),
        "unseen_val": val,
        "unseen_test": test,
    }
    verdict = level(max(val, test), UNSEEN_NOTE, UNSEEN_WARN) if data.multi_label else Level.OK
    return Check("data.check.label_sets", verdict, numbers)


def _unseen(split: Split | None, train_sets: Container[tuple[int, ...]]) -> float:
    if not split:
        return 0.0
    return sum(row not in train_sets for row in split.labels) / len(split)
