"""Does "is LoRA needed?" agree with what LoRA turned out to gain (results/assess_outcomes.csv)?

Usage: python -m benchmarks.assess_need [SET|PAIR ...]    (sets with all their outcomes, and pairs of the atlas; appends
to results/assess_need.csv)

Three answers a set: expected before training, measured by the probe of `assess --probe`, and the truth: the test gain
over the frozen rung, mean of three seeds, of the recipe that validation prefers. The truth is "yes" or "no" where the
gain is beyond two standard errors (rows and seeds), or below half a point by as much; otherwise "unclear".
"""

import csv
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.assess_outcomes import SEEDS, TOKENS, base_of, load
from benchmarks.atlas import design, store
from benchmarks.atlas.store import Atlas
from benchmarks.tables import RESULTS, append
from rankfirst.appraisal import Appraisal, Wanted
from rankfirst.engine import sources
from rankfirst.engine.local import LocalEngine
from rankfirst.policy.thresholds import WORTH_A_MODEL
from rankfirst.records import Dataset, Need


def main(names: list[str]) -> None:
    """Compare, a set or a pair at a time."""
    known = outcomes() | {name: _of_atlas(store.load(name)) for name in store.names()}
    pairs = {pair.name: pair for pair in design.PAIRS}
    for name in names or sorted(known):
        gain, error, recipe = known[name]
        pair = pairs.get(name)
        dataset = design.load(pair) if pair else load(name)
        base, tokens = (pair.base, design.TOKENS) if pair else (base_of(name), TOKENS)
        told, probed = answers(dataset, base, tokens)
        append("assess_need", {
            "set": name, "rows": len(dataset.train), "expected": told.answer.value, "why": told.code,
            "room": round(told.numbers.get("room", float("nan")), 1),
            "doublings": round(told.numbers.get("doublings", float("nan")), 1),
            "probe": probed.answer.value, "probe_gain": round(probed.numbers["gain"], 2),
            "probe_low": round(probed.numbers["low"], 2), "probe_high": round(probed.numbers["high"], 2),
            "truth": truth(gain, error), "gain": round(gain, 2), "error": round(error, 2), "recipe": recipe,
        })  # fmt: skip


class Both(Appraisal):
    """An appraisal that keeps what it would have answered without the probe: the rungs below are climbed once."""

    expected: Need

    def need(self, below: Any, ceiling: Any, above: Any) -> Need:
        self.expected = super().need(below, ceiling, ())
        return super().need(below, ceiling, above)


def answers(dataset: Dataset, base: str, tokens: int) -> tuple[Need, Need]:
    """Before training, and by the probe, as `assess` and `assess --probe` give them."""
    with tempfile.TemporaryDirectory() as folder:
        engine = LocalEngine(dataset, sources.resolve(base), Path(folder), max_tokens=tokens)
        both = Both(dataset, engine, Wanted(probe=True))
        probed = both.run().assessment.need
        assert probed is not None
        return both.expected, probed


def _of_atlas(atlas: Atlas) -> tuple[float, float, str]:
    """As `outcomes`, of the recipe that validation prefers among the pair's grid."""
    chosen = max(atlas.grid, key=lambda r: atlas.runs[r.key].full.last.val_macro_f1)
    gain, error = atlas.gain(chosen, None)
    return 100 * gain, 100 * error, chosen.key


def truth(gain: float, error: float) -> str:
    """Points of test macro-F1 and their standard error -> yes, no or unclear."""
    if gain > 2 * error and gain > 100 * WORTH_A_MODEL:
        return "yes"
    return "no" if gain + 2 * error < 100 * WORTH_A_MODEL else "unclear"


def outcomes() -> dict[str, tuple[float, float, str]]:
    """Set -> (mean test gain in points, its standard error, the recipe that validation prefers)."""
    path = RESULTS / "assess_outcomes.csv"
    rows: dict[str, dict[str, list[dict[str, str]]]] = {}
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            rows.setdefault(row["set"], {}).setdefault(row["recipe"], []).append(row)
    found = {}
    for name, recipes in rows.items():
        whole = {kind: runs for kind, runs in recipes.items() if len(runs) == len(SEEDS)}
        if not whole:
            continue
        kind = max(whole, key=lambda kind: np.mean([float(run["lora_val"]) for run in whole[kind]]))
        gains = [float(run["gain"]) for run in whole[kind]]
        rows_error = np.mean([float(run["gain_se"]) for run in whole[kind]])
        error = float(np.hypot(rows_error, np.std(gains, ddof=1) / len(gains) ** 0.5))
        found[name] = (float(np.mean(gains)), error, kind)
    return found


if __name__ == "__main__":
    main(sys.argv[1:])
