"""How well `rankfirst drift` hears a class that nobody has named, and how often it cries for nothing.

    python -m benchmarks.assess_shift features banking77 smp2017   # once: vectors of every row
    python -m benchmarks.drift_planted [planted|halves] [file|reference] [banking77 smp2017]

planted: a class is left out of a frozen rung; later rows hold 5 or 10% of it. halves: later rows are drawn like the
run's own. Rows are put together from all splits, drawn anew for each case; the head is fitted at one C, no search.
Adds rows to benchmarks/results/drift_planted.csv.
"""

import sys
import time

import numpy as np

from benchmarks.assess_shift import SHARED, Pool
from benchmarks.tables import append
from rankfirst.baselines.linear_head import Scaler
from rankfirst.baselines.logistic import fit_linear
from rankfirst.data import Side, Sketch
from rankfirst.data.shift.changes import word_texts
from rankfirst.data.shift.sketch import HELD_ROWS, KNOWN_ROWS, LEAST_TEXTS
from rankfirst.lifecycle.drift import NewRows, ReferenceRows, compare
from rankfirst.lifecycle.drift.measurements import AnswerRule
from rankfirst.measure.calibration import confidence, fit_temperature, probabilities
from rankfirst.measure.scores import Bools, Floats, as_tuples, indicator, predict_labels
from rankfirst.policy.drift import retrain

SETS = ("banking77", "smp2017")
C = 0.02  # of the frozen head
NEW_ROWS = 1_000
TRAIN_ROWS = 3_000  # whose texts are compared, as in rankfirst.lifecycle.drift.reference_rows
CLASSES, SKIPPED = 6, 6  # classes planted; the first six of the same order served to choose REACH in data/novel.py
HALVES, A_RUN = 20, 4  # samples in which nothing moved, and how many of them one run is asked about


def halving(sure: Floats, right: Bools) -> float:
    """The confidence from which on half of the errors a row are left: where runs abstained when this was measured."""
    limit = 0.5 * float((~right).mean())
    order = np.argsort(-sure, kind="stable")
    errors = np.cumsum(~right[order]) / np.arange(1, len(right) + 1)
    kept = np.flatnonzero(errors <= limit)
    return float(sure[order][kept[-1]]) if len(kept) and limit else 0.0


class Run:
    """A frozen rung on some rows of a pool, as a delivery keeps it."""

    def __init__(self, pool: Pool, train: np.ndarray, held: np.ndarray, classes: np.ndarray, seed: int) -> None:
        self.pool, self.classes = pool, classes
        self.index = {int(c): i for i, c in enumerate(classes)}
        truth = indicator(self.labels(train), len(classes))
        self.scaler = Scaler.fit(pool.features[train])
        self.head = self.scaler.fold(fit_linear(self.scaler.apply(pool.features[train]), truth, C, False), False)
        logits = self.head.logits(pool.features[held]).astype(np.float64)
        held_truth = indicator(self.labels(held), len(classes))
        self.temperature = fit_temperature(logits, held_truth, False)
        p = probabilities(logits, False, self.temperature)
        sure, told = confidence(p, False), predict_labels(p, False)
        self.abstain = halving(sure, (told == held_truth).all(axis=1))
        rng = np.random.default_rng((seed, 1))
        some, few = rng.permutation(train)[:TRAIN_ROWS], rng.permutation(len(held))[:HELD_ROWS]
        counts = word_texts([pool.texts[i] for i in train])
        kept = some[:KNOWN_ROWS]
        self.sketch = Sketch(
            pool.features[kept].astype(np.float16).astype(np.float32), tuple(self.labels(kept)),
            pool.features[held[few]].astype(np.float16).astype(np.float32), sure[few], as_tuples(told[few]),
            (tuple(self.labels(held)), as_tuples(told)),
            {word: n for word, n in counts.items() if n >= LEAST_TEXTS}, len(train),
        )  # fmt: skip
        texts = [pool.texts[i] for i in some]
        self.side = Side(texts, self.labels(some), pool.features[some])

    def labels(self, rows: np.ndarray) -> list[tuple[int, ...]]:
        return [(self.index[int(self.pool.main[i])],) if int(self.pool.main[i]) in self.index else () for i in rows]

    def compare(self, rows: np.ndarray, source: str, labelled: bool, seed: int):  # type: ignore[no-untyped-def]
        """What `rankfirst drift` measures in these rows, and what it answers."""
        pool = self.pool
        p = probabilities(self.head.logits(pool.features[rows]).astype(np.float64), False, self.temperature)
        names = tuple(pool.dataset.classes[c] for c in self.classes)
        known = (
            ReferenceRows(self.sketch, self.side, tuple(self.side.texts))
            if source == "file"
            else ReferenceRows(self.sketch)
        )
        texts = [pool.texts[i] for i in rows]
        new = NewRows(
            texts, pool.features[rows].astype(np.float32), p, self.labels(rows) if labelled else [()] * len(rows)
        )
        seen = compare(known, new, AnswerRule(names, False, lambda q: predict_labels(q, False), self.abstain), seed)
        return seen, *retrain(seen)


def planted(pool: Pool, source: str) -> None:
    """A class the run has never seen, as 5 and 10% of later rows without labels."""
    counts = np.bincount(pool.main[pool.rows], minlength=len(pool.dataset.classes))
    order = np.random.default_rng(0).permutation(np.flatnonzero(counts >= 40))
    for label in order[SKIPPED : SKIPPED + CLASSES]:
        rng = np.random.default_rng((int(label), 2))
        own = pool.main[pool.rows] == label
        mine, others = rng.permutation(pool.rows[own]), rng.permutation(pool.rows[~own])
        size = min(NEW_ROWS, len(others) // 4)
        rest, held, train = others[:size], others[size : size + HELD_ROWS], others[size + HELD_ROWS :]
        if len(train) < 2 * HELD_ROWS:
            held, train = others[size : size + size // 2], others[size + size // 2 :]
        run = Run(pool, train, held, np.unique(pool.main[train]), int(label))
        for share in (0.05, 0.10):
            wanted = round(share * size / (1 - share))
            if wanted > len(mine):
                continue
            began = time.perf_counter()
            rows = rng.permutation(np.concatenate([rest, mine[:wanted]]))
            seen, answer, reasons = run.compare(rows, source, False, 0)
            told = [rows_of(group, pool) for group in seen.candidates]
            ours = [sum(pool.main[i] == label for i in group) for group in told]
            best = int(np.argmax(ours)) if ours else -1
            append("drift_planted", row(pool, source, "planted", seen, answer, reasons, began) | {
                "class": pool.dataset.classes[label], "share": share, "planted": wanted,
                "found": bool(ours) and max(ours) > 0,
                "purity": round(ours[best] / len(told[best]), 3) if ours else "",
                "recall": round(ours[best] / wanted, 3) if ours else 0.0,
                "labelled": False,
            })  # fmt: skip


def rows_of(group, pool: Pool) -> list[int]:  # type: ignore[no-untyped-def]
    """Positions in the pool of a candidate's texts."""
    if not hasattr(pool, "by_text"):
        pool.by_text = {pool.texts[i]: int(i) for i in pool.rows}  # type: ignore[attr-defined]
    return [pool.by_text[row.text] for row in group.members]  # type: ignore[attr-defined]


def halves(pool: Pool, source: str) -> None:
    """Nothing moved: later rows are drawn like the run's own, without labels and, every second time, with them."""
    half, size = len(pool.rows) // 2, min(NEW_ROWS, len(pool.rows) // 6)
    samples = min(A_RUN, (len(pool.rows) - half - size) // size)
    for draw in range(0, HALVES, samples):
        rows = np.random.default_rng(5000 + draw).permutation(pool.rows)
        run = Run(pool, rows[:half], rows[half : half + size], np.unique(pool.main[rows[:half]]), draw)
        for n in range(samples):
            began, start = time.perf_counter(), half + (n + 1) * size
            seen, answer, reasons = run.compare(rows[start : start + size], source, n % 2 == 1, draw)
            append("drift_planted", row(pool, source, "halves", seen, answer, reasons, began) | {
                "class": "", "share": 0.0, "planted": 0, "found": bool(seen.candidates), "purity": "", "recall": "",
                "labelled": n % 2 == 1})  # fmt: skip


def row(pool: Pool, source: str, case: str, seen, answer, reasons, began: float) -> dict[str, object]:  # type: ignore[no-untyped-def]
    return {"date": time.strftime("%Y-%m-%d"), "set": pool.name, "source": source, "case": case, "rows": seen.looked,
            "answer": answer.value, "rule": "|".join(own.rule for own in reasons), "groups": len(seen.candidates),
            "shift": seen.shift.verdict.value, "p": f"{float(seen.shift.numbers.get('p', 1)):.2g}",
            "seconds": round(time.perf_counter() - began, 1)}  # fmt: skip


def main(cases: list[str], sources: list[str], names: list[str]) -> None:
    """Measure."""
    if not (SHARED / "data").is_dir():
        print(f"skipped: no labelled sets at {SHARED / 'data'}; name their folder with RANKFIRST_SHARED")
        return
    for name in names:
        pool = Pool(name, True)
        for source in sources:
            for case in cases:
                {"planted": planted, "halves": halves}[case](pool, source)


if __name__ == "__main__":
    asked = sys.argv[1:]
    main([c for c in ("planted", "halves") if c in asked] or ["planted", "halves"],
         [s for s in ("reference", "file") if s in asked] or ["reference", "file"],
         [n for n in SETS if n in asked] or list(SETS))  # fmt: skip
