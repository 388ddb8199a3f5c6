"""What a rule's conclusion is about, for everybody who tells it without knowing the rule."""

from dataclasses import dataclass
from enum import StrEnum


class Family(StrEnum):
    """Conclusions that are told alike."""

    OTHER = "other"  # of a rule that this version does not know
    DIVERGENCE = "divergence"  # a loss or gradient is not finite
    OUT_OF_MEMORY = "out_of_memory"
    EVIDENCE = "evidence"  # too little of it: the probe goes on
    TAKEN_BACK = "taken_back"  # the last change cost more than it gave; a Change returns to the recipe before it
    FORGETTING = "forgetting"  # training rows are known worse than at the start
    DATA = "data"  # the labels are the limit
    OVER_CAPACITY = "over_capacity"
    EXPERIMENT = "experiment"  # curves do not tell, so an arm is trained
    CAPACITY_LIMIT = "capacity_limit"  # an experiment named rank or target modules
    UNDER_CAPACITY = "under_capacity"  # the same read off a curve, without an experiment
    AMBIGUOUS = "ambiguous"  # lr or capacity: no experiment told them apart
    IMPROVING = "improving"  # training and validation both are
    CAPACITY_SUFFICIENT = "capacity_sufficient"  # said for another reason
    LR_TOO_SMALL = "lr_too_small"
    LR_TOO_LARGE = "lr_too_large"
    SEED_SPREAD = "seed_spread"
    LR_INSENSITIVE = "lr_insensitive"
    OVERCONFIDENCE = "overconfidence"
    NO_CHANGE = "no_change"  # nothing here asks for a change, or nothing can be read
    REQUESTED = "requested"  # the user's own setting


@dataclass(frozen=True)
class Meaning:
    """What a rule's conclusion is about."""

    family: Family = Family.OTHER
    knobs: tuple[str, ...] = ()  # it speaks of these
    way: int = 0  # it moves them up (1), down (-1), or not at all
    quotes: tuple[str, ...] = ()  # numbers of its finding that are told beside the move


UNKNOWN_RULE = Meaning()
