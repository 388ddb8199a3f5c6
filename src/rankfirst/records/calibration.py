"""From probabilities to an answer: what was fitted on validation rows, and its effect there."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ScopeTrial:
    """How well a score separates out-of-scope texts from in-scope rows (see measure.scope)."""

    score: str  # max_prob, energy, mahalanobis or knn
    chosen_on: float  # AUROC on the half of the out-of-scope texts that the choice was made on
    auroc: float  # on the other half
    recall: float  # share of the other half that falls below the threshold at the requested coverage


@dataclass(frozen=True)
class Abstain:
    """When the model abstains: below `threshold` a person should look at the text, e.g. because no class fits."""

    threshold: float  # on `score`; for max_prob: the probability that the answer is exactly right
    coverage: float  # share of validation rows at or above it
    accuracy_kept: float  # exact match on those rows
    accuracy_all: float
    score: str = "max_prob"
    asked: float | None = None  # the requested coverage; None in runs that instead targeted half the errors
    fallback: float | None = None  # threshold of max_prob at the same coverage, for formats without pooled states
    outside: int = 0  # out-of-scope texts that the score was chosen and evaluated on; 0: default score
    trials: tuple[ScopeTrial, ...] = ()

    @property
    def confidence(self) -> float:
        """The equivalent threshold on the largest probability, for consumers that support no other score."""
        return self.threshold if self.score == "max_prob" or self.fallback is None else self.fallback


@dataclass(frozen=True)
class Costs:
    """Cost per row of each answer. A cell that is not listed costs 0 if the answer is right and 1 if it is wrong."""

    cells: tuple[tuple[int, int, float], ...]  # (true class, predicted class, cost)
    abstain: float | None = None  # of abstaining; None: not decided by cost


@dataclass(frozen=True)
class Calibration:
    """How the delivered model turns its logits into answers."""

    rung: str
    temperature: float
    ece_before: float  # expected calibration error on validation, at temperature 1
    ece_after: float
    thresholds: tuple[float, ...] | None  # (C,) multi-label, None = 0.5 everywhere
    moved: int  # number of labels with a threshold of their own
    at_least_one: bool  # a row that reaches no threshold gets its likeliest label
    f1_before: float  # macro-F1 on validation with every threshold at 0.5
    f1_after: float
    abstain: Abstain | None  # None in old runs in which confidence did not separate right from wrong
    # On validation rows, for the report; () in runs of older versions.
    reliability_before: tuple[tuple[float, float, int], ...] = ()  # per bin: (confidence, accuracy, count)
    reliability_after: tuple[tuple[float, float, int], ...] = ()
    answered: tuple[tuple[float, float], ...] = ()  # (coverage, accuracy on the covered rows), most confident first
    beta: float = 1.0  # thresholds maximise F-beta per label
    fbeta_before: float | None = None  # macro F-beta on validation with every threshold at 0.5; None if beta is 1
    fbeta_after: float | None = None
    costs: Costs | None = None  # set: the answer of least expected cost is given
    cost_before: float | None = None  # mean cost per validation row of answering the likeliest class
    cost_after: float | None = None
    pairs: bool = (
        False  # the reliability is over pairs of a row and a label, most of which are "no"; unknown in old runs
    )
    shared: float | None = None  # threshold of all other labels; None without thresholds, and in old runs (0.5)
