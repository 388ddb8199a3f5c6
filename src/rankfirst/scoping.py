"""When a delivered model should not answer: which score says so, and from where on."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np

from rankfirst.autopilot import Outcome
from rankfirst.measure import scope
from rankfirst.measure.scores import Bools, Floats
from rankfirst.records import Abstain, Dataset

# Without texts of no class nothing can be compared. The first is the better or as good by AUROC on all five sets of
# benchmarks.out_of_scope_classes; TF-IDF has the second only.
UNSEEN: Final = ("mahalanobis", "max_prob")


class Reader:
    """What the delivered model sees in texts: logits over the temperature, and pooled states where it has some."""

    def __init__(self, outcome: Outcome, engine: Any, dataset: Dataset, temperature: float) -> None:
        self.outcome, self.engine, self.dataset, self.temperature = outcome, engine, dataset, temperature
        self.ship = outcome.shipping.ship
        self.known: dict[str, Any] = {}

    def states(self, split: str) -> Any:
        """(n, d) states of a whole split by the untouched base, in the frozen rung's pooling; encoded once."""
        if split not in self.known:
            self.known[split] = self.engine.features(split)[self.outcome.frozen.pooling]
        return self.known[split]

    def of(self, split: str) -> tuple[Floats, Any]:
        """As `read`, of a whole split: "val" or "test"."""
        if self.ship == "frozen":
            return self._frozen(self.states(split))
        rows = self.dataset.val if split == "val" else self.dataset.test
        assert rows is not None
        return self.read(rows.texts)

    def _frozen(self, states: Any) -> tuple[Floats, Any]:
        return self.outcome.frozen.head.logits(states).astype(np.float64) / self.temperature, states

    def read(self, texts: Sequence[str]) -> tuple[Floats, Any]:
        """(n, C) logits and (n, d) states, or None for TF-IDF."""
        outcome = self.outcome
        if self.ship == "tfidf":
            return outcome.tfidf.logits(texts), None
        if self.ship == "frozen":
            return self._frozen(self.engine.encode(texts)[outcome.frozen.pooling])
        assert outcome.final is not None
        states, logits = self.engine.read(outcome.final.checkpoint, texts)
        return logits.astype(np.float64) / self.temperature, states

    def reference(self, score: str) -> scope.Reference:
        """What a score by states compares with: some training rows as the delivered model sees them."""
        outcome, train = self.outcome, self.dataset.train
        rows = outcome.compared
        if self.ship == "frozen" and outcome.compared_states is not None:
            states = outcome.compared_states
        else:
            states = self.read([train.texts[i] for i in rows])[1]
        return scope.fit_reference(score, states, [train.labels[i] for i in rows])

    def scores(self) -> tuple[str, ...]:
        """Those that this delivery can carry, the simplest first."""
        if self.ship == "tfidf":
            return scope.BY_LOGITS
        wide = self.engine.facts.hidden > scope.WIDEST
        return tuple(name for name in scope.SCORES if not (wide and name == "mahalanobis"))


def fit_abstain(reader: Reader, reference: Callable[[str], scope.Reference], right: Bools, coverage: float,
                seed: int) -> tuple[Abstain, Floats]:  # fmt: skip
    """The score, chosen by texts of no class if there are any, and its threshold at `coverage` of the validation rows.

    Args: reference: what a score by states compares with. right: (n_val,) whether the answer is right.
    Returns: and the (n_val,) scores of the validation rows.
    """
    val, outside = reader.of("val"), reader.dataset.outside
    usual = next(name for name in UNSEEN if name in reader.scores())
    names = reader.scores() if outside else tuple({"max_prob", usual})
    references = {name: reference(name) for name in names if name in scope.BY_STATES}
    multi = reader.dataset.multi_label

    def told(read: tuple[Floats, Any]) -> Mapping[str, Floats]:
        return {n: references[n].score(read[1]) if n in references else scope.by_logits(n, read[0], multi)
                for n in names}  # fmt: skip

    inside = told(val)
    chosen, trials = scope.choose(inside, told(reader.read(outside)), coverage, seed) if outside else (usual, ())
    threshold = scope.threshold_at(inside[chosen], coverage)
    kept = inside[chosen] >= threshold
    made = Abstain(
        threshold, float(kept.mean()), float(right[kept].mean()), float(right.mean()), chosen, coverage,
        scope.threshold_at(inside["max_prob"], coverage), len(outside), trials,
    )  # fmt: skip
    return made, inside[chosen]


def on_test(reader: Reader, abstain: Abstain, reference: scope.Reference | None) -> dict[str, Any] | None:
    """How the chosen score does on test rows and texts of no class that nothing was chosen by; None without either."""
    test, outside = reader.dataset.test, reader.dataset.outside_test
    if test is None or not len(test) or not outside:
        return None
    scores = []
    for logits, states in (reader.of("test"), reader.read(outside)):
        scores.append(reference.score(states) if reference is not None else
                      scope.by_logits(abstain.score, logits, reader.dataset.multi_label))  # fmt: skip
    inside, beyond = scores
    return {"score": abstain.score, "rows": len(outside), "auroc": float(scope.placements(inside, beyond).mean()),
            "recall": float((beyond < abstain.threshold).mean()),
            "coverage": float((inside >= abstain.threshold).mean())}  # fmt: skip
