"""The progress of a command for another process, such as the local page: a `View` in a file that is replaced."""

import json
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from rankfirst.engine.base import Pulse
from rankfirst.errors import RecordError
from rankfirst.measure.disk import write_whole
from rankfirst.progress.run_state import Board, View
from rankfirst.records import from_json, to_json

VARIABLE: Final = "RANKFIRST_PROGRESS"  # environment variable: the file; unset: nothing is written
EVERY: Final = 1.0  # seconds between writes


class Shared:
    """The callbacks of a run, which write its `View` to a file now and then; they do nothing without a file."""

    def __init__(self, file: Path | None, board: Board, now: Callable[[], float] = time.monotonic) -> None:
        self.file, self.board, self.now, self.written = file, board, now, -EVERY

    @classmethod
    def as_asked(cls, board: Board) -> "Shared":
        """Into the file that the environment names."""
        named = os.environ.get(VARIABLE)
        return cls(Path(named) if named else None, board)

    def event(self, event: Mapping[str, Any]) -> None:
        """A line of the journal."""
        if self.file is not None:
            self.board.event(event)
            self._write(self.file)

    def tick(self, what: str, done: int, total: int) -> None:
        """Progress of a step."""
        if self.file is not None:
            self.board.tick(what, done, total)
            self._write(self.file)

    def pulse(self, pulse: Pulse) -> None:
        """A loss or a score of the current training."""
        if self.file is not None:
            self.board.pulse(pulse)

    def _write(self, file: Path) -> None:
        if self.now() - self.written < EVERY:
            return
        self.written = self.now()
        try:
            write_whole(file, json.dumps(to_json(replace(self.board.view(), losses=()))))
        except OSError:  # nobody can look any more, which must not end the run
            self.file = None


def read(file: Path) -> View | None:
    """The latest state in a file, with the time since it was written; None if there is none."""
    try:
        view: View = from_json(View, json.loads(file.read_text(encoding="utf-8")))
        age = max(0.0, time.time() - file.stat().st_mtime)
    except (OSError, ValueError, RecordError):
        return None
    return replace(view, elapsed=view.elapsed + age) if view.stage in view.stages else None
