"""A model's predictions on the validation rows -> the rung everyone compares."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from rankfirst.measure.predictions import Predictions
from rankfirst.records import Number, Rung

LATENCY_ROWS = 32  # validation rows behind the milliseconds of one text


@dataclass(frozen=True)
class Fit:
    """A fitted rung and what it predicts on the validation rows."""

    rung: Rung
    val: Predictions
    temperature: float  # that the logits of `val` were divided by


def rung(
    name: str,
    val: Predictions,
    tail: Sequence[int],
    seconds: float,
    megabytes: float,
    details: Mapping[str, Number],
    ms_per_text: float = 0.0,
) -> Rung:
    """Judge a model by its predictions on the validation rows.

    Args:
        tail: class indexes whose mean recall is reported. seconds: to build the model, wall clock.
        megabytes: 10^6 bytes that ship beside the base model. ms_per_text: milliseconds to answer one text alone.
    """
    return Rung(
        name=name,
        val=val.scores(tail),
        seconds=seconds,
        megabytes=megabytes,
        details=details,
        val_log_loss=tuple(float(x) for x in val.log_loss),
        val_predicted=val.labels,
        ms_per_text=ms_per_text,
        at_least_one=val.decoding.at_least_one,
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
