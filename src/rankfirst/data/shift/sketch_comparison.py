"""The tests of `shift` that need only a sketch of the first sample, not its texts."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from rankfirst.data.shift.changes import counts_moved, word_texts
from rankfirst.data.shift.compare import (
    ALPHA,
    LEAST_TEXTS,
    NEEDED_TEXTS,
    ShiftEvidence,
    Side,
    alike,
    conclude,
    out_of_scope_rows,
)
from rankfirst.data.shift.sketch import LEAST_TEXTS as LISTED
from rankfirst.data.shift.sketch import Sketch
from rankfirst.data.shift.two_sample import C_FEATURES, kernel_p, separability
from rankfirst.data.shift.uncovered_rows import RATE
from rankfirst.measure.scores import Ints, Matrix
from rankfirst.records import Number, Shift, Verdict

# Cosine above which two vectors count as those of the same text: stored vectors are rounded to 16 bits.
SAME: Final = 0.999


def shift_from(sketch: Sketch, new: Side, between: str, classes: Sequence[str], seed: int = 0) -> Shift:
    """`shift` of distinct texts against a sketch; only words of at least twenty texts are compared.

    Args:
        new: distinct texts with features, encoded like those of the sketch.
    """
    # n-gram models memorise training rows, so only held-out rows are comparable.
    reference = sketch.vectors if len(sketch.vectors) else sketch.held
    numbers: dict[str, Number] = {
        "rows_before": sketch.texts, "rows_after": len(new), "before": len(reference), "after": len(new),
        "least": NEEDED_TEXTS, "cut": "", "limit": ALPHA, "rate": RATE,
    }  # fmt: skip
    if min(len(reference), len(new)) < LEAST_TEXTS or new.features is None:
        return Shift(between, Verdict.UNKNOWN, f"shift.{between}.too_few", numbers)
    rows = np.asarray(new.features, dtype=np.float32)
    pool, after = np.concatenate([reference, rows]), np.repeat([False, True], [len(reference), len(rows)])
    apart = separability(pool, after, _groups(reference, rows, new.texts), C_FEATURES, seed)
    labels = sketch.classes if len(sketch.vectors) else sketch.predicted
    side = Side([""] * len(reference), labels, reference)
    foreign = out_of_scope_rows(side, reference, rows, pool, after, apart.scores, seed)
    moved, p_words = counts_moved(sketch.words, word_texts(new.texts), sketch.texts, len(new), LISTED - 1)
    p = {"features": apart.p, "kernel": kernel_p(pool, after, seed), "outside": foreign.p, "words": p_words}
    return conclude(ShiftEvidence(p, apart, foreign, (), moved), between, numbers, new, classes)


def _groups(reference: Matrix, rows: Matrix, texts: Sequence[str]) -> Ints:
    """(k + n,) group ids of equal texts; those of the first sample are recognised by their vectors."""
    unit = [each / np.maximum(np.linalg.norm(each, axis=1, keepdims=True), 1e-9) for each in (reference, rows)]
    likeness = unit[1] @ unit[0].T
    nearest = likeness.argmax(axis=1)
    own = len(reference) + alike(texts)
    return np.concatenate([np.arange(len(reference)), np.where(likeness.max(axis=1) > SAME, nearest, own)])
