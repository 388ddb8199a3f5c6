"""One whole experiment, four arms of 100 steps: this engine against the same arms one by one through Trainer + PEFT.

Usage: python -m benchmarks.speed_experiment [ROUNDS]      (needs BANKING77 under RANKFIRST_SHARED/data; default 5)
2,000 rows, MiniLM-L6, batch 32, adapters on q/v of the top two blocks as the first probe has them; the arms do
nothing, raise lr, raise the rank, and add FFN sites. Ours includes loading the checkpoint, filling nothing (the probe
did), every arm's evaluation of validation rows and training subset. Trainer + PEFT is tuned (length grouping, bf16
autocast) and only its `train()` is timed: no loading, no evaluation. Appends to results/speed_experiment.csv.
"""

import platform
import statistics
import sys
import tempfile
import time

import torch

from benchmarks.end_results import SHARED
from benchmarks.speed_epoch import engine_on, rows_of, trainer
from benchmarks.tables import append
from rankfirst.policy.ladders import QV_FFN
from rankfirst.records import ATTENTION_QV, Arm, ArmKind, Recipe, Sites

STEPS = 100
START = Recipe(8, Sites(ATTENTION_QV, 2), 1.0, 4e-4, 0.05)
ARMS = (
    Arm(ArmKind.NONE, START),
    Arm(ArmKind.LR, START.with_(lr=8e-4)),
    Arm(ArmKind.RANK, START.with_(rank=32)),
    Arm(ArmKind.SITES, START.with_(sites=Sites(QV_FFN, 2))),
)


def main(rounds: int) -> None:
    """Alternate both ways, once to warm up and `rounds` times measured."""
    if not (SHARED / "data").is_dir():
        print(f"skipped: no labelled sets at {SHARED / 'data'}; name their folder with RANKFIRST_SHARED")
        return
    dataset = rows_of("banking77")
    seconds: dict[str, list[float]] = {"trainer tuned": [], "ours": []}
    with tempfile.TemporaryDirectory() as folder:
        engine = engine_on(dataset, folder)
        start = engine.probe(START, 1).checkpoint
        for turn in range(rounds + 1):
            spent = 0.0
            for arm in ARMS:
                run = trainer(engine, dataset, folder, tuned=True, recipe=arm.recipe, steps=STEPS)
                run()
                spent += run.seconds  # type: ignore[attr-defined]
            began = time.perf_counter()
            engine.experiment(start, ARMS, STEPS)
            ours = time.perf_counter() - began
            print(f"{turn}: Trainer + PEFT {spent:.1f} s, ours {ours:.1f} s, {ours / spent:.1%}", flush=True)
            if turn:
                seconds["trainer tuned"].append(spent)
                seconds["ours"].append(ours)
    middle = {name: statistics.median(values) for name, values in seconds.items()}
    row = {"date": time.strftime("%Y-%m-%d"), "machine": f"{platform.machine()} {torch.get_num_threads()} threads",
           "rounds": rounds, "steps": STEPS, "arms": len(ARMS)}  # fmt: skip
    row |= {f"{n} s": round(s, 2) for n, s in middle.items()}
    row["ours / trainer tuned"] = round(middle["ours"] / middle["trainer tuned"], 3)
    append("speed_experiment", row)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
