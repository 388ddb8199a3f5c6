"""The model that answers, and the next one, which is loaded beside it and takes over between two batches."""

import logging
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, Protocol

EVERY: Final = 5.0  # seconds between looks at the folder
_log = logging.getLogger("rankfirst.server")


class Model(Protocol):
    """What a delivered classifier can do."""

    classes: tuple[str, ...]
    multi_label: bool
    calibration: Any

    def read(self, texts: Sequence[str]) -> Any: ...

    def answers(self, read: Any, abstain: bool = False) -> list[Any]: ...


class Holder:
    """Answers with the newest model that could be loaded; a broken delivery leaves the old one in place."""

    def __init__(self, load: Callable[[], Model], mark: Path) -> None:
        """Load the first model. Args: mark: the file whose change says that there is a new one. Raises: as `load`."""
        self._load, self._mark = load, mark
        self._seen, self.reloads, self.failures = self._stamp(), 0, 0
        self._now = (self._ready(), self._called())  # one, so that nobody sees a model under another's name
        self._end = threading.Event()

    def start(self) -> None:
        """Look for new deliveries from now on."""
        threading.Thread(target=self._look, name="rankfirst-reload", daemon=True).start()

    @property
    def model(self) -> Model:
        """The newest that could be loaded."""
        return self._now[0]

    @property
    def name(self) -> str:
        """What it is called in answers."""
        return self._now[1]

    @property
    def changed(self) -> bool:
        """Whether there is a delivery that was not looked at."""
        return self._stamp() != self._seen

    def stop(self) -> None:
        self._end.set()

    def answer(self, texts: Sequence[str]) -> tuple[Any, tuple[Model, str]]:
        """What the model sees in n texts, and the model with its name: one of them for the whole batch."""
        now = self._now
        return now[0].read(texts), now

    def look(self) -> bool:
        """Load a new delivery, if there is one; whether it took over."""
        stamp = self._stamp()
        if stamp == self._seen:
            return False
        self._seen = stamp
        try:
            model = self._ready()
        except Exception as error:  # half written, or broken: the old one goes on, and the next change is tried again
            self.failures += 1
            _log.warning("a new model could not be loaded (%s); the old one answers", type(error).__name__)
            return False
        self._now = (model, self._called())
        self.reloads += 1
        return True

    def _look(self) -> None:
        while not self._end.wait(EVERY):
            self.look()

    def _ready(self) -> Model:
        model = self._load()
        model.read(["warm", "up " * 40])  # weights are read with the first text
        return model

    def _stamp(self) -> tuple[int, int]:
        try:
            told = self._mark.stat()
        except OSError:
            return (0, 0)
        return told.st_mtime_ns, told.st_size

    def _called(self) -> str:
        return f"{self._mark.parent.parent.name}@{self._seen[0] // 1_000_000:x}"
