"""What a base in 4 bits costs in answers: the same rows, recipe and seed on floats and on NF4. results/base_bits.csv.

    OMP_NUM_THREADS=1 python -m benchmarks.base_bits [SET ...]     (smp2017 banking77; sets of RANKFIRST_SHARED/data)

The frozen rung and one LoRA recipe, no walk, on CPU in float32; at most `MOST` training rows.
"""

import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.end_results import SHARED
from benchmarks.tables import append
from rankfirst import baselines, data
from rankfirst.engine.base import EngineOptions, FinalPlan
from rankfirst.engine.base_models import sources
from rankfirst.engine.local import LocalEngine
from rankfirst.measure.calibration import probabilities
from rankfirst.measure.scores import indicator, macro_f1, predict_labels
from rankfirst.records import QV_FFN, Dataset, Recipe, Sites, Split

MOST = 3000  # training rows
EPOCHS = 4
CHINESE = {"smp2017", "tnews"}
RECIPE = Recipe(8, Sites(QV_FFN, 2), 1.0, 1.6e-3, 0.05)


def measure(name: str, dataset: Dataset, bits: int | None) -> None:
    chinese = name in CHINESE
    source = sources.resolve(str(SHARED / "models" / "e5-small-zh") if chinese else sources.DEFAULT_EN)
    with tempfile.TemporaryDirectory() as folder:
        engine = LocalEngine(dataset, source, Path(folder), EngineOptions(device="cpu", base_bits=bits))
        engine.expect(RECIPE)
        began = time.perf_counter()
        seen: list[Any] = [engine.features(split) for split in ("train", "val", "test")]
        read = time.perf_counter() - began
        fit = baselines.fit_frozen(seen[0], seen[1], dataset, (), 0)
        engine.use_head(fit.pooling, fit.head.weight.astype(np.float32), fit.head.bias.astype(np.float32))
        began = time.perf_counter()
        curve = engine.finish(RECIPE, FinalPlan(EPOCHS), "final")
        trained = time.perf_counter() - began
        lora = probabilities(engine.logits(curve.checkpoint, "test").astype(float), dataset.multi_label)
    assert dataset.test is not None
    truth = indicator(dataset.test.labels, len(dataset.classes))
    scores = [macro_f1(truth, predict_labels(p, dataset.multi_label))
              for p in (fit.head.predict_proba(seen[2][fit.pooling]), lora)]  # fmt: skip
    append("base_bits", {"set": name, "base": "e5-small-zh" if chinese else "MiniLM-L6", "bits": bits or 32,
                         "train rows": len(dataset.train), "test rows": len(dataset.test), "pooling": fit.pooling,
                         "frozen test macro-F1": round(scores[0], 4), "LoRA test macro-F1": round(scores[1], 4),
                         "val loss": round(curve.best.val_loss, 4), "encoding s": round(read, 1),
                         "training s": round(trained, 1)})  # fmt: skip


def main(names: list[str]) -> None:
    if not (SHARED / "data").is_dir():
        print(f"skipped: no labelled sets at {SHARED / 'data'}; name their folder with RANKFIRST_SHARED")
        return
    torch.set_num_threads(1)
    for name in names or ["smp2017", "banking77"]:
        folder = SHARED / "data" / name
        dataset = data.load_dataset(folder / "train.csv", folder / "val.csv", folder / "test.csv")
        rows = baselines.subsample(dataset.train.labels, MOST, 0)
        train = Split(tuple(dataset.train.texts[r] for r in rows), tuple(dataset.train.labels[r] for r in rows))
        for bits in (None, 4):
            measure(name, replace(dataset, train=train), bits)


if __name__ == "__main__":
    main(sys.argv[1:])
