"""What are 200 rows chosen by `rankfirst label` worth, beside 200 random ones? Labels of real sets are hidden.

Usage: python -m benchmarks.label_next [SET ...]     (sets of RANKFIRST_SHARED/data, by default TEST; ten minutes)

In each draw, START random training rows are labelled and the others are the pool. A head on the frozen encoder is
fitted on the labelled rows, ADDED rows of the pool join them, and it is fitted again; macro-F1 on test rows. The
encoder is MiniLM-L6, for Chinese e5-small-zh; C comes from three folds of the labelled rows. The strategy was chosen on
DEV, sets of which no row is in TEST. Appends to results/label_next.csv; features are kept in the system's temporary
folder.
"""

import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Self

import numpy as np

from benchmarks.end_results import SHARED
from benchmarks.tables import append
from rankfirst.baselines.cross_validation import best, held_out_logits
from rankfirst.baselines.folds import assign_folds
from rankfirst.baselines.linear_head import Scaler
from rankfirst.baselines.logistic import Weights, fit_linear
from rankfirst.data import load_dataset
from rankfirst.engine.base import EngineOptions
from rankfirst.engine.base_models import sources
from rankfirst.engine.local import LocalEngine
from rankfirst.lifecycle.label_next.choice import choose
from rankfirst.measure.calibration import fit_temperature, probabilities
from rankfirst.measure.scores import Floats, Ints, Matrix, indicator, macro_f1, predict_labels
from rankfirst.records import Dataset, Split

ENGLISH: Final = {"banking77", "clinc150", "nlupp", "mixatis"}
DEV: Final = ("clinc150", "online_shopping_zh", "crosswoz_acts", "nlupp")
TEST: Final = ("banking77", "tnews", "smp2017", "mixatis")
MOST_TRAIN, MOST_TEST = 4_000, 2_000  # rows that are encoded
START, ADDED, DRAWS = 400, 200, 8
FOLDS, PATH = 3, (0.001, 0.01, 0.1)


def some(split: Split, most: int) -> Split:
    """At most `most` rows, drawn once."""
    rows = np.sort(np.random.default_rng(0).permutation(len(split))[:most])
    return Split(tuple(split.texts[i] for i in rows), tuple(split.labels[i] for i in rows))


def encoded(name: str) -> tuple[Dataset, Matrix, Matrix]:
    """(rows, (n, d) features of the training rows, (m, d) of the test rows)."""
    folder = SHARED / "data" / name
    dataset = load_dataset(folder / "train.csv", folder / "val.csv", folder / "test.csv")
    assert dataset.test is not None
    dataset = replace(dataset, train=some(dataset.train, MOST_TRAIN), test=some(dataset.test, MOST_TEST))
    kept = Path(tempfile.gettempdir()) / "rankfirst-label-next" / f"{name}.npz"
    if not kept.is_file():
        kept.parent.mkdir(parents=True, exist_ok=True)
        spec = sources.DEFAULT_EN if name in ENGLISH else str(SHARED / "models" / "e5-small-zh")
        with tempfile.TemporaryDirectory() as place:
            engine = LocalEngine(dataset, sources.resolve(spec), Path(place), EngineOptions(max_tokens=64))
            assert dataset.test is not None
            both = [engine.encode(part.texts)["mean"] for part in (dataset.train, dataset.test)]
        np.savez(kept, train=both[0].astype(np.float32), test=both[1].astype(np.float32))
    held = np.load(kept)
    return dataset, held["train"], held["test"]


@dataclass(frozen=True)
class Head:
    """A classifier on frozen features, as the frozen baseline fits it."""

    scaler: Scaler
    weights: Weights
    temperature: float
    multi_label: bool

    @classmethod
    def fit(cls, features: Matrix, labels: Sequence[Sequence[int]], dataset: Dataset) -> Self:
        """C and temperature from three folds."""
        multi, truth = dataset.multi_label, indicator(labels, len(dataset.classes))
        scaler = Scaler.fit(features)
        rows, fold = scaler.apply(features), assign_folds(labels, FOLDS, 0)
        tried = held_out_logits(rows, truth, fold, PATH, multi)
        c = PATH[best([tried[each] for each in PATH], truth, multi, 0)]
        return cls(scaler, fit_linear(rows, truth, c, multi), fit_temperature(tried[c], truth, multi), multi)

    def answer(self, features: Matrix) -> Floats:
        """(n, C) probabilities."""
        logits = self.weights.logits(self.scaler.apply(features)).astype(np.float64)
        return probabilities(logits, self.multi_label, self.temperature)


def measure(name: str) -> dict[str, object]:
    """Mean test macro-F1 at the start, with random and with chosen rows, over the draws."""
    dataset, features, test = encoded(name)
    assert dataset.test is not None
    labels, multi = dataset.train.labels, dataset.multi_label
    truth, classes = indicator(dataset.test.labels, len(dataset.classes)), len(dataset.classes)

    def score(rows: Ints) -> tuple[Head, float]:
        head = Head.fit(features[rows], [labels[i] for i in rows], dataset)
        return head, 100 * macro_f1(truth, predict_labels(head.answer(test), multi))

    figures = []
    for draw in range(DRAWS):
        order = np.random.default_rng((draw, 5)).permutation(len(features))
        start, pool = order[:START], order[START:]
        head, before = score(start)
        p = head.answer(features[pool])
        counts = indicator([labels[i] for i in start], classes).sum(axis=0)
        told = choose(features[pool], p, multi, np.zeros(len(pool), dtype=bool), [], ADDED, counts, draw)
        chosen = score(np.r_[start, pool[[each.row for each in told]]])[1]
        figures.append((before, score(np.r_[start, pool[:ADDED]])[1], chosen))
    table = np.array(figures)
    gain, mean = table[:, 2] - table[:, 1], [round(float(each), 2) for each in table.mean(axis=0)]
    return {
        "date": time.strftime("%Y-%m-%d"), "set": name, "start": START, "added": ADDED, "pool": len(features) - START,
        "draws": DRAWS, "before": mean[0], "random": mean[1], "chosen": mean[2],
        "gain": round(float(gain.mean()), 2), "se": round(float(gain.std(ddof=1) / DRAWS**0.5), 2),
        "better": int((gain > 0).sum()),
    }  # fmt: skip


def main(names: list[str]) -> None:
    """A row of the table for each set."""
    if not (SHARED / "data").is_dir():
        print(f"skipped: no labelled sets at {SHARED / 'data'}; name their folder with RANKFIRST_SHARED")
        return
    for name in names or TEST:
        append("label_next", measure(name))


if __name__ == "__main__":
    main(sys.argv[1:])
