"""All runs at hand: scanned now and then, each journal read again only when it has changed."""

import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from rankfirst.ui.card import Card, State, card, state
from rankfirst.ui.scan import Found, scan

_FRESH: Final = 2.0  # seconds: however many pages ask, the folders are walked no more often


class Shelf:
    """The runs below some folders. Safe to be asked from several threads."""

    def __init__(self, roots: Sequence[Path]) -> None:
        self.roots = tuple(roots)
        self._lock = threading.Lock()
        self._found: dict[str, Found] = {}
        self._looked = float("-inf")
        self._cards: dict[str, tuple[tuple[int, int], Card]] = {}

    def find(self, id: str) -> Found | None:
        """The run with that id, if a scan has met it."""
        return self._runs().get(id) or self._runs(again=True).get(id)

    def cards(self) -> list[Card]:
        """Every run, the one that was active last first."""
        told = [self.card(found) for found in self._runs().values()]
        return sorted(told, key=lambda c: (c.updated, c.name), reverse=True)

    def card(self, found: Found) -> Card:
        """The row of a run as it is now."""
        try:
            stat = found.journal.stat()
            mark = (stat.st_size, stat.st_mtime_ns)
        except OSError:
            mark = (-1, -1)
        with self._lock:
            known = self._cards.get(found.id)
        if known is None or known[0] != mark:
            known = (mark, card(found))
            with self._lock:
                self._cards[found.id] = known
        told = known[1]
        if told.state in (State.RUNNING, State.INTERRUPTED):  # the lock changes hands without a line in the journal
            return replace(told, state=state(found, False))
        return told

    def _runs(self, again: bool = False) -> dict[str, Found]:
        with self._lock:
            late = time.monotonic() - self._looked
            if late > _FRESH or (again and late > _FRESH / 4):
                self._found = {found.id: found for found in scan(self.roots)}
                self._cards = {id: told for id, told in self._cards.items() if id in self._found}
                self._looked = time.monotonic()
            return self._found
