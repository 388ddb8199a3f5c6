"""What the curve costs: one epoch with 30 points (loss, gradient norm, lr, step lengths) against one with none.

Usage: python -m benchmarks.speed_recording [ROUNDS]      (needs BANKING77, see speed_epoch; default 5 rounds)
Adapters in the top two blocks over cached states, where a step is cheapest and recording weighs most. Evaluations are
told apart: they are probes' evidence, not overhead. Appends to results/speed_recording.csv.
"""

import statistics
import sys
import tempfile
import time

from benchmarks.end_results import SHARED
from benchmarks.speed_epoch import FULL, ROWS, engine_on, rows_of
from benchmarks.tables import append
from rankfirst.engine.training import checkpoint
from rankfirst.engine.training.loop import POINTS_PER_EPOCH, Loop, Trace
from rankfirst.engine.training.schedules import warm_hold_fall
from rankfirst.records import QV_FFN, Head, Sites


def main(rounds: int) -> None:
    """Alternate both, once to warm up and `rounds` times measured."""
    if not (SHARED / "data").is_dir():
        print(f"skipped: no labelled sets at {SHARED / 'data'}; name their folder with RANKFIRST_SHARED")
        return
    seconds: dict[str, list[float]] = {"none": [], "points": [], "evaluation": []}
    recipe = FULL.with_(sites=Sites(QV_FFN, 2))
    with tempfile.TemporaryDirectory() as folder:
        engine = engine_on(rows_of("banking77"), folder)
        steps = ROWS // recipe.batch_size
        for turn in range(rounds + 1):
            for name, every in (("none", 10**9), ("points", max(1, steps // POINTS_PER_EPOCH))):
                loop = Loop(engine.corpus, recipe, checkpoint.State(recipe, {}), engine.heads[Head.ZERO])
                engine.corpus.fill("train", loop.depth, list(range(ROWS)))
                engine.corpus.fill("val", loop.depth, list(range(len(engine.dataset.val))))
                began = time.perf_counter()
                loop.train(list(range(ROWS)), warm_hold_fall(10**6), Trace(every=every))
                trained = time.perf_counter()
                loop.evaluate(1.0)
                if turn:
                    seconds[name].append(trained - began)
                    seconds["evaluation"].append(time.perf_counter() - trained)
    middle = {name: statistics.median(values) for name, values in seconds.items()}
    row = {"date": time.strftime("%Y-%m-%d"), "rounds": rounds} | {f"{n} s": round(s, 3) for n, s in middle.items()}
    row["points / none"] = round(middle["points"] / middle["none"], 3)
    append("speed_recording", row)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
