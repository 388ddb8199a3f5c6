"""Out-of-fold probabilities of the n-gram rung, from which suspect labels are found when there is no encoder."""

from typing import Final

from rankfirst.baselines.cross_validation import held_out_logits
from rankfirst.baselines.folds import assign_folds, subsample
from rankfirst.baselines.tfidf import C_PATH, CHOICE_TOLERANCE, FOLDS
from rankfirst.baselines.tfidf_model import TfidfModel
from rankfirst.measure.calibration import fit_temperature, probabilities
from rankfirst.measure.scores import Floats, indicator
from rankfirst.records import Dataset

# Maximum rows: three fits on two thirds of them take under a minute at 300 classes (benchmarks/assess_scale.py).
MOST_ROWS: Final = 20_000


def tfidf_out_of_fold(model: TfidfModel, dataset: Dataset, c: float, seed: int = 0) -> tuple[tuple[int, ...], Floats]:
    """Calibrated out-of-fold probabilities of training rows.

    Args:
        model: as fitted on `dataset`; its idf includes the held-out rows, but no labels.
        c: the C of that fit.
    Returns: (k,) training rows, all or a stratified sample of MOST_ROWS; (k, C) probabilities.
    """
    rows = subsample(dataset.train.labels, MOST_ROWS, seed)
    labels = [dataset.train.labels[row] for row in rows]
    truth = indicator(labels, len(dataset.classes))
    path = tuple(smaller for smaller in C_PATH if smaller <= c) or (c,)
    features = model.count([dataset.train.texts[row] for row in rows])
    held_out = held_out_logits(
        features, truth, assign_folds(labels, FOLDS, seed), path, model.multi_label, CHOICE_TOLERANCE
    )
    logits = held_out[path[-1]]
    temperature = fit_temperature(logits, truth, model.multi_label)
    return tuple(int(row) for row in rows), probabilities(logits, model.multi_label, temperature)
