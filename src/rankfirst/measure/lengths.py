"""The length of texts in tokens, and the limit that would cover nearly all of them."""

from collections.abc import Sequence

import numpy as np

from rankfirst.records import Lengths

FEW_CUT = 0.01  # share of texts that may be truncated before a higher limit pays off: below what scores resolve
STEP = 16  # suggested limits are multiples of it; rounding up costs next to nothing


def lengths(full: Sequence[int], max_tokens: int, most: int, reach: int = 0, windows: bool = False) -> Lengths:
    """Summarise (n,) token lengths `full` under a limit.

    Args:
        most: the longest input of the base model, in tokens. reach: the longest text that sliding windows cover in
            full.
    """
    tokens = np.sort(np.asarray(full if len(full) else [0]))
    p50, p95, p99 = (int(q) for q in np.quantile(tokens, (0.5, 0.95, 0.99), method="inverted_cdf"))
    over = _over(tokens, max_tokens)
    common = (max_tokens, most, windows, p50, p95, p99, int(tokens[-1]), over)
    if windows:
        return Lengths(*common, _over(tokens, reach))
    if over <= FEW_CUT:
        return Lengths(*common, over)
    enough = min(most, _enough(tokens))
    if enough <= max_tokens:
        return Lengths(*common, over, at_limit=True)
    still, cost = _over(tokens, enough), np.minimum(tokens, enough).sum() / np.minimum(tokens, max_tokens).sum()
    return Lengths(*common, over, enough, still, float(cost), at_limit=still > FEW_CUT)


def _over(tokens: np.ndarray, limit: int) -> float:
    return float((tokens > limit).mean())


def _enough(tokens: np.ndarray) -> int:
    """The smallest multiple of STEP that truncates at most FEW_CUT of the sorted lengths."""
    may_be_cut = int(FEW_CUT * len(tokens) + 1e-9)
    return -(-int(tokens[len(tokens) - 1 - may_be_cut]) // STEP) * STEP
