"""Batches: grouped by length, shuffled, and determined by (seed, epoch), so that arms see the same order."""

from collections.abc import Sequence

import numpy as np

from rankfirst.records import Recipe

# Batches in a mega-batch, within which rows are sorted by length. 50 leave 6.2% padding on 2,000 rows of BANKING77
# (benchmarks/profile_epoch.py), and batches are still random.
MEGA = 50


def epoch_batches(lengths: Sequence[int], size: int, seed: int, epoch: int) -> list[list[int]]:
    """Row numbers of every batch of one epoch.

    Args:
        lengths: (n,) tokens per row. size: rows per batch (one optimiser step). seed, epoch: determine the order.
    Returns: ceil(n / size) lists; the shorter one may be at any position.
    """
    rng = np.random.default_rng((seed, epoch, 1))
    order = rng.permutation(len(lengths))
    batches: list[list[int]] = []
    for start in range(0, len(order), size * MEGA):
        mega = sorted(order[start : start + size * MEGA], key=lambda row: lengths[row])
        batches += [[int(r) for r in mega[i : i + size]] for i in range(0, len(mega), size)]
    return [batches[i] for i in rng.permutation(len(batches))]


def pieces(rows: Sequence[int], lengths: Sequence[int], tokens: int) -> list[list[int]]:
    """Cut a batch into pieces of at most `tokens` padded tokens (but at least one row); one piece if it fits.

    Args:
        rows: (B,) row numbers. lengths: (n,) tokens of every row of the split, summed over its windows.
    """
    if len(rows) * max(lengths[r] for r in rows) <= tokens:
        return [list(rows)]
    cut = sorted_batches([lengths[r] for r in rows], tokens=tokens, rows=len(rows))
    return [[rows[i] for i in piece] for piece in cut]


def padding_share(lengths: Sequence[int], batches: Sequence[Sequence[int]]) -> float:
    """Share of padding among the tokens of these batches, 0 to 1."""
    real = sum(lengths[r] for batch in batches for r in batch)
    padded = sum(len(batch) * max(lengths[r] for r in batch) for batch in batches)
    return 1 - real / max(1, padded)


def sorted_batches(
    lengths: Sequence[int], windows: Sequence[int] | None = None, tokens: int = 4096, rows: int = 128
) -> list[list[int]]:
    """Batches for evaluation: rows sorted by length, at most `tokens` padded tokens and `rows` windows per batch.

    Args:
        lengths: (n,) tokens of each row's longest window.
        windows: (n,) windows of each row, which stay together; None: one per row.
    """
    batches: list[list[int]] = []
    current: list[int] = []
    held = 0
    for row in np.argsort(lengths, kind="stable"):
        width, more = max(1, lengths[row]), 1 if windows is None else windows[row]
        if current and ((held + more) * width > tokens or held + more > rows):
            batches.append(current)
            current, held = [], 0
        current.append(int(row))
        held += more
    return batches + ([current] if current else [])


def probe_subset(labels: Sequence[Sequence[int]], classes: int, rows: int, seed: int) -> list[int]:
    """A sample of `rows` training rows that keeps the class shares and, if possible, two rows of every class.

    Probes on the sample should rank recipes as the whole set would, and a class without rows could not be learnt.
    """
    n = len(labels)
    if n <= rows:
        return list(range(n))
    rng = np.random.default_rng((seed, 2))
    order = rng.permutation(n)
    share = rows / n
    quota = np.zeros(classes)
    for present in labels:
        quota[list(present)] += 1
    quota = np.maximum(np.ceil(quota * share), np.minimum(quota, 2))
    chosen: list[int] = []
    rest: list[int] = []
    for row in order:
        wanted = any(quota[c] > 0 for c in labels[row])
        (chosen if wanted and len(chosen) < rows else rest).append(int(row))
        if wanted:
            for c in labels[row]:
                quota[c] -= 1
    chosen += rest[: max(0, rows - len(chosen))]
    return sorted(chosen)


def trained_rows(recipe: Recipe, rows: Sequence[int]) -> list[int]:
    """The rows that a recipe is trained on, of those that it may be trained on."""
    without = set(recipe.without)
    return [row for row in rows if row not in without]
