"""What the conclusion of a rule is about, for code that describes decisions without knowing the rules."""

from dataclasses import dataclass
from enum import StrEnum


class Family(StrEnum):
    """Groups of conclusions that are described alike."""

    OTHER = "other"  # of a rule unknown to this version
    DIVERGENCE = "divergence"  # a loss or gradient is not finite
    OUT_OF_MEMORY = "out_of_memory"
    EVIDENCE = "evidence"  # too little evidence: the probe is continued
    TAKEN_BACK = "taken_back"  # the last change did more harm than good; a Change returns to the previous recipe
    FORGETTING = "forgetting"  # training rows are predicted worse than at the start
    DATA = "data"  # label noise is the limit
    OVER_CAPACITY = "over_capacity"
    EXPERIMENT = "experiment"  # curves are inconclusive, so an arm is trained
    CAPACITY_LIMIT = "capacity_limit"  # an experiment identified rank or target modules
    UNDER_CAPACITY = "under_capacity"  # the same, concluded from a curve without an experiment
    SPARE_CAPACITY = "spare_capacity"  # an experiment showed that a smaller adapter is as good
    AMBIGUOUS = "ambiguous"  # lr or capacity: no experiment separated them
    IMPROVING = "improving"  # training and validation both improve
    CAPACITY_SUFFICIENT = "capacity_sufficient"  # concluded for another reason
    LR_TOO_SMALL = "lr_too_small"
    LR_TOO_LARGE = "lr_too_large"
    SEED_SPREAD = "seed_spread"
    LR_INSENSITIVE = "lr_insensitive"
    OVERCONFIDENCE = "overconfidence"
    NO_CHANGE = "no_change"  # nothing calls for a change, or the evidence is unreadable
    REQUESTED = "requested"  # set by the user


@dataclass(frozen=True)
class Meaning:
    """What the conclusion of a rule is about."""

    family: Family = Family.OTHER
    knobs: tuple[str, ...] = ()  # the knobs it concerns
    way: int = 0  # it moves them up (1), down (-1), or not at all (0)
    quotes: tuple[str, ...] = ()  # numbers of its finding that are shown with the move


UNKNOWN_RULE = Meaning()
