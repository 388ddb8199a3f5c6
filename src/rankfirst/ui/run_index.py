"""A cache of all runs: folders are rescanned at intervals, and a journal is read again only if it has changed."""

import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from rankfirst.ui import notes
from rankfirst.ui.run_row import Card, State, card, state
from rankfirst.ui.scan import RunFolder, scan

_FRESH: Final = 2.0  # minimum seconds between scans, however many pages are requested


class RunIndex:
    """The runs below some folders. Thread-safe."""

    def __init__(self, roots: Sequence[Path]) -> None:
        self.roots = tuple(roots)
        self._lock = threading.Lock()
        self._folders: dict[str, RunFolder] = {}
        self._scanned_at = float("-inf")
        self._cards: dict[str, tuple[tuple[int, int, int], Card]] = {}

    def find(self, id: str) -> RunFolder | None:
        """The run with that id, if a scan has found it."""
        return self._runs().get(id) or self._runs(again=True).get(id)

    def cards(self) -> list[Card]:
        """Every run, most recently active first."""
        cards = [self.card(run_folder) for run_folder in self._runs().values()]
        return sorted(cards, key=lambda c: (c.updated, c.name), reverse=True)

    def card(self, run_folder: RunFolder) -> Card:
        """The current card of a run."""
        try:
            stat = run_folder.journal.stat()
            mark = (stat.st_size, stat.st_mtime_ns, notes.stamp(run_folder.folder))
        except OSError:
            mark = (-1, -1, -1)
        with self._lock:
            cached = self._cards.get(run_folder.id)
        if cached is None or cached[0] != mark:
            cached = (mark, replace(card(run_folder), notes=notes.read(run_folder.folder)))
            with self._lock:
                self._cards[run_folder.id] = cached
        current = cached[1]
        if current.state in (State.RUNNING, State.INTERRUPTED):  # the lock can change hands without a new journal line
            return replace(current, state=state(run_folder, False))
        return current

    def _runs(self, again: bool = False) -> dict[str, RunFolder]:
        with self._lock:
            late = time.monotonic() - self._scanned_at
            if late > _FRESH or (again and late > _FRESH / 4):
                self._folders = {run_folder.id: run_folder for run_folder in scan(self.roots)}
                self._cards = {id: cached for id, cached in self._cards.items() if id in self._folders}
                self._scanned_at = time.monotonic()
            return self._folders
