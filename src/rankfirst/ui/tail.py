"""Following a journal that another process writes: whole lines only, each once."""

import json
import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rankfirst.report.events import number

_MOST_BYTES: Final = 8 << 20  # read at once


@dataclass(frozen=True)
class Line:
    """One event as it was written, with what the report's `Event` leaves out."""

    number: int  # of the journal, from 1
    kind: str
    key: str
    at: str
    seconds: float | None  # the run had taken by then
    payload: dict[str, Any]


class Tail:
    """Reads on from where it stopped. A last line without its end is left until it is whole.

    Args: after: lines up to this number are passed over.
    """

    def __init__(self, journal: Path, after: int = 0) -> None:
        self.journal, self.after = journal, after
        self.number = 0  # of the last whole line that was passed
        self._offset, self._inode = 0, 0

    def read(self) -> tuple[list[Line], bool]:
        """(new lines, whether the journal was begun anew since the last look). Costs one stat when nothing is new."""
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
    """The event in a line, or None when it holds none. Args: at: its number."""
    try:
        told = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    if not isinstance(told, dict) or not isinstance(told.get("payload"), dict):
        return None
    kind, key, written = (str(told.get(name) or "") for name in ("kind", "key", "at"))
    return Line(at, kind, key, written, finite(told.get("seconds")), told["payload"])


def finite(value: Any) -> float | None:
    """A number that JSON can hold, or None."""
    told = number(value)
    return told if told is not None and math.isfinite(told) else None


def last_seconds(journal: Path) -> float | None:
    """How long the run had taken when it wrote its last whole line; None where it does not say."""
    try:
        with journal.open("rb") as file:
            lines = file.read().split(b"\n")[:-1]
    except OSError:
        return None
    line = parse(lines[-1], len(lines)) if lines else None
    return line.seconds if line else None
