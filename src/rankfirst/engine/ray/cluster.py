"""Connect to a Ray cluster: a new one on this machine, or an existing one. Imports ray lazily."""

import os
import secrets
import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rankfirst.errors import EngineError, OptionError

STORE_BYTES: Final = 200 * 2**20  # object store of a new cluster: holds rows and results, not weights
LONGEST: Final = 40  # maximum characters of Ray's folder: the paths of its sockets are limited to 107


@dataclass(frozen=True)
class Pool:
    """The workers that train, each with its threads and its share of a GPU."""

    address: str = ""  # "": a new cluster on this machine; else the address for `ray.init`
    workers: int = 2
    threads: int = 1  # CPUs that each worker reserves and trains with
    gpus: float = 0.0  # GPUs per worker; may be a fraction

    @property
    def spec(self) -> str:
        """As `--engine` spells it."""
        return f"ray://{self.address}" if self.address else "ray"

    @property
    def options(self) -> dict[str, Any]:
        """The options of `fit` that request this pool."""
        return {"engine": self.spec, "workers": self.workers, "threads": self.threads, "gpus": self.gpus}


def parse(engine: str, workers: int | None = None, threads: int | None = None, gpus: float = 0.0) -> Pool | None:
    """`local` -> None; `ray`, `ray://auto` or `ray://HOST:PORT` (of the head node, not of Ray Client) -> a pool.

    Args:
        workers: 2 by default. threads: by default this machine's processors divided by the workers.
    Raises: OptionError.
    """
    if engine == "local":
        return None
    kind, mark, address = engine.partition("://")
    if kind != "ray" or (mark and not address):
        raise OptionError("ray.bad_engine", text=engine)
    several = 2 if workers is None else workers
    each = max(1, processors() // max(1, several)) if threads is None else threads
    if several < 1 or each < 1 or gpus < 0:
        raise OptionError("ray.bad_pool", workers=several, threads=each, gpus=f"{gpus:g}")
    if not address and several * each > processors():
        raise OptionError("ray.small_machine", workers=several, threads=each, asked=several * each, found=processors())
    return Pool(address, several, each, gpus)


def processors() -> int:
    """Number of processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def library() -> Any:
    """The `ray` module. Raises: OptionError if the extra is not installed."""
    try:
        import ray
    except ImportError:
        raise OptionError("ray.missing") from None
    return ray


@contextmanager
def connected(pool: Pool) -> Iterator[Any]:
    """The `ray` module, connected to a cluster; a cluster or connection started here ends with the context.

    Raises: OptionError without the extra, EngineError if the cluster cannot be reached.
    """
    link = Link(pool)
    try:
        yield link.ray
    finally:
        link.close()


class Link:
    """A connection to a cluster, and the clean-up at its end."""

    def __init__(self, pool: Pool) -> None:
        if not pool.address:
            _set_private_defaults()
        self.ray = library()
        _keep_off_stdout(self.ray)
        self.begun = not self.ray.is_initialized()
        self.folder: Path | None = None
        if self.begun:
            self._begin(pool)

    def _begin(self, pool: Pool) -> None:
        quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR"}
        try:
            with _signals_kept():
                if pool.address:
                    self.ray.init(address=pool.address, **quiet)
                else:
                    self.folder = Path(tempfile.mkdtemp(prefix="rf-ray-"))
                    if len(str(self.folder)) <= LONGEST:
                        quiet["_temp_dir"] = str(self.folder)
                    self.ray.init(address="local", num_cpus=pool.workers * pool.threads, include_dashboard=False,
                                  object_store_memory=STORE_BYTES, **quiet)  # fmt: skip
        except Exception as error:  # Ray raises plain exceptions, too: e.g. if a node did not start in 30 seconds
            self.close()
            why = next(iter(str(error).splitlines()), type(error).__name__)
            raise EngineError("ray.no_cluster", address=pool.spec, why=why[:200]) from None

    def close(self) -> None:
        """End what was started here. Idempotent."""
        if self.begun:
            self.begun = False
            with _signals_kept():
                self.ray.shutdown()
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)


def _set_private_defaults() -> None:
    """Make a new cluster listen on loopback only, require a token, and report no usage.

    Variables that the user has set are kept. If a calling program has imported Ray already, nothing is set: Ray reads
    them only at import.
    """
    if "ray" in sys.modules:
        return
    os.environ.setdefault("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")  # Ray's name for listening beyond loopback
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_worker_niceness", "0")  # the default of 15 lets every other process go first
    if "RAY_AUTH_MODE" not in os.environ:
        os.environ |= {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}


def _keep_off_stdout(ray: Any) -> None:
    """Stop Ray from reporting dead workers on stdout, where programs read our journal; `log_to_driver` does not."""
    worker = getattr(getattr(ray, "_private", None), "worker", None)
    if worker is not None and hasattr(worker, "_worker_logs_enabled"):
        worker._worker_logs_enabled = False


@contextmanager
def _signals_kept() -> Iterator[None]:
    """Restore signal handlers: Ray installs one for SIGTERM, but the command line has its own."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def fits(ray: Any, pool: Pool) -> bool:
    """Whether any live node is large enough for one worker, ignoring its current load."""
    wanted = {"CPU": float(pool.threads), "GPU": pool.gpus}
    nodes = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    return any(all(node.get(kind, 0.0) >= amount for kind, amount in wanted.items()) for node in nodes)


def resources(ray: Any) -> str:
    """Resources of the live nodes, for a message: `2 CPU; 1 CPU, 1 GPU`."""
    nodes = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    each = [", ".join(f"{n.get(kind, 0):g} {kind}" for kind in ("CPU", "GPU") if n.get(kind)) or "0 CPU" for n in nodes]
    return "; ".join(each) or "0 CPU"
