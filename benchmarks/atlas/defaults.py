"""Where should a walk start, and where do the rule book's fixed numbers lose? Smoothed outcomes over all pairs.

Usage: python -m benchmarks.atlas.defaults [--work DIR] [--csv]

For every level of a knob: points of test macro-F1 behind the pair's best recipe when that level is held and the other
knobs are chosen as well as can be ("best"), and when they stay at the default ("alone"). Then the recipes of the grid
by their mean and their worst regret: the start that costs least where nobody tunes.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.atlas import compare, design
from benchmarks.atlas.regret import Yardstick
from benchmarks.atlas.store import Atlas
from rankfirst.records import Recipe


def main(arguments: Sequence[str] | None = None) -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--work", type=Path)
    parser.add_argument("--csv", action="store_true", help="write benchmarks/results/atlas_defaults.csv")
    options = parser.parse_args(arguments)
    yards = [Yardstick(atlas) for atlas in compare.read(options.work) if len(atlas.grid) == len(design.grid())]
    levels = [row for knob in ("lr", "rank", "sites") for row in _levels(yards, knob)]
    compare.show([{"set": "all"} | row for row in levels])
    starts = sorted((_start(yards, recipe) for recipe in design.grid()), key=lambda row: float(row["mean"]))
    print()
    compare.show([{"set": "all"} | row for row in starts])
    if options.csv:
        compare.write(
            "atlas_defaults", [{"table": "level"} | r for r in levels] + [{"table": "start"} | r for r in starts]
        )


def _levels(yards: Sequence[Yardstick], knob: str) -> list[dict[str, Any]]:
    ladder: tuple[Any, ...] = {"lr": design.LRS, "rank": design.RANKS, "sites": design.SITES}[knob]
    rows = []
    for level in ladder:
        held = [r for r in design.grid() if getattr(r, knob) == level]
        best = [min(yard.smooth_regret(r) for r in held) for yard in yards]
        alone = [yard.smooth_regret(design.BASE.with_(**{knob: level})) for yard in yards]
        each = {_short(y.atlas): round(x, 2) for y, x in zip(yards, best, strict=True)}
        figures = {"best_mean": np.mean(best), "best_worst": max(best), "alone_mean": np.mean(alone)}
        told = {name: round(float(value), 2) for name, value in figures.items()}
        rows.append({"knob": knob, "level": str(level)} | told | each)
    return rows


def _start(yards: Sequence[Yardstick], recipe: Recipe) -> dict[str, Any]:
    regrets = {_short(yard.atlas): round(yard.smooth_regret(recipe), 2) for yard in yards}
    told = list(regrets.values())
    return {"recipe": recipe.key, "mean": round(float(np.mean(told)), 2), "worst": max(told)} | regrets


def _short(atlas: Atlas) -> str:
    return compare.set_of(atlas)


if __name__ == "__main__":
    main()
