"""Text lengths in characters; the engine counts tokens once it has a tokenizer."""

from typing import Final

import numpy as np

from rankfirst.data.checks.levels import level
from rankfirst.data.facts import SHOWN_ROWS, Facts
from rankfirst.records import Check

# Characters at the 95th percentile (assumption: 400 ideographs or 100 English words fit every encoder's window;
# 2,000 characters fill 512 tokens in either language).
LONG_NOTE: Final = 400
LONG_WARN: Final = 2_000


def check(facts: Facts) -> Check:
    """Mean, 95th percentile and maximum; the longest rows as examples."""
    lengths = facts.lengths
    p95 = float(np.quantile(lengths, 0.95))
    longest = np.argsort(-lengths, kind="stable")[:SHOWN_ROWS]
    numbers = {"mean": float(lengths.mean()), "p95": p95, "max": int(lengths.max())}
    rows = tuple(int(row) for row in longest) if p95 > LONG_NOTE else ()
    return Check("data.check.lengths", level(p95, LONG_NOTE, LONG_WARN), numbers, rows)
