"""The engine on a Ray cluster: every request goes to a worker that holds a local engine, so answers are the same.

With more than one worker, probes that are likely to be needed next are trained on workers that would be idle.
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
    """A speculative probe: it began before it was requested."""

    job: Job
    seconds: float | None = None  # it took; None: it is still going on
    curve: Curve | None = None  # when it is over


class RayEngine(RemoteEngine):
    """Implements `engine.base.Engine` and `Foresighted`; without a storage, `folder` must be one disk on every node."""

    def __init__(
        self, dataset: Dataset, source: Source, folder: Path, pool: Pool, options: EngineOptions = DEFAULTS
    ) -> None:
        """Start the workers and wait for the first.

        Raises: OptionError, EngineError; what `LocalEngine` raises.
        """
        super().__init__(source, folder.resolve())
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        self.early: dict[Key, Early] = {}
        self.accounts: list[Ahead] = []
        # A worker's folder may be another's as well: both use the same cached states.
        self.workers = WorkerPool(pool, dataset, source, str(self.folder), replace(options, share_states=True))

    def request(self, name: str, *args: Any, tick: Tick = no_tick) -> Any:
        """By all workers, those to come too, if it changes how they go on; else by one that is free."""
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
                self._drop(key)  # one that is over costs nothing more, and may still be requested
        kept = 0 if requested in self.early else 1  # idle workers, for the requested probe
        for recipe, epochs in wanted:
            if (recipe, epochs) not in self.early and len(idle := self.workers.idle()) > kept:
                self.early[recipe, epochs] = Early(self.workers.submit(idle[-1], "probe", (recipe, epochs)))

    def settled(self) -> list[Ahead]:
        """See `engine.base.Foresighted`."""
        accounts, self.accounts = self.accounts, []
        return accounts

    def _look(self) -> None:
        """Take the answers of early probes that are over, so that their workers are free; one that died is let go."""
        for key, early in list(self.early.items()):
            if early.curve is None and self.workers.settled(early.job):
                try:
                    early.curve = self.workers.taken(early.job)
                    early.seconds = time.monotonic() - early.job.began
                except Exception:  # nothing waits for it; once requested it is trained again and fails there
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
        """All workers are busy and one is needed: the least likely early probe gives way."""
        self._look()
        going = [key for key, early in self.early.items() if early.curve is None]
        if going and not self.workers.leaving() and not self.workers.idle():
            self._drop(going[-1])

    def release(self) -> None:
        """Let the workers go; unlike `close` this leaves every file, for a run that will be continued."""
        self.early.clear()
        self.workers.close()

    def close(self) -> None:
        self.release()
        shutil.rmtree(self.folder / "states", ignore_errors=True)
