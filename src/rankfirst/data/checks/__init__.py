"""THE DATA CHECKS, one file a problem: facts in, one `Check` out. Not for: changing the data."""

from collections.abc import Callable
from typing import Final

from rankfirst.data.checks import (
    class_sizes,
    conflicts,
    duplicates,
    label_names,
    label_sets,
    leakage,
    lengths,
    markup,
    near_conflicts,
    near_duplicates,
    private,
    scripts,
    short_texts,
)
from rankfirst.data.facts import Facts
from rankfirst.records import Check

# In the order they are shown: what limits the score first.
CHECKS: Final[tuple[Callable[[Facts], Check], ...]] = (
    class_sizes.check,
    conflicts.check,
    near_conflicts.check,
    leakage.check,
    duplicates.check,
    near_duplicates.check,
    label_sets.check,
    label_names.check,
    lengths.check,
    short_texts.check,
    scripts.check,
    markup.check,
    private.check,
)

__all__ = ["CHECKS"]
