"""Server-sent events: each new line of a journal, what became of the run, and a heartbeat in between."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from rankfirst.report import tell
from rankfirst.ui.card import State, state
from rankfirst.ui.scan import Found
from rankfirst.ui.tail import Line, Tail
from rankfirst.words import LANGS

PACE: Final = 0.5  # seconds between two looks at a journal: one stat
CALM: Final = 4  # looks between two questions for the lock
HEARTBEAT: Final = 15.0  # seconds without an event before a comment is sent, so that a dead line is noticed
MOST: Final = 32  # who may follow at once


class Slots:
    """How many may follow at once; each holds a connection and looks at a file twice a second."""

    def __init__(self, most: int = MOST) -> None:
        self.most, self.taken = most, 0

    def take(self) -> bool:
        """One more, if there is room."""
        if self.taken >= self.most:
            return False
        self.taken += 1
        return True

    def free(self) -> None:
        """One fewer."""
        self.taken -= 1


class Following(StreamingResponse):
    """A stream that gives its slot back however it ends."""

    def __init__(self, content: AsyncIterator[str], slots: Slots) -> None:
        super().__init__(content, media_type="text/event-stream", headers={"x-accel-buffering": "no"})
        self._slots = slots

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The answer, until the reader leaves."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._slots.free()


async def follow(found: Found, after: int, pace: float = PACE, heartbeat: float = HEARTBEAT) -> AsyncIterator[str]:
    """The stream of a run, from the line after `after` on; it ends with its reader."""
    tail, finished = Tail(found.journal, after), _finished(found.journal)
    now: State | None = None
    spoken, looks = time.monotonic(), 0
    yield "retry: 2000\n\n"
    while True:
        lines, anew = await asyncio.to_thread(tail.read)
        told = [message("anew", {})] if anew else []
        finished = (finished and not anew) or any(line.kind == "result" for line in lines)
        told += [step(line) for line in lines]
        if told or looks % CALM == 0:
            seen = await asyncio.to_thread(state, found, finished)
            if seen is not now:
                now = seen
                told.append(message("state", {"state": now.value}))
        looks += 1
        if told:
            spoken = time.monotonic()
            yield "".join(told)
        elif time.monotonic() - spoken > heartbeat:
            spoken = time.monotonic()
            yield ": still here\n\n"
        await asyncio.sleep(pace)


def _finished(journal: Path) -> bool:
    return any(line.kind == "result" for line in Tail(journal).read()[0])


def step(line: Line) -> str:
    """A line of the journal as an event; its number is the event's id, so a reader that returns continues there."""
    said = _said(line)
    told = {"line": line.number, "kind": line.kind, "key": line.key, "at": line.at, "seconds": line.seconds}
    return message("step", {**told, "said": said}, line.number)


def _said(line: Line) -> dict[str, list[str]]:
    try:
        return {lang: tell(line.kind, line.key, line.payload, lang) for lang in LANGS}
    except Exception:  # an event that cannot be told must not end the stream; the page says what is wrong with it
        return {lang: [] for lang in LANGS}


def message(name: str, told: dict[str, Any], id: int | None = None) -> str:
    """One event of the stream. JSON holds no line break, so nothing in it can end the event."""
    first = "" if id is None else f"id: {id}\n"
    return f"{first}event: {name}\ndata: {json.dumps(told, ensure_ascii=True, allow_nan=False)}\n\n"
