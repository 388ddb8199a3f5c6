"""Libraries that print: what they say from a tracker's thread is dropped, so that `--json` stays JSON."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from typing import Any


class _Others:
    """A stream that passes on what every thread but one writes."""

    def __init__(self, stream: Any, dropped: int) -> None:
        self._stream, self._dropped = stream, dropped

    def write(self, text: str) -> int:
        return len(text) if threading.get_ident() == self._dropped else int(self._stream.write(text) or 0)

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._stream, name)
        # Beside a progress bar rich writes past its own stand-in for standard output, to the stream behind it.
        return _Others(found, self._dropped) if name == "rich_proxied_file" else found


@contextmanager
def hushed() -> Iterator[None]:
    """Nothing that the calling thread prints reaches standard output meanwhile; other threads are not touched."""
    with redirect_stdout(_Others(sys.stdout, threading.get_ident())):
        yield
