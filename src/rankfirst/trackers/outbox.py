"""The queue and thread of one tracker: a run neither stops nor waits if the tracker fails or hangs."""

import logging
import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rankfirst.trackers.base import Entry, Tracker
from rankfirst.trackers.sent_log import Sent

# Maximum queued entries. A run makes about ten per minute, each at most a few thousand numbers, so a full queue means a
# tracker that has not responded for over an hour; `rankfirst track` can send the rest later. Assumption.
MOST_WAITING: Final = 1000
# Seconds to wait for delivery after a finished run, and after one that was stopped by hand. Assumptions.
PATIENCE: Final = 30.0
PATIENCE_STOPPED: Final = 5.0

Warn = Callable[[str, dict[str, object]], None]
"""Called with what went wrong: a code of messages.trackers and its fields."""


@dataclass(frozen=True)
class _End:
    files: Sequence[Path]
    finished: bool


class Outbox:
    """Sends entries in order in its own thread; stops at the first failure.

    Args:
        open_tracker: creates the tracker; called in the thread, since importing its library may take seconds.
        read_sent: reads what was sent before; called in the thread, at the first entry.
        target, title: the user's name for it, and the run's name in the tracker.
    """

    def __init__(self, open_tracker: Callable[[], Tracker], read_sent: Callable[[], Sent], target: str, title: str,
                 warn: Warn) -> None:  # fmt: skip
        self.target, self.title, self.delivered, self.failed = target, title, 0, False
        self._open_tracker, self._read_sent, self._warn = open_tracker, read_sent, warn
        self._sent: Sent | None = None
        self._tracker: Tracker | None = None
        self._queue: queue.Queue[tuple[str, Entry] | _End] = queue.Queue(MOST_WAITING)
        self._thread = threading.Thread(target=self._work, name=f"rankfirst {target}", daemon=True)
        self._thread.start()

    def offer(self, step: str, entry: Entry) -> None:
        """Queue an entry; never blocks."""
        if not self.failed:
            self._put((step, entry))

    def close(self, files: Sequence[Path], finished: bool, patience: float) -> None:
        """Accept no more entries, and wait at most `patience` seconds for those in the queue."""
        if not self.failed:
            self._put(_End(files, finished))
        self._thread.join(patience)
        if self._thread.is_alive() and not self.failed:
            self._fail("tracker.late", seconds=f"{patience:g}")

    def _put(self, item: "tuple[str, Entry] | _End") -> None:
        try:
            self._queue.put_nowait(item)
        except queue.Full:
            self._fail("tracker.full", waiting=MOST_WAITING)

    def _fail(self, code: str, **fields: object) -> None:
        self.failed = True
        self._warn(code, fields)

    def _work(self) -> None:
        try:
            while not self.failed:
                item = self._queue.get()
                if isinstance(item, _End):
                    self._end(item)
                    return
                self._deliver(*item)
        except BaseException as error:  # the library of a tracker may even call sys.exit()
            if not self.failed:
                self._fail("tracker.failed", why=_line(error))
            logging.getLogger(__name__).debug("tracker %s", self.target, exc_info=error)

    def _deliver(self, step: str, entry: Entry) -> None:
        sent = self._ledger()
        if step in sent.steps or self.failed:
            return
        self._open(sent).log(entry)
        sent.confirm(step)
        self.delivered += 1

    def _end(self, end: _End) -> None:
        sent = self._ledger()
        if sent.closed or not (sent.steps or self._tracker):
            return  # nothing of this run was sent, or everything was
        if end.finished:
            self._open(sent).end(end.files, True)
            sent.close()
        elif self._tracker is not None:
            self._tracker.end((), False)

    def _ledger(self) -> Sent:
        self._sent = self._sent or self._read_sent()
        return self._sent

    def _open(self, sent: Sent) -> Tracker:
        if self._tracker is None:
            tracker = self._open_tracker()
            sent.record_run_id(tracker.begin(self.title, sent.run_id))
            self._tracker = tracker
        return self._tracker


def _line(error: BaseException) -> str:
    """The library's error message as one short line."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text[:200]}" if text else type(error).__name__
