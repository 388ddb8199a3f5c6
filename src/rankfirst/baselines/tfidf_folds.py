"""What the n-gram rung says about training rows it did not see: all there is to judge labels by without an encoder."""

from typing import Final

from rankfirst.baselines.cross_validation import held_out_logits
from rankfirst.baselines.folds import assign_folds, subsample
from rankfirst.baselines.tfidf import C_PATH, CHOICE_TOLERANCE, FOLDS
from rankfirst.baselines.tfidf_model import TfidfModel
from rankfirst.measure.calibration import fit_temperature, probabilities
from rankfirst.measure.scores import Floats, indicator
from rankfirst.records import Dataset

# Rows. Three fits on two thirds of so many take under a minute at 300 classes (benchmarks/assess_scale.py).
MOST_ROWS: Final = 20_000


def tfidf_out_of_fold(model: TfidfModel, dataset: Dataset, c: float, seed: int = 0) -> tuple[tuple[int, ...], Floats]:
    """Calibrated probabilities of training rows, each by models fitted without it.

    Args:
        model: as fitted on `dataset`: the idf of a held-out row's n-grams is known to it, its label is not.
        c: the penalty of that fit.
    Returns: (k,) training rows, all of them or MOST_ROWS in proportion of the classes; (k, C).
    """
    rows = subsample(dataset.train.labels, MOST_ROWS, seed)
    labels = [dataset.train.labels[row] for row in rows]
    truth = indicator(labels, len(dataset.classes))
    path = tuple(smaller for smaller in C_PATH if smaller <= c) or (c,)
    seen = model.count([dataset.train.texts[row] for row in rows])
    held_out = held_out_logits(
        seen, truth, assign_folds(labels, FOLDS, seed), path, model.multi_label, CHOICE_TOLERANCE
    )
    logits = held_out[path[-1]]
    temperature = fit_temperature(logits, truth, model.multi_label)
    return tuple(int(row) for row in rows), probabilities(logits, model.multi_label, temperature)
