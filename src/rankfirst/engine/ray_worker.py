"""What runs in a worker process of a Ray cluster: a local engine, and what it tells while it trains. Knows no ray."""

import os
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rankfirst.engine.base import Pulse
from rankfirst.engine.sources import Source
from rankfirst.errors import ModelError, RunError
from rankfirst.records import Dataset

TRAINS = ("probe", "finish", "full", "logits", "read", "exported")
TELLS = ("features", "sample_features", "encode", "probe", "finish", "full", "logits", "read")
"""Requests that take a `tick`."""


class CalledOff(Exception):
    """Nobody wants the answer any more."""


@dataclass
class News:
    """What happened since somebody last asked: the newest of each kind of progress, and every pulse."""

    ticks: dict[str, tuple[str, int, int]] = field(default_factory=dict)
    pulses: list[Pulse] = field(default_factory=list)


class Worker:
    """Holds a `LocalEngine` and answers one request at a time; `news` and `call_off` are answered meanwhile."""

    def __init__(self) -> None:
        self.lock, self.untold, self.behind = threading.Lock(), News(), False
        self.job, self.off = 0, 0  # numbers of the request under way, and of the newest that is not wanted

    def begin(self, dataset: Dataset, source: Source, folder: str, threads: int, options: Mapping[str, Any]) -> int:
        """Load the base. Returns: the process's id. Raises: as `LocalEngine`; ModelError, RunError for what is absent.

        Not done in `__init__`: whatever is wrong should reach the user as it is, not as an actor that did not start.
        """
        os.environ["OMP_NUM_THREADS"] = str(threads)  # before torch is loaded
        if not source.folder.is_dir():
            raise ModelError("ray.no_base", path=str(source.folder))
        if not Path(folder).parent.is_dir() and not options.get("storage"):
            raise RunError("ray.not_shared", path=str(Path(folder).parent))
        import torch

        from rankfirst.engine.local import LocalEngine

        torch.set_num_threads(threads)
        self.engine = LocalEngine(dataset, source, Path(folder), share_states=True, **options)
        self.engine.watch = self._pulse
        return os.getpid()

    def get(self, name: str) -> Any:
        """A property of the engine."""
        return getattr(self.engine, name)

    def ask(self, job: int, call: str, args: tuple[Any, ...]) -> Any:
        """Any request of `engine.base.Engine`; `job` numbers them. Raises: as the engine does; CalledOff."""
        with self.lock:
            self.untold, self.job = News(), job
        if call == "use_head":
            self.behind = True
        if self.behind and call in TRAINS:
            self.engine.catch_up(self._tick)
            self.behind = False
        if call == "exported":
            return self._exported(*args)
        more = {"tick": self._tick} if call in TELLS else {}
        return getattr(self.engine, call)(*args, **more)

    def _exported(self, checkpoint: str) -> dict[str, bytes]:
        """What `export` writes, by path in its folder: the driver's disk may be another machine's."""
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            self.engine.export(checkpoint, name)
            return {
                file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()
            }

    def news(self) -> News:
        """Since the last time."""
        with self.lock:
            told, self.untold = self.untold, News()
        return told

    def call_off(self, job: int) -> None:
        """End that request at its next sign of progress."""
        self.off = max(self.off, job)

    def stay(self) -> None:
        """Never returns: what waits for it hears at once that this worker is no more."""
        threading.Event().wait()

    def _tick(self, what: str, done: int, total: int) -> None:
        if self.job <= self.off:
            raise CalledOff
        with self.lock:
            self.untold.ticks[what] = (what, done, total)

    def _pulse(self, pulse: Pulse) -> None:
        with self.lock:
            self.untold.pulses.append(pulse)
