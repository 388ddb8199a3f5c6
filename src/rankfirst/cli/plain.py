"""The output of a run as plain lines: the verdict only, all events with progress, or JSON for a program."""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.cells import cell_len
from rich.console import Console

from rankfirst.cli.panel import GAP
from rankfirst.cli.progress import Lines
from rankfirst.engine.base import Pulse
from rankfirst.messages import Lang, say
from rankfirst.progress.run_state import Board
from rankfirst.progress.words import left_words
from rankfirst.report import Brief, Row, tell, titles
from rankfirst.report.text_layout import padded


def animated(console: Console) -> bool:
    """Whether lines can be redrawn: on a real terminal that is not "dumb", even if FORCE_COLOR is set."""
    return console.file.isatty() and console.is_terminal and not console.is_dumb_terminal


class Quiet:
    """Prints the verdict and the path of the report."""

    def __init__(self, console: Console, lang: Lang) -> None:
        self.console, self.lang = console, lang

    def event(self, event: Mapping[str, Any]) -> None:
        if event["kind"] in ("verdict", "versus"):
            self._print(tell(event["kind"], "", event["payload"], self.lang)[0])

    def tick(self, what: str, done: int, total: int) -> None: ...

    def pulse(self, pulse: Pulse) -> None: ...

    def end(self, folder: Path, summary: Mapping[str, Any]) -> None:
        self._print(say("cli.report_at", self.lang, path=str(folder / "report.html")))

    def _print(self, line: str) -> None:
        self.console.print(line, markup=False)


class Log(Quiet):
    """Prints a run in sections of a few lines, or every event with its evidence, and progress from time to time.

    Args: verbose: every event.
    """

    def __init__(self, console: Console, lang: Lang, board: Board | None = None, verbose: bool = False) -> None:
        super().__init__(console, lang)
        self.board = board or Board()
        self.verbose = verbose
        self.lines = Lines(console, lang, self._left, lambda: self._column() if self.section else 0)
        self.brief, self.section = Brief(), ""

    def event(self, event: Mapping[str, Any]) -> None:
        self.board.event(event)
        if self.verbose:
            self._tell(event["kind"], tell(event["kind"], event["key"], event["payload"], self.lang))
        else:
            self._rows(self.brief.rows(event["kind"], event["key"], event["payload"]))

    def _print(self, line: str) -> None:
        super()._print(line)
        self.lines.interrupted()

    def end(self, folder: Path, summary: Mapping[str, Any]) -> None:
        if self.verbose:
            super().end(folder, summary)
        else:
            self._rows(self.brief.end(folder))

    def tick(self, what: str, done: int, total: int) -> None:
        self.board.tick(what, done, total)
        self.lines(what, done, total)

    def pulse(self, pulse: Pulse) -> None:
        self.board.pulse(pulse)

    def _tell(self, kind: str, lines: Sequence[str]) -> None:
        for line in lines:
            self._print(line)

    def _rows(self, rows: Sequence[Row]) -> None:
        for row in rows:
            title = titles(self.lang)[row.section] if row.section != self.section else ""
            self.section = row.section
            self._row(padded(title, self._column()), row)

    def _row(self, title: str, row: Row) -> None:
        self._print(title + row.words[self.lang])

    def _column(self) -> int:
        """Cells of the names of sections, in front of their lines."""
        return max(map(cell_len, titles(self.lang).values())) + len(GAP)

    def _left(self) -> str:
        view = self.board.view()
        step = None if view.step_left is None else (view.step_left, view.step_left)
        parts = [left_words(step, self.lang)]
        if run := left_words(view.left, self.lang):
            parts.append(say("live.in_all", self.lang, left=run))
        return say("live.and", self.lang).join(filter(None, parts))


class Program:
    """Writes one JSON object per line, each flushed at once; the last one is the result."""

    def __init__(self, write: Callable[[str], object] | None = None) -> None:
        self.write = write or _line
        self.ascii_only = not (sys.stdout.encoding or "").lower().startswith("utf")

    def event(self, event: Mapping[str, Any]) -> None:
        self.write(json.dumps(event, ensure_ascii=self.ascii_only))

    def tick(self, what: str, done: int, total: int) -> None: ...

    def pulse(self, pulse: Pulse) -> None: ...

    def end(self, folder: Path, summary: Mapping[str, Any]) -> None:
        self.write(json.dumps({"kind": "done", **summary}, ensure_ascii=self.ascii_only))


def _line(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
