"""The frozen rung's learning curve: would more rows of the same kind improve it?"""

from typing import Final

import numpy as np
import numpy.typing as npt

from rankfirst.baselines.folds import subsample
from rankfirst.baselines.linear_head import Scaler
from rankfirst.baselines.logistic import fit_linear
from rankfirst.measure.calibration import probabilities
from rankfirst.measure.decoding import Decoding
from rankfirst.measure.scores import bootstrap_f1, indicator, least_error, macro_f1
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
) -> Learning:
    """Validation macro-F1 after fits on a quarter, half and all of the training rows, classes in proportion.

    Args:
        features: (n_train, d) raw, of the chosen pooling. val_features: (n_val, d). c: the frozen rung's C.
    """
    sample = subsample(dataset.train.labels, MOST_ROWS, seed)
    labels = [dataset.train.labels[i] for i in sample]
    scaler = Scaler.fit(features[sample])
    unseen, val_truth = scaler.apply(val_features), indicator(dataset.val.labels, len(dataset.classes))
    rows, predictions, decoding = [], [], Decoding.of(dataset)
    for share in SHARES:
        part = sample[subsample(labels, max(1, round(share * len(sample))), seed)]
        truth = indicator([dataset.train.labels[i] for i in part], len(dataset.classes))
        weights = fit_linear(scaler.apply(features[part]), truth, c, dataset.multi_label)
        logits = weights.logits(unseen).astype(np.float64)
        predictions.append(decoding.answers(probabilities(logits, dataset.multi_label)))
        rows.append(len(part))
    doublings = max(1e-9, float(np.log2(rows[-1] / rows[0])))
    draws = bootstrap_f1(val_truth, predictions, seed=seed)
    return Learning(
        rows=tuple(rows),
        macro_f1=tuple(macro_f1(val_truth, predicted) for predicted in predictions),
        per_doubling=(macro_f1(val_truth, predictions[-1]) - macro_f1(val_truth, predictions[0])) / doublings,
        error=(float((draws[:, -1] - draws[:, 0]).std(ddof=1)) or least_error(len(val_truth))) / doublings,
    )
