"""Cross-validation, and which of several settings it prefers."""

from collections.abc import Sequence

import numpy as np

from rankfirst.ladder.folds import Indexes
from rankfirst.ladder.linear import Rows, Weights, fit_linear
from rankfirst.measure.calibration import probabilities
from rankfirst.measure.scores import Bools, Floats, bootstrap_f1, log_loss, macro_f1, predict_labels

DRAWS = 200  # bootstrap draws behind one standard error


def held_out_logits(
    rows: Rows, truth: Bools, fold: Indexes, path: Sequence[float], multi_label: bool
) -> dict[float, Floats]:
    """C -> (n, C) logits of every row, from a model that did not see it.

    Args:
        rows: (n, d). truth: (n, C). fold: (n,). path: the Cs, small to large: each starts the next.
    """
    logits = {c: np.zeros(truth.shape) for c in path}
    for held in np.unique(fold):
        train, test = np.flatnonzero(fold != held), np.flatnonzero(fold == held)
        weights: Weights | None = None
        for c in path:
            weights = fit_linear(rows[train], truth[train], c, multi_label, start=weights)
            logits[c][test] = weights.logits(rows[test])
    return logits


def best(candidates: Sequence[Floats], truth: Bools, multi_label: bool, seed: int) -> int:
    """Index of the preferred setting: the highest macro-F1, ties broken by mean log-loss.

    Macro-F1 is what the product is judged by, but on a few thousand rows neighbouring settings differ by less
    than chance; log-loss tells those apart, and what is chosen also gives usable probabilities. A tie is a gap
    to the top of at most one standard error of that gap (paired bootstrap over rows).

    Args:
        candidates: (n, C) held-out logits a setting. truth: (n, C).
    """
    probs = [probabilities(logits, multi_label) for logits in candidates]
    predicted = [predict_labels(p, multi_label) for p in probs]
    scores = np.nan_to_num([macro_f1(truth, p) for p in predicted])
    draws = np.nan_to_num(bootstrap_f1(truth, predicted, DRAWS, seed))
    top = int(np.argmax(scores))
    error = (draws[:, [top]] - draws).std(axis=0)
    losses = np.array([log_loss(truth, p, multi_label).mean() for p in probs])
    losses[scores[top] - scores > error] = np.inf
    return int(np.argmin(losses))
