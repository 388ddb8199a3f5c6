"""The journal: append-only JSONL, fsynced; a run that is repeated reads its finished steps back from it."""

import json
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rankfirst.errors import RunError


class Journal:
    """Events of one run. A torn last line (killed while writing) is cut off at opening."""

    def __init__(self, path: Path, listen: Callable[[str, str, Any], None] | None = None) -> None:
        self.path, self.listen = path, listen
        self.events: dict[tuple[str, str], Any] = {}
        self.took: dict[tuple[str, str], float] = {}  # seconds since the event before
        self.count = 0
        self._carried, self._opened = 0.0, time.monotonic()
        if path.exists():
            self._read()

    def _read(self) -> None:
        raw = self.path.read_bytes()
        whole = raw[: raw.rfind(b"\n") + 1]
        if len(whole) < len(raw):
            with self.path.open("r+b") as file:
                file.truncate(len(whole))
        for number, line in enumerate(whole.splitlines(), 1):
            try:
                event = json.loads(line)
                self.events[(event["kind"], event["key"])] = event["payload"]
                self._time(event["kind"], event["key"], float(event.get("seconds", self._carried)))
            except (ValueError, KeyError, TypeError):
                raise RunError("run.damaged", line=number, path=str(self.path)) from None
            self.count = number

    @property
    def seconds(self) -> float:
        """Seconds this run has taken, the sessions before this one included (up to their last event)."""
        return self._carried + time.monotonic() - self._opened

    def has(self, kind: str, key: str) -> bool:
        """Whether that step is finished."""
        return (kind, key) in self.events

    def remember(self, kind: str, key: str, compute: Callable[[], Any]) -> Any:
        """The payload of a finished step, or of `compute` now, written before it is returned."""
        if (kind, key) not in self.events:
            self._append(kind, key, compute())
        elif self.listen:
            self.listen(kind, key, self.events[(kind, key)])
        return self.events[(kind, key)]

    def _append(self, kind: str, key: str, payload: Any) -> None:
        self.count += 1
        at = datetime.now(UTC).isoformat(timespec="seconds")
        seconds = round(self.seconds, 2)
        event = {"n": self.count, "at": at, "seconds": seconds, "kind": kind, "key": key}
        line = json.dumps(event | {"payload": payload}, ensure_ascii=False)
        try:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(line + "\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            code = "run.no_space" if error.errno == 28 else "run.unwritable"
            raise RunError(code, path=str(self.path.parent), why=error.strerror) from None
        self.events[(kind, key)] = json.loads(line)["payload"]
        self._time(kind, key, seconds)
        self._opened = time.monotonic()
        if self.listen:
            self.listen(kind, key, self.events[(kind, key)])

    def _time(self, kind: str, key: str, seconds: float) -> None:
        self.took[(kind, key)] = max(0.0, seconds - self._carried)
        self._carried = seconds
