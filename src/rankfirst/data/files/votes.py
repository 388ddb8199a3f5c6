"""What several annotators chose for one row, and what most of them agree on."""

from collections import Counter
from collections.abc import Sequence

Chosen = tuple[str, ...]  # label names
Counts = Counter[Chosen]  # what was chosen -> annotators


def agreed(counts: Counts) -> Chosen | None:
    """What most annotators chose; None if there are no votes, or two choices have equally many."""
    sums: Counts = Counter()
    written = {tuple(sorted(names)): names for names in reversed(counts)}  # the order of names is no disagreement
    for names, annotators in counts.items():
        sums[written[tuple(sorted(names))]] += annotators
    first = sums.most_common(2)
    if not first or (len(first) > 1 and first[0][1] == first[1][1]):
        return None
    return first[0][0]


def as_labels(rows: Sequence[Chosen]) -> Sequence[object]:
    """Names as they are if every row has one, else lists."""
    return [row[0] for row in rows] if all(len(row) == 1 for row in rows) else [list(row) for row in rows]
