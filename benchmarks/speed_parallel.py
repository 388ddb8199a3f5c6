"""Whether arms should run side by side on a CPU: two processes of one thread each, and larger batches.

Usage: python -m benchmarks.speed_parallel [ROUNDS]      (needs BANKING77, see speed_epoch; default 4 rounds)
Two epochs at once, in two processes with one thread each, against one after the other on all threads; and an epoch in
batches of 64 and 128 rows against one of 32, the most that packing arms into one pass could gain. Adapters in all six
blocks and in the top two over cached states, ways alternating. Appends to results/speed_parallel.csv.
"""

import platform
import statistics
import sys
import tempfile
import time
from typing import Any

import torch
import torch.multiprocessing

from benchmarks.end_results import SHARED
from benchmarks.speed_epoch import FULL, LAYERS, ROWS, engine_on, ours, rows_of
from benchmarks.tables import append
from rankfirst.engine.local import LocalEngine
from rankfirst.engine.training import checkpoint
from rankfirst.engine.training.loop import Loop, Trace
from rankfirst.engine.training.schedules import warm_hold_fall
from rankfirst.records import QV_FFN, Head, Sites


def worker(top: int, rounds: int, gate: Any, answers: Any) -> None:
    """An epoch between the gate's openings, in this process, on one thread."""
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        epoch = ours(engine_on(rows_of("banking77"), folder), top)
        epoch()
        for _ in range(rounds):
            gate.wait()
            epoch()
            answers.put(epoch.seconds)  # type: ignore[attr-defined]
            gate.wait()


def side_by_side(engine: LocalEngine, top: int, rounds: int) -> tuple[float, float]:
    """(seconds of two epochs one after the other, seconds of two at once), medians."""
    context = torch.multiprocessing.get_context("spawn")
    gate, answers = context.Barrier(3), context.Queue()
    workers = [context.Process(target=worker, args=(top, rounds, gate, answers)) for _ in range(2)]
    for process in workers:
        process.start()
    epoch = ours(engine, top)
    epoch()
    alone, together = [], []
    for _ in range(rounds):
        gate.wait()
        gate.wait()
        together.append(max(answers.get(), answers.get()))
        epoch()  # while the workers wait
        alone.append(2 * epoch.seconds)  # type: ignore[attr-defined]
    for process in workers:
        process.join()
    return statistics.median(alone), statistics.median(together)


def in_batches(engine: LocalEngine, top: int, size: int) -> float:
    """Seconds of an epoch in batches of `size` rows."""
    recipe = FULL.with_(sites=Sites(QV_FFN, top), batch_size=size)
    loop = Loop(engine.corpus, recipe, checkpoint.State(recipe, {}), engine.heads[Head.ZERO])
    if loop.depth:
        engine.corpus.fill("train", loop.depth, range(ROWS))
    began = time.perf_counter()
    loop.train(range(ROWS), warm_hold_fall(10**6), Trace(every=10))
    return time.perf_counter() - began


def main(rounds: int) -> None:
    """Both questions for both depths."""
    if not (SHARED / "data").is_dir():
        print(f"skipped: no labelled sets at {SHARED / 'data'}; name their folder with RANKFIRST_SHARED")
        return
    with tempfile.TemporaryDirectory() as folder:
        engine = engine_on(rows_of("banking77"), folder)
        for top in (LAYERS, 2):
            seconds: dict[int, list[float]] = {32: [], 64: [], 128: []}
            for turn in range(rounds + 1):
                for size, spent in seconds.items():
                    spent += [in_batches(engine, top, size)] if turn else []
            alone, together = side_by_side(engine, top, rounds)
            middle = {size: statistics.median(spent) for size, spent in seconds.items()}
            append("speed_parallel", {
                "date": time.strftime("%Y-%m-%d"), "machine": f"{platform.machine()} {torch.get_num_threads()} threads",
                "rounds": rounds, "top": top, "two in turn s": round(alone, 2), "two at once s": round(together, 2),
                "in turn / at once": round(alone / together, 2), "batches of 32 s": round(middle[32], 2),
                "32 / 64": round(middle[32] / middle[64], 2), "32 / 128": round(middle[32] / middle[128], 2),
            })  # fmt: skip


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 4)
