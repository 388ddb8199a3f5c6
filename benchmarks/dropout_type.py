"""An epoch over cached states with dropout's factors in the type of the base against factors in float32, as before.

Usage: OMP_NUM_THREADS=1 python -m benchmarks.dropout_type [ROUNDS]      (needs BANKING77, see speed_epoch)
256 rows, MiniLM-L6 in bfloat16, rank 16 on q/v + FFN of the top four blocks, batch 32, alternating; processor time,
since other programs may run. The medians are added to results/dropout_type.csv.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from unittest import mock

import torch
from torch import nn

from benchmarks import speed_epoch
from benchmarks.end_results import SHARED
from benchmarks.tables import append, commit
from rankfirst.engine.local import LocalEngine
from rankfirst.engine.network import nf4
from rankfirst.engine.training import checkpoint
from rankfirst.engine.training.loop import Loop, Trace
from rankfirst.engine.training.schedules import warm_hold_fall
from rankfirst.records import QV_FFN, Head, Recipe, Sites

ROWS = 256
RECIPE = Recipe(16, Sites(QV_FFN, 4), 1.0, 4e-4, 0.05)


def epoch(engine: LocalEngine) -> tuple[float, float]:
    """Train one epoch. Returns: its seconds of processor time and its last loss."""
    loop = Loop(engine.corpus, RECIPE, checkpoint.State(RECIPE, {}), engine.heads[Head.RANDOM])
    engine.corpus.fill("train", loop.depth, range(ROWS))
    loop.model.train_mode(True)  # the pool is made before the clock starts
    trace, began = Trace(every=1), time.process_time()
    loop.train(range(ROWS), warm_hold_fall(10**6), trace)
    return time.process_time() - began, trace.loss[-1]


def main(rounds: int) -> None:
    """Alternate both ways, once to warm up and `rounds` times measured."""
    if not (SHARED / "data").is_dir():
        print(f"skipped: no labelled sets at {SHARED / 'data'}; name their folder with RANKFIRST_SHARED")
        return
    torch.set_num_threads(1)
    speed_epoch.ROWS = ROWS
    types: dict[str, Callable[[nn.Module], torch.dtype]] = {
        "float32": lambda _layer: torch.float32,
        "own type": nf4.input_type,
    }
    seconds: dict[str, list[float]] = {name: [] for name in types}
    losses: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        engine = speed_epoch.engine_on(speed_epoch.rows_of("banking77"), folder)
        engine.model.narrow("bfloat16")
        engine.corpus.states.dtype = torch.bfloat16
        for turn in range(rounds + 1):
            for name, input_type in sorted(types.items(), reverse=bool(turn % 2)):
                with mock.patch.object(nf4, "input_type", input_type):
                    spent, losses[name] = epoch(engine)
                if turn:
                    seconds[name].append(spent)
    middle = {name: statistics.median(values) for name, values in seconds.items()}
    told: dict[str, float] = {f"{name} s": round(value, 3) for name, value in middle.items()}
    told["float32 / own type"] = round(middle["float32"] / middle["own type"], 3)
    told["same loss"] = int(len(set(losses.values())) == 1)
    run = {"date": time.strftime("%Y-%m-%d"), "commit": commit(), "rounds": rounds, "rows": ROWS}
    append("dropout_type", run | told)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 7)
