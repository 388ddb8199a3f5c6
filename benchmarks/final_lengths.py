"""How long, how deep, which epoch: single LoRA recipes trained to the end of a plan, on test.

Usage: python -m benchmarks.final_lengths SET [--lr=1.6e-3] [--epochs=15,30] [--sites=2,4,all]

Appends to results/final_lengths.csv. SET is a name of `outcomes/sets.py`. --sites: q/v and FFN of so many top blocks,
or every linear layer; r 8 in the top two, else 16. Both the kept epoch (best validation macro-F1) and the last one are
scored, calibrated and decoded as the rungs of `fit` are. All start from the head that `fit` starts from.
"""

import sys
import tempfile
import time
from itertools import product
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.end_results import SHARED
from benchmarks.lr_scaling import opened, scored
from benchmarks.outcomes.fits import scores
from benchmarks.outcomes.fixed import first_recipe
from benchmarks.outcomes.sets import CASES
from benchmarks.tables import append, commit
from rankfirst.engine.base import FinalPlan
from rankfirst.records import ALL_ROLES, QV_FFN, Sites

NAME: Final = "final_lengths"


def main(arguments: list[str]) -> None:
    """Every combination asked for."""
    if not (SHARED / "data").is_dir():
        print(f"skipped: no labelled sets at {SHARED / 'data'}; name their folder with RANKFIRST_SHARED")
        return
    asked = dict(each[2:].split("=") for each in arguments if each.startswith("--"))
    rates = [float(lr) for lr in asked.get("lr", "1.6e-3").split(",")]
    lengths = [int(epochs) for epochs in asked.get("epochs", "8").split(",")]
    for name in (each for each in arguments if not each.startswith("--")):
        for lr, epochs, sites in product(rates, lengths, asked.get("sites", "4").split(",")):
            measure(name, lr, epochs, sites)


def measure(name: str, lr: float, epochs: int, sites: str) -> None:
    """One training."""
    with tempfile.TemporaryDirectory() as work:
        dataset, engine = opened(CASES[name], Path(work))
        where = Sites(ALL_ROLES, engine.facts.layers) if sites == "all" else Sites(QV_FFN, int(sites))
        start = first_recipe(engine, dataset, Path(work))
        recipe = start.with_(rank=8 if sites == "2" else 16, sites=where, lr=lr, scaling=1.0)
        began = time.perf_counter()
        curve = engine.finish(recipe, FinalPlan(epochs), "length")
        row = {"set": name, "recipe": recipe.key, "epochs": epochs, "patience": epochs, "kept": curve.kept_epoch,
               "trained": curve.epochs, "seconds": round(time.perf_counter() - began), "commit": commit()}  # fmt: skip
        for which, checkpoint in (("kept", curve.checkpoint), ("last", curve.end)):
            val, test = (engine.logits(checkpoint, split).astype(np.float64) for split in ("val", "test"))
            found = scored(dataset, val, test)
            row |= {f"{which}_{key}": value for split in found for key, value in scores(split, found[split]).items()}
        append(NAME, row)
        engine.close()


if __name__ == "__main__":
    main(sys.argv[1:])
