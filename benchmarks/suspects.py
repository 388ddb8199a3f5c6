"""Suspect labels: how many planted mistakes are found, and how many rows are flagged for nothing.

Usage: python -m benchmarks.suspects [SET ...]    (sets of RANKFIRST_SHARED/data; appends to results/suspects.csv)
For several ratios and for confident learning's own thresholds, which `data/suspects.py` does not use.
"""

import csv
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.end_results import ENGLISH, SHARED
from rankfirst.data import load_dataset
from rankfirst.engine import sources
from rankfirst.engine.local import LocalEngine
from rankfirst.ladder import fit_frozen
from rankfirst.measure.scores import indicator
from rankfirst.records import Dataset

RESULTS = Path(__file__).parent / "results" / "suspects.csv"
PLANTED = (0.0, 0.05)  # share of the training labels replaced by another class at random
RATIOS = (10, 30, 100, 300)


def main(names: list[str]) -> None:
    """Measure each set and append its rows."""
    if not (SHARED / "data").is_dir():
        print(f"skipped: no labelled sets at {SHARED / 'data'}; name their folder with RANKFIRST_SHARED")
        return
    for name in names or ["tnews", "smp2017", "banking77"]:
        folder = SHARED / "data" / name
        base = sources.DEFAULT_EN if name in ENGLISH else str(SHARED / "models" / "e5-small-zh")
        dataset = load_dataset(folder / "train.csv", folder / "val.csv", folder / "test.csv")
        with tempfile.TemporaryDirectory() as work:
            engine = LocalEngine(dataset, sources.resolve(base), Path(work))
            features = engine.features("train"), engine.features("val")
        for share in PLANTED:
            _append(
                [{"date": time.strftime("%Y-%m-%d"), "set": name} | row for row in _measure(dataset, features, share)]
            )


def _measure(dataset: Dataset, features: tuple, share: float) -> list[dict[str, object]]:
    classes, rng = len(dataset.classes), np.random.default_rng(0)
    labels = list(dataset.train.labels)
    planted = np.zeros(len(labels), dtype=bool)
    planted[rng.choice(len(labels), int(share * len(labels)), replace=False)] = True
    for row in np.flatnonzero(planted):
        labels[row] = ((labels[row][0] + int(rng.integers(1, classes))) % classes,)
    spoiled = replace(dataset, train=replace(dataset.train, labels=tuple(labels)))
    p, truth = fit_frozen(*features, spoiled, []).out_of_fold, indicator(labels, classes)
    usual = (p * truth).sum(axis=0) / np.maximum(truth.sum(axis=0), 1)
    given = p[truth]
    above = (p >= usual) & (p > given[:, None])
    rules = {"confident learning": above.any(axis=1)}
    rules |= {f"ratio {ratio}": p.max(axis=1) / np.maximum(given, 1e-9) >= ratio for ratio in RATIOS}
    return [
        {
            "planted": share,
            "right": round(float((p.argmax(axis=1) == truth.argmax(axis=1)).mean()), 3),
            "rule": rule,
            "flagged": round(float(flagged.mean()), 4),
            "recall": round(float(flagged[planted].mean()), 3) if planted.any() else "",
            "precision": round(float(planted[flagged].mean()), 3) if planted.any() and flagged.any() else "",
        }
        for rule, flagged in rules.items()
    ]


def _append(rows: list[dict[str, object]]) -> None:
    new = not RESULTS.exists()
    with RESULTS.open("a", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        if new:
            writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main(sys.argv[1:])
