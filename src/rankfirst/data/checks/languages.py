"""Languages of the texts: an encoder that was not trained on one of them cannot read it."""

from typing import Final

import numpy as np

from rankfirst.data.checks.levels import level
from rankfirst.data.quality.facts import SHOWN_ROWS, Facts
from rankfirst.data.quality.languages import NAMES, NO_LANGUAGE
from rankfirst.records import Check, Number

# Share of rows not in the main language, of those in any language (assumption).
FOREIGN_NOTE: Final = 0.02
FOREIGN_WARN: Final = 0.20


def check(facts: Facts) -> Check:
    """Rows in Chinese, English, another language in Latin letters, and in other scripts."""
    languages = facts.languages
    counts = np.bincount(languages[languages >= 0], minlength=len(NAMES))
    main = int(counts.argmax())
    with_language = int(counts.sum())
    foreign = np.flatnonzero((languages != main) & (languages != NO_LANGUAGE))
    share = len(foreign) / max(1, with_language)
    numbers: dict[str, Number] = {name: int(count) for name, count in zip(NAMES, counts, strict=True)}
    numbers |= {"none": len(languages) - with_language, "foreign": len(foreign), "foreign_share": share}
    rows = tuple(int(row) for row in foreign[:SHOWN_ROWS])
    return Check("data.check.languages", level(share, FOREIGN_NOTE, FOREIGN_WARN), numbers, rows)
