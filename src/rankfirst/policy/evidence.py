"""The evidence that a decision is made from."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from rankfirst.policy.search_space import MEASURED, SearchSpace
from rankfirst.records import BaseFacts, Curve, ExperimentResult, Profile, Stage


@dataclass(frozen=True)
class Ceiling:
    """The largest adapter that the data justify (`first_recipe.ceiling`), and the numbers it follows from."""

    max_rank: int
    max_layers: int
    numbers: Mapping[str, float | int | str] = field(default_factory=dict)


@dataclass(frozen=True)
class Noise:
    """The noise floor of validation figures: standard errors over validation rows."""

    f1_se: float  # macro-F1
    loss_se: float  # nats/example
    rows: int


@dataclass(frozen=True)
class Evidence:
    """One probe and all that is known from the steps before it."""

    stage: Stage
    curve: Curve
    truth: tuple[tuple[int, ...], ...]  # (n_val,) class indexes
    profile: Profile
    facts: BaseFacts
    noise: Noise
    ceiling: Ceiling
    incumbent: Curve | None = None  # the best probe before this one
    before: Curve | None = None  # the probe the last move started from
    experiment: ExperimentResult | None = None  # of this probe and its arms
    seeds: tuple[Curve, ...] = ()  # the same recipe under other seeds
    tried: frozenset[str] = frozenset()  # keys of recipes the search has been at; it does not revisit them
    probed: frozenset[str] = frozenset()  # keys of recipes with a finished probe, arms included: they cost nothing
    closed: frozenset[str] = frozenset()  # moves taken back, as "rank+", "sites-", "lr+", ...
    moves: int = 0  # changes made in this stage
    drop_doubtful: bool = False  # the user lets doubtful rows be left out where that is the better bet
    without_tried: bool = False  # whether a probe without the doubtful rows was trained, from whichever recipe
    pinned: frozenset[str] = frozenset()  # knobs the user set: no rule moves them; "rows": none may be left out
    wide_lr: bool = False
    space: SearchSpace = MEASURED
    work_left: float = float("inf")  # TFLOP for probes and experiments
