"""Train one recipe with several processes on this machine, on its CPU or with one GPU each.

Every process has a local engine on the same rows and gets the same requests. Each computes the gradients of its part of
a batch, and all make the same step with the sum. So results equal those of one process, up to rounding. Only the first
process reads clocks and writes files. With `sharded`, each process holds a shard of the frozen base.
"""

from pathlib import Path
from typing import Any, Final

import torch

from rankfirst.engine.base import DEFAULTS, EngineOptions, Features, Source, Tick, no_tick
from rankfirst.engine.device import best_device
from rankfirst.engine.parallel.processes import TIMEOUT, Begin, Processes, ProcessPool
from rankfirst.engine.remote import RemoteEngine
from rankfirst.engine.training import memory_mapped
from rankfirst.errors import OptionError
from rankfirst.records import Dataset

FIRST_ONLY: Final = frozenset({"facts", "info", "prefixes", "full", "has", "export", "close"})
FORWARD_PASSES: Final = frozenset(
    {"calibrate", "ms_per_text", "speed"}
)  # by the first process alone unless the base is sharded
ARRAYS: Final = frozenset({"sample_features", "encode", "features"})


class DistributedEngine(RemoteEngine):
    """Implements `engine.base.Engine`."""

    def __init__(
        self,
        dataset: Dataset,
        source: Source,
        folder: Path,
        processes: Processes,
        options: EngineOptions = DEFAULTS,
        timeout: float = TIMEOUT,
    ) -> None:
        """Start the processes and wait until they have loaded the base.

        Args: timeout: seconds that a process waits for the others within a step.
        Raises: OptionError for more processes than GPUs; EngineError; what `LocalEngine` raises.
        """
        super().__init__(source, folder)
        kind = torch.device(options.device or best_device()).type
        if kind == "cuda" and processes.count > torch.cuda.device_count():
            raise OptionError("processes.few_gpus", count=processes.count, found=torch.cuda.device_count())
        self.processes = processes
        threads = max(1, torch.get_num_threads() // processes.count)
        self.pool = ProcessPool(processes.count, threads)
        meeting, location = self.pool.meeting, str(folder.resolve())
        begin = [
            (Begin(rank, processes.count, processes.sharded, meeting, timeout, kind, threads, dataset, source, location,
                   options),)
            for rank in range(processes.count)
        ]  # fmt: skip
        self.held: list[int] = self.pool.ask("begin", begin)  # number of the base's weights in each process

    def request(self, name: str, *args: Any, tick: Tick = no_tick) -> Any:
        """Ask all processes, or the first one. Raises: errors of the engines; EngineError if a process is lost."""
        alone = name in FIRST_ONLY or (name in FORWARD_PASSES and not self.processes.sharded)
        per_process = [args] * (1 if alone else self.processes.count)
        if name not in ARRAYS:
            return self.pool.ask(name, per_process, tick, self.watch)[0]
        arrays: dict[str, Features] = {}

        def receive(kind: str, value: Any) -> None:
            if kind == "arrays":  # memory-mapped if large, as in a local engine
                names, rows, columns = value
                arrays.update(memory_mapped.zeros(names, rows, columns, self.folder))
                return
            start, pieces = value
            for pooling, piece in pieces.items():
                memory_mapped.put(arrays[pooling], slice(start, start + len(piece)), piece)

        self.pool.ask(name, per_process, tick, self.watch, receive)
        return arrays

    def export(self, checkpoint: str, folder: str) -> None:
        self.request("export", checkpoint, str(Path(folder).resolve()))

    def release(self) -> None:
        self.pool.end()

    def close(self) -> None:
        self.request("close")
        self.release()
