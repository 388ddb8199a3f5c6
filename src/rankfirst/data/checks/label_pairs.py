"""Label co-occurrence: a label that always accompanies another carries no information of its own."""

from typing import Final

import numpy as np
from scipy.sparse import csr_array

from rankfirst.data.files.table import listed, shown
from rankfirst.data.quality.facts import Facts
from rankfirst.records import Check, Level, Number

# Training rows of the rarer label, and the share of them that carry the other too, above which one implies the other
# (assumption).
PAIR_ROWS: Final = 20
IMPLIED: Final = 0.95
# Pairs quoted in the message.
SHOWN_PAIRS: Final = 4


def check(facts: Facts) -> Check:
    """Labels per row, pairs in which one label implies the other, and labels that never occur alone."""
    sizes = np.array([len(row) for row in facts.dataset.train.labels])
    pairs = implied_pairs(facts)
    never = never_alone(facts, sizes)
    names = facts.dataset.classes
    numbers: dict[str, Number] = {
        "one": float((sizes == 1).mean()),
        "two": float((sizes == 2).mean()),
        "more": float((sizes > 2).mean()),
        "most": int(sizes.max()),
        "implied": len(pairs),
        "twins": sum((b, a) in {(x, y) for x, y, *_ in pairs} for a, b, *_ in pairs) // 2,
        "pairs": listed(
            (
                f"{shown(names[a])} → {shown(names[b])} ({both}/{rows}, lift {lift:.1f})"
                for a, b, both, rows, lift in pairs
            ),
            SHOWN_PAIRS,
        )
        or "-",
        "never_alone": len(never),
        "never_names": listed((names[label] for label in never), SHOWN_PAIRS) or "-",
    }
    verdict = Level.NOTE if facts.dataset.multi_label and (pairs or never) else Level.OK
    return Check("data.check.label_pairs", verdict, numbers)


def implied_pairs(facts: Facts) -> list[tuple[int, int, int, int, float]]:
    """(a, b, rows with both, rows with a, lift) for pairs in which at least IMPLIED of the rows with a carry b.

    Sorted by lift, the ratio of b's frequency in rows with a to that in all rows. Lift must be at least 1.05, since
    otherwise every label would imply one that nearly all rows carry.
    """
    if not facts.dataset.multi_label:
        return []
    rows, labels = facts.given
    n, classes = len(facts.dataset.train), len(facts.dataset.classes)
    carried = csr_array((np.ones(len(rows), dtype=np.int32), (rows, labels)), shape=(n, classes))
    together = (carried.T @ carried).tocoo()
    counts = facts.counts
    pairs = []
    for a, b, both in zip(together.row, together.col, together.data, strict=True):
        if a != b and counts[a] >= PAIR_ROWS and both >= IMPLIED * counts[a]:
            lift = float(both) * n / (float(counts[a]) * float(counts[b]))
            if lift >= 1.05:
                pairs.append((int(a), int(b), int(both), int(counts[a]), lift))
    return sorted(pairs, key=lambda pair: (-pair[4], pair[0], pair[1]))


def never_alone(facts: Facts, sizes: np.ndarray) -> list[int]:
    """Classes with at least PAIR_ROWS rows, none of which carries only that label; largest first."""
    rows, labels = facts.given
    alone = np.bincount(labels[sizes[rows] == 1], minlength=len(facts.counts))
    classes = np.flatnonzero((facts.counts >= PAIR_ROWS) & (alone == 0))
    return [int(c) for c in classes[np.argsort(-facts.counts[classes], kind="stable")]]
