"""The search space: values of each knob, size of a move, start of a search; as measured, or as in the seed table.

Values come from a grid, so that a recipe that was tried is recognised and equal inputs give equal answers.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from rankfirst.errors import OptionError
from rankfirst.policy import thresholds as t
from rankfirst.records import ALL_ROLES, ATTENTION_QV, QV_FFN, Sites


@dataclass(frozen=True)
class SearchSpace:
    """The values that knobs may take, and the size of each move."""

    name: str
    ranks: tuple[int, ...]
    rank_steps: int  # ladder steps of one move of rank
    lrs: tuple[float, ...]  # peak lr
    lr_steps: int  # ladder steps of one move of lr
    arm_steps: int  # ladder steps of the diagnostic lr arm in the capacity stage
    band: tuple[float, float]  # usual peak lr; every step past it needs an experiment, or `--wide-lr`
    scalings: tuple[float, ...]  # a = alpha / r
    scaling_steps: int  # ladder steps of one move of a
    start_rank: int
    start_lr: float
    start_scaling: float
    start_dropout: float
    repeats: bool  # whether a fluctuating probe is repeated under another seed
    rivals: bool  # whether a larger a is trained to its end as well, see `rival.py`
    sites: Callable[[int], list[Sites]]  # number of layers of the base -> sets of sites from small to large


def site_ladder(layers: int) -> list[Sites]:
    """Sets of sites by the meaning of their layers, from small to large.

    q/v in the top block; in the top third; with FFN; q/v in every block, while FFN stays on top; q/v and FFN in two
    thirds of the blocks; in all blocks; every linear layer. The start, see `start_layers`, is one of them.
    """
    top, more = _depths(layers)
    small = [Sites(ATTENTION_QV, k) for k in sorted({1, top})]
    everywhere = [Sites(QV_FFN, top, ATTENTION_QV)] if top < layers else []
    deeper = [Sites(QV_FFN, k) for k in sorted({more, layers} - {top})]
    return [*small, Sites(QV_FFN, top), *everywhere, *deeper, Sites(ALL_ROLES, layers)]


def start_layers(layers: int) -> int:
    """The deepest set with FFN that is within START_TOP_LAYERS and leaves blocks to add."""
    few, more = _depths(layers)
    return more if more <= t.START_TOP_LAYERS[1] and more < layers else few


def _depths(layers: int) -> tuple[int, int]:
    """(a third of the blocks, but within START_TOP_LAYERS; two thirds, and at least twice that)."""
    least, most = t.START_TOP_LAYERS
    few = min(layers, max(least, min(most, round(layers / 3))))
    return few, min(layers, max(2 * few, round(2 * layers / 3)))


def step(ladder: Sequence[float], value: float, rungs: int) -> float | None:
    """The value `rungs` up (or down) the ladder, at most its end; None if `value` is the end already."""
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
    scalings=t.SCALINGS,
    scaling_steps=1,
    start_rank=t.START_RANK,
    start_lr=t.START_LR,
    start_scaling=t.START_SCALING,
    start_dropout=t.START_DROPOUT,
    repeats=True,
    rivals=True,
    sites=site_ladder,
)
SEED: Final = replace(
    MEASURED,
    name="seed",
    lr_steps=1,
    scalings=t.SEED_SCALINGS,
    start_rank=t.SEED_START_RANK,
    start_scaling=t.SEED_SCALINGS[0],
    rivals=False,
)
SPACES: Final = {space.name: space for space in (MEASURED, SEED)}


def named(name: str) -> SearchSpace:
    """The search space that `--profile` names. Raises: OptionError."""
    if name not in SPACES:
        raise OptionError("option.bad_choice", flag="--profile", value=name, known=", ".join(SPACES))
    return SPACES[name]
