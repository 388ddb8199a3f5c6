"""The length of texts in tokens, and how many tokens would be enough."""

from collections.abc import Sequence

import numpy as np

from rankfirst.records import Lengths

FEW_CUT = 0.01  # share of texts that may be cut before longer ones are worth their price: below what scores resolve
STEP = 16  # a suggestion is a multiple of it: a rounder number costs next to nothing


def lengths(full: Sequence[int], max_tokens: int, most: int, reach: int = 0, windows: bool = False) -> Lengths:
    """What (n,) `full` lengths mean under a limit.

    Args:
        most: what the base model can read. reach: tokens of the longest text that windows read whole.
    """
    tokens = np.sort(np.asarray(full if len(full) else [0]))
    p50, p95, p99 = (int(q) for q in np.quantile(tokens, (0.5, 0.95, 0.99), method="inverted_cdf"))
    over = _over(tokens, max_tokens)
    told = (max_tokens, most, windows, p50, p95, p99, int(tokens[-1]), over)
    if windows:
        return Lengths(*told, _over(tokens, reach))
    if over <= FEW_CUT:
        return Lengths(*told, over)
    enough = min(most, _enough(tokens))
    if enough <= max_tokens:
        return Lengths(*told, over, at_limit=True)
    still, cost = _over(tokens, enough), np.minimum(tokens, enough).sum() / np.minimum(tokens, max_tokens).sum()
    return Lengths(*told, over, enough, still, float(cost), at_limit=still > FEW_CUT)


def _over(tokens: np.ndarray, limit: int) -> float:
    return float((tokens > limit).mean())


def _enough(tokens: np.ndarray) -> int:
    """The smallest multiple of STEP that cuts no more than FEW_CUT of the sorted lengths."""
    may_be_cut = int(FEW_CUT * len(tokens) + 1e-9)
    return -(-int(tokens[len(tokens) - 1 - may_be_cut]) // STEP) * STEP
