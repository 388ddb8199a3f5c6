"""The frozen rung on many rows: seconds, peak memory, and what choosing C on some of the rows costs.

Usage: python -m benchmarks.ladder_scale rows [SET ...]    real rows repeated with noise to 100,000
       python -m benchmarks.ladder_scale agree [SET ...]   sets as they are: C chosen on all rows, and on a fifth
       python -m benchmarks.ladder_scale tfidf [SET ...]   real rows, each copy without one of its words, to 200,000
Sets of RANKFIRST_SHARED/data; results/ladder_scale.csv gets a line each. Validation rows only. Features are kept in the
system's temporary folder.
"""

import resource
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.end_results import SHARED
from benchmarks.tables import append
from rankfirst.baselines import fit_frozen, fit_tfidf, frozen
from rankfirst.data import load_dataset
from rankfirst.engine.base import EngineOptions
from rankfirst.engine.base_models import sources
from rankfirst.engine.local import LocalEngine
from rankfirst.measure.scores import indicator, macro_f1, predict_labels
from rankfirst.records import Dataset, Split

ENGLISH = {"banking77", "clinc150", "mixatis", "mixsnips", "snips"}
ROWS = 100_000
NOISE = 0.5  # of a column's deviation, added to every copy
Features = Mapping[str, np.ndarray]


def main(mode: str, names: list[str]) -> None:
    """One line a set and way."""
    if not (SHARED / "data").is_dir():
        print(f"skipped: no labelled sets at {SHARED / 'data'}; name their folder with RANKFIRST_SHARED")
        return
    threadpool_limits(1)  # CPU seconds of one thread mean the same on a busy machine
    for name in names:
        dataset = rows_of(name)
        if mode == "tfidf":
            append("ladder_scale_tfidf", {"set": name} | _tfidf(dataset))
            continue
        train, val = features_of(name, dataset)
        if mode == "rows":
            dataset, train = _many(dataset, train)
        full = len(dataset.train)
        for limit in (frozen.CHOICE_ROWS,) if mode == "rows" else (full, full // 5):
            append("ladder_scale", {"mode": mode, "set": name} | _measure(dataset, train, val, limit))


def rows_of(name: str) -> Dataset:
    """The set's validation rows and its training rows but the 15% that loading without a test file sets aside."""
    folder = SHARED / "data" / name
    return load_dataset(folder / "train.csv", folder / "val.csv")


def engine_of(name: str, dataset: Dataset, work: Path, **options: object) -> LocalEngine:
    """Over the base that suits the set's language."""
    base = sources.DEFAULT_EN if name in ENGLISH else str(SHARED / "models" / "e5-small-zh")
    return LocalEngine(dataset, sources.resolve(base), work, EngineOptions(max_tokens=128, **options))  # type: ignore[arg-type]


def features_of(name: str, dataset: Dataset) -> tuple[Features, Features]:
    """Of training and validation rows, computed once a machine."""
    kept = Path(tempfile.gettempdir()) / "rankfirst-features" / f"{name}-{len(dataset.train)}.npz"
    if not kept.exists():
        kept.parent.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory() as work:
            engine = engine_of(name, dataset, Path(work))
            both = {split: engine.features(split) for split in ("train", "val")}
        np.savez(kept, **{f"{split}/{pooling}": a for split, found in both.items() for pooling, a in found.items()})
    with np.load(kept) as arrays:
        found = {key: arrays[key] for key in arrays.files}
    return tuple({k.split("/")[1]: a for k, a in found.items() if k.startswith(s)} for s in ("train", "val"))  # type: ignore[return-value]


def _many(dataset: Dataset, features: Features) -> tuple[Dataset, Features]:
    rng = np.random.default_rng(0)
    chosen = np.resize(rng.permutation(len(dataset.train)), ROWS)
    texts, labels = dataset.train.texts, dataset.train.labels
    split = Split(tuple(texts[i] for i in chosen), tuple(labels[i] for i in chosen))
    made = {}
    for pooling, array in features.items():
        noise = rng.standard_normal((ROWS, array.shape[1]), dtype=np.float32)
        made[pooling] = array[chosen] + noise * np.float32(NOISE) * array.std(axis=0)
    return replace(dataset, train=split), made


def _tfidf(dataset: Dataset) -> dict[str, object]:
    rng = np.random.default_rng(0)
    texts, labels = [], []
    for row in np.resize(rng.permutation(len(dataset.train)), 2 * ROWS):
        words = dataset.train.texts[row].split()
        del words[int(rng.integers(len(words)))]
        texts.append(" ".join(words))
        labels.append(dataset.train.labels[row])
    rung = fit_tfidf(replace(dataset, train=Split(tuple(texts), tuple(labels))), []).rung
    return {
        "rows": len(texts),
        "rows_used": rung.details["rows"],
        "ngrams": rung.details["ngrams"],
        "features": rung.details["features"],
        "seconds": round(rung.seconds, 1),
        "val_macro_f1": round(rung.val.macro_f1, 4),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _measure(dataset: Dataset, train: Features, val: Features, limit: int) -> dict[str, object]:
    frozen.CHOICE_ROWS = limit  # type: ignore[misc]
    began, worked = time.perf_counter(), time.process_time()
    fitted = fit_frozen(train, val, dataset, [])
    seconds, worked = time.perf_counter() - began, time.process_time() - worked
    truth = indicator(dataset.train.labels, len(dataset.classes))
    details = fitted.rung.details
    return {
        "rows": len(dataset.train),
        "choice_rows": min(limit, len(dataset.train)),
        "classes": len(dataset.classes),
        "seconds": round(seconds, 1),
        "cpu_seconds": round(worked, 1),
        "pooling": details["pooling"],
        "C": details["C"],
        "chosen_on": details["chosen_on"],
        "val_macro_f1": round(fitted.rung.val.macro_f1, 4),
        "val_log_loss": round(fitted.rung.val.log_loss, 4),
        "held_out_macro_f1": round(macro_f1(truth, predict_labels(fitted.out_of_fold, dataset.multi_label)), 4),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] not in {"rows", "agree", "tfidf"}:
        sys.exit(__doc__)
    chosen = {
        "tfidf": ["clinc150"],
        "rows": ["clinc150", "banking77"],
        "agree": ["banking77", "clinc150", "snips", "tnews", "smp2017"],
    }
    main(sys.argv[1], sys.argv[2:] or chosen[sys.argv[1]])
