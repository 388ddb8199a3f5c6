"""One recipe trained by several processes of this machine, on its CPU or a GPU each.

Every process holds a local engine on the same rows and is asked the same; each computes the gradients of its part of
every batch, and all make the step that follows from their sum. So answers are those of one process, to rounding. What
reads a clock or writes a file is the first one's. With `sharded` each holds a part of the frozen base.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from rankfirst.engine import mapped
from rankfirst.engine.base import FULL_LR, EngineInfo, Features, FinalPlan, Floats, FullRun, Tick, Watch, no_tick
from rankfirst.engine.device import best_device
from rankfirst.engine.processes import TIMEOUT, Begin, Crew, Processes
from rankfirst.engine.sources import Source
from rankfirst.errors import OptionError
from rankfirst.records import BaseFacts, Curve, Dataset, Pace, Recipe


class DistributedEngine:
    """Implements `engine.base.Engine`."""

    def __init__(
        self,
        dataset: Dataset,
        source: Source,
        folder: Path,
        processes: Processes,
        *,
        device: str | None = None,
        timeout: float = TIMEOUT,
        **options: Any,
    ) -> None:
        """Start the processes and wait until they have loaded the base.

        Args: timeout: seconds that one waits for the others inside a step. options: of `LocalEngine`.
        Raises: OptionError for more processes than GPUs; EngineError; what `LocalEngine` raises.
        """
        kind = torch.device(device or best_device()).type
        if kind == "cuda" and processes.count > torch.cuda.device_count():
            raise OptionError("processes.few_gpus", count=processes.count, found=torch.cuda.device_count())
        self.source, self.folder, self.processes = source, folder, processes
        self.known: dict[str, Any] = {}  # properties, until something changes them
        threads = max(1, torch.get_num_threads() // processes.count)
        self.crew = Crew(processes.count, threads)
        meeting, where = self.crew.meeting, str(folder.resolve())
        begin = [
            (Begin(rank, processes.count, processes.sharded, meeting, timeout, kind, threads, dataset, source, where,
                   options),)
            for rank in range(processes.count)
        ]  # fmt: skip
        self.held: list[int] = self.crew.ask("begin", begin)  # weights of the base in each process

    @property
    def watch(self) -> Watch:
        """Told every pulse of the first process."""
        return self.crew.watch

    @watch.setter
    def watch(self, told: Watch) -> None:
        self.crew.watch = told

    def _all(self, call: str, *args: Any, tick: Tick = no_tick) -> Any:
        return self.crew.ask(call, [args] * self.processes.count, tick)[0]

    def _arrays(self, call: str, *args: Any, tick: Tick) -> Mapping[str, Features]:
        """In a mapped file where they are large, as a local engine's are."""
        out: dict[str, mapped.Array] = {}

        def hear(kind: str, value: Any) -> None:
            if kind == "arrays":
                names, rows, columns = value
                out.update(mapped.zeros(names, rows, columns, self.folder))
                return
            start, some = value
            for name, array in some.items():
                mapped.put(out[name], slice(start, start + len(array)), array)

        self.crew.ask(call, [args] * self.processes.count, tick, hear)
        return out

    def _first(self, call: str, *args: Any, tick: Tick = no_tick) -> Any:
        return self.crew.ask(call, [args], tick)[0]

    def _passes(self, call: str, *args: Any, tick: Tick = no_tick) -> Any:
        """What takes forward passes and is done alone where that is possible."""
        return (self._all if self.processes.sharded else self._first)(call, *args, tick=tick)

    def _property(self, name: str) -> Any:
        if name not in self.known:
            self.known[name] = self._first("get", name)
        return self.known[name]

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

    def calibrate(self) -> Pace:
        pace: Pace = self._passes("calibrate")
        return pace

    def adopt(self, pace: Pace) -> None:
        self._all("adopt", pace)
        self.known.clear()

    def expect(self, recipe: Recipe) -> None:
        self._all("expect", recipe)

    def adopt_prefix(self, prefix: str) -> None:
        self._all("adopt_prefix", prefix)
        self.known.clear()

    def use_head(self, pooling: str, weight: Floats, bias: Floats) -> None:
        self._all("use_head", pooling, np.asarray(weight), np.asarray(bias))

    def sample_features(self, rows: Sequence[int], prefix: str, tick: Tick = no_tick) -> Mapping[str, Features]:
        return self._arrays("sample_features", list(rows), prefix, tick=tick)

    def encode(self, texts: Sequence[str], tick: Tick = no_tick) -> Mapping[str, Features]:
        return self._arrays("encode", list(texts), tick=tick)

    def features(self, split: str, tick: Tick = no_tick) -> Mapping[str, Features]:
        return self._arrays("features", split, tick=tick)

    def ms_per_text(self) -> float:
        found: float = self._passes("ms_per_text")
        return found

    def speed(self) -> float:
        """As `LocalEngine.speed`, of one process."""
        found: float = self._passes("speed")
        return found

    def probe(self, recipe: Recipe, epochs: int, tick: Tick = no_tick) -> Curve:
        curve: Curve = self._all("probe", recipe, epochs, tick=tick)
        return curve

    def finish(self, recipe: Recipe, plan: FinalPlan, name: str, tick: Tick = no_tick) -> Curve:
        curve: Curve = self._all("finish", recipe, plan, name, tick=tick)
        return curve

    def full(self, epochs: int, lr: float = FULL_LR, seed: int = 0, tick: Tick = no_tick) -> FullRun:
        """By the first process alone. Raises: EngineError where the base is in parts."""
        run: FullRun = self._first("full", epochs, lr, seed, tick=tick)
        return run

    def logits(self, checkpoint: str, split: str, tick: Tick = no_tick) -> Floats:
        found: Floats = self._all("logits", checkpoint, split, tick=tick)
        return found

    def read(self, checkpoint: str, texts: Sequence[str], tick: Tick = no_tick) -> tuple[Floats, Floats]:
        found: tuple[Floats, Floats] = self._all("read", checkpoint, list(texts), tick=tick)
        return found

    def has(self, checkpoint: str) -> bool:
        return bool(self._first("has", checkpoint))

    def export(self, checkpoint: str, folder: str) -> None:
        self._first("export", checkpoint, str(Path(folder).resolve()))

    def release(self) -> None:
        """End the processes; unlike `close` this leaves every file, for a run that will be continued."""
        self.crew.end()

    def close(self) -> None:
        self._first("close")
        self.release()
