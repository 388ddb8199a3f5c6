"""When a delivered model abstains: which score decides, and at which threshold."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from rankfirst.measure import abstain_scores
from rankfirst.measure.scores import Bools, Floats
from rankfirst.model.evaluation import Evaluator
from rankfirst.records import Abstain

# The default without out-of-scope texts, which a comparison would need. The first has the better or the same AUROC on
# all five sets of benchmarks.out_of_scope_classes; TF-IDF only has the second.
UNSEEN: Final = ("mahalanobis", "max_prob")


class Abstention:
    """Chooses a score and its threshold for the rung to deliver, and keeps the reference that the score needs."""

    def __init__(self, models: Evaluator, coverage: float, seed: int) -> None:
        """Args: coverage: share of validation rows to answer. seed: of the out-of-scope texts used for the choice."""
        self.models, self.coverage, self.seed = models, coverage, seed
        self.multi = models.dataset.multi_label
        self._references: dict[str, abstain_scores.Reference] = {}

    def names(self) -> tuple[str, ...]:
        """Scores that this delivery supports, the simplest first."""
        if self.models.ship == "tfidf":
            return abstain_scores.BY_LOGITS
        return tuple(name for name in abstain_scores.SCORES if not (self.wide and name == "mahalanobis"))

    def reference(self, score: str) -> abstain_scores.Reference:
        """The reference of a score by states, fitted once on states of training rows from the delivered model."""
        if score not in self._references:
            labels = self.models.dataset.train.labels
            rows = [labels[row] for row in self.models.outcome.compared]
            self._references[score] = abstain_scores.fit_reference(score, self.compared, rows)
        return self._references[score]

    @cached_property
    def compared(self) -> Any:
        """(m, d) states of the training rows of the reference, from the delivered model."""
        outcome, train = self.models.outcome, self.models.dataset.train
        if self.models.ship == "frozen" and outcome.compared_states is not None:
            return outcome.compared_states
        return self.models.read([train.texts[row] for row in outcome.compared])[1]

    @property
    def wide(self) -> bool:
        """Whether the states are so wide that they are not computed unless the score needs them."""
        return self.models.engine.facts.hidden > abstain_scores.WIDEST

    def scored(self, score: str, read: tuple[Floats, Any]) -> Floats:
        """(n,) scores from what `Evaluator.read` returned."""
        logits, states = read
        if score in abstain_scores.BY_STATES:
            return self.reference(score).score(states)
        return abstain_scores.by_logits(score, logits, self.multi)

    def fit(self, right: Bools) -> tuple[Abstain, Floats]:
        """Choose the score, on out-of-scope texts if there are any, and its threshold on validation rows.

        Args: right: (n_val,) whether each answer is right.
        Returns: the choice, and the (n_val,) scores of the validation rows.
        """
        val, outside = self.models.read_val(), self.models.dataset.outside
        usual = next(name for name in UNSEEN if name in self.names())
        names = self.names() if outside else tuple({"max_prob", usual})
        inside = {name: self.scored(name, val) for name in names}
        chosen, trials = self._choose(inside, outside) if outside else (usual, ())
        threshold = abstain_scores.threshold_at(inside[chosen], self.coverage)
        kept = inside[chosen] >= threshold
        fitted = Abstain(
            threshold, float(kept.mean()), float(right[kept].mean()), float(right.mean()), chosen, self.coverage,
            abstain_scores.threshold_at(inside["max_prob"], self.coverage), len(outside), trials,
        )  # fmt: skip
        return fitted, inside[chosen]

    def _choose(self, inside: dict[str, Floats], outside: Sequence[str]) -> tuple[str, tuple[Any, ...]]:
        read = self.models.read(outside)
        return abstain_scores.choose(
            inside, {name: self.scored(name, read) for name in inside}, self.coverage, self.seed
        )

    def on_test(self, abstain: Abstain | None) -> dict[str, Any] | None:
        """The score on test rows and on out-of-scope texts not used for any choice; None without either."""
        outside = self.models.dataset.outside_test
        if abstain is None or self.models.test is None or not outside:
            return None
        inside, beyond = (
            self.scored(abstain.score, read) for read in (self.models.tested, self.models.delivered(outside))
        )
        return {"score": abstain.score, "rows": len(outside),
                "auroc": float(abstain_scores.placements(inside, beyond).mean()),
                "recall": float((beyond < abstain.threshold).mean()),
                "coverage": float((inside >= abstain.threshold).mean())}  # fmt: skip

    def save(self, abstain: Abstain | None, folder: Path) -> None:
        """Write the reference of the score into `folder`; remove an old one if the score needs none."""
        path = folder / abstain_scores.FILE
        if abstain is None or abstain.score not in abstain_scores.BY_STATES:
            path.unlink(missing_ok=True)
        elif self._references or not path.exists():  # a repeated run has written it already
            abstain_scores.save(self.reference(abstain.score), path)
