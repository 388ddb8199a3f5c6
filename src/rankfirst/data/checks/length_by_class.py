"""Classes that are recognisable by text length: a sign of a data source, template or form rather than a meaning."""

from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

from rankfirst.data.files.table import listed, shown
from rankfirst.data.quality.facts import Facts
from rankfirst.records import Check, Level, Number

# Training rows of a class below which its lengths may be chance.
CLASS_ROWS: Final = 20
# Probability that a row of the class is longer (or shorter) than a row of another (ROC-AUC of length alone), and the
# ratio of its median length to that of the rest.
GIVEN_AWAY: Final = 0.95
TIMES: Final = 2.0
# Classes quoted in the message.
SHOWN_CLASSES: Final = 5


def check(facts: Facts) -> Check:
    """Classes whose rows are nearly all longer, or shorter, than the rest; at most a note."""
    chance = longer_than_rest(facts)
    medians = _medians(facts)
    middle = float(np.median(facts.lengths))
    ratio = np.maximum(medians, 1.0) / max(middle, 1.0)
    long = (chance >= GIVEN_AWAY) & (ratio >= TIMES)
    short = (chance <= 1 - GIVEN_AWAY) & (ratio <= 1 / TIMES)
    recognisable = sorted(np.flatnonzero(long | short), key=lambda c: -abs(chance[c] - 0.5))
    numbers: dict[str, Number] = {
        "classes": len(recognisable),
        "names": listed((f"{shown(facts.dataset.classes[c])} ({medians[c]:.0f})" for c in recognisable), SHOWN_CLASSES)
        or "-",
        "median": middle,
        "share": float(facts.counts[recognisable].sum() / len(facts.lengths)) if recognisable else 0.0,
        "auc": float(np.nanmax(np.maximum(chance, 1 - chance), initial=0.5)),
    }
    return Check("data.check.length_by_class", Level.NOTE if recognisable else Level.OK, numbers)


def longer_than_rest(facts: Facts) -> npt.NDArray[np.float64]:
    """(C,) probability that a row of the class is longer than one outside it; NaN for small classes."""
    rows, labels = facts.given
    ranks = rankdata(facts.lengths)
    inside = facts.counts.astype(float)
    outside = len(ranks) - inside
    sums = np.bincount(labels, weights=ranks[rows], minlength=len(inside))
    large = (inside >= CLASS_ROWS) & (outside >= CLASS_ROWS)
    chance = np.full(len(inside), np.nan)
    chance[large] = (sums[large] - inside[large] * (inside[large] + 1) / 2) / (inside[large] * outside[large])
    return chance


def _medians(facts: Facts) -> npt.NDArray[np.float64]:
    """(C,) median length of each class, NaN without rows."""
    rows, labels = facts.given
    order = np.lexsort((facts.lengths[rows], labels))
    ordered, sizes = facts.lengths[rows][order], facts.counts
    starts = np.cumsum(sizes) - sizes
    middle = np.minimum(starts + np.maximum(sizes - 1, 0) // 2, len(ordered) - 1)
    return np.where(sizes > 0, ordered[middle], np.nan)
