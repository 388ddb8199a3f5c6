"""A decision: one move, the rule that made it, and everything that led to it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from rankfirst.records.finding import Finding, Number
from rankfirst.records.meaning import UNKNOWN_RULE, Family, Meaning
from rankfirst.records.old_journals import MEANINGS
from rankfirst.records.recipe import Recipe


class Stage(StrEnum):
    """In the order in which a run passes through them."""

    ASSESS = "assess"
    CAPACITY = "capacity"
    OPTIMISE = "optimise"
    RECHECK = "recheck"
    FINAL = "final"


class ArmKind(StrEnum):
    """The arms of an experiment: each changes one knob, or the training rows, and is compared with changing nothing."""

    NONE = "none"
    LR = "lr"
    LR_DOWN = "lr-"
    SEED = "seed"
    RANK = "rank"
    RANK_DOWN = "rank-"
    SITES = "sites"
    SITES_DOWN = "sites-"
    SCALING = "scaling"
    DROPOUT = "dropout"
    DATA = "data"  # the same recipe without the training rows whose labels are doubtful


@dataclass(frozen=True)
class Arm:
    """One change of a recipe, trained from the same start as the recipe's own probe."""

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
    """Train these arms: as long as the probe, on the same rows in the same order."""

    arms: tuple[Arm, ...]


@dataclass(frozen=True)
class Advance:
    """This stage is complete."""

    stage: Stage


@dataclass(frozen=True)
class Stop:
    """No further training is worthwhile; `reason` is a key in messages.rules."""

    reason: str


Move = Change | Extend | Experiment | Advance | Stop


@dataclass(frozen=True)
class Decision:
    """What was decided, by which rule, on which findings, and what was rejected on the way."""

    stage: Stage
    rule_id: str  # see `conclusion` for its sentence
    move: Move
    recipe: Recipe  # the recipe that the evidence is about
    findings: tuple[tuple[str, Finding], ...]  # (rule id, finding) in table order, up to the rule that fired
    turned_down: tuple[tuple[str, str], ...] = ()  # (rule id, key in messages.rules): PRESENT without room
    refused: tuple[str, ...] = ()  # "no_<knob>_<reason>", keys in messages.rules: what is left alone, and why
    numbers: Mapping[str, Number] = field(default_factory=dict)
    work: float = 0.0  # TFLOP spent on the evidence
    meanings: Mapping[str, Meaning] = field(default_factory=dict)  # of every rule of its table; none in old journals
    # whether the gain of the arm that it follows is proven (rows and seeds); None: it follows no arm, or an old journal
    proven: bool | None = None

    @property
    def conclusion(self) -> str:
        """The code of its sentence in messages.rules: a claim if the gain is proven, otherwise that it is a bet."""
        certainty = {True: ".proven", False: ".bet", None: ""}[self.proven]
        return f"conclusion.{self.rule_id}{certainty}"

    @property
    def table(self) -> Mapping[str, Meaning]:
        """Rule id -> what it is about, for every rule of the table, in its order."""
        return self.meanings or MEANINGS

    @property
    def meaning(self) -> Meaning:
        """What the rule that decided is about."""
        return self.table.get(self.rule_id, UNKNOWN_RULE)

    @property
    def family(self) -> Family:
        """Of the rule that decided."""
        return self.meaning.family

    @property
    def finding(self) -> Finding | None:
        """The finding that it acted on."""
        return dict(self.findings).get(self.rule_id)

    @property
    def read(self) -> Iterator[tuple[Meaning, Finding]]:
        """What every rule up to the one that decided is about, and its finding."""
        return ((self.table.get(rule, UNKNOWN_RULE), finding) for rule, finding in self.findings)

    @property
    def blocked(self) -> Iterator[tuple[Meaning, str]]:
        """What every rule that fired without room to act is about, and the key of the reason."""
        return ((self.table.get(rule, UNKNOWN_RULE), code) for rule, code in self.turned_down)
