"""Which evidence tells where a move leads? Each kind against the outcomes, over every move of the grid.

Usage: python -m benchmarks.atlas.evidence [--work DIR] [--csv]

Kinds: the probe under its constant lr, the cooled probe (log-loss at its own temperature, plain log-loss, macro-F1), an
arm branched from the probe's end, and the full run's own validation, which no probe can beat. Figures a pair: Spearman
correlation with the outcome, and how often the sign is right where the outcome is beyond half a point.
"""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import spearmanr

from benchmarks.atlas import compare, judge
from benchmarks.atlas.judge import POINT
from benchmarks.atlas.store import Atlas, Ran
from rankfirst.records import Recipe

ARMS = {"lr+": "lr", "lr-": "lr-", "rank+": "rank", "sites+": "sites"}
Kind = Callable[[Ran, Ran, str], float]


def _loss(part: str) -> Kind:
    """Log-loss saved at the end of a part, each at its own temperature."""

    def gain(new: Ran, old: Ran, move: str) -> float:
        a, b = getattr(new, part).end_log_loss, getattr(old, part).end_log_loss
        return float(np.mean(b) - np.mean(a)) if a and b else np.nan

    return gain


def _branched(new: Ran, old: Ran, move: str) -> float:
    """Log-loss saved by the arm, against the arm that does nothing."""
    by = {arm.kind.value: arm for arm in old.arms if arm.healthy}
    if move not in ARMS or ARMS[move] not in by or "none" not in by:
        return np.nan
    return float(np.mean(by["none"].val_log_loss) - np.mean(by[ARMS[move]].val_log_loss))


KINDS: dict[str, Kind] = {
    "constant-lr probe, log-loss": _loss("probe"),
    "cooled probe, log-loss": _loss("cooled"),
    "cooled probe, plain log-loss": lambda new, old, move: old.cooled.last.val_loss - new.cooled.last.val_loss,
    "cooled probe, macro-F1": lambda new, old, move: new.cooled.last.val_macro_f1 - old.cooled.last.val_macro_f1,
    "arm from the probe's end": _branched,
    "full run, log-loss": _loss("full"),
    "full run, macro-F1": lambda new, old, move: new.full.last.val_macro_f1 - old.full.last.val_macro_f1,
}


def main(arguments: Sequence[str] | None = None) -> None:
    """A row a pair and kind; the arms' moves are fewer, so the cooled probe is told on the same ones as well."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--work", type=Path)
    parser.add_argument("--csv", action="store_true", help="write benchmarks/results/atlas_evidence.csv")
    options = parser.parse_args(arguments)
    rows = [row for atlas in compare.read(options.work) for row in of(atlas)]
    compare.show([{"set": "all"} | row for row in rows])
    if options.csv:
        compare.write("atlas_evidence", rows)


def of(atlas: Atlas) -> list[dict[str, Any]]:
    """One pair."""
    moved = list(_moves(atlas))
    found = []
    branched = [bool(np.isfinite(_branched(new, old, move))) for new, old, move, _ in moved]
    for name, kind in KINDS.items():
        found.append({"pair": atlas.name, "kind": name} | _figures(moved, kind, [True] * len(moved)))
        if name == "cooled probe, log-loss":
            found.append({"pair": atlas.name, "kind": f"{name}, moves with an arm"} | _figures(moved, kind, branched))
    return found


def _moves(atlas: Atlas) -> list[tuple[Ran, Ran, str, float]]:
    moved = []
    for start in atlas.grid:
        there: dict[str, Recipe] = {m: to for m, to in judge.moves(start).items() if to.key in atlas.runs}
        for move, to in there.items():
            if move != judge.NOTHING:
                moved.append((atlas.runs[to.key], atlas.runs[start.key], move, atlas.gain(to, start)[0]))
    return moved


def _figures(moved: Sequence[tuple[Ran, Ran, str, float]], kind: Kind, kept: Sequence[bool]) -> dict[str, Any]:
    told = [(kind(new, old, move), gain) for (new, old, move, gain), keep in zip(moved, kept, strict=True) if keep]
    shown, gains = np.array([t for t in told if np.isfinite(t[0])]).reshape(-1, 2).T
    clear = np.abs(gains) > POINT
    return {
        "moves": len(gains),
        "spearman": round(float(spearmanr(shown, gains)[0]), 2) if len(gains) > 2 else float("nan"),
        "clear": int(clear.sum()),
        "sign_right": round(float(np.mean((shown > 0)[clear] == (gains > 0)[clear])), 2)
        if clear.any()
        else float("nan"),
    }


if __name__ == "__main__":
    main()
