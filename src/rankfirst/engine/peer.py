"""What runs in each process of those that train one recipe together: a local engine that is asked what all are asked.

`python -m rankfirst.engine.peer`, started by `processes.Crew` with the number of an inherited pipe.
"""

import os
import pickle
import sys
import threading
import time
import traceback
from collections.abc import Mapping
from datetime import timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final

import numpy as np

from rankfirst.engine.base import Pulse
from rankfirst.engine.mapped import Array
from rankfirst.engine.processes import PARTED, TELLS, Begin
from rankfirst.errors import EngineError, RankfirstError

SELDOM: Final = 0.05  # seconds between two signs of progress
ROWS: Final = 4096  # of arrays in one message


def main() -> None:
    """Answer requests until the pipe is closed."""
    pipe = Connection(int(sys.argv[1]))
    threading.Thread(target=_end_with_driver, daemon=True).start()
    # Programs read the driver's journal on stdout; gloo tells there whom it found.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    peer = Peer(pipe)
    while True:
        try:
            call, args = pipe.recv()
        except (EOFError, OSError):
            os._exit(0)
        try:
            told: tuple[str, Any] = ("done", peer.ask(call, args))
            if isinstance(told[1], dict):  # of arrays, which may be larger than memory
                peer.tell_arrays(told[1])
                told = ("done", None)
        except Exception as error:
            told = ("failed", _named(error, peer.size))
        pipe.send(told)


def _named(error: Exception, size: int) -> Exception:
    """As the driver should hear it: a loss of touch by its name, a fault of our own with where it happened."""
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
    """The driver holds the other end of stdin and never writes: its end is that of the driver, however that came."""
    sys.stdin.buffer.read()
    os._exit(1)


class Peer:
    """One of the processes."""

    def __init__(self, pipe: Connection) -> None:
        self.pipe, self.told, self.speaks, self.size = pipe, 0.0, False, 0
        self.engine: Any = None

    def ask(self, call: str, args: tuple[Any, ...]) -> Any:
        """The answer; None from all but the first."""
        if call == "begin":
            return self._begin(*args)
        if call == "get":
            return getattr(self.engine, args[0])
        more = {"tick": self._tick} if call in TELLS else {}
        answer = getattr(self.engine, call)(*args, **more)
        return answer if self.speaks else None

    def tell_arrays(self, arrays: Mapping[str, Array]) -> None:
        """Their shape, and then some rows at a time."""
        rows, columns = next(iter(arrays.values())).shape
        self.pipe.send(("arrays", (tuple(arrays), rows, columns)))
        for start in range(0, rows, ROWS):
            self.pipe.send(("rows", (start, {n: np.array(a[start : start + ROWS]) for n, a in arrays.items()})))

    def _begin(self, begin: Begin) -> int:
        """Meet the others and load the base. Returns: weights of it that are held here. Raises: as `LocalEngine`."""
        import torch
        from accelerate import PartialState

        from rankfirst.engine.local import LocalEngine
        from rankfirst.engine.world import World, held_weights

        torch.set_num_threads(begin.threads)
        kind = torch.device(begin.device).type
        group: dict[str, Any] = {
            "backend": "gloo" if kind == "cpu" else "cuda:nccl,cpu:gloo",
            "init_method": Path(begin.meeting).as_uri(),
            "rank": begin.rank,
            "world_size": begin.size,
            "timeout": timedelta(seconds=begin.timeout),
        }
        PartialState(cpu=kind == "cpu", **group)
        device = kind if kind == "cpu" else f"{kind}:{begin.rank}"
        world = World(begin.rank, begin.size, begin.sharded)
        self.speaks, self.size = world.first, world.size
        self.engine = LocalEngine(
            begin.dataset, begin.source, Path(begin.folder), device=device, world=world, **begin.options
        )
        if self.speaks:
            self.engine.watch = self._pulse
        return held_weights(self.engine.model.encoder)

    def _tick(self, what: str, done: int, total: int) -> None:
        now = time.monotonic()
        if self.speaks and (done == total or now - self.told > SELDOM):
            self.told = now
            self.pipe.send(("tick", (what, done, total)))

    def _pulse(self, pulse: Pulse) -> None:
        self.pipe.send(("pulse", pulse))


if __name__ == "__main__":
    main()
