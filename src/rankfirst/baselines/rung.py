"""Score a model's predictions on the validation rows as a `Rung`, the record in which all rungs are compared."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from rankfirst.measure.calibration import held_out_log_loss
from rankfirst.measure.predictions import Predictions
from rankfirst.records import Number, Rung

LATENCY_ROWS = 32  # validation rows over which ms per text is measured


@dataclass(frozen=True)
class Fit:
    """A fitted rung and its predictions on the validation rows."""

    rung: Rung
    val: Predictions
    temperature: float  # by which the logits of `val` were divided


def rung(
    name: str,
    val: Predictions,
    tail: Sequence[int],
    seconds: float,
    megabytes: float,
    details: Mapping[str, Number],
    ms_per_text: float = 0.0,
) -> Rung:
    """Score a model by its predictions on the validation rows.

    The log-loss of each row, by which rungs are compared, is taken at a temperature that is fitted on the other half of
    the validation rows, whatever the model's own temperature was fitted on: then no rung wins by its calibration rows.

    Args:
        tail: class indexes whose mean recall is reported. seconds: wall time to build the model.
        megabytes: 10^6 bytes delivered in addition to the base model. ms_per_text: latency of a single text, in ms.
    """
    return Rung(
        name=name,
        val=val.scores(tail),
        seconds=seconds,
        megabytes=megabytes,
        details=details,
        val_log_loss=tuple(held_out_log_loss(val.logits, val.truth, val.decoding.multi_label).tolist()),
        val_predicted=val.labels,
        ms_per_text=ms_per_text,
        at_least_one=val.decoding.at_least_one,
    )


def latency(answer: Callable[[int], object], rows: int) -> float:
    """Median milliseconds of `answer` over up to about LATENCY_ROWS rows, one row per call, after one warm-up call."""
    durations = []
    answer(0)
    for row in range(0, rows, max(1, rows // LATENCY_ROWS)):
        began = time.perf_counter()
        answer(row)
        durations.append(1e3 * (time.perf_counter() - began))
    return float(np.median(durations))
