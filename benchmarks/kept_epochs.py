"""Which epoch of a final training to keep, and over how many epochs lr falls in the training on all rows; on test.

Usage: python -m benchmarks.kept_epochs SET=LR:A [...] [--seed N]     (appends to results/kept_epochs.csv)

r 16 in q/v and FFN of the top four blocks, from the head that `fit` starts from. `final` trains on training rows and
keeps the epoch with the best validation macro-F1, with the least log-loss, or the last. `refit` trains on training and
validation rows: `stopped` at the epoch of best macro-F1, before lr has fallen; `cooled`, so many epochs over which it
falls; `whole`, the whole plan. All rows of one set have the temperature of that epoch of `final`.
"""

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
import torch

from benchmarks.end_results import SHARED
from benchmarks.lr_scaling import LAYERS, RANK, Logits, opened, scored
from benchmarks.outcomes.fits import scores
from benchmarks.outcomes.fixed import Beginning, first_recipe
from benchmarks.outcomes.sets import CASES, Case
from benchmarks.tables import append, commit
from rankfirst import baselines
from rankfirst.engine.training.corpus import ALL
from rankfirst.engine.training.loop import Loop, Trace
from rankfirst.engine.training.schedules import warm_then_linear
from rankfirst.policy.final_training import final_epochs
from rankfirst.records import QV_FFN, Dataset, Sites

NAME: Final = "kept_epochs"


def main(arguments: list[str] | None = None) -> None:
    """Every set named."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.kept_epochs")
    parser.add_argument("sets", nargs="+", metavar="SET=LR:A")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    if not (SHARED / "data").is_dir():
        print(f"skipped: no labelled sets at {SHARED / 'data'}; name their folder with RANKFIRST_SHARED")
        return
    for given in options.sets:
        name, _, recipe = given.partition("=")
        lr, _, a = recipe.partition(":")
        measure(CASES[name], float(lr), float(a), options.seed)


def measure(case: Case, lr: float, a: float, seed: int) -> None:
    """One recipe on one set."""
    with tempfile.TemporaryDirectory() as work:
        dataset, engine = opened(case, Path(work))
        start = first_recipe(engine, dataset, Path(work))
        sites = Sites(QV_FFN, LAYERS).within(engine.facts.layers)
        recipe = start.with_(rank=RANK, sites=sites, lr=lr, scaling=a, seed=seed)
        epochs = final_epochs(len(dataset.train), recipe.batch_size)
        fit = baselines.fit_frozen(engine.features("train"), engine.features("val"), dataset, ())
        states = (engine.features(split)[fit.pooling] for split in ("train", "val"))
        head = baselines.refit_start(fit, *states, dataset)
        given = torch.tensor(head.weight, dtype=torch.float32), torch.tensor(head.bias, dtype=torch.float32)

        def tell(who: str, after: int, val: Logits, test: Logits) -> None:
            found = scored(dataset, val, test)
            append(NAME, {"set": case.name, "recipe": recipe.key, "plan": epochs, "who": who, "epochs": after,
                          "commit": commit(), **scores("val", found["val"] if who.startswith("final") else None),
                          **scores("test", found["test"])})  # fmt: skip

        best, val = final(dataset, engine, engine._loop(recipe, None), epochs, tell)
        engine.corpus.join()
        for who, plan, stop in (("stopped", epochs, best), ("cooled", best, best), ("whole", epochs, epochs)):
            if best < epochs or who == "whole":
                loop = Loop(engine.corpus, recipe, None, given, engine.planner.room(recipe), ALL)
                rows = range(len(engine.corpus.texts[ALL]))
                schedule, trace = warm_then_linear(plan * loop.steps_in(rows)), Trace(10)
                for _ in range(stop):
                    loop.train(rows, schedule, trace)
                tell(f"refit {who}", stop, val, loop.logits("test"))
        engine.close()


def final(
    dataset: Dataset, engine: Beginning, loop: Loop, epochs: int, tell: Callable[[str, int, Logits, Logits], None]
) -> tuple[int, Logits]:
    """Train on the training rows. Returns: the epoch of best macro-F1, and its (n, C) validation logits."""
    rows, trace = range(len(dataset.train)), Trace(10)
    schedule = warm_then_linear(epochs * loop.steps_in(rows))
    assert dataset.test is not None
    nothing = np.zeros((len(dataset.test), len(dataset.classes)))
    kept: dict[str, tuple[float, int, Logits, Logits]] = {}
    for epoch in range(1, epochs + 1):
        loop.train(rows, schedule, trace)
        val = loop.logits("val")
        found = scored(dataset, val, nothing)["val"]
        reached = {"best macro-F1": found["macro_f1"], "least log-loss": -found["log_loss"], "last": float(epoch)}
        for name, value in reached.items():
            if (name != "last" or epoch == epochs) and (name not in kept or value > kept[name][0]):
                kept[name] = value, epoch, val, loop.logits("test")
    for name, (_, epoch, val, test) in kept.items():
        tell(f"final, {name}", epoch, val, test)
    return kept["best macro-F1"][1], kept["best macro-F1"][2]


if __name__ == "__main__":
    main()
