"""Follow a journal that another process writes: complete lines only, each once."""

import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rankfirst.report.events import number, record_of

_MOST_BYTES: Final = 8 << 20  # per read


@dataclass(frozen=True)
class Line:
    """One event as written, including what the report's `Event` omits."""

    number: int  # in the journal, from 1
    kind: str
    key: str
    at: str
    seconds: float | None  # elapsed time of the run
    payload: dict[str, Any]


class Tail:
    """Reads incrementally. An incomplete last line is left until it is complete.

    Args: after: lines up to this number are skipped.
    """

    def __init__(self, journal: Path, after: int = 0) -> None:
        self.journal, self.after = journal, after
        self.number = 0  # of the last complete line that was read
        self._offset, self._inode = 0, 0

    def read(self) -> tuple[list[Line], bool]:
        """(new lines, whether the journal was replaced since the last read). Costs one stat if nothing is new."""
        try:
            stat = os.stat(self.journal)
        except OSError:
            return [], False
        anew = bool(self._inode) and (stat.st_ino != self._inode or stat.st_size < self._offset)
        if anew:
            self._offset = self.number = self.after = 0
        self._inode = stat.st_ino
        return (self._new() if stat.st_size > self._offset else []), anew

    def _new(self) -> list[Line]:
        lines: list[Line] = []
        try:
            with self.journal.open("rb") as file:
                file.seek(self._offset)
                while whole := self._whole(file.read(_MOST_BYTES)):
                    self._offset += len(whole)
                    for raw in whole.split(b"\n")[:-1]:
                        self.number += 1
                        line = parse(raw, self.number) if self.number > self.after else None
                        lines += [line] if line else []
                    file.seek(self._offset)
        except OSError:
            pass
        return lines

    @staticmethod
    def _whole(raw: bytes) -> bytes:
        return raw[: raw.rfind(b"\n") + 1]


def parse(raw: bytes, at: int) -> Line | None:
    """The event in a line, or None if it holds none. Args: at: its line number."""
    record = record_of(raw)
    if record is None:
        return None
    kind, key, written = (str(record.get(name) or "") for name in ("kind", "key", "at"))
    return Line(at, kind, key, written, finite(record.get("seconds")), record["payload"])


def finite(value: Any) -> float | None:
    """The number if it is finite, else None."""
    parsed = number(value)
    return parsed if parsed is not None and math.isfinite(parsed) else None


def last_seconds(journal: Path) -> float | None:
    """Elapsed time of the run at its last complete line; None if not recorded."""
    try:
        with journal.open("rb") as file:
            lines = file.read().split(b"\n")[:-1]
    except OSError:
        return None
    line = parse(lines[-1], len(lines)) if lines else None
    return line.seconds if line else None
