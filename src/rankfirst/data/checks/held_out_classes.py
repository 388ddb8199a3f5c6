"""Classes of validation and test rows, compared with those of training."""

from typing import Final

import numpy as np
import numpy.typing as npt

from rankfirst.data.checks.levels import level, most_severe
from rankfirst.data.quality.facts import Facts
from rankfirst.records import Check, Number, Split

# Share of training labels whose classes have no row in the split (assumption: below, macro-F1 misses a thin tail only).
MISSING_NOTE: Final = 0.05
MISSING_WARN: Final = 0.20
# Share of the training classes without a row in the split (assumption: as `policy.thresholds.MOST_UNJUDGED`).
CLASSES_WARN: Final = 0.05
# Total variation distance of class shares, beyond what sampling explains (assumption; 1: no class in common).
SHIFT_NOTE: Final = 0.15
SHIFT_WARN: Final = 0.40


def check(facts: Facts) -> Check:
    """Classes that validation or test lack, and how far their class shares are from those of training."""
    numbers: dict[str, Number] = {"classes": int((facts.counts > 0).sum())}
    verdicts = []
    for name, split in (("val", facts.dataset.val), ("test", facts.dataset.test)):
        missing, share, shift, chance = _compared(facts.counts, split)
        numbers |= {f"{name}_missing": missing, f"{name}_share": share, f"{name}_shift": shift,
                    f"{name}_chance": chance}  # fmt: skip
        verdicts += [level(share, MISSING_NOTE, MISSING_WARN), level(shift - chance, SHIFT_NOTE, SHIFT_WARN)]
        verdicts.append(level(missing / max(1, int((facts.counts > 0).sum())), 0.0, CLASSES_WARN))
    return Check("data.check.held_out_classes", most_severe(*verdicts), numbers)


def _compared(counts: npt.NDArray[np.int_], split: Split | None) -> tuple[int, float, float, float]:
    """(training classes without a row, their share of training labels, distance of class shares, expected distance).

    Distances are total variation: the share of labels that would have to change. The expected one is that of a random
    sample of the same size, with normal deviations. Without rows nothing is compared.
    """
    if not split:
        return 0, 0.0, 0.0, 0.0
    carried = np.array([label for row in split.labels for label in row], dtype=int)
    seen = np.bincount(carried, minlength=len(counts))
    absent = (counts > 0) & (seen == 0)
    shares, rows = counts / counts.sum(), max(1, len(carried))
    distance = np.abs(seen / rows - shares).sum() / 2
    chance = np.sqrt(2 * shares * (1 - shares) / (np.pi * rows)).sum() / 2
    return int(absent.sum()), float(shares[absent].sum()), float(distance), min(1.0, float(chance))
