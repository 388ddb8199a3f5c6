"""The engine on a Ray cluster: every request goes to a worker that holds a local engine, so answers are the same.

With more than one worker, probes that are likely to be asked for next are trained while others would be idle.
"""

import os
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rankfirst.engine.base import (
    FULL_LR,
    Ahead,
    EngineInfo,
    FinalPlan,
    Floats,
    FullRun,
    Tick,
    Watch,
    no_tick,
    no_watch,
)
from rankfirst.engine.ray_cluster import Pool
from rankfirst.engine.ray_crew import Crew, Job
from rankfirst.engine.sources import Source
from rankfirst.records import BaseFacts, Curve, Dataset, Pace, Recipe

Key = tuple[Recipe, int]  # of a probe: recipe, epochs


@dataclass
class Early:
    """A probe that was begun before anybody asked."""

    job: Job
    seconds: float | None = None  # it took; None: it is still going on
    curve: Curve | None = None  # when it is over


class RayEngine:
    """Implements `engine.base.Engine` and `Foresighted`; without a storage, `folder` must be one disk on every node."""

    def __init__(self, dataset: Dataset, source: Source, folder: Path, pool: Pool, **options: Any) -> None:
        """Start the workers and wait for the first.

        Args: options: of `LocalEngine`.
        Raises: OptionError, EngineError; what `LocalEngine` raises.
        """
        self.source, self.folder, self.pool, self.watch = source, folder.resolve(), pool, no_watch
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        self.known: dict[str, Any] = {}  # properties, until something changes them
        self.early: dict[Key, Early] = {}
        self.accounts: list[Ahead] = []
        self.crew = Crew(pool, (dataset, source, str(self.folder), options))

    watch: Watch

    @property
    def facts(self) -> BaseFacts:
        found: BaseFacts = self._property("facts")
        return found

    @property
    def info(self) -> EngineInfo:
        found: EngineInfo = self._property("info")
        return found

    @property
    def prefixes(self) -> tuple[str, ...]:
        found: tuple[str, ...] = self._property("prefixes")
        return found

    def _property(self, name: str) -> Any:
        if name not in self.known:
            self.known[name] = self.crew.get(name)
        return self.known[name]

    def _all(self, call: str, *args: Any) -> None:
        self.crew.tell_all(call, args)
        self.known.clear()

    def _one(self, call: str, *args: Any, tick: Tick = no_tick) -> Any:
        place = self.crew.free(self._make_room)
        return self.crew.answer(self.crew.submit(place, call, args), tick, self.watch, self._make_room)

    def calibrate(self) -> Pace:
        pace: Pace = self._one("calibrate")
        return pace

    def adopt(self, pace: Pace) -> None:
        self._all("adopt", pace)

    def expect(self, recipe: Recipe) -> None:
        self._all("expect", recipe)

    def adopt_prefix(self, prefix: str) -> None:
        self._all("adopt_prefix", prefix)

    def use_head(self, pooling: str, weight: Floats, bias: Floats) -> None:
        self._all("use_head", pooling, np.asarray(weight), np.asarray(bias))

    def sample_features(self, rows: Sequence[int], prefix: str, tick: Tick = no_tick) -> Mapping[str, Floats]:
        found: Mapping[str, Floats] = self._one("sample_features", list(rows), prefix, tick=tick)
        return found

    def encode(self, texts: Sequence[str], tick: Tick = no_tick) -> Mapping[str, Floats]:
        found: Mapping[str, Floats] = self._one("encode", list(texts), tick=tick)
        return found

    def features(self, split: str, tick: Tick = no_tick) -> Mapping[str, Floats]:
        found: Mapping[str, Floats] = self._one("features", split, tick=tick)
        return found

    def ms_per_text(self) -> float:
        found: float = self._one("ms_per_text")
        return found

    def speed(self) -> float:
        """As `LocalEngine.speed`, of one worker."""
        found: float = self._one("speed")
        return found

    def probe(self, recipe: Recipe, epochs: int, tick: Tick = no_tick) -> Curve:
        early = self.early.pop((recipe, epochs), None)
        if early is None:
            curve: Curve = self._one("probe", recipe, epochs, tick=tick)
            return curve
        if early.curve is None:
            early.curve = self.crew.answer(early.job, tick, self.watch, self._make_room)
        spent = early.seconds if early.seconds is not None else time.monotonic() - early.job.began
        self.accounts.append(Ahead(recipe, epochs, True, early.curve.work, spent))
        return early.curve

    def finish(self, recipe: Recipe, plan: FinalPlan, name: str, tick: Tick = no_tick) -> Curve:
        curve: Curve = self._one("finish", recipe, plan, name, tick=tick)
        return curve

    def full(self, epochs: int, lr: float = FULL_LR, seed: int = 0, tick: Tick = no_tick) -> FullRun:
        run: FullRun = self._one("full", epochs, lr, seed, tick=tick)
        return run

    def logits(self, checkpoint: str, split: str, tick: Tick = no_tick) -> Floats:
        found: Floats = self._one("logits", checkpoint, split, tick=tick)
        return found

    def read(self, checkpoint: str, texts: Sequence[str], tick: Tick = no_tick) -> tuple[Floats, Floats]:
        found: tuple[Floats, Floats] = self._one("read", checkpoint, list(texts), tick=tick)
        return found

    def has(self, checkpoint: str) -> bool:
        return bool(self._one("has", checkpoint))

    def export(self, checkpoint: str, folder: str) -> None:
        files: Mapping[str, bytes] = self._one("exported", checkpoint)
        for name, content in files.items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary = path.with_name(f"{path.name}.tmp")
            temporary.write_bytes(content)
            os.replace(temporary, path)

    def foresee(self, wanted: Sequence[Key], asked: Key | None = None) -> None:
        """See `engine.base.Foresighted`."""
        self._look()
        for key, early in list(self.early.items()):
            if asked is None or (key != asked and key not in wanted and early.curve is None):
                self._drop(key)  # one that is over costs nothing more, and may still be asked for
        kept = 0 if asked in self.early else 1  # workers for what is asked for
        for recipe, epochs in wanted:
            if (recipe, epochs) not in self.early and len(idle := self.crew.idle()) > kept:
                self.early[recipe, epochs] = Early(self.crew.submit(idle[-1], "probe", (recipe, epochs)))

    def settled(self) -> list[Ahead]:
        """See `engine.base.Foresighted`."""
        told, self.accounts = self.accounts, []
        return told

    def _look(self) -> None:
        """Take the answers of early probes that are over, so that their workers are free; one that died is let go."""
        for key, early in list(self.early.items()):
            if early.curve is None and self.crew.settled(early.job):
                try:
                    early.curve = self.crew.taken(early.job)
                    early.seconds = time.monotonic() - early.job.began
                except Exception:  # nobody waits for it: asked for, it is trained then, and fails where it can be told
                    self._account(key, self.early.pop(key))

    def _drop(self, key: Key) -> None:
        early = self.early.pop(key)
        if early.curve is None:
            self.crew.call_off(early.job)
        self._account(key, early)

    def _account(self, key: Key, early: Early) -> None:
        spent = early.seconds if early.seconds is not None else time.monotonic() - early.job.began
        self.accounts.append(Ahead(*key, False, early.curve.work if early.curve else None, spent))

    def _make_room(self) -> None:
        """All workers are busy and one is needed: the least likely early probe gives way."""
        self._look()
        going = [key for key, early in self.early.items() if early.curve is None]
        if going and not self.crew.leaving() and not self.crew.idle():
            self._drop(going[-1])

    def release(self) -> None:
        """Let the workers go; unlike `close` this leaves every file, for a run that will be continued."""
        self.early.clear()
        self.crew.close()

    def close(self) -> None:
        self.release()
        shutil.rmtree(self.folder / "states", ignore_errors=True)
