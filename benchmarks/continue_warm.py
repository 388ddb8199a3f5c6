"""What final training is worth that starts from the delivered weights, when rows and a class have joined.

The synthetic shop messages: a LoRA is trained on 60% of the training rows, without one class; then the rest of the rows
and that class join, and the same recipe is trained on all, once anew (the head from the frozen rung) and once from the
delivered adapter and head. Splits are those of the sample throughout.

Usage: python -m benchmarks.continue_warm [SEEDS] [ROWS] [EPOCHS] [FIRST]   (3, 800, 6, 0; appends to results/)
"""

import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.tables import append
from rankfirst import baselines
from rankfirst.data import load_dataset
from rankfirst.engine.base import EngineOptions, FinalPlan
from rankfirst.engine.base_models import sources
from rankfirst.engine.local import LocalEngine
from rankfirst.engine.training import warm_start
from rankfirst.measure.calibration import probabilities
from rankfirst.measure.scores import indicator, macro_f1, predict_labels
from rankfirst.records import QV_FFN, Dataset, Recipe, Sites, Split
from rankfirst.sample import write_sample

SHARE = 0.6  # of the old classes' training rows that are there at first
RECIPE = Recipe(16, Sites(QV_FFN, 2), 1.0, 1.6e-3, 0.05)  # a rate that walks on small sets often end at


def younger(dataset: Dataset, seed: int) -> Dataset:
    """The data as they were: without the last class, and with `SHARE` of the training rows."""
    gone = len(dataset.classes) - 1

    def part(split: Split | None, share: float = 1.0) -> Split:
        assert split is not None
        kept = [i for i, row in enumerate(split.labels) if gone not in row]
        if share < 1:
            kept = sorted(np.random.default_rng(seed).choice(kept, round(share * len(kept)), replace=False).tolist())
        return Split(tuple(split.texts[i] for i in kept), tuple(split.labels[i] for i in kept))

    return replace(dataset, classes=dataset.classes[:-1], train=part(dataset.train, SHARE), val=part(dataset.val),
                   test=part(dataset.test))  # fmt: skip


def ready(dataset: Dataset, folder: Path, seed: int, pooling: str | None = None) -> tuple[LocalEngine, str]:
    """An engine whose head starts from the frozen rung, in the pooling that is kept."""
    engine = LocalEngine(dataset, sources.resolve(sources.DEFAULT_EN), folder, EngineOptions(prefix="", seed=seed))
    engine.expect(RECIPE)
    seen: list[Any] = [engine.features(split) for split in ("train", "val")]
    if pooling:
        seen = [{pooling: each[pooling]} for each in seen]
    fit = baselines.fit_frozen(seen[0], seen[1], dataset, (), seed)
    engine.use_head(fit.pooling, fit.head.weight.astype(np.float32), fit.head.bias.astype(np.float32))
    return engine, fit.pooling


def finished(engine: LocalEngine, name: str, recipe: Recipe, epochs: int) -> dict[str, object]:
    """Final training as a run does it, and the test macro-F1 of its best epoch."""
    began = time.process_time()
    curve = engine.finish(recipe, FinalPlan(epochs), name)
    spent, dataset = time.process_time() - began, engine.dataset
    assert dataset.test is not None
    truth = indicator(dataset.test.labels, len(dataset.classes))
    logits = engine.logits(curve.checkpoint, "test").astype(np.float64)
    told = predict_labels(probabilities(logits, dataset.multi_label), dataset.multi_label)
    best = max(curve.evaluations, key=lambda e: e.judged_f1)
    return {
        "test_macro_f1": round(macro_f1(truth, told), 4), "val_macro_f1": round(best.val_macro_f1, 4),
        "val_before_first_step": round(curve.evaluations[0].val_macro_f1, 4), "best_epoch": best.epoch,
        "epochs": curve.epochs, "cpu_seconds": round(spent, 1),
    }  # fmt: skip


def main(seeds: int = 3, rows: int = 800, epochs: int = 6, first_seed: int = 0) -> None:
    """A row of the table a seed and a start."""
    for seed in range(first_seed, first_seed + seeds):
        recipe = RECIPE.with_(seed=seed)
        with tempfile.TemporaryDirectory() as place:
            files = write_sample(Path(place) / "sample", "en", rows=rows, seed=seed, multi=False)
            whole = load_dataset(files.train, files.val, files.test)
            old = younger(whole, seed)
            first, pooling = ready(old, Path(place) / "old", seed)
            told = finished(first, "f", recipe, epochs)
            first.export("f-best", str(Path(place) / "model"))
            both: dict[str, object] = {"seed": seed, "rows_before": len(old.train), "rows": len(whole.train)}
            append("continue_warm", {**both, "start": "the old model, old rows", **told})
            engine, _ = ready(whole, Path(place) / "new", seed, pooling)
            append("continue_warm", {**both, "start": "anew", **finished(engine, "anew", recipe, epochs)})
            engine.warm = warm_start.read(Path(place) / "model", recipe, range(len(old.classes)))
            append("continue_warm", {**both, "start": "delivered", **finished(engine, "warm", recipe, epochs)})


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
