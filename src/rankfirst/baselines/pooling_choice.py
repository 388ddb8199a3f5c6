"""Choose how the states of a text's tokens become one vector."""

from collections.abc import Mapping, Sequence
from typing import Final

from rankfirst.baselines.cross_validation import best, held_out_logits
from rankfirst.baselines.folds import assign_folds, subsample
from rankfirst.baselines.linear_head import Scaler
from rankfirst.baselines.prototypes import FloatArray
from rankfirst.measure.scores import Bools, Floats
from rankfirst.records import Dataset

POOLING_C: Final = 0.01  # in the middle of the Cs that were chosen on the data sets measured (0.001 to 1)
POOLING_ROWS: Final = 4000  # maximum rows on which poolings are compared; the best one is then fitted on all rows
POOLING_FOLDS: Final = 3


def choose_pooling(features: Mapping[str, FloatArray], truth: Bools, dataset: Dataset, seed: int) -> str:
    """The pooling that `best` chooses on out-of-fold logits of training rows at POOLING_C."""
    names = sorted(features)
    if len(names) == 1:
        return names[0]
    some = subsample(dataset.train.labels, POOLING_ROWS, seed)
    labels = [dataset.train.labels[i] for i in some]
    chosen = {name: features[name][some] for name in names}
    trials = pooling_trials(chosen, truth[some], labels, dataset.multi_label, seed)
    return names[best([trials[name] for name in names], truth[some], dataset.multi_label, seed)]


def pooling_trials(
    features: Mapping[str, FloatArray], truth: Bools, labels: Sequence[Sequence[int]], multi: bool, seed: int
) -> dict[str, Floats]:
    """Pooling name -> (n, C) out-of-fold logits at POOLING_C.

    Args: features: pooling name -> (n, d) raw. truth: (n, C). labels: (n,) class indexes per row, as in `truth`.
    """
    fold = assign_folds(labels, POOLING_FOLDS, seed)
    trials = {}
    for name in sorted(features):
        rows = Scaler.fit(features[name]).apply(features[name])
        trials[name] = held_out_logits(rows, truth, fold, (POOLING_C,), multi)[POOLING_C]
    return trials
