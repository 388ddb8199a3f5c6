"""Makes engines. torch and ray are imported only when an engine is made."""

from dataclasses import replace
from pathlib import Path

from rankfirst.engine.base import DEFAULTS, Engine, EngineOptions, Source
from rankfirst.engine.parallel.processes import Processes
from rankfirst.engine.ray.cluster import Pool
from rankfirst.records import Dataset


def make_engine(
    dataset: Dataset,
    source: Source,
    folder: Path,
    options: EngineOptions = DEFAULTS,
    pool: Pool | Processes | None = None,
) -> Engine:
    """An engine over a base model, with its files in `folder`.

    Args: pool: the workers or processes that train; None: this process.
    Raises: ModelError, OptionError, RunError; EngineError if the base alone does not fit into memory, or if the
        workers cannot be started.
    """
    if isinstance(pool, Processes):
        from rankfirst.engine.parallel.distributed import DistributedEngine

        return DistributedEngine(dataset, source, folder, pool, options)
    if pool is not None:
        from rankfirst.engine.ray.ray_engine import RayEngine

        # A limit in bytes applies to this machine; each worker determines the limit of its own.
        return RayEngine(dataset, source, folder, pool, replace(options, memory=None))
    from rankfirst.engine.local import LocalEngine

    return LocalEngine(dataset, source, folder, options)
