"""Text lengths in characters; the engine counts tokens once it has a tokenizer."""

from typing import Final

import numpy as np

from rankfirst.data.checks.levels import level, most_severe
from rankfirst.data.quality.facts import SHOWN_ROWS, Facts
from rankfirst.records import Check

# Characters at the 95th percentile (assumption: 400 ideographs or 100 English words fit every encoder's window; 2,000
# characters fill 512 tokens in either language).
LONG_NOTE: Final = 400
LONG_WARN: Final = 2_000
# An outlier is longer than LONG_NOTE and than this multiple of the 95th percentile: a pasted document among questions
# (assumption). A batch is padded to its longest row, so even a few outliers cost much.
FAR_OUT: Final = 5.0
# Share of training rows (assumption).
FAR_NOTE: Final = 0.002


def check(facts: Facts) -> Check:
    """Mean, 95th percentile, maximum and outliers; the longest rows as examples."""
    lengths = facts.lengths
    p95 = float(np.quantile(lengths, 0.95))
    far = int((lengths > max(LONG_NOTE, FAR_OUT * p95)).sum())
    longest = np.argsort(-lengths, kind="stable")[:SHOWN_ROWS]
    numbers = {
        "mean": float(lengths.mean()),
        "median": float(np.median(lengths)),
        "p95": p95,
        "max": int(lengths.max()),
        "far": far,
        "far_chars": int(max(LONG_NOTE, FAR_OUT * p95)),
    }
    verdict = most_severe(level(p95, LONG_NOTE, LONG_WARN), level(far / len(lengths), FAR_NOTE, 1.0))
    count = SHOWN_ROWS if p95 > LONG_NOTE else far
    rows = tuple(int(row) for row in longest[:count])
    return Check("data.check.lengths", verdict, numbers, rows, tuple(float(lengths[row]) for row in rows))
