"""Do thresholds that pass their check help fresh rows? Simulated labels, the check beside a weaker one.

Usage: python -m benchmarks.threshold_draws    (appends to results/threshold_draws.csv)

Scores of positives and negatives are normal; probabilities are such that 0.5 is the best threshold, after which the
logits are shifted: of each label up or down by chance, of all labels down, or of all labels up. At a shift of 0 there
is nothing to gain. The weaker check fits single labels only, and accepts thresholds as soon as one halving shows
a gain, without a standard error and without shrinkage.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import expit

from benchmarks.tables import append
from rankfirst.measure import thresholds
from rankfirst.measure.scores import Bools, Floats, accuracy, macro_f1, predict_labels

DRAWS, FRESH_ROWS, SHIFTS = 100, 3000, (0.0, 0.5, 1.0, 1.5)
WAYS = {"each label up or down": (-1.0, 1.0), "all labels down": (-1.0,), "all labels up": (1.0,)}


@dataclass(frozen=True)
class Task:
    """Independent labels."""

    rows: int  # of validation
    labels: int
    share: float  # of positives
    gap: float  # half the distance between the scores of positives and negatives, in standard deviations

    @cached_property
    def cut(self) -> float:
        """The score above which "yes" maximises F1."""
        scores, truth = self._scores(np.random.default_rng(0), 200_000 // self.labels)
        cuts = np.linspace(-2, 2, 161)
        return float(cuts[int(np.argmax([macro_f1(truth.reshape(-1, 1), scores.reshape(-1, 1) >= c) for c in cuts]))])

    def draw(self, rng: np.random.Generator, rows: int, shifts: Floats) -> tuple[Floats, Bools]:
        """(n, C) probabilities and the truth."""
        scores, truth = self._scores(rng, rows)
        return expit(2 * self.gap * (scores - self.cut) + shifts), truth

    def _scores(self, rng: np.random.Generator, rows: int) -> tuple[Floats, Bools]:
        truth = rng.random((rows, self.labels)) < self.share
        return np.where(truth, self.gap, -self.gap) + rng.normal(size=truth.shape), truth


TASKS = (Task(200, 17, 0.13, 1.0), Task(400, 10, 0.3, 1.2), Task(277, 61, 0.04, 1.5), Task(1000, 20, 0.1, 1.0))


def one_halving(probs: Floats, truth: Bools) -> Floats | None:
    """The weaker check."""
    half = np.random.default_rng(0).permutation(len(truth)) % 2 == 0
    plain = predict_labels(probs, True)
    tuned = plain.copy()
    for part in (half, ~half):
        tuned[part] = predict_labels(probs[part], True, best_on(probs[~part], truth[~part]))
    better = macro_f1(truth, tuned) > macro_f1(truth, plain) and accuracy(truth, tuned) >= accuracy(truth, plain)
    return best_on(probs, truth) if better else None


def best_on(probs: Floats, truth: Bools) -> Floats:
    """(C,) thresholds of the highest F1 on these rows, not shrunk."""
    fitted, rows = thresholds.fit_thresholds(probs, truth), truth.sum(axis=0)
    return np.asarray(0.5 + (fitted - 0.5) * (1 + thresholds.PRIOR_POSITIVES / np.maximum(rows, 1)))


def main() -> None:
    """Every task and shift, both checks."""
    for task in TASKS:
        for shift in SHIFTS:
            for name, check in (("one halving", one_halving), ("ten halvings", ten_halvings)):
                for way in list(WAYS)[: None if shift else 1]:
                    append("threshold_draws", measure(task, shift, way, name, check))


def ten_halvings(probs: Floats, truth: Bools) -> Floats | None:
    """The check of the package."""
    kept = thresholds.validated_thresholds(probs, truth, at_least_one=False)
    return None if kept is None else kept.values


def measure(
    task: Task, shift: float, way: str, name: str, check: Callable[[Floats, Bools], Floats | None], draws: int = DRAWS
) -> dict[str, object]:
    """How often thresholds are kept, and what those do on fresh rows."""
    gains, exact = [], []
    for seed in range(draws):
        rng = np.random.default_rng(seed)
        shifts = shift * rng.choice(WAYS[way], task.labels)
        kept = check(*task.draw(rng, task.rows, shifts))
        if kept is None:
            continue
        probs, truth = task.draw(rng, FRESH_ROWS, shifts)
        plain, tuned = predict_labels(probs, True), predict_labels(probs, True, kept)
        gains.append(100 * (macro_f1(truth, tuned) - macro_f1(truth, plain)))
        exact.append(100 * (accuracy(truth, tuned) - accuracy(truth, plain)))
    return {
        "date": time.strftime("%Y-%m-%d"),
        "rows": task.rows,
        "labels": task.labels,
        "share": task.share,
        "shift": shift,
        "way": way,
        "check": name,
        "kept": round(100 * len(gains) / draws, 1),  # percent of the draws; the rest is about those
        "macro_f1": round(float(np.mean(gains)), 2) if gains else "",  # points on fresh rows
        "exact": round(float(np.mean(exact)), 2) if exact else "",
        "hurt": round(100 * float(np.mean(np.array(gains) < 0)), 1) if gains else "",  # percent
    }


if __name__ == "__main__":
    main()
