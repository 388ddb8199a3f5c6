"""What a log can look like, and what follows from each look."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Look(StrEnum):
    """The shape of a run. A look is no verdict: it was not tested against a noise floor."""

    # --- the training itself went wrong; `faults` finds these, in this order ---
    DIVERGED = "diverged"
    NO_LOSS = "no_loss"  # loss exactly 0 from the first point
    NO_LR = "no_lr"  # lr 0 throughout
    NO_GRADIENT = "no_gradient"  # gradient norm 0 throughout
    FELL_BACK = "fell_back"  # learnt, then lost it again
    ROSE = "rose"
    WARMUP = "warmup"  # lr still rising at the end
    TOO_EASY = "too_easy"  # loss near 0 within a few steps
    ONE_CLASS = "one_class"  # one class predicted for all rows
    UNLEARNT = "unlearnt"  # loss at that of guessing
    CUT_SHORT = "cut_short"  # the log ends before the planned run does
    # --- the shape of a run without such a fault ---
    TURNED = "turned"  # training loss far down, validation worse
    CREEPING = "creeping"  # validation loss up, its score not down
    FALLING = "falling"  # training loss still falling at the end
    RAN_OUT = "ran_out"  # flat, but lr had decayed by then
    PLATEAU = "plateau"  # flat before lr had decayed
    LEARNT = "learnt"  # flat because there is nothing left to learn
    UNCLEAR = "unclear"


@dataclass(frozen=True)
class Row:
    """What follows from one look, as message codes (`logs.*`, and reasons of the guard)."""

    experiment: str  # its placeholders are from `arms.numbers`
    leave: tuple[str, ...]
    smaller: bool = False  # whether the arms lower their knob instead of raising it
    plain: str = ""  # the experiment if no adapter is in sight; "": the same


LOOKS: Final[Mapping[Look, Row]] = {
    Look.DIVERGED: Row("logs.try.numerics", ("logs.leave.rank_diverged",)),
    Look.NO_LOSS: Row("logs.try.labels", ("logs.leave.all_fault",)),
    Look.NO_LR: Row("logs.try.scheduler", ("logs.leave.all_fault",)),
    Look.NO_GRADIENT: Row("logs.try.gradients", ("logs.leave.all_fault",)),
    Look.ROSE: Row("logs.try.lower_lr", ("logs.leave.rank_rose",)),
    Look.FELL_BACK: Row("logs.try.lower_lr_warm", ("logs.leave.rank_rose",)),
    Look.WARMUP: Row("logs.try.warmup", ("logs.leave.all_fault",)),
    Look.TOO_EASY: Row("logs.try.leak", ("logs.leave.all_easy",)),
    Look.ONE_CLASS: Row("logs.try.trains", ("logs.leave.rank_unlearnt",)),
    Look.UNLEARNT: Row("logs.try.trains", ("logs.leave.rank_unlearnt",)),
    Look.CUT_SHORT: Row("logs.try.resume", ("logs.leave.all_cut",)),
    Look.TURNED: Row("logs.try.anew", ("no_lr_overfit", "no_dropout_capacity"), True, "logs.try.anew_plain"),
    Look.CREEPING: Row("logs.try.dropout", ("logs.leave.rank_creeping", "logs.leave.lr_creeping")),
    Look.FALLING: Row("logs.try.arms", ("logs.leave.look_alike", "no_dropout_capacity"), plain="logs.try.arms_plain"),
    Look.RAN_OUT: Row("logs.try.constant", ("logs.leave.all_ran_out",)),
    Look.PLATEAU: Row("logs.try.arms", ("no_lr_underfit", "no_scaling_underfit", "no_dropout_capacity"),
                      plain="logs.try.arms_plain"),
    Look.LEARNT: Row("logs.try.seeds", ("logs.leave.all_learnt",)),
    Look.UNCLEAR: Row("logs.try.again", ("logs.leave.all_unclear",)),
}  # fmt: skip
# Looks for which an lr outside the band must be corrected first: the others show that the lr was sufficient, or have a
# cause of their own.
LR_FIRST: Final = frozenset({Look.ROSE, Look.TURNED, Look.FALLING, Look.PLATEAU, Look.UNCLEAR})
# Faults that mean the same whatever the run was trained for.
ANY_TASK: Final = frozenset({Look.DIVERGED, Look.NO_LOSS, Look.NO_LR, Look.NO_GRADIENT, Look.ROSE, Look.FELL_BACK,
                             Look.WARMUP, Look.CUT_SHORT})  # fmt: skip
# Faults of a classifier, whatever was trained: an adapter of any kind or all weights.
CLASSIFIER: Final = ANY_TASK | {Look.TOO_EASY, Look.ONE_CLASS, Look.UNLEARNT}
