"""A forecast of the duration of `fit`: least and most seconds of each step, and the basis of that estimate.

The policy decides during the run how many probes are trained and how many blocks they adapt, so every figure is a span.
The span of final training comes from its plan: number of epochs, and the most blocks that the policy may adapt.
"""

from dataclasses import dataclass
from typing import Final

from rankfirst.policy import final_training
from rankfirst.records import Recipe

Span = tuple[float, float]
"""At least, at most."""

# Source: the journals of three finished runs with 840 to 13,162 rows (benchmarks/scale.py shows them); for other sizes
# an assumption.
PROBES: Final[Span] = (6, 12)  # probes per run
# work of the mean probe over that of the first: later ones adapt more blocks. 1.4, 1.8, 2.7 in three runs of November
# 2026 (TNEWS; BANKING77 cut to 800 rows; MixATIS cut to 500), which began at fewer blocks than runs do now.
DEEPER: Final[Span] = (1.0, 2.7)
TRAINING: Final[Span] = (0.62, 0.45)  # TFLOP/s in training over those of a forward pass
LADDER: Final[tuple[Span, Span]] = ((1.0, 3.0), (1e-3, 3e-3))  # seconds, and seconds per row: n-grams, frozen rung
DELIVERY: Final[Span] = (2.0, 25.0)  # seconds: calibration, files, reading them back
START: Final[Span] = (2.0, 12.0)  # seconds: measuring precision and threads, choosing a prefix


@dataclass(frozen=True)
class Basis:
    """What is known before the first probe; work in TFLOP."""

    rows: int
    rate: float  # TFLOP/s of a forward pass, in the precision of the run
    features: float  # work of encoding the rows once
    probe: float  # work of the first probe
    epoch: float  # work of one epoch of final training with its evaluation, at the first probe's sites
    evaluation: float  # work of one evaluation there; final training has one more, before its first step
    depth: float  # most blocks that the policy may adapt, over those of the first probe
    budget: float | None  # work for probes and final training together; None: the clock is the limit
    seconds: float | None = None  # the clock limit


@dataclass(frozen=True)
class Step:
    """One line of a forecast."""

    step: str
    least: float  # seconds
    most: float
    basis: str  # code of the basis of the estimate: "measured", "runs" or "limit"


def forecast(b: Basis, more: float = 0.0) -> tuple[Step, ...]:
    """The steps of one run in order, then their sum, cut to the clock limit.

    Args: more: validation rows over training rows, if a LoRA is trained once more with them; 0: it is not.
    """
    allowed = final_training.SEARCH_WORK * (b.budget or float("inf"))
    probes = [min(n * deep * b.probe, max(allowed, b.probe)) for n, deep in zip(PROBES, DEEPER, strict=True)]
    final = _final(b)
    fast, slow = (b.rate * pace for pace in TRAINING)
    (least_fixed, most_fixed), (least_row, most_row) = LADDER
    steps = [
        Step("start", *START, "runs"),
        Step("features", b.features / b.rate, 1.3 * b.features / b.rate, "measured"),
        Step("ladder", least_fixed + least_row * b.rows, most_fixed + most_row * b.rows, "runs"),
        Step("probes", probes[0] / fast, probes[1] / slow, "runs"),
        Step("final", final[0] / fast, 2 * final[1] / slow, "runs"),  # the rival may be trained to its end as well
        *([Step("refit", 0.0, (1 + more) * final[1] / slow, "runs")] if more else ()),  # none if no LoRA is delivered
        Step("delivery", *DELIVERY, "runs"),
    ]
    least, most = sum(s.least for s in steps), sum(s.most for s in steps)
    if b.seconds is not None and most > b.seconds:
        return (*steps, Step("all", min(least, b.seconds), b.seconds, "limit"))
    return (*steps, Step("all", least, most, "runs"))


def _final(b: Basis) -> Span:
    """TFLOP of final training: least with one label a row on the blocks of the start, most on all."""
    epochs = final_training.final_epochs(b.rows, Recipe.batch_size)
    fewer = final_training.final_epochs(b.rows, Recipe.batch_size, several=False)
    return fewer * b.epoch + b.evaluation, b.depth * (epochs * b.epoch + b.evaluation)
