"""The search space: the values of each knob, how far a move goes, where a walk starts; measured, or as in the seed.

Values come from a grid: a recipe that was tried is recognised, and two users who ask the same question get the same
answer.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from rankfirst.errors import OptionError
from rankfirst.policy import thresholds as t
from rankfirst.records import ALL_ROLES, ATTENTION_QV, QV_FFN, Sites


@dataclass(frozen=True)
class SearchSpace:
    """What the moves may do."""

    name: str
    ranks: tuple[int, ...]
    rank_steps: int  # a move of rank
    lrs: tuple[float, ...]  # peak lr
    lr_steps: int  # a move of lr
    arm_steps: int  # lr in an experiment of the capacity stage: for diagnosis, the recipe does not take it
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


MEASURED: Final = SearchSpace(
    name="measured",
    ranks=t.RANKS,
    rank_steps=2,
    lrs=t.LRS,
    lr_steps=2,
    arm_steps=2,
    band=t.BAND,
    start_rank=t.START_RANK,
    start_lr=t.START_LR,
    start_dropout=t.START_DROPOUT,
    repeats=True,
    sites=site_ladder,
)
SEED: Final = replace(MEASURED, name="seed", lr_steps=1, start_rank=t.SEED_START_RANK)
SPACES: Final = {space.name: space for space in (MEASURED, SEED)}


def named(name: str) -> SearchSpace:
    """By what `--profile` calls it. Raises: OptionError."""
    if name not in SPACES:
        raise OptionError("option.bad_choice", flag="--profile", value=name, known=", ".join(SPACES))
    return SPACES[name]
