"""The arms of an experiment, one by one against all in one pass a step, alternating in one run.

Usage: python -m benchmarks.speed_arms [ROUNDS]      (needs BANKING77 under RANKFIRST_SHARED/data; default 5 rounds)
2,000 rows, MiniLM-L6, batch 32, adapters on q/v of the top two blocks; 1, 2, 4 and 8 arms of 50 steps, which do
nothing, raise lr, raise the rank, and add FFN sites, the second four with another scaling. Timed is a whole
experiment: loading the checkpoint, training, and every arm's evaluation, which is never packed; and the same without
the evaluations. One arm is never packed: its ratio is the noise. Times are those of the fastest round, as what else
runs on a machine only adds to them (medians of two rounds gave 0.32 for one arm). Appends to results/speed_arms.csv.
"""

import platform
import sys
import tempfile
import time

import torch

from benchmarks.end_results import SHARED
from benchmarks.speed_epoch import engine_on, rows_of
from benchmarks.speed_experiment import ARMS, START
from benchmarks.tables import append
from rankfirst.engine.local import LocalEngine
from rankfirst.engine.train import Loop
from rankfirst.records import Arm

STEPS = 50
COUNTS = (1, 2, 4, 8)
EIGHT = (*ARMS, *(Arm(a.kind, a.recipe.with_(scaling=2.0)) for a in ARMS))


class Evaluations:
    """Counts the seconds that go into evaluations."""

    def __init__(self) -> None:
        self.seconds, self.real = 0.0, Loop.evaluate

    def __enter__(self) -> "Evaluations":
        def timed(loop: Loop, epoch: float) -> object:
            _wait(loop.model.device)
            began = time.perf_counter()
            answer = self.real(loop, epoch)
            self.seconds += time.perf_counter() - began
            return answer

        Loop.evaluate = timed  # type: ignore[method-assign, assignment]
        return self

    def __exit__(self, *_: object) -> None:
        Loop.evaluate = self.real  # type: ignore[method-assign]


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize()


def timed(engine: LocalEngine, start: str, count: int, pack: bool) -> tuple[float, float]:
    """Seconds of an experiment, and without its evaluations."""
    engine.pack = pack
    _wait(engine.device)
    with Evaluations() as evaluations:
        began = time.perf_counter()
        engine.experiment(start, EIGHT[:count], STEPS)
        _wait(engine.device)
        whole = time.perf_counter() - began
    return whole, whole - evaluations.seconds


def main(rounds: int) -> None:
    """Alternate both ways for each number of arms, once to warm up and `rounds` times measured."""
    if not (SHARED / "data").is_dir():
        print(f"skipped: no labelled sets at {SHARED / 'data'}; name their folder with RANKFIRST_SHARED")
        return
    dataset = rows_of("banking77")
    with tempfile.TemporaryDirectory() as folder:
        engine = engine_on(dataset, folder)
        start = engine.probe(START, 1).checkpoint
        for count in COUNTS:
            seconds: dict[bool, list[tuple[float, float]]] = {False: [], True: []}
            for turn in range(rounds + 1):
                for pack in seconds:
                    spent = timed(engine, start, count, pack)
                    print(f"{count} arms, {turn} {'packed' if pack else 'one by one'}: {spent[0]:.1f} s", flush=True)
                    seconds[pack] += [spent] if turn else []
            alone, together = ([min(part) for part in zip(*seconds[pack], strict=True)] for pack in (False, True))
            append("speed_arms", {
                "date": time.strftime("%Y-%m-%d"),
                "machine": f"{engine.device.type} {platform.machine()} {torch.get_num_threads()} threads",
                "rounds": rounds, "steps": STEPS, "arms": count,
                "one by one s": round(alone[0], 2), "packed s": round(together[0], 2),
                "one by one / packed": round(alone[0] / together[0], 2),
                "training: one by one s": round(alone[1], 2), "training: packed s": round(together[1], 2),
                "training: one by one / packed": round(alone[1] / together[1], 2),
            })  # fmt: skip


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
