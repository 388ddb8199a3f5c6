"""From probabilities to an answer: what was fitted on validation rows, and what it is worth there."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ScopeTrial:
    """How well a score tells texts of no class from rows with one (measure.scope)."""

    score: str  # max_prob, energy, mahalanobis or knn
    chosen_on: float  # AUROC on the half of the texts that the choice was made on
    auroc: float  # on the other half
    recall: float  # share of the other half below the threshold that keeps the coverage asked for


@dataclass(frozen=True)
class Abstain:
    """From which score on a text is answered; below it a person should look, e.g. at texts outside every class."""

    threshold: float  # of `score`; max_prob: the probability that the answer is exactly right
    coverage: float  # share of validation rows at or above it
    accuracy_kept: float  # exact match on those
    accuracy_all: float
    score: str = "max_prob"
    asked: float | None = None  # the coverage asked for; None in runs that halved the errors instead
    fallback: float | None = None  # threshold of max_prob at that coverage, where a format gives no pooled states
    outside: int = 0  # texts of no class that the score was chosen and judged with; 0: taken without any
    trials: tuple[ScopeTrial, ...] = ()

    @property
    def confidence(self) -> float:
        """The same as a threshold of the largest probability, for those who know no other score."""
        return self.threshold if self.score == "max_prob" or self.fallback is None else self.fallback


@dataclass(frozen=True)
class Costs:
    """What answers cost, a row. A cell that is not named costs 0 where the answer is right, 1 where it is wrong."""

    cells: tuple[tuple[int, int, float], ...]  # (true class, predicted class, cost)
    abstain: float | None = None  # of leaving a row to a person; None: costs say nothing about that


@dataclass(frozen=True)
class Calibration:
    """How the delivered model turns its logits into answers."""

    rung: str
    temperature: float
    ece_before: float  # expected calibration error on validation, at temperature 1
    ece_after: float
    thresholds: tuple[float, ...] | None  # (C,) multi-label, None = 0.5 everywhere
    moved: int  # labels whose threshold left 0.5
    at_least_one: bool  # a row none of whose labels reaches its threshold gets the likeliest one
    f1_before: float  # macro-F1 on validation with 0.5 everywhere
    f1_after: float
    abstain: Abstain | None  # None in old runs where confidence did not tell right from wrong
    # On validation rows, for the report; () in runs of older versions.
    reliability_before: tuple[tuple[float, float, int], ...] = ()  # (confidence, share right, predictions) a bin
    reliability_after: tuple[tuple[float, float, int], ...] = ()
    answered: tuple[tuple[float, float], ...] = ()  # (share of rows answered, share of these right), surest first
    beta: float = 1.0  # thresholds maximise F-beta a label
    fbeta_before: float | None = None  # macro F-beta on validation with 0.5 everywhere; None where beta is 1
    fbeta_after: float | None = None
    costs: Costs | None = None  # the answer with the least expected cost is given
    cost_before: float | None = None  # mean cost a validation row of the likeliest answers
    cost_after: float | None = None
