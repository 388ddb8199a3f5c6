"""Server-sent events: new journal lines, state changes of the run, and a heartbeat in between."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from rankfirst.messages import LANGS
from rankfirst.report import tell
from rankfirst.ui.journal_tail import Line, Tail
from rankfirst.ui.run_row import State, state
from rankfirst.ui.scan import RunFolder

PACE: Final = 0.5  # seconds between polls of a journal (one stat each)
CALM: Final = 4  # polls between checks of the lock
HEARTBEAT: Final = 15.0  # seconds without an event before a comment is sent, so that a dead connection is noticed
MOST: Final = 32  # maximum number of followers at once


class Slots:
    """Limits the number of followers; each holds a connection and polls a file twice a second."""

    def __init__(self, most: int = MOST) -> None:
        self.most, self.taken = most, 0

    def take(self) -> bool:
        """Take a slot. Returns: whether one was free."""
        if self.taken >= self.most:
            return False
        self.taken += 1
        return True

    def free(self) -> None:
        """Return a slot."""
        self.taken -= 1


class Following(StreamingResponse):
    """A stream that returns its slot however it ends."""

    def __init__(self, content: AsyncIterator[str], slots: Slots) -> None:
        super().__init__(content, media_type="text/event-stream", headers={"x-accel-buffering": "no"})
        self._slots = slots

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Stream until the reader disconnects."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._slots.free()


async def follow(
    run_folder: RunFolder, after: int, pace: float = PACE, heartbeat: float = HEARTBEAT
) -> AsyncIterator[str]:
    """Stream a run's events from the line after `after` on, until the reader disconnects."""
    tail, finished = Tail(run_folder.journal, after), _finished(run_folder.journal)
    last_state: State | None = None
    last_sent, looks = time.monotonic(), 0
    yield "retry: 2000\n\n"
    while True:
        lines, anew = await asyncio.to_thread(tail.read)
        messages = [message("anew", {})] if anew else []
        finished = (finished and not anew) or any(line.kind == "result" for line in lines)
        messages += [step(line) for line in lines]
        if messages or looks % CALM == 0:
            current = await asyncio.to_thread(state, run_folder, finished)
            if current is not last_state:
                last_state = current
                messages.append(message("state", {"state": last_state.value}))
        looks += 1
        if messages:
            last_sent = time.monotonic()
            yield "".join(messages)
        elif time.monotonic() - last_sent > heartbeat:
            last_sent = time.monotonic()
            yield ": still here\n\n"
        await asyncio.sleep(pace)


def _finished(journal: Path) -> bool:
    return any(line.kind == "result" for line in Tail(journal).read()[0])


def step(line: Line) -> str:
    """A journal line as an event; its line number is the event id, so that a reconnecting reader resumes there."""
    sentences = _sentences(line)
    fields = {"line": line.number, "kind": line.kind, "key": line.key, "at": line.at, "seconds": line.seconds}
    return message("step", {**fields, "said": sentences}, line.number)


def _sentences(line: Line) -> dict[str, list[str]]:
    try:
        return {lang: tell(line.kind, line.key, line.payload, lang) for lang in LANGS}
    except Exception:  # one event without text must not end the stream; the page reports it
        return {lang: [] for lang in LANGS}


def message(name: str, fields: dict[str, Any], id: int | None = None) -> str:
    """One event of the stream. JSON contains no line breaks, so no value can terminate the event."""
    first = "" if id is None else f"id: {id}\n"
    return f"{first}event: {name}\ndata: {json.dumps(fields, ensure_ascii=True, allow_nan=False)}\n\n"
