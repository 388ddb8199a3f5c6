"""The engine on a Ray cluster: every request goes to a worker with a local engine, so results are the same.

With several workers, probes that are likely to be requested next are trained speculatively on idle workers.
"""

import os
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from rankfirst.engine.base import DEFAULTS, Ahead, EngineOptions, Source, Tick, no_tick
from rankfirst.engine.ray.cluster import Pool
from rankfirst.engine.ray.workers import Job, WorkerPool
from rankfirst.engine.remote import RemoteEngine
from rankfirst.records import Curve, Dataset, Recipe

TO_ALL: Final = frozenset({"adopt", "expect", "adopt_prefix", "use_head"})
Key = tuple[Recipe, int]  # of a probe: recipe, epochs


@dataclass
class Early:
    """A speculative probe, i.e. one started before it was requested."""

    job: Job
    seconds: float | None = None  # duration; None: still running
    curve: Curve | None = None  # None: still running


class RayEngine(RemoteEngine):
    """Implements `engine.base.Engine` and `Foresighted`; without remote storage, all nodes must share `folder`."""

    def __init__(
        self, dataset: Dataset, source: Source, folder: Path, pool: Pool, options: EngineOptions = DEFAULTS
    ) -> None:
        """Start the workers and wait for the first one.

        Raises: OptionError, EngineError; errors of `LocalEngine`.
        """
        super().__init__(source, folder.resolve())
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        self.early: dict[Key, Early] = {}
        self.accounts: list[Ahead] = []
        # Workers may share a folder, and then share the cached states.
        self.workers = WorkerPool(pool, dataset, source, str(self.folder), replace(options, share_states=True))

    def request(self, name: str, *args: Any, tick: Tick = no_tick) -> Any:
        """Send state-changing requests to all workers, present and future; any other request to one free worker."""
        if name in TO_ALL:
            self.workers.broadcast(name, args)
            return None
        place = self.workers.free(self._make_room)
        return self._answer(self.workers.submit(place, name, args), tick)

    def _answer(self, job: Job, tick: Tick) -> Any:
        return self.workers.answer(job, tick, self.watch, self._make_room)

    def probe(self, recipe: Recipe, epochs: int, tick: Tick = no_tick) -> Curve:
        early = self.early.pop((recipe, epochs), None)
        if early is None:
            return super().probe(recipe, epochs, tick)
        if early.curve is None:
            early.curve = self._answer(early.job, tick)
        spent = early.seconds if early.seconds is not None else time.monotonic() - early.job.began
        self.accounts.append(Ahead(recipe, epochs, True, early.curve.work, spent))
        return early.curve

    def export(self, checkpoint: str, folder: str) -> None:
        files: Mapping[str, bytes] = self.request("exported", checkpoint)
        for name, content in files.items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary = path.with_name(f"{path.name}.tmp")
            temporary.write_bytes(content)
            os.replace(temporary, path)

    def foresee(self, wanted: Sequence[Key], requested: Key | None = None) -> None:
        """See `engine.base.Foresighted`."""
        self._look()
        for key, early in list(self.early.items()):
            if requested is None or (key != requested and key not in wanted and early.curve is None):
                self._drop(key)  # a finished one costs nothing more and may still be requested
        kept = 0 if requested in self.early else 1  # idle workers to keep for the requested probe
        for recipe, epochs in wanted:
            if (recipe, epochs) not in self.early and len(idle := self.workers.idle()) > kept:
                self.early[recipe, epochs] = Early(self.workers.submit(idle[-1], "probe", (recipe, epochs)))

    def settled(self) -> list[Ahead]:
        """See `engine.base.Foresighted`."""
        accounts, self.accounts = self.accounts, []
        return accounts

    def _look(self) -> None:
        """Take the results of finished early probes, which frees their workers; drop probes that failed."""
        for key, early in list(self.early.items()):
            if early.curve is None and self.workers.settled(early.job):
                try:
                    early.curve = self.workers.taken(early.job)
                    early.seconds = time.monotonic() - early.job.began
                except Exception:  # nobody waits for it; if requested, it is trained again and reports its error then
                    self._account(key, self.early.pop(key))

    def _drop(self, key: Key) -> None:
        early = self.early.pop(key)
        if early.curve is None:
            self.workers.cancel(early.job)
        self._account(key, early)

    def _account(self, key: Key, early: Early) -> None:
        spent = early.seconds if early.seconds is not None else time.monotonic() - early.job.began
        self.accounts.append(Ahead(*key, False, early.curve.work if early.curve else None, spent))

    def _make_room(self) -> None:
        """Cancel the least likely early probe if a worker is needed and all are busy."""
        self._look()
        running = [key for key, early in self.early.items() if early.curve is None]
        if running and not self.workers.leaving() and not self.workers.idle():
            self._drop(running[-1])

    def release(self) -> None:
        """End the workers; unlike `close` this keeps all files, so that the run can be continued."""
        self.early.clear()
        self.workers.close()

    def close(self) -> None:
        self.release()
        shutil.rmtree(self.folder / "states", ignore_errors=True)
