"""A decision: one move, the rule that made it, and everything that led to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from rankfirst.records.finding import Finding, Number
from rankfirst.records.recipe import Recipe


class Stage(StrEnum):
    """In the order in which a run passes through them."""

    ASSESS = "assess"
    CAPACITY = "capacity"
    OPTIMISE = "optimise"
    RECHECK = "recheck"
    FINAL = "final"


class ArmKind(StrEnum):
    """The arms of an experiment: each changes one knob (or a pair), compared with changing nothing."""

    NONE = "none"
    LR = "lr"
    LR_DOWN = "lr-"
    SEED = "seed"
    RANK = "rank"
    SITES = "sites"
    RANK_AND_LR = "rank+lr"
    SITES_AND_LR = "sites+lr"


@dataclass(frozen=True)
class Arm:
    """One branch from a common checkpoint."""

    kind: ArmKind
    recipe: Recipe


@dataclass(frozen=True)
class Change:
    """Train another recipe next."""

    recipe: Recipe


@dataclass(frozen=True)
class Extend:
    """Continue the same probe, up to `epochs` in total."""

    epochs: float


@dataclass(frozen=True)
class Experiment:
    """Short arms from one checkpoint, with the same rows in the same order."""

    arms: tuple[Arm, ...]


@dataclass(frozen=True)
class Advance:
    """This stage is complete."""

    stage: Stage


@dataclass(frozen=True)
class Stop:
    """No further training is worthwhile; `reason` is a key in words.policy."""

    reason: str


Move = Change | Extend | Experiment | Advance | Stop


@dataclass(frozen=True)
class Decision:
    """What was decided, by which rule, on which findings, and what was rejected on the way."""

    stage: Stage
    rule_id: str  # "conclusion.<rule_id>" is its sentence in words.policy
    move: Move
    recipe: Recipe  # the recipe that the evidence is about
    findings: tuple[tuple[str, Finding], ...]  # (rule id, finding) in table order, up to the rule that fired
    turned_down: tuple[tuple[str, str], ...] = ()  # (rule id, key in words.policy): matched, but had no possible action
    refused: tuple[str, ...] = ()  # keys in words.policy: knobs that this decision leaves alone, and why
    numbers: Mapping[str, Number] = field(default_factory=dict)
    work: float = 0.0  # TFLOP spent on the evidence
