"""The journal: append-only JSONL, fsynced; a run that is repeated reads its finished steps back from it."""

import json
import os
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
        self.count = 0
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
            except (ValueError, KeyError, TypeError):
                raise RunError("run.damaged", line=number, path=str(self.path)) from None
            self.count = number

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
        line = json.dumps({"n": self.count, "at": at, "kind": kind, "key": key, "payload": payload}, ensure_ascii=False)
        try:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(line + "\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            code = "run.no_space" if error.errno == 28 else "run.unwritable"
            raise RunError(code, path=str(self.path.parent), why=error.strerror) from None
        self.events[(kind, key)] = json.loads(line)["payload"]
        if self.listen:
            self.listen(kind, key, self.events[(kind, key)])
