"""Hot reload: the model in use, and its successor, which is loaded next to it and takes over between two batches."""

import logging
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Final, Protocol

EVERY: Final = 5.0  # seconds between checks for a new delivery
_log = logging.getLogger("rankfirst.server")


class Model(Protocol):
    """The interface of a delivered classifier."""

    classes: tuple[str, ...]
    multi_label: bool
    calibration: Any

    def read(self, texts: Sequence[str]) -> Any: ...

    def answers(self, read: Any, abstain: bool = False) -> list[Any]: ...


class Holder:
    """Answers with the newest model that loads; a broken delivery leaves the old model in place."""

    def __init__(self, load: Callable[[], Model], marker: Path) -> None:
        """Load the first model. Args: marker: the file whose change signals a new delivery. Raises: as `load`."""
        self._load, self._marker = load, marker
        self._stamp_seen, self.reloads, self.failures = self._stamp(), 0, 0
        self._current = (
            self._load_warm(),
            self._current_name(),
        )  # one tuple, so that a model is never seen under another's name
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

    def answer(self, texts: Sequence[str], used: tuple[Model, str] | None = None) -> tuple[Any, tuple[Model, str]]:
        """The model's reading of n texts, and the model with its name; a batch uses one model throughout.

        Args: used: the model that answered the first texts of the same request; None: the newest.
        """
        current = used or self._current
        return current[0].read(texts), current

    def reload_if_changed(self, anyway: bool = False) -> bool:
        """Load a new delivery if there is one. Args: anyway: even if nothing changed. Returns: whether it took over."""
        stamp = self._stamp()
        if stamp == self._stamp_seen and not anyway:
            return False
        self._stamp_seen = stamp
        try:
            model = self._load_warm()
        except Exception as error:  # incomplete or broken: keep the old model; the next change is tried again
            self.failures += 1
            _log.warning("a new model could not be loaded (%s); the old one answers", type(error).__name__)
            return False
        self._current = (model, self._current_name())
        self.reloads += 1
        return True

    def _watch(self) -> None:
        while (told := next_order(self._woken)) is not False:
            self.reload_if_changed(anyway=bool(told))

    def _load_warm(self) -> Model:
        model = self._load()
        model.read(["warm", "up " * 40])  # the first text triggers loading the weights
        return model

    def _stamp(self) -> tuple[int, int]:
        try:
            stat = self._marker.stat()
        except OSError:
            return (0, 0)
        return stat.st_mtime_ns, stat.st_size

    def _current_name(self) -> str:
        return f"{self._marker.parent.parent.name}@{self._stamp_seen[0] // 1_000_000:x}"


def next_order(orders: "SimpleQueue[bool]") -> bool | None:
    """The next order given to a watching thread; None if there is none within EVERY seconds."""
    try:
        return orders.get(timeout=EVERY)
    except Empty:
        return None
