"""Which score should say that a text belongs to no class where no such texts are known?

Usage: python -m benchmarks.out_of_scope_classes [SET ...]    (sets of RANKFIRST_SHARED/data; features as
`benchmarks.assess_shift features` keeps them; appends to results/out_of_scope_classes.csv)

A fifth of the classes is left out and its rows stand for texts of no class; the rest is cut into training, validation
and test rows. The threshold keeps 95% of the validation rows. Mean of DRAWS draws, frozen encoder, one C for all.
"""

import sys
from typing import Final

import numpy as np

from benchmarks.assess_shift import ENGLISH, Pool, encode
from benchmarks.end_results import SHARED
from benchmarks.tables import append
from rankfirst.baselines.linear_head import Scaler
from rankfirst.baselines.logistic import fit_linear
from rankfirst.measure import abstain_scores

SETS: Final = ("banking77", "clinc150", "snips", "smp2017", "tnews")
FIGURES: Final = ("auroc", "recall", "coverage", "accuracy", "accuracy_kept")
DRAWS: Final = 5
LEFT_OUT, COVERAGE = 0.2, 0.95
ROWS: Final = 6_000  # of all three parts, at most
C: Final = 0.02  # of the frozen head, as in drift_planted


def main(names: list[str]) -> None:
    """A line a set and score."""
    if not (SHARED / "data").is_dir():
        print(f"skipped: no labelled sets at {SHARED / 'data'}; name their folder with RANKFIRST_SHARED")
        return
    for name in names or list(SETS):
        encode(name)
        pool = Pool(name, True)
        found = [draw(pool, seed) for seed in range(DRAWS)]
        for score in abstain_scores.SCORES:
            rows = np.array([each[score] for each in found])
            told = dict(zip(FIGURES, rows.mean(axis=0), strict=True))
            most = np.max([[each[other][0] for other in abstain_scores.SCORES] for each in found], axis=1)
            append("out_of_scope_classes", {
                "set": name, "encoder": "minilm" if name in ENGLISH else "e5-small-zh", "score": score, "draws": DRAWS,
                **{key: round(float(value), 4) for key, value in told.items()},
                "auroc_best_in": int((rows[:, 0] == most).sum()),
            })  # fmt: skip


def draw(pool: Pool, seed: int) -> dict[str, tuple[float, ...]]:
    """Score -> (AUROC, recall of rows of left-out classes, coverage, accuracy of all, of the answered)."""
    rng = np.random.default_rng(seed)
    present = rng.permutation(np.unique(pool.main[pool.rows]))
    known = present[max(1, round(LEFT_OUT * len(present))) :]
    inside = rng.permutation(pool.rows[np.isin(pool.main[pool.rows], known)])[:ROWS]
    beyond = pool.rows[~np.isin(pool.main[pool.rows], known)]
    train, val, test = np.split(inside, [round(0.6 * len(inside)), round(0.8 * len(inside))])
    ids = np.searchsorted(np.sort(known), pool.main)
    assert pool.features is not None
    scaler = Scaler.fit(pool.features[train])
    truth = ids[train][:, None] == np.arange(len(known))
    head = scaler.fold(fit_linear(scaler.apply(pool.features[train]), truth, C, False), False)
    states = {"val": pool.features[val], "test": pool.features[test], "beyond": pool.features[beyond]}
    logits = {part: head.logits(each).astype(np.float64) for part, each in states.items()}
    right = logits["test"].argmax(axis=1) == ids[test]
    found = {}
    for score in abstain_scores.SCORES:
        if score in abstain_scores.BY_STATES:
            made = abstain_scores.fit_reference(score, pool.features[train], [(int(i),) for i in ids[train]])
            told = {part: made.score(each) for part, each in states.items()}
        else:
            told = {part: abstain_scores.by_logits(score, each, False) for part, each in logits.items()}
        threshold = abstain_scores.threshold_at(told["val"], COVERAGE)
        kept = told["test"] >= threshold
        found[score] = (float(abstain_scores.placements(told["test"], told["beyond"]).mean()),
                        float((told["beyond"] < threshold).mean()), float(kept.mean()), float(right.mean()),
                        float(right[kept].mean()))  # fmt: skip
    return found


if __name__ == "__main__":
    main(sys.argv[1:])
