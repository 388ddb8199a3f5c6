"""Discard what libraries print in a tracker's thread, so that the output of `--json` stays JSON."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from typing import Any


class _OtherThreads:
    """A stream that drops the output of one thread and forwards that of all others."""

    def __init__(self, stream: Any, dropped: int) -> None:
        self._stream, self._dropped = stream, dropped

    def write(self, text: str) -> int:
        return len(text) if threading.get_ident() == self._dropped else int(self._stream.write(text) or 0)

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self._stream, name)
        # During a progress bar rich writes past its own proxy, to the stream behind it.
        return _OtherThreads(attribute, self._dropped) if name == "rich_proxied_file" else attribute


@contextmanager
def hushed() -> Iterator[None]:
    """Discard what the calling thread prints to standard output; other threads are not affected."""
    with redirect_stdout(_OtherThreads(sys.stdout, threading.get_ident())):
        yield
