"""Many runs answered by one process: each subfolder of one folder is a tenant, as many of them loaded as fit.

Loading, evicting and taking over a new delivery happen here, one at a time; tenants that are loaded answer meanwhile.
"""

import json
import logging
import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep
from typing import Any, Final

from rankfirst.errors import OptionError, RankfirstError, RunError
from rankfirst.server.hold import EVERY, Holder, Model
from rankfirst.server.shape import MOST_TEXTS

NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")  # of a tenant: it stands in paths and in measurements
SETTINGS: Final = "serve.json"
WAITING: Final = 512  # texts of one tenant that may wait
PATIENCE: Final = 2.0  # seconds to wait for room while all that is loaded answers
AGAIN: Final = 30.0  # seconds until a delivery that could not be loaded is tried again
_log = logging.getLogger("rankfirst.server")


class NoRoomError(Exception):
    """Whatever is loaded is answering; there is no room for one more now."""


class BrokenError(Exception):
    """What was delivered cannot be loaded."""


class GoneError(Exception):
    """There is no such tenant any more."""


@dataclass(frozen=True)
class Limits:
    """What one tenant may ask, from TENANT/serve.json."""

    most_texts: int = MOST_TEXTS  # of a request
    most_waiting: int = WAITING  # texts in its queue
    token_sha256: str | None = None  # of a token that opens this tenant alone


@dataclass(eq=False)
class Tenant:
    """One subfolder."""

    name: str
    folder: Path
    limits: Limits = Limits()
    stamp: tuple[int, ...] = ()  # of what was looked at last
    problem: str = ""  # why it cannot be served now, a code; "" when it can, as far as is known
    again: float = 0.0  # monotonic seconds from which it is tried again
    holder: Holder | None = None  # while it is loaded
    answering: int = 0  # batches


@dataclass(frozen=True)
class Loader:
    """How models come into memory."""

    load: Callable[[Path], Model]  # a run's folder
    cost: Callable[[Path], int]  # bytes that loading it would add; raises what `load` raises where it is seen at once
    bytes: Callable[[], int]  # of all that are loaded


@dataclass
class Counts:
    """Since the start."""

    loads: int = 0
    evictions: int = 0
    reloads: int = 0
    failures: int = 0
    ignored: set[str] = field(default_factory=set)  # names of subfolders that no tenant may have


class Tenants:
    """The tenants of a folder."""

    def __init__(self, root: Path, loader: Loader, most_models: int, most_bytes: int) -> None:
        """Look for tenants. Raises: OptionError when the folder is none, or holds no run."""
        self.root, self.loader, self.most_models, self.most_bytes = root, loader, most_models, most_bytes
        self.known: dict[str, Tenant] = {}
        self.counts = Counts()
        self._loaded: OrderedDict[str, Tenant] = OrderedDict()  # the longest unused first
        self._lock = threading.Lock()  # of the two above
        self._loading = threading.Lock()  # one at a time: two could take the same room
        self._end = threading.Event()
        self._watch = threading.Thread(target=self._look_on, name="rankfirst-tenants", daemon=True)
        if not root.is_dir():
            raise OptionError("serve.no_tenants_folder", path=str(root))
        self.scan()
        if not self.known:
            raise OptionError("serve.no_tenants", path=str(root))

    def start(self) -> None:
        """Look for new tenants and deliveries from now on."""
        self._watch.start()

    def stop(self) -> None:
        self._end.set()

    @property
    def loaded(self) -> int:
        """Models in memory."""
        return len(self._loaded)

    @property
    def broken(self) -> int:
        """Tenants that cannot be served."""
        return sum(bool(tenant.problem) for tenant in list(self.known.values()))

    def answer(self, name: str, texts: Sequence[str]) -> tuple[Any, tuple[Model, str]]:
        """As `Holder.answer`, loading the tenant first where it is not.

        Raises: GoneError, BrokenError, NoRoomError.
        """
        tenant = self._tenant(name)
        holder = self._held(tenant)
        try:
            return holder.answer(texts)
        finally:
            with self._lock:
                tenant.answering -= 1

    def model(self, name: str) -> Model:
        """The tenant's model. Raises: as `answer`."""
        tenant = self._tenant(name)
        holder = self._held(tenant)
        with self._lock:
            tenant.answering -= 1
        return holder.model

    def _tenant(self, name: str) -> Tenant:
        found = self.known.get(name)
        if found is None:
            raise GoneError
        return found

    def scan(self) -> None:
        """Who is there, what they may ask, and who has a new delivery."""
        found = {path.name: path for path in sorted(self.root.iterdir()) if (path / "model").is_dir()}
        self.counts.ignored = {name for name in found if not NAME.fullmatch(name)}
        for name in self.counts.ignored:
            del found[name]
        for name in self.known.keys() - found.keys():
            with self._lock:
                self._loaded.pop(name, None)
            self.known.pop(name).holder = None
        for name, folder in found.items():
            tenant = self.known.get(name) or Tenant(name, folder)
            self._look_at(tenant)
            self.known[name] = tenant

    def _look_at(self, tenant: Tenant) -> None:
        """Its settings, and whether its delivery can be served, as far as its files say without being loaded."""
        stamp = _stamp(tenant.folder / SETTINGS, tenant.folder / "model" / "decision.json")
        if stamp == tenant.stamp and monotonic() < (tenant.again or float("inf")):
            return
        tenant.stamp, tenant.problem, tenant.again = stamp, "", 0.0
        try:
            tenant.limits = read_limits(tenant.folder / SETTINGS)
            self.loader.cost(tenant.folder)
        except Exception as error:
            if tenant.holder is None:  # else the old model goes on
                self._is_broken(tenant, error)

    def _held(self, tenant: Tenant) -> Holder:
        """Its loaded model, counted as answering until the caller says otherwise."""
        holder = self._touch(tenant)
        if holder is not None:
            return holder
        if tenant.problem:
            raise BrokenError(tenant.problem)
        with self._loading:
            holder = self._touch(tenant)  # somebody else may have loaded it meanwhile
            if holder is not None:
                return holder
            try:
                need = self.loader.cost(tenant.folder)
                if need > self.most_bytes:
                    raise RunError("serve.too_large", path=str(tenant.folder), megabytes=need / 1e6,
                                   most=self.most_bytes / 1e6)  # fmt: skip
                self._make_room(need, 1)
                made = Holder(lambda: self.loader.load(tenant.folder), tenant.folder / "model" / "decision.json")
            except NoRoomError:
                raise
            except Exception as error:
                self._is_broken(tenant, error)
                raise BrokenError(tenant.problem) from error
            self.counts.loads += 1
            with self._lock:
                tenant.holder, tenant.answering = made, tenant.answering + 1
                self._loaded[tenant.name] = tenant
            return made

    def _touch(self, tenant: Tenant) -> Holder | None:
        with self._lock:
            if tenant.name not in self._loaded or tenant.holder is None:
                return None
            self._loaded.move_to_end(tenant.name)
            tenant.answering += 1
            return tenant.holder

    def _make_room(self, need: int, more: int, keep: Tenant | None = None) -> None:
        """Evict the longest unused until `need` bytes and `more` models fit. Raises: NoRoomError."""
        until = monotonic() + PATIENCE
        while len(self._loaded) + more > self.most_models or self.loader.bytes() + need > self.most_bytes:
            with self._lock:
                idle = next((t for t in self._loaded.values() if not t.answering and t is not keep), None)
                if idle is not None:
                    del self._loaded[idle.name]
                    idle.holder = None  # the last reference: its bytes are free, but for parts that others hold
                    self.counts.evictions += 1
            if idle is None and monotonic() > until:
                raise NoRoomError
            if idle is None:
                sleep(0.01)

    def _is_broken(self, tenant: Tenant, error: Exception) -> None:
        tenant.problem = error.code if isinstance(error, RankfirstError) else type(error).__name__
        tenant.again = monotonic() + AGAIN
        self.counts.failures += 1
        _log.warning("tenant %s cannot be served: %s", tenant.name, tenant.problem)

    def look(self) -> None:
        """Everything `start` does every few seconds, once."""
        with self._loading:
            self.scan()
            with self._lock:
                held = [(tenant, tenant.holder) for tenant in self._loaded.values() if tenant.holder is not None]
            for tenant, holder in held:
                self._renew(tenant, holder)

    def _renew(self, tenant: Tenant, holder: Holder) -> None:
        """Take over a new delivery, made beside the old one, for which room is made; else the old one goes on."""
        try:
            if holder.changed:
                self._make_room(self.loader.cost(tenant.folder), 0, keep=tenant)
        except NoRoomError:
            return  # looked at again in a moment
        except Exception as error:
            _log.warning("tenant %s: a new delivery cannot be read (%s)", tenant.name, type(error).__name__)
        before = holder.failures
        self.counts.reloads += holder.look()
        self.counts.failures += holder.failures - before

    def _look_on(self) -> None:
        while not self._end.wait(EVERY):
            try:
                self.look()
            except OSError as error:  # the folder cannot be read for a moment: what is loaded answers
                _log.warning("the tenants' folder cannot be read (%s)", type(error).__name__)


def read_limits(path: Path) -> Limits:
    """A tenant's settings; as usual where there is no such file. Raises: OptionError."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Limits()
    except (OSError, ValueError, RecursionError):
        raise OptionError("serve.bad_settings", path=str(path), why="no JSON") from None
    known = {"most_texts", "most_waiting", "token_sha256"}
    if not isinstance(told, dict) or set(told) - known:
        raise OptionError("serve.bad_settings", path=str(path), why=", ".join(sorted(known)))
    for name in ("most_texts", "most_waiting"):
        value = told.get(name, 1)
        if type(value) is not int or not 1 <= value <= (MOST_TEXTS if name == "most_texts" else 65_536):
            raise OptionError("serve.bad_settings", path=str(path), why=name)
    token = told.get("token_sha256")
    if token is not None and not (isinstance(token, str) and re.fullmatch(r"[0-9a-f]{64}", token)):
        raise OptionError("serve.bad_settings", path=str(path), why="token_sha256")
    return Limits(**told)


def _stamp(*paths: Path) -> tuple[int, ...]:
    found: list[int] = []
    for path in paths:
        try:
            told = path.stat()
        except OSError:
            found += [0, 0]
        else:
            found += [told.st_mtime_ns, told.st_size]
    return tuple(found)
