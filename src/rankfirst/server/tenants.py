"""Many runs in one process: each subfolder of a root folder is a tenant, and as many as fit are loaded.

Loading, evicting and reloading happen here, one at a time; loaded tenants keep answering meanwhile.
"""

import json
import logging
import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from queue import SimpleQueue
from time import monotonic, sleep
from typing import Any, Final

from rankfirst.errors import OptionError, RankfirstError, RunError
from rankfirst.model import manifest
from rankfirst.server.reload import Holder, Model, next_order
from rankfirst.server.schema import MOST_TEXTS

NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")  # a tenant's name appears in URL paths and metrics
SETTINGS: Final = "serve.json"
WAITING: Final = 512  # default limit on queued texts per tenant
PATIENCE: Final = 2.0  # seconds to wait for memory while every loaded model is answering
AGAIN: Final = 30.0  # seconds before a delivery that failed to load is retried
_log = logging.getLogger("rankfirst.server")


class NoRoomError(Exception):
    """Every loaded model is answering, so none can be evicted to make room."""


class BrokenError(Exception):
    """The delivered model cannot be loaded."""


class GoneError(Exception):
    """The tenant no longer exists."""


@dataclass(frozen=True)
class Limits:
    """The limits of one tenant, from TENANT/serve.json."""

    most_texts: int = MOST_TEXTS  # per request
    most_waiting: int = WAITING  # queued texts
    token_sha256: str | None = None  # SHA-256 of a token that grants access to this tenant only


@dataclass(eq=False)
class Tenant:
    """One subfolder of the root."""

    name: str
    folder: Path
    limits: Limits = Limits()
    stamp: tuple[int, ...] = ()  # of the files as last inspected
    problem: str = ""  # error code of why it cannot be served; "" if it can, as far as known
    again: float = 0.0  # monotonic time in seconds of the next retry
    holder: Holder | None = None  # set while its model is loaded
    answering: int = 0  # number of batches being computed


@dataclass(frozen=True)
class Loader:
    """How models are loaded and their memory is estimated."""

    load: Callable[[Path], Model]  # takes a run's folder
    cost: Callable[[Path], int]  # bytes that loading would add; raises as `load` if the files alone show the error
    bytes: Callable[[], int]  # estimated bytes of all loaded models
    callers: int = 1  # threads to ask models at the same time, if more than there are cores


@dataclass
class Counts:
    """Counters since the start."""

    loads: int = 0
    evictions: int = 0
    reloads: int = 0
    failures: int = 0
    ignored: set[str] = field(default_factory=set)  # subfolders whose names are not valid tenant names


class Tenants:
    """The tenants of a root folder."""

    def __init__(self, root: Path, loader: Loader, most_models: int, most_bytes: int) -> None:
        """Scan for tenants. Raises: OptionError if the folder does not exist or holds no run."""
        self.root, self.most_models, self.most_bytes = root, most_models, most_bytes
        self.loader = _confined(loader, root)
        self.by_name: dict[str, Tenant] = {}
        self.counts = Counts()
        self._loaded: OrderedDict[str, Tenant] = OrderedDict()  # least recently used first
        self._lock = threading.Lock()  # guards the two above
        self._loading = threading.Lock()  # loads are serialised: two at once could claim the same memory
        self._woken: SimpleQueue[bool] = SimpleQueue()  # True: reload now, False: end; a signal handler may put
        self._watch = threading.Thread(target=self._watch_folder, name="rankfirst-tenants", daemon=True)
        if not root.is_dir():
            raise OptionError("serve.no_tenants_folder", path=str(root))
        self.scan()
        if not self.by_name:
            raise OptionError("serve.no_tenants", path=str(root))

    def start(self) -> None:
        """Start watching for new tenants and deliveries."""
        self._watch.start()

    def stop(self) -> None:
        self._woken.put(False)

    def reload_soon(self) -> None:
        """Load every delivery again within a moment, changed or not; for signal handlers."""
        self._woken.put(True)

    @property
    def loaded(self) -> int:
        """Number of models in memory."""
        return len(self._loaded)

    @property
    def broken(self) -> int:
        """Number of tenants that cannot be served."""
        return sum(bool(tenant.problem) for tenant in list(self.by_name.values()))

    def answer(self, name: str, texts: Sequence[str]) -> tuple[Any, tuple[Model, str]]:
        """As `Holder.answer`; loads the tenant first if necessary.

        Raises: GoneError, BrokenError, NoRoomError.
        """
        tenant = self._tenant(name)
        holder = self._acquire(tenant)
        try:
            return holder.answer(texts)
        finally:
            with self._lock:
                tenant.answering -= 1

    def model(self, name: str) -> Model:
        """The tenant's model. Raises: as `answer`."""
        tenant = self._tenant(name)
        holder = self._acquire(tenant)
        with self._lock:
            tenant.answering -= 1
        return holder.model

    def _tenant(self, name: str) -> Tenant:
        known_tenant = self.by_name.get(name)
        if known_tenant is None:
            raise GoneError
        return known_tenant

    def scan(self) -> None:
        """Update the tenants, their limits, and whether their deliveries can be served."""
        folders = {path.name: path for path in sorted(self.root.iterdir()) if (path / "model").is_dir()}
        self.counts.ignored = {name for name in folders if not NAME.fullmatch(name)}
        for name in self.counts.ignored:
            del folders[name]
        for name in self.by_name.keys() - folders.keys():
            with self._lock:
                self._loaded.pop(name, None)
            self.by_name.pop(name).holder = None
        for name, folder in folders.items():
            tenant = self.by_name.get(name) or Tenant(name, folder)
            self._inspect(tenant)
            self.by_name[name] = tenant

    def _inspect(self, tenant: Tenant) -> None:
        """Read its settings, and check whether its delivery can be served as far as its files show without loading."""
        stamp = _stamp(
            tenant.folder / SETTINGS, *(tenant.folder / "model" / name for name in (manifest.DECISION, manifest.NAME))
        )
        if stamp == tenant.stamp and monotonic() < (tenant.again or float("inf")):
            return
        tenant.stamp, tenant.problem, tenant.again = stamp, "", 0.0
        try:
            self.loader.cost(tenant.folder)  # refuses links out of the folder, before anything behind one is read
            tenant.limits = read_limits(tenant.folder / SETTINGS)
        except Exception as error:
            if tenant.holder is None:  # else the old model keeps answering
                self._mark_broken(tenant, error)

    def _acquire(self, tenant: Tenant) -> Holder:
        """Its loaded model. It counts as answering until the caller decrements `answering`."""
        holder = self._acquire_loaded(tenant)
        if holder is not None:
            return holder
        if tenant.problem:
            raise BrokenError(tenant.problem)
        with self._loading:
            holder = self._acquire_loaded(tenant)  # another thread may have loaded it meanwhile
            if holder is not None:
                return holder
            try:
                need = self.loader.cost(tenant.folder)
                if need > self.most_bytes:
                    raise RunError("serve.too_large", path=str(tenant.folder), megabytes=need / 1e6,
                                   most=self.most_bytes / 1e6)  # fmt: skip
                self._make_room(need, 1)
                loaded = Holder(lambda: self.loader.load(tenant.folder), tenant.folder / "model" / "decision.json")
            except NoRoomError:
                raise
            except Exception as error:
                self._mark_broken(tenant, error)
                raise BrokenError(tenant.problem) from error
            self.counts.loads += 1
            with self._lock:
                tenant.holder, tenant.answering = loaded, tenant.answering + 1
                self._loaded[tenant.name] = tenant
            return loaded

    def _acquire_loaded(self, tenant: Tenant) -> Holder | None:
        with self._lock:
            if tenant.name not in self._loaded or tenant.holder is None:
                return None
            self._loaded.move_to_end(tenant.name)
            tenant.answering += 1
            return tenant.holder

    def _make_room(self, need: int, more: int, keep: Tenant | None = None) -> None:
        """Evict the least recently used idle models until `need` bytes and `more` models fit. Raises: NoRoomError."""
        until = monotonic() + PATIENCE
        while len(self._loaded) + more > self.most_models or self.loader.bytes() + need > self.most_bytes:
            with self._lock:
                idle = next((t for t in self._loaded.values() if not t.answering and t is not keep), None)
                if idle is not None:
                    del self._loaded[idle.name]
                    idle.holder = None  # the last reference; frees its memory except for shared parts
                    self.counts.evictions += 1
            if idle is None and monotonic() > until:
                raise NoRoomError
            if idle is None:
                sleep(0.01)

    def _mark_broken(self, tenant: Tenant, error: Exception) -> None:
        tenant.problem = error.code if isinstance(error, RankfirstError) else type(error).__name__
        tenant.again = monotonic() + AGAIN
        self.counts.failures += 1
        _log.warning("tenant %s cannot be served: %s", tenant.name, tenant.problem)

    def refresh(self, anyway: bool = False) -> None:
        """One round of what `start` repeats every few seconds. Args: anyway: even of what has not changed."""
        with self._loading:
            for tenant in self.by_name.values() if anyway else ():
                tenant.stamp = ()
            self.scan()
            with self._lock:
                loaded = [(tenant, tenant.holder) for tenant in self._loaded.values() if tenant.holder is not None]
            for tenant, holder in loaded:
                self._reload(tenant, holder, anyway)

    def _reload(self, tenant: Tenant, holder: Holder, anyway: bool) -> None:
        """Replace the model by a new delivery, loaded next to the old one; if that fails, the old one stays."""
        try:
            if holder.changed or anyway:
                self._make_room(self.loader.cost(tenant.folder), 0, keep=tenant)
        except NoRoomError:
            return  # retried in the next round
        except Exception as error:
            _log.warning("tenant %s: a new delivery cannot be read (%s)", tenant.name, type(error).__name__)
        before = holder.failures
        self.counts.reloads += holder.reload_if_changed(anyway)
        self.counts.failures += holder.failures - before

    def _watch_folder(self) -> None:
        while (order := next_order(self._woken)) is not False:
            try:
                self.refresh(anyway=bool(order))
            except OSError as error:  # temporarily unreadable folder: loaded models keep answering
                _log.warning("the tenants' folder cannot be read (%s)", type(error).__name__)


def _confined(loader: Loader, root: Path) -> Loader:
    """A loader that refuses a tenant with a link to anything outside `root`."""

    def inside(run: Path) -> Path:
        for path in (run, run / SETTINGS, run / "model", *(run / "model").rglob("*")):
            if path.is_symlink() and not path.resolve().is_relative_to(root.resolve()):
                raise RunError("serve.outside", path=str(path), root=str(root))
        return run

    return replace(loader, load=lambda run: loader.load(inside(run)), cost=lambda run: loader.cost(inside(run)))


def read_limits(path: Path) -> Limits:
    """A tenant's limits; the defaults if the file does not exist. Raises: OptionError."""
    try:
        if not path.is_file():  # a pipe or a device could be read for ever
            if path.exists() or path.is_symlink():
                raise ValueError
            return Limits()
        settings = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        raise OptionError("serve.bad_settings", path=str(path), why="no JSON") from None
    allowed = {"most_texts", "most_waiting", "token_sha256"}
    if not isinstance(settings, dict) or set(settings) - allowed:
        raise OptionError("serve.bad_settings", path=str(path), why=", ".join(sorted(allowed)))
    for name in ("most_texts", "most_waiting"):
        value = settings.get(name, 1)
        if type(value) is not int or not 1 <= value <= (MOST_TEXTS if name == "most_texts" else 65_536):
            raise OptionError("serve.bad_settings", path=str(path), why=name)
    token = settings.get("token_sha256")
    if token is not None and not (isinstance(token, str) and re.fullmatch(r"[0-9a-f]{64}", token)):
        raise OptionError("serve.bad_settings", path=str(path), why="token_sha256")
    return Limits(**settings)


def _stamp(*paths: Path) -> tuple[int, ...]:
    values: list[int] = []
    for path in paths:
        try:
            stat = path.stat()
        except OSError:
            values += [0, 0]
        else:
            values += [stat.st_mtime_ns, stat.st_size]
    return tuple(values)
