"""Is a small lr with a large scaling the better recipe? lr 1e-4 to 4e-4 x a = alpha / r of 1, 4, 16 and 64.

Usage: python -m benchmarks.lr_scaling [SET ...] [--pairs LRxA ...] [--all]     (appends to results/lr_scaling.csv)

arXiv 2606.12883 asks it of large models. Here: r 16, q/v and FFN of the top four blocks (--all: every linear layer),
from the head that `fit` starts from, the epochs of `fit`'s final training, none stopped early. SET is a name of
`outcomes/sets.py`. --pairs 4e-4x16 trains only these. What the CSV holds is not trained again.
"""

import argparse
import tempfile
import time
from collections.abc import Mapping
from itertools import product
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from benchmarks.end_results import SHARED
from benchmarks.outcomes.fits import scores
from benchmarks.outcomes.fixed import Beginning, first_recipe
from benchmarks.outcomes.sets import CASES, Case
from benchmarks.tables import append, commit, read
from rankfirst import baselines, data
from rankfirst.engine.base import EngineOptions, FinalPlan
from rankfirst.engine.base_models import sources
from rankfirst.measure.decoding import Decoding
from rankfirst.measure.predictions import Predictions
from rankfirst.policy.final_training import final_epochs
from rankfirst.records import ALL_ROLES, QV_FFN, Dataset, Recipe, Sites, to_json

NAME: Final = "lr_scaling"
SETS: Final = ("nlupp", "tnews", "smp2017")
LRS: Final = (1e-4, 2e-4, 4e-4)
SCALINGS: Final = (1.0, 4.0, 16.0, 64.0)
RANK, LAYERS = 16, 4
Logits = npt.NDArray[np.float64]


def main(arguments: list[str] | None = None) -> None:
    """Every set named, or all."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.lr_scaling")
    parser.add_argument("sets", nargs="*", metavar="SET")
    parser.add_argument("--pairs", nargs="+", type=_pair, default=list(product(LRS, SCALINGS)), metavar="LRxA")
    parser.add_argument("--all", action="store_true", help="adapt every linear layer of every block")
    options = parser.parse_args(arguments)
    if not (SHARED / "data").is_dir():
        print(f"skipped: no labelled sets at {SHARED / 'data'}; name their folder with RANKFIRST_SHARED")
        return
    for name in options.sets or SETS:
        measure(CASES[name], options.pairs, options.all)


def _pair(text: str) -> tuple[float, float]:
    """`4e-4x16`: (lr, a)."""
    lr, _, a = text.partition("x")
    return float(lr), float(a)


def measure(case: Case, pairs: list[tuple[float, float]], every: bool) -> None:
    """These pairs of lr and a on one set."""
    done = {row["recipe"] for row in read(NAME) if row["set"] == case.name}
    with tempfile.TemporaryDirectory() as work:
        dataset, engine = opened(case, Path(work))
        start = first_recipe(engine, dataset, Path(work))
        layers = engine.facts.layers
        sites = Sites(ALL_ROLES, layers) if every else Sites(QV_FFN, LAYERS).within(layers)
        for lr, a in pairs:
            recipe = start.with_(rank=RANK, sites=sites, lr=lr, scaling=a)
            if recipe.key not in done:
                told = trained(engine, dataset, recipe)
                append(NAME, {"set": case.name, "lr": lr, "a": a, "recipe": recipe.key, **told})
        engine.close()


def opened(case: Case, work: Path) -> tuple[Dataset, Beginning]:
    """The rows of a set, and an engine for them."""
    folder = case.folder(work)
    dataset = data.load_dataset(*(folder / f"{split}.csv" for split in ("train", "val", "test")))
    source = sources.resolve(sources.DEFAULT_EN if case.base is None else str(case.base))
    return dataset, Beginning(dataset, source, work / "engine", EngineOptions())


def trained(engine: Beginning, dataset: Dataset, recipe: Recipe) -> dict[str, object]:
    """Scores of one recipe."""
    epochs = final_epochs(len(dataset.train), recipe.batch_size)
    began = time.perf_counter()
    curve = engine.finish(recipe, FinalPlan(epochs), f"scaled-{recipe.key}")
    row: dict[str, object] = {"health": curve.health.value, "epochs": epochs, "kept": curve.kept_epoch,
                              "seconds": round(time.perf_counter() - began), "commit": commit()}  # fmt: skip
    if not curve.checkpoint:
        return row | scores("val", None) | scores("test", None)
    val, test = (engine.logits(curve.checkpoint, split).astype(np.float64) for split in ("val", "test"))
    for split, found in scored(dataset, val, test).items():
        row |= scores(split, found)
    return row


def scored(dataset: Dataset, val: Logits, test: Logits) -> dict[str, Mapping[str, Any]]:
    """Scores of both splits, calibrated on validation and decoded as the rungs of `fit` are. Args: (n, C) logits."""
    assert dataset.test is not None
    decoding = Decoding.of(dataset)
    temperature = baselines.trained("lora", val, dataset, (), 0.0, 0.0, {}, 0.0, decoding=decoding).temperature
    return {
        split: to_json(Predictions.of(dataset, rows, logits, temperature, decoding).scores())
        for split, rows, logits in (("val", dataset.val, val), ("test", dataset.test, test))
    }


if __name__ == "__main__":
    main()
