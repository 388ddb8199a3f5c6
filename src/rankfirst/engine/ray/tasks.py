"""Run independent tasks on a Ray cluster, as many at a time as there are workers."""

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, TypeVar

from rankfirst.engine.ray.cluster import Pool, connected, fits, resources
from rankfirst.engine.ray.workers import GRACE
from rankfirst.errors import EngineError

RETRIES: Final = 3  # of a task whose worker died; a run continues from its journal

T = TypeVar("T")
R = TypeVar("R")


def each(pool: Pool, work: Callable[[T], R], items: Sequence[T]) -> Iterator[tuple[int, R | EngineError]]:
    """Yield (position, result of `work`) as tasks finish; the result is an EngineError if its workers kept dying.

    Raises: OptionError; EngineError if the cluster cannot be used or is lost.
    """
    with connected(pool) as ray:
        errors = ray.exceptions
        # One process per task, so that no state carries over.
        task = ray.remote(num_cpus=pool.threads, num_gpus=pool.gpus, max_calls=1, max_retries=RETRIES)(work_on)
        waiting, going = list(range(len(items)))[::-1], dict[Any, int]()
        quiet = time.monotonic()
        while waiting or going:
            while waiting and len(going) < pool.workers:
                at = waiting.pop()
                going[task.remote(work, items[at])] = at
            ready, _ = ray.wait(list(going), timeout=1.0)
            if not ready and time.monotonic() - quiet > GRACE and not fits(ray, pool):
                raise EngineError("ray.too_small", threads=pool.threads, gpus=f"{pool.gpus:g}", found=resources(ray),
                                  waited=round(GRACE))  # fmt: skip
            for reference in ready:
                quiet, at = time.monotonic(), going.pop(reference)
                try:
                    yield at, ray.get(reference)
                except (errors.WorkerCrashedError, errors.NodeDiedError, errors.OutOfMemoryError):
                    yield at, EngineError("ray.keeps_dying", what="fit", times=RETRIES + 1)
                except (errors.RaySystemError, errors.RpcError) as error:
                    why = next(iter(str(error).splitlines()), "")[:200]
                    raise EngineError("ray.gone", why=why) from None


def work_on(work: Callable[[T], R], item: T) -> R:
    """The remote task."""
    return work(item)
