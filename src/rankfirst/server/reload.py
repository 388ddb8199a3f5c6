"""Hot reload: the model in use, and its successor, which is loaded next to it and takes over between two batches."""

import contextlib
import logging
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Final, Protocol

from rankfirst.errors import RankfirstError
from rankfirst.model import canary, manifest

Stamp = tuple[tuple[str, int, int, int], ...]  # name, inode, size, time of each file
EVERY: Final = 5.0  # seconds between checks for a new delivery
_log = logging.getLogger("rankfirst.server")


class Model(Protocol):
    """The interface of a delivered classifier."""

    classes: tuple[str, ...]
    multi_label: bool
    calibration: Any

    def read(self, texts: Sequence[str]) -> Any: ...

    def answers(self, read: Any, abstain: bool = False) -> list[Any]: ...

    def answer_sets(self, read: Any) -> list[list[str]]: ...


class Holder:
    """Answers with the newest delivery that is whole and answers its canary batch; the old one stays until then."""

    def __init__(self, load: Callable[[], Model], marker: Path) -> None:
        """Load the first model. Args: marker: a file of the delivery, whose folder is watched. Raises: as `load`."""
        self._load, self._marker, self._folder = load, marker, marker.parent
        self._stamp_seen, self.reloads, self.failures = self._stamp(), 0, 0
        self._failed: Any = None  # the last failure, so that files which arrive one by one count once
        self._current = self._load_checked()  # one tuple, so that a model is never seen under another's name
        self._woken: SimpleQueue[bool] = SimpleQueue()  # True: reload now, False: end; a signal handler may put

    def start(self) -> None:
        """Start watching for new deliveries."""
        threading.Thread(target=self._watch, name="rankfirst-reload", daemon=True).start()

    @property
    def model(self) -> Model:
        """The newest model that could be loaded."""
        return self._current[0]

    @property
    def name(self) -> str:
        """The name reported in answers."""
        return self._current[1]

    @property
    def changed(self) -> bool:
        """Whether there is a delivery that has not been tried yet."""
        return self._stamp() != self._stamp_seen

    def stop(self) -> None:
        self._woken.put(False)

    def reload_soon(self) -> None:
        """Load the delivery again within a moment, changed or not; for signal handlers."""
        self._woken.put(True)

    def answer(self, texts: Sequence[str]) -> tuple[Any, tuple[Model, str]]:
        """The model's reading of n texts, and the model with its name; a batch uses one model throughout."""
        current = self._current
        return current[0].read(texts), current

    def reload_if_changed(self, anyway: bool = False) -> bool:
        """Load a new delivery if there is one. Args: anyway: even if nothing changed. Returns: whether it took over."""
        stamp = self._stamp()
        if not stamp or (stamp == self._stamp_seen and not anyway):  # no file: it is just being replaced
            return False
        self._stamp_seen = stamp
        try:
            self._current = self._load_checked()
        except Exception as error:  # incomplete or broken: keep the old model; the next change is tried again
            self._count(error, stamp)
            return False
        self.reloads, self._failed = self.reloads + 1, None
        return True

    def _count(self, error: Exception, stamp: Stamp) -> None:
        """Count and log a delivery that does not take over; one whose files arrive one by one counts once."""
        code = error.code if isinstance(error, RankfirstError) else type(error).__name__
        listed = next((each for each in stamp if each[0] == manifest.NAME), None)
        failed = (code.startswith("manifest.") and listed) or stamp, code
        if failed == self._failed:
            return
        self._failed, self.failures = failed, self.failures + 1
        why = str(error) if isinstance(error, RankfirstError) else code
        _log.warning("a new delivery does not take over, the old one answers: %s", " ".join(why.split()))

    def _watch(self) -> None:
        while (order := next_order(self._woken)) is not False:
            self.reload_if_changed(anyway=bool(order))

    def _load_checked(self) -> tuple[Model, str]:
        """A model that has answered, and its name. Raises: as `load`; RunError if it does not answer as delivered."""
        model = self._load()
        canary.check(self._folder, model)  # the first text loads the weights
        digest = getattr(getattr(model, "verified", None), "digest", "")
        return model, f"{self._folder.parent.name}@{digest[:12] or self._version()}"

    def _version(self) -> str:
        """The version of a delivery without a manifest: when its marker was written."""
        try:
            return f"{self._marker.stat().st_mtime_ns // 1_000_000:x}"
        except OSError:
            return "0"

    def _stamp(self) -> Stamp:
        """What changes when any file of the delivery does; () if there is none."""
        found = []
        for path in sorted(self._folder.rglob("*")):
            with contextlib.suppress(OSError):  # removed meanwhile
                stat = path.stat()
                name = path.relative_to(self._folder).as_posix()
                if path.is_file() and "/." not in f"/{name}":
                    found.append((name, stat.st_ino, stat.st_size, stat.st_mtime_ns))
        return tuple(found)


def answer_more(texts: Sequence[str], used: tuple[Model, str]) -> Any:
    """The reading of further texts of a request, by the model that answered the first ones."""
    return used[0].read(texts)


def next_order(orders: "SimpleQueue[bool]") -> bool | None:
    """The next order given to a watching thread; None if there is none within EVERY seconds."""
    try:
        return orders.get(timeout=EVERY)
    except Empty:
        return None
