"""The worker process on a Ray cluster: a local engine and its progress. Does not import ray."""

import os
import tempfile
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rankfirst.engine import remote
from rankfirst.engine.base import EngineOptions, Pulse, Source
from rankfirst.errors import ModelError, RunError
from rankfirst.records import Dataset

# Requests that need the states cached by `features`.
TRAINS = ("probe", "finish", "refit", "full", "logits", "read", "exported")


class CancelledError(Exception):
    """The request was cancelled."""


@dataclass
class News:
    """Progress since the last fetch: the latest tick of each activity, and every pulse."""

    ticks: dict[str, tuple[str, int, int]] = field(default_factory=dict)
    pulses: list[Pulse] = field(default_factory=list)


class Worker:
    """Holds a `LocalEngine` and answers one request at a time; `news` and `cancel` are answered meanwhile."""

    def __init__(self) -> None:
        self.lock, self.unsent, self.behind = threading.Lock(), News(), False
        self.job, self.cancelled = 0, 0  # numbers of the current request, and of the latest cancelled one

    def begin(self, dataset: Dataset, source: Source, folder: str, threads: int, options: EngineOptions) -> int:
        """Load the base. Returns: the process id. Raises: as `LocalEngine`; ModelError, RunError for missing folders.

        Not part of `__init__`, so that errors reach the user unchanged and not as an actor that failed to start.
        """
        os.environ["OMP_NUM_THREADS"] = str(threads)  # before torch is loaded
        if not source.folder.is_dir():
            raise ModelError("ray.no_base", path=str(source.folder))
        if not Path(folder).parent.is_dir() and not options.storage:
            raise RunError("ray.not_shared", path=str(Path(folder).parent))
        import torch

        from rankfirst.engine.local import LocalEngine

        torch.set_num_threads(threads)
        self.engine = LocalEngine(dataset, source, Path(folder), options)
        self.engine.watch = self._pulse
        return os.getpid()

    def answer(self, job: int, name: str, args: tuple[Any, ...]) -> Any:
        """Answer a request of `engine.base.Engine`; `job` is its number. Raises: as the engine; CancelledError."""
        with self.lock:
            self.unsent, self.job = News(), job
        if name == "use_head":
            self.behind = True
        if self.behind and name in TRAINS:
            self.engine.catch_up(self._tick)
            self.behind = False
        return self._exported(*args) if name == "exported" else remote.answer(self.engine, name, args, self._tick)

    def _exported(self, checkpoint: str) -> dict[str, bytes]:
        """The files that `export` writes, as path -> content: the driver may be on another machine."""
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            self.engine.export(checkpoint, name)
            return {
                file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()
            }

    def news(self) -> News:
        """The progress since the last call."""
        with self.lock:
            news, self.unsent = self.unsent, News()
        return news

    def cancel(self, job: int) -> None:
        """Cancel that request at its next tick."""
        self.cancelled = max(self.cancelled, job)

    def stay(self) -> None:
        """Never returns: a caller that waits for it notices at once when this worker dies."""
        threading.Event().wait()

    def _tick(self, what: str, done: int, total: int) -> None:
        if self.job <= self.cancelled:
            raise CancelledError
        with self.lock:
            self.unsent.ticks[what] = (what, done, total)

    def _pulse(self, pulse: Pulse) -> None:
        with self.lock:
            self.unsent.pulses.append(pulse)
