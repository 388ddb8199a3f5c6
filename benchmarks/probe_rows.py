"""How many rows does a probe need? Probes on stratified subsets beside full trainings of the same recipes.

Usage: OMP_NUM_THREADS=1 python -m benchmarks.probe_rows [SET ...]   (appends to results/probe_rows.csv; resumes)
       python -m benchmarks.probe_rows --told     (what each size of subset says of the order of full trainings)

Eight recipes a set, knobs that the walk moves: each is probed for two epochs on 750 to 6,000 rows that keep the class
shares, and trained to its end on all rows (12,000 at most). The frozen rung's macro-F1 with as many rows stands beside.
"""

import csv
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from scipy.stats import spearmanr

from benchmarks.atlas.design import QV_FFN
from benchmarks.end_results import SHARED
from benchmarks.tables import RESULTS, append
from rankfirst import data, ladder
from rankfirst.engine import sources
from rankfirst.engine.base import FinalPlan
from rankfirst.engine.batches import probe_subset
from rankfirst.engine.local import LocalEngine
from rankfirst.ladder.head import Scaler
from rankfirst.ladder.linear import fit_linear
from rankfirst.measure.calibration import probabilities
from rankfirst.measure.scores import indicator, log_loss, macro_f1_occurring, predict_labels
from rankfirst.policy import noise
from rankfirst.policy import thresholds as t
from rankfirst.records import ATTENTION_QV, Dataset, Recipe, Sites, Split

NAME = "probe_rows"
SETS = ("banking77", "mixatis", "clinc150", "mixsnips")  # those of ../shared/data with 9,000 rows or more, in English
SIZES = (750, 1500, 3000, 6000)
MOST, VAL, TEST, EPOCHS = 12_000, 1000, 2000, 4
QV2, WIDE2, WIDE4 = Sites(ATTENTION_QV, 2), Sites(QV_FFN, 2), Sites(QV_FFN, 4)
BASE = Recipe(16, WIDE2, 1.0, 4e-4, 0.05)
RECIPES = (
    BASE,
    BASE.with_(lr=1.6e-3),
    BASE.with_(lr=6.4e-3),
    BASE.with_(sites=QV2),
    BASE.with_(sites=QV2, lr=1.6e-3),
    BASE.with_(sites=QV2, lr=1.6e-3, rank=2),
    BASE.with_(sites=WIDE4),
    BASE.with_(sites=WIDE4, lr=1.6e-3),
)


def main(names: list[str]) -> None:
    """Every set named, or all."""
    if not (SHARED / "data").is_dir():
        print(f"skipped: no labelled sets at {SHARED / 'data'}; name their folder with RANKFIRST_SHARED")
        return
    torch.set_num_threads(1)
    for name in names or SETS:
        measure(name, load(name), {(r["set"], r["recipe"], r["rows"]) for r in read()})


def load(name: str) -> Dataset:
    """At most MOST training rows, classes in proportion; validation and test cut to the same ones every time."""
    folder = SHARED / "data" / name
    whole = data.load_dataset(folder / "train.csv", folder / "val.csv", folder / "test.csv")
    assert whole.test is not None
    classes = len(whole.classes)
    return replace(whole, train=_cut(whole.train, classes, MOST), val=_cut(whole.val, classes, VAL),
                   test=_cut(whole.test, classes, TEST))  # fmt: skip


def _cut(split: Split, classes: int, rows: int) -> Split:
    kept = probe_subset(split.labels, classes, rows, 1)
    return Split(tuple(split.texts[i] for i in kept), tuple(split.labels[i] for i in kept))


def measure(name: str, dataset: Dataset, done: set[tuple[str, str, str]]) -> None:
    """The frozen rung and every recipe, at every size."""
    assert dataset.test is not None
    truth = {split: indicator(getattr(dataset, split).labels, len(dataset.classes)) for split in ("val", "test")}
    with tempfile.TemporaryDirectory() as work:
        engine = LocalEngine(dataset, sources.resolve(sources.DEFAULT_EN), Path(work), max_tokens=64)
        engine.expect(RECIPES[-1])
        features = {split: engine.features(split) for split in ("train", "val", "test")}
        frozen = ladder.fit_frozen(features["train"], features["val"], dataset, data.profile(dataset).tail_classes)
        engine.use_head(frozen.pooling, frozen.head.weight.astype(np.float32), frozen.head.bias.astype(np.float32))
        n, classes = len(dataset.train), len(dataset.classes)
        rung = frozen.rung
        floor = noise.floor(dataset.val.labels, rung.val_predicted, rung.val_log_loss, classes)
        for rows in (*SIZES, n):
            chosen = probe_subset(dataset.train.labels, classes, rows, 0)
            engine.corpus.probe_rows = chosen
            engine.__dict__.pop("facts", None)
            row = {"set": name, "rows": rows, "all_rows": n, "noise_f1": round(floor.f1_se, 5)}
            if (name, "frozen", str(rows)) not in done:
                told = _frozen(dataset, {k: v[frozen.pooling] for k, v in features.items()}, chosen,
                               float(rung.details["C"]), truth)  # fmt: skip
                append(NAME, row | {"recipe": "frozen", "seconds": 0.0} | told)
            for recipe in RECIPES:
                if (name, recipe.key, str(rows)) in done:
                    continue
                began = time.perf_counter()
                if rows < n:
                    curve = engine.probe(recipe, t.FIRST_PROBE_EPOCHS)
                else:
                    curve = engine.finish(recipe, FinalPlan(EPOCHS, EPOCHS), f"full-{recipe.key}")
                spent = round(time.perf_counter() - began, 1)
                told = _scored(engine, curve.checkpoint, truth, dataset.multi_label)
                append(NAME, row | {"recipe": recipe.key, "seconds": spent} | told)
        engine.close()


def _scored(engine: LocalEngine, checkpoint: str, truth: Any, multi: bool) -> dict[str, Any]:
    return _figures({split: engine.logits(checkpoint, split).astype(np.float64) for split in truth}, truth, multi)


def _frozen(dataset: Dataset, features: Any, rows: list[int], c: float, truth: Any) -> dict[str, Any]:
    scaler = Scaler.fit(features["train"][rows])
    labels = indicator([dataset.train.labels[r] for r in rows], len(dataset.classes))
    weights = fit_linear(scaler.apply(features["train"][rows]), labels, c, dataset.multi_label)
    logits = {split: weights.logits(scaler.apply(features[split])).astype(np.float64) for split in truth}
    return _figures(logits, truth, dataset.multi_label)


def _figures(logits: Any, truth: Any, multi: bool) -> dict[str, Any]:
    told = {}
    for split, rows in logits.items():
        p = probabilities(rows, multi)
        told[f"{split}_f1"] = round(macro_f1_occurring(truth[split], predict_labels(p, multi)), 5)
        told[f"{split}_loss"] = round(float(log_loss(truth[split], p, multi).mean()), 5)
    return told


def read() -> list[dict[str, str]]:
    """The lines of the CSV."""
    path = RESULTS / f"{NAME}.csv"
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def told() -> Iterator[dict[str, Any]]:
    """Per set and size: rank correlation with the full trainings, and what following the probe would cost."""
    table: dict[str, dict[int, dict[str, dict[str, str]]]] = defaultdict(lambda: defaultdict(dict))
    for row in read():
        table[row["set"]][int(row["rows"])][row["recipe"]] = row
    for name, sizes in table.items():
        n = max(sizes)
        full = {k: float(r["test_f1"]) for k, r in sizes[n].items() if k != "frozen"}
        for rows, found in sorted(sizes.items()):
            keys = [k for k in full if k in found]
            if len(keys) < len(RECIPES):
                continue
            f1, loss = (
                [sign * float(found[k][what]) for k in keys] for sign, what in ((1, "val_f1"), (-1, "val_loss"))
            )
            order = [full[k] for k in keys]
            yield {
                "set": name, "rows": rows, "spearman_f1": round(float(spearmanr(f1, order)[0]), 2),
                "spearman_loss": round(float(spearmanr(loss, order)[0]), 2),
                "regret_f1": round(100 * (max(order) - full[keys[int(np.argmax(f1))]]), 2),
                "regret_loss": round(100 * (max(order) - full[keys[int(np.argmax(loss))]]), 2),
                "spread": round(100 * (max(order) - min(order)), 2),
                "frozen_val": found["frozen"]["val_f1"], "noise_f1": found["frozen"]["noise_f1"],
                "probe_s": round(float(np.mean([float(found[k]["seconds"]) for k in keys])), 1),
            }  # fmt: skip


if __name__ == "__main__":
    if sys.argv[1:] == ["--told"]:
        for line in told():
            print(line)
    else:
        main(sys.argv[1:])
