"""The lowest rung: predictions from label frequencies alone, without reading the text."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from rankfirst.baselines.rung import rung
from rankfirst.measure.calibration import log_odds
from rankfirst.measure.decoding import Decoding
from rankfirst.measure.predictions import Predictions
from rankfirst.measure.scores import indicator
from rankfirst.records import Dataset, Rung


def majority(dataset: Dataset, tail: Sequence[int]) -> Rung:
    """Predict the training label shares and the most frequent class (multi-label: label set) for every row."""
    started = time.perf_counter()
    classes = len(dataset.classes)
    counts = indicator(dataset.train.labels, classes).sum(axis=0)
    rows = len(dataset.train)
    # Smoothed, so that a label that every row (or none) carries cannot cause an infinite log-loss on validation.
    prior = (counts + 0.5) / (rows + 1.0) if dataset.multi_label else counts / counts.sum()
    sets = Counter(dataset.train.labels)
    common = min(sets, key=lambda labels: (-sets[labels], labels))
    decoding = Decoding.of(dataset)
    if dataset.multi_label:  # thresholds that select the most frequent set, whatever the shares are
        decoding = replace(decoding, thresholds=tuple(0.0 if c in common else 2.0 for c in range(classes)))
    p, truth = np.tile(prior, (len(dataset.val), 1)), indicator(dataset.val.labels, classes)
    return rung(
        "majority",
        Predictions(dataset.classes, truth, log_odds(p, dataset.multi_label), p, decoding),
        tail,
        seconds=time.perf_counter() - started,
        megabytes=0.0,
        details={"label": "|".join(dataset.classes[c] for c in common)},
    )
