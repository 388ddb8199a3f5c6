"""Batches: length-grouped, shuffled, and the same for the same (seed, epoch), so that a branch replays its order."""

from collections.abc import Sequence

import numpy as np

# Rows in a mega-batch, in batches. Sorting inside 50 leaves 6.2% padding on 2,000 rows of BANKING77
# (benchmarks/profile_epoch.py) and still shuffles which rows meet.
MEGA = 50


def epoch_batches(lengths: Sequence[int], size: int, seed: int, epoch: int) -> list[list[int]]:
    """Row numbers of every batch of one epoch.

    Args:
        lengths: (n,) tokens a row. size: rows a batch (one optimiser step). seed, epoch: decide the order alone.
    Returns: ceil(n / size) lists; the short one may come anywhere.
    """
    rng = np.random.default_rng((seed, epoch, 1))
    order = rng.permutation(len(lengths))
    batches: list[list[int]] = []
    for start in range(0, len(order), size * MEGA):
        mega = sorted(order[start : start + size * MEGA], key=lambda row: lengths[row])
        batches += [[int(r) for r in mega[i : i + size]] for i in range(0, len(mega), size)]
    return [batches[i] for i in rng.permutation(len(batches))]


def pieces(rows: Sequence[int], lengths: Sequence[int], tokens: int) -> list[list[int]]:
    """A batch cut so that no piece holds more than `tokens` padded tokens (but at least one row); one piece if it fits.

    Args:
        rows: (B,) row numbers. lengths: (n,) tokens of every row of the split; of all its windows, which is no less
            than they take padded to the longest of them.
    """
    if len(rows) * max(lengths[r] for r in rows) <= tokens:
        return [list(rows)]
    cut = sorted_batches([lengths[r] for r in rows], tokens=tokens, rows=len(rows))
    return [[rows[i] for i in piece] for piece in cut]


def padding_share(lengths: Sequence[int], batches: Sequence[Sequence[int]]) -> float:
    """Share of the tokens of these batches that are padding, 0..1."""
    real = sum(lengths[r] for batch in batches for r in batch)
    padded = sum(len(batch) * max(lengths[r] for r in batch) for batch in batches)
    return 1 - real / max(1, padded)


def sorted_batches(
    lengths: Sequence[int], windows: Sequence[int] | None = None, tokens: int = 4096, rows: int = 128
) -> list[list[int]]:
    """For evaluation: rows by length, each batch at most `tokens` padded tokens and `rows` windows.

    Args:
        lengths: (n,) tokens of a row's longest window. windows: (n,) of each row, which stay together; None: one.
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
    """About `rows` training rows that keep the class shares and every class: rare classes are taken whole first.

    A probe on a subset is only fair if the subset looks like the whole; a class that vanished could not be judged.
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
