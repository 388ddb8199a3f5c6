"""The journal: append-only JSON Lines, synced to disk; a repeated run reads its finished steps from it."""

import json
import os
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rankfirst.errors import RunError
from rankfirst.measure.wall_clock import UNRECORDED, Account, in_order


class Journal:
    """The events of one run. An incomplete last line, left by a process killed while writing, is cut off on opening.

    Args: path: of the file. listen: called with (kind, key, payload) of every event, earlier sessions included.
        began: `time.monotonic()` when this session began; what was done since counts as its time. None: now.
        account: of this session's stages, from the same moment; None: a new one.
    Raises: RunError for any other line that cannot be read.
    """

    def __init__(
        self,
        path: Path,
        listen: Callable[[str, str, Any], None] | None = None,
        began: float | None = None,
        account: Account | None = None,
    ) -> None:
        self.path, self.listen = path, listen
        self.stream: Callable[[Mapping[str, Any]], None] | None = None  # as `listen`, with whole lines
        self.events: dict[tuple[str, str], Any] = {}
        self.took: dict[tuple[str, str], float] = {}  # seconds since the previous event
        self._heads: dict[tuple[str, str], dict[str, Any]] = {}  # the other fields of a line: n, at, seconds, time
        self.count = 0
        self._carried, self._opened = 0.0, time.monotonic() if began is None else began
        self.account = Account(self._opened) if account is None else account
        self._spent: dict[str, float] = {}  # seconds by stage, up to the last event
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
                kind, key = event["kind"], event["key"]
                self._keep(event)
                self._time(kind, key, float(event.get("seconds", self._carried)))
                self._add(event.get("time", {UNRECORDED: self.took[(kind, key)]}))
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
                raise RunError("run.damaged", line=number, path=str(self.path)) from None
            self.count = number

    @property
    def seconds(self) -> float:
        """Seconds that this run has taken, including earlier sessions (up to their last event)."""
        return self._carried + time.monotonic() - self._opened

    @property
    def by_stage(self) -> dict[str, float]:
        """Seconds by stage (see `measure.wall_clock`), earlier sessions included; their sum is `seconds`."""
        now = self.account.so_far()
        names = dict.fromkeys((*self._spent, *now))
        spent = {name: self._spent.get(name, 0.0) + now.get(name, 0.0) for name in names}
        return in_order({name: seconds for name, seconds in spent.items() if seconds > 0})

    def has(self, kind: str, key: str) -> bool:
        """Whether this step is finished."""
        return (kind, key) in self.events

    def remember(self, kind: str, key: str, compute: Callable[[], Any]) -> Any:
        """The payload of a step: read if the step is finished, else computed and written before it is returned."""
        if (kind, key) not in self.events:
            self._append(kind, key, compute())
        else:
            self._tell(kind, key)
        return self.events[(kind, key)]

    def _append(self, kind: str, key: str, payload: Any) -> None:
        self.count += 1
        at = datetime.now(UTC).isoformat(timespec="seconds")
        seconds, spent = self.seconds, in_order(self.account.taken())
        shown = {stage: rounded for stage, each in spent.items() if (rounded := round(each, 3))}
        event = {"n": self.count, "at": at, "seconds": round(seconds, 2), "time": shown, "kind": kind, "key": key}
        line = json.dumps(event | {"payload": payload}, ensure_ascii=False)
        try:
            # A lone surrogate, as of a file name that is not UTF-8, is written as its JSON escape.
            with self.path.open("a", encoding="utf-8", errors="backslashreplace") as file:
                file.write(line + "\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            code = "run.no_space" if error.errno == 28 else "run.unwritable"
            raise RunError(code, path=str(self.path.parent), why=error.strerror) from None
        self._keep(json.loads(line))
        self._opened += seconds - self._carried
        self._time(kind, key, seconds)
        self._add(spent)
        self._tell(kind, key)

    def _keep(self, event: dict[str, Any]) -> None:
        name = event.pop("kind"), event.pop("key")
        self.events[name] = event.pop("payload")
        self._heads[name] = event

    def _tell(self, kind: str, key: str) -> None:
        payload = self.events[(kind, key)]
        if self.listen:
            self.listen(kind, key, payload)
        if self.stream:
            self.stream(self._heads[(kind, key)] | {"kind": kind, "key": key, "payload": payload})

    def _time(self, kind: str, key: str, seconds: float) -> None:
        self.took[(kind, key)] = max(0.0, seconds - self._carried)
        self._carried = seconds

    def _add(self, spent: Mapping[str, float]) -> None:
        for stage, seconds in spent.items():
            self._spent[stage] = self._spent.get(stage, 0.0) + float(seconds)
