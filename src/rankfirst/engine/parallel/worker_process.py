"""What runs in each of the processes that train one recipe together: a local engine that gets the requests of all.

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

SELDOM: Final = 0.05  # seconds between two signs of progress
ROWS: Final = 4096  # of arrays in one message


def main() -> None:
    """Answer requests until the pipe is closed."""
    pipe = Connection(int(sys.argv[1]))
    threading.Thread(target=_end_with_driver, daemon=True).start()
    # Programs read the driver's journal on stdout; gloo writes there which processes it found.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    worker = WorkerProcess(pipe)
    while True:
        try:
            name, args = pipe.recv()
        except (EOFError, OSError):
            os._exit(0)
        try:
            found = worker.answer(name, args)
            if isinstance(found, dict):  # of arrays, which may be larger than memory
                worker.send_arrays(found)
                found = None
            message: tuple[str, Any] = ("done", found)
        except Exception as error:
            message = ("failed", _named(error, worker.size))
        pipe.send(message)


def _named(error: Exception, size: int) -> Exception:
    """As the driver should report it: a lost connection by its name, a fault of our own with its traceback."""
    from torch.distributed import DistError

    if isinstance(error, DistError) or (isinstance(error, RuntimeError) and "gloo" in str(error)):
        return EngineError(PARTED, count=size, why=str(error).splitlines()[0][:200])
    if isinstance(error, RankfirstError):
        return error
    trace = "".join(traceback.format_exception(error))
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:  # not every error of a library crosses from process to process
        error = RuntimeError(str(error))
    error.add_note(trace)
    return error


def _end_with_driver() -> None:
    """The driver holds the other end of stdin and never writes: it closes when the driver ends, for whatever reason."""
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
        found = remote.answer(self.engine, name, args, self._tick)
        return found if self.first else None

    def send_arrays(self, arrays: Mapping[str, Array]) -> None:
        """Their names and shape, and then some rows at a time."""
        rows, columns = next(iter(arrays.values())).shape
        self.pipe.send(("arrays", (tuple(arrays), rows, columns)))
        for start in range(0, rows, ROWS):
            self.pipe.send(("rows", (start, {n: np.array(a[start : start + ROWS]) for n, a in arrays.items()})))

    def _begin(self, begin: Begin) -> int:
        """Join the others and load the base. Returns: weights of it that are held here. Raises: as `LocalEngine`."""
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
