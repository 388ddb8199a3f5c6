"""Probabilities of a cheap model on the shared sets, computed once: what follows from them costs no encoding.

A frozen head (C and temperature from three folds, as in benchmarks/label_next.py) is trained on TRAIN training rows;
all rows that it has not seen, of the training and test splits, are kept with their probabilities and labels.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from benchmarks.label_next import Head, encoded
from rankfirst.measure.answer_sets import Candidates
from rankfirst.measure.scores import Bools, Floats, Matrix, indicator, predict_labels

TRAIN: Final = 1_500  # at most, and at most half of the training rows


@dataclass(frozen=True, eq=False)
class Stored:
    """Rows that a model has not seen."""

    name: str
    multi_label: bool
    classes: tuple[str, ...]
    p: Floats  # (n, C)
    truth: Bools  # (n, C)
    features: Matrix  # (n, d) of the untouched encoder
    texts: tuple[str, ...]
    head: Head
    train: Matrix  # (m, d) features of the training rows

    @property
    def decided(self) -> Bools:
        return predict_labels(self.p, self.multi_label)

    def candidates(self, rows: np.ndarray) -> Candidates:
        """What answer sets depend on, for some rows."""
        barred = np.zeros(len(rows), dtype=bool)
        return Candidates.of(self.p[rows], self.decided[rows], barred, None, self.multi_label)


def stored(name: str, without: int | None = None, seed: int = 0) -> Stored:
    """The rows of a set. Args: without: a class that the model was not trained on; its rows are all kept."""
    dataset, train, test = encoded(name)
    assert dataset.test is not None
    features = np.concatenate([train, test])
    labels = [*dataset.train.labels, *dataset.test.labels]
    texts = [*dataset.train.texts, *dataset.test.texts]
    truth = indicator(labels, len(dataset.classes))
    order = np.random.default_rng((seed, 7)).permutation(len(train))
    if without is not None:
        order = order[~truth[order, without]]
    own = order[: min(TRAIN, len(train) // 2)]
    head = Head.fit(features[own], [labels[row] for row in own], dataset)
    rest = np.setdiff1d(np.arange(len(features)), own)
    return Stored(name, dataset.multi_label, dataset.classes, head.answer(features[rest]), truth[rest], features[rest],
                  tuple(texts[row] for row in rest), head, features[own])  # fmt: skip
