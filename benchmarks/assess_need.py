"""Does "is LoRA needed?" agree with what LoRA turned out to gain (results/assess_outcomes.csv)?

Usage: python -m benchmarks.assess_need [SET|PAIR ...]    (sets with all their outcomes, and pairs of the atlas; appends
to results/assess_need.csv)

Three answers a set: expected before training, measured by the probe of `assess --probe`, and the truth: the test gain,
mean of seeds, of the recipe that validation prefers, over the rung that LoRA has to beat (column `over`): in the atlas
TF-IDF where `assess` prefers it to the frozen rung, in assess_outcomes.csv always the frozen rung. It is "yes" or
"no" where the gain is beyond two standard errors (rows and seeds), or below half a point by as much; else "unclear".
"""

import csv
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.assess_outcomes import SEEDS, TOKENS, base_of, load
from benchmarks.atlas import design, store
from benchmarks.atlas.store import Atlas, Rows
from benchmarks.tables import RESULTS, append
from rankfirst.engine.base import EngineOptions
from rankfirst.engine.base_models import sources
from rankfirst.engine.local import LocalEngine
from rankfirst.measure.scores import as_tuples, predict_labels
from rankfirst.policy.shipping import cheaper
from rankfirst.policy.thresholds import WORTH_A_MODEL
from rankfirst.records import Dataset, Need
from rankfirst.run.assessment import Appraisal, Below, Wanted


def main(names: list[str]) -> None:
    """Compare, a set or a pair at a time."""
    known = outcomes()
    pairs = {pair.name: pair for pair in design.PAIRS}
    for name in names or sorted([*known, *store.names()]):
        pair = pairs.get(name)
        dataset = design.load(pair) if pair else load(name)
        base, tokens = (pair.base, design.TOKENS) if pair else (base_of(name), TOKENS)
        told, probed, tfidf = answers(dataset, base, tokens)
        gain, error, recipe = known[name] if name in known else _of_atlas(store.load(name), tfidf)
        append("assess_need", {
            "set": name, "rows": len(dataset.train), "expected": told.answer.value, "why": told.code,
            "room": round(told.numbers.get("room", float("nan")), 1),
            "doublings": round(told.numbers.get("doublings", float("nan")), 1),
            "probe": probed.answer.value, "probe_gain": round(probed.numbers["gain"], 2),
            "probe_low": round(probed.numbers["low"], 2), "probe_high": round(probed.numbers["high"], 2),
            "truth": truth(gain, error), "gain": round(gain, 2), "error": round(error, 2), "recipe": recipe,
            "over": "tfidf" if tfidf and name not in known else "frozen",
        })  # fmt: skip


class Both(Appraisal):
    """An appraisal that keeps what it would have answered without the probe: the rungs below are climbed once."""

    expected: Need
    below: Below

    def need(self, below: Below, ceiling: Any, above: Any) -> Need:
        self.below, self.expected = below, super().need(below, ceiling, ())
        return super().need(below, ceiling, above)


def answers(dataset: Dataset, base: str, tokens: int) -> tuple[Need, Need, Rows]:
    """Before training, and by the probe, as `assess` and `assess --probe` give them.

    And what TF-IDF answers to the test rows, where that is the rung to beat; otherwise nothing.
    """
    with tempfile.TemporaryDirectory() as folder:
        engine = LocalEngine(dataset, sources.resolve(base), Path(folder), EngineOptions(max_tokens=tokens))
        both = Both(dataset, engine, Wanted(probe=True))
        probed = both.run().assessment.need
        assert probed is not None and dataset.test is not None and both.below.encoded is not None
        below = both.below
        _, code = cheaper(dataset.val.labels, len(dataset.classes), below.tfidf, below.encoded)
        p = below.texts(dataset.test.texts) if code == "tfidf" else None
        return both.expected, probed, () if p is None else as_tuples(predict_labels(p, dataset.multi_label))


def _of_atlas(atlas: Atlas, tfidf: Rows) -> tuple[float, float, str]:
    """As `outcomes`, of the recipe that validation prefers among the pair's grid; over TF-IDF where it has answers."""
    chosen = max(atlas.grid, key=lambda r: atlas.runs[r.key].full.last.val_macro_f1)
    gain, error = (replace(atlas, test_frozen=tfidf) if tfidf else atlas).gain(chosen, None)
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
