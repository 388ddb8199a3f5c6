"""The first recipe of a search, and the ceiling of its capacity."""

import math

from rankfirst.policy import thresholds as t
from rankfirst.policy.evidence import Ceiling
from rankfirst.policy.search_space import MEASURED, SearchSpace, start_layers
from rankfirst.records import QV_FFN, BaseFacts, Head, Number, Profile, Recipe, Sites


def start(profile: Profile, facts: BaseFacts, seed: int = 0, space: SearchSpace = MEASURED) -> Recipe:
    """The seed's conservative recipe, r 8-16, q/v and FFN of the top 2-4 blocks, lr in its band; a as measured."""
    return Recipe(
        rank=min(space.start_rank, ceiling(profile, facts).max_rank),
        sites=Sites(QV_FFN, start_layers(facts.layers)),
        scaling=space.start_scaling,
        lr=space.start_lr,
        dropout=space.start_dropout,
        head=Head.PROBE,
        seed=seed,
    )


def ceiling(profile: Profile, facts: BaseFacts) -> Ceiling:
    """The largest rank on all layers whose adapter stores at most CEILING_SLACK times the information in the labels.

    Labels hold at most N * log2(effective classes) bits (N counts labels if rows carry several); an adapter stores
    about 2 bits per weight. A heuristic prior ("LoRA Without Regret"), so it limits the rank and never chooses it.
    """
    suspects = len(profile.suspects) / max(1, profile.n_train)
    carried = profile.n_train * max(1.0, profile.labels_per_row)
    bits = carried * math.log2(max(2.0, profile.effective_classes)) * (1 - suspects)
    per_rank = facts.adapter_parameters(1, Sites(QV_FFN, facts.layers)) * t.BITS_PER_PARAMETER
    allowed = t.CEILING_SLACK * bits / max(1.0, per_rank)
    rank = max([r for r in t.RANKS if r <= allowed], default=t.RANKS[0])
    rank = max(rank, t.START_RANK)  # which loses nothing on any set that was measured, the smallest included
    numbers: dict[str, Number] = {
        "rows": profile.n_train,
        "classes": len(profile.classes),
        "effective": profile.effective_classes,
        "suspects": suspects,
        "kbit": bits / 1000,
        "per_rank_kbit": per_rank / 1000,
        "slack": t.CEILING_SLACK,
        "rank": rank,
    }
    return Ceiling(max_rank=int(rank), max_layers=facts.layers, numbers=numbers)
