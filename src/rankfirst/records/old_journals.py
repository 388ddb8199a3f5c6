"""FROZEN: the meanings of rules in journals written before `Decision.meanings` existed.

Later decisions carry their meanings. A new rule gets no row here, and no row is ever changed: an old run is described
as it was decided, even if the rule no longer exists.
"""

from collections.abc import Mapping
from typing import Final

from rankfirst.records.meaning import Family, Meaning

MEANINGS: Final[Mapping[str, Meaning]] = {
    "numerics": Meaning(Family.DIVERGENCE),
    "numerics_again": Meaning(Family.DIVERGENCE),
    "numerics_once": Meaning(Family.DIVERGENCE),
    "memory": Meaning(Family.OUT_OF_MEMORY),
    "too_little": Meaning(Family.EVIDENCE),
    "took_worse": Meaning(Family.TAKEN_BACK, quotes=("f1", "f1_se", "gain", "se")),
    "recall_lost": Meaning(Family.TAKEN_BACK),
    "data_limited": Meaning(Family.DATA),
    "overfit": Meaning(Family.OVER_CAPACITY, ("rank", "sites"), -1, ("train_from", "train_to")),
    "untested": Meaning(Family.EXPERIMENT),
    "rank_limited": Meaning(Family.CAPACITY_LIMIT, ("rank",), 1),
    "sites_limited": Meaning(Family.CAPACITY_LIMIT, ("sites",), 1, ("sites", "sites_se")),
    "lr_limited": Meaning(Family.CAPACITY_SUFFICIENT, ("lr",)),
    "undecided": Meaning(Family.NO_CHANGE),
    "underfit": Meaning(Family.UNDER_CAPACITY, ("rank", "sites"), 1, ("train_f1",)),
    "look_alike": Meaning(Family.AMBIGUOUS),
    "capacity_right": Meaning(Family.IMPROVING),
    "cannot_tell": Meaning(Family.NO_CHANGE),
    "capacity_enough": Meaning(Family.CAPACITY_SUFFICIENT),
    "lr_small": Meaning(Family.LR_TOO_SMALL, ("lr",), 1, ("lr", "lr_se")),
    "falls_slowly": Meaning(Family.LR_TOO_SMALL, ("lr",), 1, ("rate", "train_f1")),
    "lr_large": Meaning(Family.LR_TOO_LARGE, ("lr",), -1, ("lr_down", "lr_down_se")),
    "unlearning": Meaning(Family.FORGETTING, ("lr",), -1, ("fell",)),
    "oscillate": Meaning(Family.LR_TOO_LARGE, ("lr",), -1, ("variation", "swing")),
    "seeds": Meaning(Family.SEED_SPREAD, ("lr",), -1, ("spread", "limit")),
    "over_confident": Meaning(Family.OVERCONFIDENCE, ("dropout",), 1),
    "no_arm": Meaning(Family.NO_CHANGE),
    "insensitive": Meaning(Family.LR_INSENSITIVE, ("scaling",), 1, ("change",)),
    "settled": Meaning(Family.NO_CHANGE),
    "asked": Meaning(Family.REQUESTED),
}
