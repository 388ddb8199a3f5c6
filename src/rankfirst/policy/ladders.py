"""The rungs every knob may stand on, how far a move goes, where a walk starts: by measurement, and as the seed has it.

Ladders, not floats: a recipe that was tried is recognised, and two users who ask the same question get the same answer.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from rankfirst.errors import OptionError
from rankfirst.policy import thresholds as t
from rankfirst.records import ALL_ROLES, ATTENTION_QV, FFN, Sites

QV_FFN = (*ATTENTION_QV, *FFN)


@dataclass(frozen=True)
class Ladders:
    """What the moves may do."""

    name: str
    ranks: tuple[int, ...]
    rank_rungs: int  # a move of rank
    lrs: tuple[float, ...]  # peak lr
    lr_rungs: int  # a move of lr
    arm_rungs: int  # lr in an experiment of the capacity stage: for diagnosis, the recipe does not take it
    band: tuple[float, float]  # usual peak lr: past it every step needs its own confirmation, or `--wide-lr`
    start_rank: int
    start_lr: float
    start_dropout: float
    repeats: bool  # whether a probe that swings is repeated under another seed
    sites: Callable[[int], list[Sites]]  # layers of the base -> site sets from small to large


def site_ladder(layers: int) -> list[Sites]:
    """q/v in the top block, in the top third, FFN beside them, twice as deep, all blocks, every linear layer."""
    top = start_layers(layers)
    depths = sorted({top, min(2 * top, layers), layers})
    small = [Sites(ATTENTION_QV, k) for k in sorted({1, top})]
    return [*small, *(Sites(QV_FFN, k) for k in depths), Sites(ALL_ROLES, layers)]


def start_layers(layers: int) -> int:
    """A third of the blocks, inside the seed's 2-4."""
    few, more = t.START_TOP_LAYERS
    return min(layers, max(few, min(more, round(layers / 3))))


def step(ladder: Sequence[float], value: float, rungs: int) -> float | None:
    """The value `rungs` up (or down) the ladder; the end of it when nearer; None when already there."""
    at = min(range(len(ladder)), key=lambda i: abs(ladder[i] - value))
    to = min(max(at + rungs, 0), len(ladder) - 1)
    return None if to == at else ladder[to]


MEASURED: Final = Ladders(
    name="measured",
    ranks=t.RANKS,
    rank_rungs=2,
    lrs=t.LRS,
    lr_rungs=2,
    arm_rungs=2,
    band=t.BAND,
    start_rank=t.START_RANK,
    start_lr=t.START_LR,
    start_dropout=t.START_DROPOUT,
    repeats=True,
    sites=site_ladder,
)
SEED: Final = replace(MEASURED, name="seed", lr_rungs=1, start_rank=t.SEED_START_RANK)
LADDERS: Final = {ladders.name: ladders for ladders in (MEASURED, SEED)}


def named(name: str) -> Ladders:
    """By what `--profile` calls it. Raises: OptionError."""
    if name not in LADDERS:
        raise OptionError("option.bad_choice", flag="--profile", value=name, known=", ".join(LADDERS))
    return LADDERS[name]
