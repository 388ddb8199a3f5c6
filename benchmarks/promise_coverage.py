"""Is a promise broken no more often than its confidence allows?

Usage: python -m benchmarks.promise_coverage [SET ...]     (sets of RANKFIRST_SHARED/data; a few minutes of one core)

The rows that a frozen head has not seen are the population, whose figures are known exactly. In each of SPLITS splits
ROWS of them are drawn with replacement, a promise is made on them and looked up in the population (`kept`). `fresh`
looks it up on the rows that were not drawn, whose figures differ from the population's by chance: there it counts as
kept if the exact 95% interval of each share reaches what was promised. Promised: a recall of 0.9 for the most frequent
class and a precision halfway between the accuracy and 1. Appends to results/promise_coverage.csv.
"""

import sys
from typing import Final

import numpy as np

from benchmarks.stored import Stored, stored
from benchmarks.tables import append
from rankfirst.measure.guarantee import Test, Unkept, Wish, count, upper_limit
from rankfirst.records import Promise

SETS: Final = ("banking77", "smp2017", "tnews", "online_shopping_zh", "mixatis", "crosswoz_acts", "nlupp")
CONFIDENCES: Final = (0.95, 0.8)
SPLITS, ROWS = 20, 2_000
RECALL: Final = 0.9


def shares(model: Stored, rows: np.ndarray, made: Promise, wishes: list[Wish]) -> list[tuple[int, int]]:
    """(rows, kept) of each wish."""
    found = model.candidates(rows)
    sets = found.sets([wish.at for wish in wishes if wish.kind == "recall"], made.ratio)
    answered = found.answered(sets, made.level)
    return [count(wish, wish.at, model.truth[rows], found.decided, sets, answered) for wish in wishes]


def measure(model: Stored, confidence: float) -> dict[str, object]:
    right = (~(model.decided & ~model.truth).any(axis=1))[model.decided.any(axis=1)].mean()
    precision = float(np.round((1 + right) / 2, 2))
    most = int(model.truth.sum(axis=0).argmax())
    wishes = [Wish("recall", model.classes[most], most, RECALL), Wish("precision", "", -1, precision)]
    everyone = np.arange(len(model.p))
    given, kept, fresh, answered, figures = 0, 0, 0, [], []
    for split in range(SPLITS):
        drawn = np.random.default_rng((split, 11)).choice(everyone, ROWS)
        test = Test(model.candidates(drawn), model.truth[drawn], wishes, confidence, split)
        rule = test.choose()
        if isinstance(rule, Unkept):
            continue
        made = test.promise(*rule)
        true = [hit / max(1, of) for of, hit in shares(model, everyone, made, wishes)]
        others = shares(model, np.setdiff1d(everyone, drawn), made, wishes)
        given += 1
        kept += all(share >= wish.least for share, wish in zip(true, wishes, strict=True))
        fresh += all(upper_limit(hit, of, 0.025) >= wish.least for (of, hit), wish in zip(others, wishes, strict=True))
        answered.append(made.answered)
        figures.append(true)
    mean = np.mean(figures, axis=0) if given else [float("nan")] * 2
    return {"set": model.name, "confidence": confidence, "population": len(everyone), "rows": ROWS, "splits": SPLITS,
            "class_share": round(float(model.truth[:, most].mean()), 4), "recall": RECALL, "precision": precision,
            "given": given, "kept": kept, "fresh": fresh, "mean_recall": round(float(mean[0]), 4),
            "mean_precision": round(float(mean[1]), 4),
            "answered": round(float(np.mean(answered)), 4) if given else ""}  # fmt: skip


def main() -> None:
    for name in sys.argv[1:] or SETS:
        model = stored(name)
        for confidence in CONFIDENCES:
            append("promise_coverage", measure(model, confidence))


if __name__ == "__main__":
    main()
