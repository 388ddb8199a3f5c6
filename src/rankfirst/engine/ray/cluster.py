"""The way to a Ray cluster: one of our own on this machine, or one that is there already. Imports ray lazily."""

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

STORE_BYTES: Final = 200 * 2**20  # object store of our own cluster: rows and results, not weights
LONGEST: Final = 40  # characters of a folder that Ray may add the names of its sockets to, 107 being all there are


@dataclass(frozen=True)
class Pool:
    """Who trains: so many workers, each with its threads and its share of a GPU."""

    address: str = ""  # "": a cluster of our own on this machine; else what `ray.init` takes
    workers: int = 2
    threads: int = 1  # CPUs a worker reserves, and the threads it trains with
    gpus: float = 0.0  # of a GPU, a worker

    @property
    def spec(self) -> str:
        """As `--engine` spells it."""
        return f"ray://{self.address}" if self.address else "ray"

    @property
    def options(self) -> dict[str, Any]:
        """As the options of `fit` that ask for it."""
        return {"engine": self.spec, "workers": self.workers, "threads": self.threads, "gpus": self.gpus}


def parse(engine: str, workers: int | None = None, threads: int | None = None, gpus: float = 0.0) -> Pool | None:
    """`local` -> None; `ray`, `ray://auto` or `ray://HOST:PORT` (of the head; not Ray Client's) -> a pool.

    Args:
        workers: default 2. threads: default the processors of this machine, shared out among the workers.
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
    """Of this machine, those this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def library() -> Any:
    """The `ray` module. Raises: OptionError when the extra is not installed."""
    try:
        import ray
    except ImportError:
        raise OptionError("ray.missing") from None
    return ray


@contextmanager
def connected(pool: Pool) -> Iterator[Any]:
    """The `ray` module with a cluster behind it; what this call began ends with it.

    Raises: OptionError without the extra, EngineError when the cluster cannot be reached.
    """
    link = Link(pool)
    try:
        yield link.ray
    finally:
        link.close()


class Link:
    """A connection to a cluster, and what has to be undone when it ends."""

    def __init__(self, pool: Pool) -> None:
        if not pool.address:
            _be_discreet()
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
        except Exception as error:  # Ray raises plain ones, too: a node that did not start in its 30 seconds
            self.close()
            why = next(iter(str(error).splitlines()), type(error).__name__)
            raise EngineError("ray.no_cluster", address=pool.spec, why=why[:200]) from None

    def close(self) -> None:
        """End what was begun; twice does nothing."""
        if self.begun:
            self.begun = False
            with _signals_kept():
                self.ray.shutdown()
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)


def _be_discreet() -> None:
    """A cluster of our own listens on loopback only, requires a token, and reports no usage.

    What the user has set counts, and so does Ray as a program around us has imported it: it reads these only then.
    """
    if "ray" in sys.modules:
        return
    os.environ.setdefault("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")  # its name for "not only loopback"
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_worker_niceness", "0")  # its workers would give way to everything else: 15
    if "RAY_AUTH_MODE" not in os.environ:
        os.environ |= {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}


def _keep_off_stdout(ray: Any) -> None:
    """Ray reports dead workers on stdout, whatever `log_to_driver` says; programs read our journal there."""
    worker = getattr(getattr(ray, "_private", None), "worker", None)
    if worker is not None and hasattr(worker, "_worker_logs_enabled"):
        worker._worker_logs_enabled = False


@contextmanager
def _signals_kept() -> Iterator[None]:
    """Ray puts up a handler for SIGTERM; the command line has its own."""
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
    """Whether any living node is large enough for one worker, were it free."""
    wanted = {"CPU": float(pool.threads), "GPU": pool.gpus}
    nodes = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    return any(all(node.get(kind, 0.0) >= amount for kind, amount in wanted.items()) for node in nodes)


def found(ray: Any) -> str:
    """The living nodes, for a message: `2 CPU; 1 CPU, 1 GPU`."""
    nodes = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    each = [", ".join(f"{n.get(kind, 0):g} {kind}" for kind in ("CPU", "GPU") if n.get(kind)) or "0 CPU" for n in nodes]
    return "; ".join(each) or "0 CPU"
