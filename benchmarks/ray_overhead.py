"""What the Ray engine costs beside what its workers do, and what a second worker brings to independent arms.

    python -m benchmarks.ray_overhead [ROUNDS]   # default 3 rounds; appends to results/ray_overhead.csv

Overhead of an arm: the time from asking to having its curve, less the time the worker's engine took, on a tiny base (20
arms). Rate: probes of the synthetic demo rows on the packaged encoder, one epoch each, by one worker and by two, a
thread each, ways alternating. The load average stands beside each: on a machine that others use, the rate says little.
"""

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from tests.engine import tiny

from benchmarks.tables import append
from rankfirst import data
from rankfirst.engine.base import EngineOptions
from rankfirst.engine.base_models import sources
from rankfirst.engine.ray import workers as ray_workers
from rankfirst.engine.ray.cluster import Pool
from rankfirst.engine.ray.ray_engine import RayEngine
from rankfirst.engine.ray.worker import Worker
from rankfirst.records import ATTENTION_QV, Recipe, Sites
from rankfirst.sample import write_sample

ARMS = 20
RECIPE = Recipe(8, Sites(ATTENTION_QV, 2), 1.0, 4e-4, 0.05)


class Timed(Worker):
    """Says how long it took itself."""

    def answer(self, job: int, name: str, args: tuple[Any, ...]) -> Any:
        if name != "probe":
            return super().answer(job, name, args)
        began = time.perf_counter()
        return super().answer(job, name, args), time.perf_counter() - began


def overheads(folder: Path) -> list[float]:
    """Seconds an arm costs beside its training."""
    base = sources.resolve(str(tiny.write_base(folder / "base", "bert")))
    engine = RayEngine(tiny.dataset(), base, folder / "work", Pool(workers=1), EngineOptions(device="cpu"))
    try:
        tiny.give_head(engine)
        found = []
        for i in range(ARMS + 1):
            began = time.perf_counter()
            _, inside = engine.request("probe", tiny.recipe(seed=i), 1)
            found.append(time.perf_counter() - began - inside)
        return found[1:]  # the first catches up on the states of frozen blocks
    finally:
        engine.close()


def rates(folder: Path, rounds: int) -> list[tuple[float, float]]:
    """(arms a minute by one worker, by two) of each round."""
    files = write_sample(folder / "rows", "en", rows=1200)
    rows = data.load_dataset(files.train, files.val, files.test)
    engine = RayEngine(rows, sources.resolve(sources.DEFAULT_EN), folder / "work", Pool(workers=2))
    try:
        head = np.zeros((len(rows.classes), engine.facts.hidden), dtype="float32")
        engine.use_head("mean", head, head[:, 0])
        while len(engine.workers.ready()) < 2:
            time.sleep(0.5)
        seed, found = 0, []
        for warm in (True, *[False] * rounds):
            pair = []
            for workers in (1, 2):
                began, jobs = time.perf_counter(), []
                for place in engine.workers.places[:workers]:
                    jobs.append(engine.workers.submit(place, "probe", (RECIPE.with_(seed=(seed := seed + 1)), 1)))
                for job in jobs:
                    engine.workers.answer(job, lambda *told: None, lambda pulse: None)
                pair.append(60 * workers / (time.perf_counter() - began))
            if not warm:
                found.append((pair[0], pair[1]))
        return found
    finally:
        engine.close()


def tell(what: str, found: list[float], load: float) -> None:
    """A line of the result file."""
    row = {"median": statistics.median(found), "least": min(found), "most": max(found), "load": load}
    append("ray_overhead", {"what": what, "n": len(found)} | {k: round(v, 2) for k, v in row.items()})


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    with tempfile.TemporaryDirectory() as name:
        kept, ray_workers.Worker = ray_workers.Worker, Timed  # type: ignore[misc]
        load = os.getloadavg()[0]
        found = overheads(Path(name) / "overhead")
        ray_workers.Worker = kept  # type: ignore[misc]
        tell("overhead of an arm, ms", [1e3 * seconds for seconds in found], load)
        load = os.getloadavg()[0]
        pairs = rates(Path(name) / "rates", rounds)
        tell("rate of two workers over one", [two / one for one, two in pairs], load)


if __name__ == "__main__":
    main()
