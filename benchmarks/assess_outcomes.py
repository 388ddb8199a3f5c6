"""The truth behind "is LoRA needed?": LoRA's test macro-F1 less the frozen rung's, three seeds, two recipes a set.

Usage: python -m benchmarks.assess_outcomes [SET ...]    (sets of RANKFIRST_SHARED/data; appends to
results/assess_outcomes.csv; runs that are already there are not repeated)

A set with more training rows than ROWS is cut to so many, stratified by nothing but chance; texts end at TOKENS tokens.
The recipe is chosen by validation, as a user would, and the gain is read on test.
"""

import csv
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.end_results import SHARED
from benchmarks.tables import RESULTS, append
from rankfirst.baselines import FrozenFit, fit_frozen, fit_tfidf
from rankfirst.data import load_dataset
from rankfirst.data import profile as profile_of
from rankfirst.engine.base import EngineOptions, FinalPlan
from rankfirst.engine.base_models import sources
from rankfirst.engine.local import LocalEngine
from rankfirst.measure.predictions import Predictions
from rankfirst.policy import noise
from rankfirst.records import ATTENTION_QV, FFN, Dataset, Recipe, Sites, Split

ROWS, TOKENS, EPOCHS = 4_000, 96, 4
ENGLISH = {"banking77", "mixatis", "mixsnips", "clinc150", "snips"}
SETS = ("smp2017", "tnews", "banking77", "crosswoz_acts", "snips", "mixatis", "clinc150", "online_shopping_zh",
        "mixsnips", "iflytek")  # fmt: skip
SEEDS = (0, 1, 2)


def main(names: list[str]) -> None:
    """Measure what is not in the file yet."""
    if not (SHARED / "data").is_dir():
        print(f"skipped: no labelled sets at {SHARED / 'data'}; name their folder with RANKFIRST_SHARED")
        return
    for name in names or SETS:
        _measure(name)


def load(name: str) -> Dataset:
    """The set, its training rows cut to ROWS."""
    folder = SHARED / "data" / name
    whole = load_dataset(folder / "train.csv", folder / "val.csv", folder / "test.csv")
    if len(whole.train) <= ROWS:
        return whole
    kept = np.sort(np.random.default_rng(0).permutation(len(whole.train))[:ROWS])
    train = Split(tuple(whole.train.texts[i] for i in kept), tuple(whole.train.labels[i] for i in kept))
    return replace(whole, train=train)


def base_of(name: str) -> str:
    """The encoder a user would take."""
    return sources.DEFAULT_EN if name in ENGLISH else str(SHARED / "models" / "e5-small-zh")


def _measure(name: str) -> None:
    done = _done(name)
    dataset = load(name)
    tail = profile_of(dataset).tail_classes
    with tempfile.TemporaryDirectory() as work:
        engine = LocalEngine(dataset, sources.resolve(base_of(name)), Path(work), EngineOptions(max_tokens=TOKENS))
        layers = engine.facts.layers
        recipes = {
            "top": Recipe(8, Sites((*ATTENTION_QV, *FFN), max(2, layers // 3)), 1.0, 5e-4, 0.05),
            "all": Recipe(8, Sites((*ATTENTION_QV, *FFN), layers), 1.0, 1e-3, 0.05),
        }
        engine.expect(recipes["top"])
        train, val = engine.features("train"), engine.features("val")
        frozen = fit_frozen(train, val, dataset, tail)
        test = engine.features("test")[frozen.pooling]
        tfidf = fit_tfidf(dataset, tail).rung
        below = _frozen_facts(dataset, frozen, test, tail) | {"tfidf_val": round(tfidf.val.macro_f1, 4)}
        engine.use_head(frozen.pooling, frozen.head.weight.astype(np.float32), frozen.head.bias.astype(np.float32))
        for seed in SEEDS:
            for kind, recipe in recipes.items():
                if (kind, str(seed)) in done:
                    continue
                plan = FinalPlan(EPOCHS, tail)
                began = time.perf_counter()
                curve = engine.finish(recipe.with_(seed=seed), plan, f"{kind}-{seed}")
                spent = time.perf_counter() - began
                facts = _lora_facts(dataset, engine, curve.checkpoint, frozen, test, tail)
                append("assess_outcomes", {"set": name, "recipe": kind, "seed": seed} | facts | below
                       | {"seconds": round(spent, 1)})  # fmt: skip
        engine.close()


def _frozen_facts(dataset: Dataset, frozen: FrozenFit, test, tail) -> dict[str, object]:
    told = Predictions.of(dataset, dataset.test, frozen.head.logits(test), frozen.temperature).scores(tail)
    return {
        "rows": len(dataset.train),
        "frozen_val": round(frozen.rung.val.macro_f1, 4),
        "frozen_test": round(told.macro_f1, 4),
        "frozen_test_exact": round(told.accuracy, 4),
    }


def _lora_facts(dataset: Dataset, engine, checkpoint: str, frozen: FrozenFit, test, tail) -> dict[str, object]:
    found = {}
    for split in ("val", "test"):
        ours = Predictions.of(dataset, getattr(dataset, split), engine.logits(checkpoint, split))
        told = ours.scores(tail)
        found |= {f"lora_{split}": round(told.macro_f1, 4), f"lora_{split}_exact": round(told.accuracy, 4)}
        if split == "test":
            base = Predictions.of(dataset, dataset.test, frozen.head.logits(test), frozen.temperature)
            gain, error = noise.paired_f1(dataset.test.labels, ours.labels, base.labels, len(dataset.classes))
            found |= {"gain": round(100 * gain, 2), "gain_se": round(100 * error, 2)}
    return found


def _done(name: str) -> set[tuple[str, str]]:
    path = RESULTS / "assess_outcomes.csv"
    if not path.exists():
        return set()
    with path.open(newline="", encoding="utf-8") as file:
        return {(row["recipe"], row["seed"]) for row in csv.DictReader(file) if row["set"] == name}


if __name__ == "__main__":
    main(sys.argv[1:])
