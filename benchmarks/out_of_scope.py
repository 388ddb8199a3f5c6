"""How well a delivered frozen encoder finds texts of no class on CLINC150, by every score, on the official test rows.

Usage: python -m benchmarks.out_of_scope DATA [CACHE]    (DATA: the folder of clinc150 with its oos files; CACHE keeps
features and head, which take minutes; appends to results/out_of_scope.csv)

Everything is chosen on training and validation rows: the threshold on in-scope validation rows, the score on texts of
no class of the official train (100) and train + validation (200) splits. Test rows are looked at once, at the end.
"""

import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.tables import append
from rankfirst import baselines, data
from rankfirst.engine.base import EngineOptions
from rankfirst.engine.base_models import sources
from rankfirst.engine.local import LocalEngine
from rankfirst.measure import abstain_scores
from rankfirst.measure.scores import Floats
from rankfirst.model.abstention import UNSEEN
from rankfirst.records import Dataset

COVERAGE: Final = 0.95
OUTSIDE: Final = ("oos_train", "oos_val", "oos_test")


def main(folder: Path, cache: Path) -> None:
    """Features, head, scores, and a line for each score and number of known texts."""
    dataset = data.load_dataset(folder / "train.csv", folder / "val.csv", folder / "test.csv")
    states, head = seen(dataset, folder, cache)
    compared = baselines.subsample(dataset.train.labels, abstain_scores.ROWS, 0)
    labels = [dataset.train.labels[i] for i in compared]
    references = {
        name: abstain_scores.fit_reference(name, states["train"][compared], labels) for name in abstain_scores.BY_STATES
    }
    scores: dict[str, dict[str, Floats]] = {}
    for split in ("val", "test", *OUTSIDE):
        logits = head.logits(states[split]).astype(np.float64) / head.temperature
        scores[split] = {name: abstain_scores.by_logits(name, logits, False) for name in abstain_scores.BY_LOGITS}
        scores[split] |= {name: made.score(states[split]) for name, made in references.items()}
    assert dataset.test is not None
    right = head.logits(states["test"]).argmax(axis=1) == np.array([row[0] for row in dataset.test.labels])
    for known in ((), ("oos_train",), ("oos_train", "oos_val")):
        outside = {
            name: np.concatenate([scores[split][name] for split in known]) for name in abstain_scores.SCORES if known
        }
        chosen, trials = abstain_scores.choose(scores["val"], outside, COVERAGE) if known else (UNSEEN[0], ())
        told = {trial.score: trial for trial in trials}
        for name in abstain_scores.SCORES:
            threshold = abstain_scores.threshold_at(scores["val"][name], COVERAGE)
            inside, beyond = scores["test"][name], scores["oos_test"][name]
            kept = inside >= threshold
            append("out_of_scope", {
                "set": "clinc150", "model": "frozen MiniLM-L6", "known": sum(len(scores[s][name]) for s in known),
                "score": name, "chosen": name == chosen,
                "auroc_chosen_on": _round(told, name, "chosen_on"), "auroc_judged": _round(told, name, "auroc"),
                "test_auroc": round(float(abstain_scores.placements(inside, beyond).mean()), 4),
                "test_oos_recall": round(float((beyond < threshold).mean()), 4),
                "test_coverage": round(float(kept.mean()), 4), "test_accuracy": round(float(right.mean()), 4),
                "test_accuracy_kept": round(float(right[kept].mean()), 4),
            })  # fmt: skip


def _round(told: Mapping[str, Any], name: str, field: str) -> float | str:
    return round(getattr(told[name], field), 4) if name in told else ""


def seen(dataset: Dataset, folder: Path, cache: Path) -> tuple[dict[str, Any], baselines.LinearHead]:
    """Split -> (n, d) states in the frozen rung's pooling, and its head; read from `cache` where they are."""
    features = _features(dataset, folder, cache / "features.npz")
    path = cache / "head.npz"
    if not path.exists():
        splits = {split: {key.partition(".")[2]: a for key, a in features.items() if key.startswith(f"{split}.")}
                  for split in ("train", "val")}  # fmt: skip
        fit = baselines.fit_frozen(splits["train"], splits["val"], dataset, ())
        np.savez(
            path, weight=fit.head.weight, bias=fit.head.bias, temperature=fit.head.temperature, pooling=fit.pooling
        )
    with np.load(path) as kept:
        head = baselines.LinearHead(kept["weight"], kept["bias"], False, float(kept["temperature"]))
        pooling = str(kept["pooling"])
    return {split: features[f"{split}.{pooling}"] for split in ("train", "val", "test", *OUTSIDE)}, head


def _features(dataset: Dataset, folder: Path, path: Path) -> dict[str, Any]:
    if not path.exists():
        with tempfile.TemporaryDirectory() as work:
            engine = LocalEngine(dataset, sources.resolve(sources.DEFAULT_EN), Path(work), EngineOptions(max_tokens=64))
            made = {f"{split}.{pooling}": states for split in ("train", "val", "test")
                    for pooling, states in engine.features(split).items()}  # fmt: skip
            for split in OUTSIDE:
                texts, _ = data.read_texts(folder / f"{split}.csv")
                made |= {f"{split}.{pooling}": states for pooling, states in engine.encode(texts).items()}
        np.savez(path, **made)  # type: ignore[arg-type]
    with np.load(path) as kept:
        return {key: kept[key] for key in kept.files}


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else Path(place))
