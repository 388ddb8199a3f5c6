"""A model's validation probabilities -> the rung everyone compares."""

import time
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from rankfirst.measure.scores import Floats, as_tuples, indicator, log_loss, predict_labels, score
from rankfirst.records import Dataset, Number, Rung

LATENCY_ROWS = 32  # validation rows behind the milliseconds of one text


def rung(
    name: str,
    dataset: Dataset,
    tail: Sequence[int],
    probs: Floats,
    seconds: float,
    megabytes: float,
    details: Mapping[str, Number],
    thresholds: Floats | None = None,
    ms_per_text: float = 0.0,
) -> Rung:
    """Judge (n_val, C) probabilities on the validation rows.

    Args:
        tail: class indexes whose mean recall is reported. seconds: to build the model, wall clock.
        megabytes: 10^6 bytes that ship beside the base model. thresholds: (C,), multi-label only, default 0.5.
        ms_per_text: milliseconds to answer one text alone.
    """
    truth = indicator(dataset.val.labels, len(dataset.classes))
    return Rung(
        name=name,
        val=score(truth, probs, dataset.classes, dataset.multi_label, tail, thresholds),
        seconds=seconds,
        megabytes=megabytes,
        details=details,
        val_log_loss=tuple(float(x) for x in log_loss(truth, probs, dataset.multi_label)),
        val_predicted=as_tuples(predict_labels(probs, dataset.multi_label, thresholds)),
        ms_per_text=ms_per_text,
    )


def latency(answer: Callable[[int], object], rows: int) -> float:
    """Milliseconds that `answer` takes for one row: the median over some, each alone, after a first one unclocked."""
    took = []
    answer(0)
    for row in range(0, rows, max(1, rows // LATENCY_ROWS)):
        began = time.perf_counter()
        answer(row)
        took.append(1e3 * (time.perf_counter() - began))
    return float(np.median(took))
