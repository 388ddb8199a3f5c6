"""The data checks, one file per problem; each maps facts to one `Check` and never changes the data."""

from collections.abc import Callable
from typing import Final

from rankfirst.data.checks import (
    boilerplate,
    class_sizes,
    conflicts,
    duplicates,
    fillers,
    garbled,
    held_out_classes,
    label_names,
    label_pairs,
    label_sets,
    label_words,
    language_by_label,
    languages,
    leakage,
    length_by_class,
    lengths,
    markup,
    near_conflicts,
    near_duplicates,
    private,
    scripts,
    short_texts,
    typos,
    variants,
)
from rankfirst.data.quality.facts import Facts
from rankfirst.records import Check

# In display order: what limits the score most comes first.
CHECKS: Final[tuple[Callable[[Facts], Check], ...]] = (
    class_sizes.check,
    held_out_classes.check,
    conflicts.check,
    near_conflicts.check,
    leakage.check,
    duplicates.check,
    near_duplicates.check,
    label_sets.check,
    label_pairs.check,
    label_names.check,
    label_words.check,
    length_by_class.check,
    language_by_label.check,
    languages.check,
    lengths.check,
    short_texts.check,
    garbled.check,
    boilerplate.check,
    markup.check,
    scripts.check,
    variants.check,
    typos.check,
    fillers.check,
    private.check,
)

__all__ = ["CHECKS"]
