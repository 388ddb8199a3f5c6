"""A forecast of the duration of `fit`: likely, least and most seconds of each step, and the basis of that estimate.

The policy decides during the run how many probes are trained and how many blocks they adapt, so every figure has a
span. That of final training comes from its plan: number of epochs, and the most blocks that the policy may adapt.
"""

from dataclasses import dataclass
from statistics import mean
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
# work of all probes over that of the first. Median of eleven whole fits on nine sets; 9.5 to 13 in nine of them, 18 and
# 27 in two whose searches went on from more blocks.
LIKELY_PROBES: Final = 11.5
LIKELY_FINALS: Final = 2  # whole trainings: of the settled recipe and of its rival
TRAINING: Final[Span] = (0.62, 0.45)  # TFLOP/s in training over those of a forward pass
LIKELY_TRAINING: Final = 0.53  # their middle
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
    several: bool = True  # rows carry several labels


@dataclass(frozen=True)
class Step:
    """One line of a forecast."""

    step: str
    least: float  # seconds
    likely: float
    most: float
    basis: str  # code of the basis of the estimate: "measured", "runs" or "limit"


def forecast(b: Basis, more: float = 0.0) -> tuple[Step, ...]:
    """The steps of one run in order, then their sum, cut to the clock limit.

    Args: more: validation rows over training rows, if a LoRA is trained once more with them; 0: it is not.
    """
    allowed = max(final_training.SEARCH_WORK * (b.budget or float("inf")), b.probe)
    least_probes, most_probes = (min(n * deep * b.probe, allowed) for n, deep in zip(PROBES, DEEPER, strict=True))
    likely_probes = min(LIKELY_PROBES * b.probe, allowed)
    least_final, final, most_final = _final(b)
    fast, usual, slow = (b.rate * pace for pace in (TRAINING[0], LIKELY_TRAINING, TRAINING[1]))
    encoding = b.features / b.rate
    ladder = [fixed + row * b.rows for fixed, row in zip(*LADDER, strict=True)]
    steps = [
        Step("start", START[0], mean(START), START[1], "runs"),
        Step("features", encoding, 1.1 * encoding, 1.3 * encoding, "measured"),
        Step("ladder", ladder[0], mean(ladder), ladder[1], "runs"),
        Step("probes", least_probes / fast, likely_probes / usual, most_probes / slow, "runs"),
        # the rival may be trained to its end as well
        Step("final", least_final / fast, LIKELY_FINALS * final / usual, 2 * most_final / slow, "runs"),
        # none if no LoRA is delivered, but then parts of the training rows may have been held out for that verdict
        *([Step("refit", 0.0, final / usual, (1 + more) * most_final / slow, "runs")] if more else ()),
        Step("delivery", DELIVERY[0], mean(DELIVERY), DELIVERY[1], "runs"),
    ]
    least, likely, most = (sum(getattr(s, name) for s in steps) for name in ("least", "likely", "most"))
    if b.seconds is not None and most > b.seconds:
        return (*steps, Step("all", min(least, b.seconds), min(likely, b.seconds), b.seconds, "limit"))
    return (*steps, Step("all", least, likely, most, "runs"))


def _final(b: Basis) -> tuple[float, float, float]:
    """TFLOP of a final training: least and likely on the blocks of the start, most on all."""
    epochs = final_training.final_epochs(b.rows, Recipe.batch_size, b.several)
    work = epochs * b.epoch + b.evaluation
    return work, work, b.depth * work
