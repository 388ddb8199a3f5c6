"""Cost and memory against the number of rows: filling the cache, one epoch over it, peak memory.

Usage: python -m benchmarks.speed_rows [ROWS ...]      (default 1000 10000 100000; needs BANKING77, see speed_epoch)
MiniLM-L6, adapters on q/v + FFN of the top two blocks. Rows beyond BANKING77's own are its texts with their words
turned round, so that no two are the same. Every size runs in a process of its own, so that peak memory is its own;
results/speed_rows.csv gets one line a size.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.end_results import SHARED
from benchmarks.speed_epoch import FULL
from benchmarks.tables import append
from rankfirst.data import load_dataset
from rankfirst.engine.base_models import sources
from rankfirst.engine.local import LocalEngine
from rankfirst.engine.training import checkpoint
from rankfirst.engine.training.loop import Loop, Trace
from rankfirst.engine.training.schedules import warm_hold_fall
from rankfirst.records import QV_FFN, Dataset, Head, Sites, Split


def rows_of(count: int) -> Dataset:
    """So many rows from BANKING77's training split, turned as often as needed."""
    folder = SHARED / "data" / "banking77"
    whole = load_dataset(folder / "train.csv", folder / "val.csv", folder / "test.csv")
    texts, labels = list(whole.train.texts), list(whole.train.labels)
    turned = []
    for i in range(count):
        words = texts[i % len(texts)].split()
        by = (i // len(texts)) % len(words)
        turned.append(" ".join(words[by:] + words[:by]))
    return replace(whole, train=Split(tuple(turned), tuple(labels[i % len(labels)] for i in range(count))), test=None)


def measure(count: int) -> dict[str, float]:
    """Seconds and MiB in this process."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        engine = LocalEngine(rows_of(count), sources.resolve(sources.DEFAULT_EN), Path(folder))
        ready = time.perf_counter() - began
        engine.use_head("mean", np.zeros((len(engine.dataset.classes), engine.model.hidden), np.float32),
                        np.zeros(len(engine.dataset.classes), np.float32))  # fmt: skip
        recipe = FULL.with_(sites=Sites(QV_FFN, 2))
        engine.expect(recipe)
        began = time.perf_counter()
        engine.features("train")
        features = time.perf_counter() - began
        loop = Loop(engine.corpus, recipe, checkpoint.State(recipe, {}), engine.heads[Head.ZERO])
        began = time.perf_counter()
        loop.train(list(range(count)), warm_hold_fall(10**6), Trace(every=100))
        epoch = time.perf_counter() - began
        tokens = engine.corpus.tokens("train")
        on_disk = sum(s.megabytes for s in engine.corpus.states.stores.values() if not s.in_memory)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"rows": count, "tokens": tokens, "read and tokenise s": round(ready, 1), "features s": round(features, 1),
            "epoch s": round(epoch, 1), "epoch us/token": round(1e6 * epoch / tokens, 1),
            "peak MiB": round(peak), "states on disk MiB": round(on_disk)}  # fmt: skip


def main(sizes: list[int]) -> None:
    """One process a size."""
    if not (SHARED / "data").is_dir():
        print(f"skipped: no labelled sets at {SHARED / 'data'}; name their folder with RANKFIRST_SHARED")
        return
    for size in sizes:
        words = [sys.executable, "-m", "benchmarks.speed_rows", "--one", str(size)]
        done = subprocess.run(words, capture_output=True, text=True, check=True)
        row = {"date": time.strftime("%Y-%m-%d")} | json.loads(done.stdout.splitlines()[-1])
        append("speed_rows", row)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(measure(int(sys.argv[2]))))
    else:
        main([int(a) for a in sys.argv[1:]] or [1000, 10_000, 100_000])
