"""The main program of each process that trains one recipe together with others: a local engine that answers requests.

`processes.ProcessPool` starts `python -m rankfirst.engine.parallel.worker_process` with an inherited pipe.
"""

import os
import pickle
import sys
import threading
import time
import traceback
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from rankfirst.engine import remote
from rankfirst.engine.base import Pulse
from rankfirst.engine.parallel.processes import PARTED, Begin
from rankfirst.engine.training.memory_mapped import Array
from rankfirst.errors import EngineError, RankfirstError

if TYPE_CHECKING:
    from rankfirst.engine.local import LocalEngine

SELDOM: Final = 0.05  # minimum seconds between two progress messages
ROWS: Final = 4096  # rows of arrays per message


def main() -> None:
    """Answer requests until the pipe is closed."""
    pipe = Connection(int(sys.argv[1]))
    threading.Thread(target=_end_with_driver, daemon=True).start()
    # Programs read the driver's journal on stdout, but gloo prints its peers there.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    worker = WorkerProcess(pipe)
    while True:
        try:
            name, args = pipe.recv()
        except (EOFError, OSError):
            os._exit(0)
        try:
            answer = worker.answer(name, args)
            if isinstance(answer, dict):  # arrays, which may be larger than memory
                worker.send_arrays(answer)
                answer = None
            message: tuple[str, Any] = ("done", answer)
        except Exception as error:
            message = ("failed", _named(error, worker.size))
        pipe.send(message)


def _named(error: Exception, size: int) -> Exception:
    """The error as the driver reports it: a lost connection as EngineError, an unexpected error with its traceback."""
    from torch.distributed import DistError

    if isinstance(error, DistError) or (isinstance(error, RuntimeError) and "gloo" in str(error)):
        return EngineError(PARTED, count=size, why=str(error).splitlines()[0][:200])
    if isinstance(error, RankfirstError):
        return error
    trace = "".join(traceback.format_exception(error))
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:  # not every library's errors can be pickled
        error = RuntimeError(str(error))
    error.add_note(trace)
    return error


def _end_with_driver() -> None:
    """Exit when stdin closes: the driver never writes to it, so that happens when the driver ends for any reason."""
    sys.stdin.buffer.read()
    os._exit(1)


class WorkerProcess:
    """One of the processes: a local engine, and the pipe to the driver."""

    engine: "LocalEngine"

    def __init__(self, pipe: Connection) -> None:
        self.pipe, self.ticked, self.first, self.size = pipe, 0.0, False, 0

    def answer(self, name: str, args: tuple[Any, ...]) -> Any:
        """The answer to a request; None from all but the first process."""
        if name == "begin":
            return self._begin(*args)
        answer = remote.answer(self.engine, name, args, self._tick)
        return answer if self.first else None

    def send_arrays(self, arrays: Mapping[str, Array]) -> None:
        """Send the names and the shape of the arrays, then ROWS rows at a time."""
        rows, columns = next(iter(arrays.values())).shape
        self.pipe.send(("arrays", (tuple(arrays), rows, columns)))
        for start in range(0, rows, ROWS):
            self.pipe.send(("rows", (start, {n: np.array(a[start : start + ROWS]) for n, a in arrays.items()})))

    def _begin(self, begin: Begin) -> int:
        """Join the process group and load the base. Returns: number of weights held here. Raises: as `LocalEngine`."""
        import torch
        from accelerate import PartialState

        from rankfirst.engine.local import LocalEngine
        from rankfirst.engine.parallel.world import World, held_weights

        torch.set_num_threads(begin.threads)
        cpu = begin.device == "cpu"
        group: dict[str, Any] = {
            "backend": "gloo" if cpu else "cuda:nccl,cpu:gloo",
            "init_method": Path(begin.meeting).as_uri(),
            "rank": begin.rank,
            "world_size": begin.size,
            "timeout": timedelta(seconds=begin.timeout),
        }
        PartialState(cpu=cpu, **group)
        options = replace(begin.options, device="cpu" if cpu else f"{begin.device}:{begin.rank}")
        world = World(begin.rank, begin.size, begin.sharded)
        self.first, self.size = world.first, world.size
        self.engine = LocalEngine(begin.dataset, begin.source, Path(begin.folder), options, world)
        if self.first:
            self.engine.watch = self._pulse
        return held_weights(self.engine.model.encoder)

    def _tick(self, what: str, done: int, total: int) -> None:
        now = time.monotonic()
        if self.first and (done == total or now - self.ticked > SELDOM):
            self.ticked = now
            self.pipe.send(("tick", (what, done, total)))

    def _pulse(self, pulse: Pulse) -> None:
        self.pipe.send(("pulse", pulse))


if __name__ == "__main__":
    main()
