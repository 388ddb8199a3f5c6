"""Learning curves of the frozen rung and of n-grams: would more rows of the same kind improve them?"""

from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt

from rankfirst.baselines import tfidf
from rankfirst.baselines.folds import Indexes, subsample
from rankfirst.baselines.linear_head import Scaler
from rankfirst.baselines.logistic import Rows, fit_linear
from rankfirst.baselines.prototypes import Mix, prototype_head
from rankfirst.measure.calibration import probabilities
from rankfirst.measure.decoding import Decoding
from rankfirst.measure.scores import Bools, Floats, bootstrap_f1, indicator, least_error, macro_f1
from rankfirst.records import Dataset, Learning

# Shares of the training rows, ascending. Two doublings: the gain over one is lost in the noise of validation.
SHARES: Final = (0.25, 0.5, 1.0)
# Maximum rows. More change neither the slope nor its error, and a fit on 100,000 rows takes a minute.
MOST_ROWS: Final = 16_000


def learning_curve(
    features: npt.NDArray[np.floating],
    val_features: npt.NDArray[np.floating],
    dataset: Dataset,
    c: float,
    seed: int = 0,
    mix: Mix | None = None,
    normalize: bool = False,
) -> Learning:
    """Validation macro-F1 after fits on a quarter, half and all of the training rows, classes in proportion.

    Args:
        features: (n_train, d) raw, of the chosen pooling. val_features: (n_val, d). c, mix, normalize: the frozen
            rung's.
    """
    sample = subsample(dataset.train.labels, MOST_ROWS, seed)
    some, scaler = features[sample], Scaler.fit(features[sample], normalize)
    rows, unseen, multi = scaler.apply(some), scaler.apply(val_features), dataset.multi_label

    def answer(part: Indexes, truth: Bools) -> Floats:
        logits = fit_linear(rows[part], truth, c, multi).logits(unseen).astype(np.float64)
        if mix is None:
            return logits
        close = prototype_head(some[part], truth, normalize)
        return mix.logits(logits, close.logits(val_features).astype(np.float64))

    return _curve(answer, sample, dataset, seed)


def tfidf_learning_curve(counted: Rows, val_counted: Rows, dataset: Dataset, c: float, seed: int = 0) -> Learning:
    """The same of n-grams. Args: counted: (n_train, d) as `TfidfModel.count`. val_counted: (n_val, d). c: its C."""
    sample = subsample(dataset.train.labels, MOST_ROWS, seed)
    rows, multi = counted[sample], dataset.multi_label

    def answer(part: Indexes, truth: Bools) -> Floats:
        weights = fit_linear(rows[part], truth, c, multi, None, tfidf.TOLERANCE)
        return weights.logits(val_counted).astype(np.float64)

    return _curve(answer, sample, dataset, seed)


def _curve(answer: Callable[[Indexes, Bools], Floats], sample: Indexes, dataset: Dataset, seed: int) -> Learning:
    """Args: answer: (positions in `sample`, their truth) -> (n_val, C) logits after a fit on them."""
    labels = [dataset.train.labels[i] for i in sample]
    classes, val_truth = len(dataset.classes), indicator(dataset.val.labels, len(dataset.classes))
    sizes, predictions, decoding = [], [], Decoding.of(dataset)
    for share in SHARES:
        part = subsample(labels, max(1, round(share * len(sample))), seed)
        truth = indicator([labels[i] for i in part], classes)
        predictions.append(decoding.answers(probabilities(answer(part, truth), dataset.multi_label)))
        sizes.append(len(part))
    doublings = max(1e-9, float(np.log2(sizes[-1] / sizes[0])))
    draws = bootstrap_f1(val_truth, predictions, seed=seed)
    return Learning(
        rows=tuple(sizes),
        macro_f1=tuple(macro_f1(val_truth, predicted) for predicted in predictions),
        per_doubling=(macro_f1(val_truth, predictions[-1]) - macro_f1(val_truth, predictions[0])) / doublings,
        error=(float((draws[:, -1] - draws[:, 0]).std(ddof=1)) or least_error(len(val_truth))) / doublings,
    )
