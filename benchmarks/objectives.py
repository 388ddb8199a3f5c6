"""Do class weights or logit adjustment raise macro-F1 where classes are rare?

Usage: python -m benchmarks.objectives [SET ...]     (appends to results/objectives.csv)

Plain cross-entropy, class weights by the square root, and (one label a row) logit adjustment with tau 1; each at r 16,
q/v and FFN of the top four blocks, lr 4e-4, a 16, from the head that `fit` starts from, for the epochs of its final
training, none stopped early. SET is a name of `outcomes/sets.py`. What the CSV holds is not trained again.
"""

import argparse
import tempfile
from pathlib import Path
from typing import Final

from benchmarks.end_results import SHARED
from benchmarks.lr_scaling import LAYERS, RANK, opened, trained
from benchmarks.outcomes.fixed import first_recipe
from benchmarks.outcomes.sets import CASES, Case
from benchmarks.tables import append, read
from rankfirst.records import QV_FFN, ClassWeights, Objective, Sites

NAME: Final = "objectives"
SETS: Final = ("smp2017", "crosswoz_acts-2500")
LR, SCALING = 4e-4, 16.0


def main(arguments: list[str] | None = None) -> None:
    """Every set named, or all."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.objectives")
    parser.add_argument("sets", nargs="*", metavar="SET", default=SETS)
    if not (SHARED / "data").is_dir():
        print(f"skipped: no labelled sets at {SHARED / 'data'}; name their folder with RANKFIRST_SHARED")
        return
    for name in parser.parse_args(arguments).sets:
        measure(CASES[name])


def measure(case: Case) -> None:
    """Every objective that the set allows."""
    done = {row["recipe"] for row in read(NAME) if row["set"] == case.name}
    with tempfile.TemporaryDirectory() as work:
        dataset, engine = opened(case, Path(work))
        start = first_recipe(engine, dataset, Path(work))
        sites = Sites(QV_FFN, LAYERS).within(engine.facts.layers)
        tried = [Objective(), Objective(class_weights=ClassWeights.SQRT)]
        if not dataset.multi_label:
            tried.append(Objective(logit_adjustment=1.0))
        for objective in tried:
            recipe = start.with_(rank=RANK, sites=sites, lr=LR, scaling=SCALING, objective=objective)
            if recipe.key not in done:
                told = trained(engine, dataset, recipe)
                append(NAME, {"set": case.name, "objective": objective.key or "plain", "recipe": recipe.key, **told})
        engine.close()


if __name__ == "__main__":
    main()
