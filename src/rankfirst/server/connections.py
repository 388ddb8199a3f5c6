"""How long a connection may keep the server waiting, and which one is closed when there are too many."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

MOST: Final = 2048  # open connections, if the system allows as many files
RESERVED: Final = 64  # open files kept for everything else: models, sockets that listen, the journal of a reload
FILES: Final = 8192  # open files to ask the system for; macOS starts programs with 256
REASONS: Final = ("head", "body", "idle", "answer", "crowded")
LATE: Final = (
    b"HTTP/1.1 408 Request Timeout\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: 25\r\n"
    b"connection: close\r\n\r\nThe request is too slow.\n"
)


@dataclass(frozen=True)
class Patience:
    """Seconds that a connection waits for its client. Limits are absolute: a byte a second does not extend them."""

    head: float = 10.0  # from connecting, or from the first byte of a further request, to the end of its head
    body: float = 30.0  # from the end of the head to the end of the body
    idle: float = 30.0  # between an answer and the next request
    answer: float = 30.0  # for the client to read an answer that does not fit into the system's buffers


@dataclass(eq=False)
class Connections:
    """All open connections of a server."""

    most: int = MOST
    patience: Patience = Patience()
    on_cut: Callable[[str], None] = lambda reason: None  # called with one of REASONS for every connection that was cut
    open: int = 0
    waiting: dict[Any, None] = field(default_factory=dict)  # those that wait for their client, longest first

    def wait(self, connection: Any) -> None:
        """The connection waits for its client from now on."""
        self.waiting.pop(connection, None)
        self.waiting[connection] = None

    def leave(self, connection: Any) -> None:
        """The connection no longer waits for its client."""
        self.waiting.pop(connection, None)

    def make_room(self) -> None:
        """Above the limit, cut the connection that has waited longest."""
        if self.open > self.most and self.waiting:
            next(iter(self.waiting)).cut("crowded")


def files() -> int | None:
    """Files that this process may open, after asking the system for more; None if it does not say."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if hard == resource.RLIM_INFINITY else min(hard, FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        except (OSError, ValueError):
            return int(soft)
        return int(wanted)
    return FILES if soft == resource.RLIM_INFINITY else int(soft)


def limits(allowed: int | None) -> tuple[int, int]:
    """(most open connections, most that the system accepts ahead) for a number of files; together they fit into it."""
    room = 2 * MOST if allowed is None else max(2, allowed - RESERVED)
    ahead = min(MOST // 2, room // 2)
    return min(MOST, room - ahead), ahead


class Timed(asyncio.Protocol):
    """A mixin for uvicorn's protocols that applies a `Patience`.

    A subclass says in `part` which part of a request its parser is in, and calls `settle` once an answer was written.
    Timers are set when data has been parsed or an answer was written, so a request that arrives at once sets one.
    """

    watch: Connections  # set by the subclass

    transport: Any
    flow: Any
    cycle: Any
    _waits: tuple[str, Any] = ("", None)  # (what it waits for, the request before)
    _timer: asyncio.TimerHandle | None = None
    _unread: asyncio.TimerHandle | None = None
    _cut = False

    def part(self) -> str:
        """ "head" or "body" if such a part has begun and not ended, else ""."""
        raise NotImplementedError

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Open."""
        super().connection_made(transport)
        self.watch.open += 1
        self.settle()
        self.watch.make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        """Closed."""
        self.watch.open -= 1
        self.watch.leave(self)
        self._stop()
        self.resume_writing()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Some of a request."""
        super().data_received(data)
        self.settle()

    def pause_writing(self) -> None:
        """The client reads more slowly than the answer is written."""
        super().pause_writing()
        if self._unread is None:
            self._unread = self._later(self.watch.patience.answer, "answer")

    def resume_writing(self) -> None:
        """The client has read it."""
        super().resume_writing()
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None

    def cut(self, reason: str) -> None:
        """Close now. Args: reason: one of REASONS."""
        if not self._cut:
            self._cut = True
            self.watch.leave(self)
            self.watch.on_cut(reason)
        if not self.transport.is_closing():
            if reason in ("head", "body") and self.part() and (reason == "head" or not self.cycle.response_started):
                self.transport.write(LATE)
            self.transport.close()
        if self.transport.get_write_buffer_size():  # closing would wait until the client reads
            self.transport.abort()

    def _busy(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def settle(self) -> None:
        """Set the timer for what the connection waits for now, unless it runs already."""
        part = self.part()
        if self.transport.is_closing():
            waits = "answer" if self.transport.get_write_buffer_size() else ""
        elif part or not self._busy():
            waits = part or ("idle" if self.cycle is not None else "head")
        else:
            waits = ""
        if (waits, self.cycle) != self._waits:
            self._waits = (waits, self.cycle)
            self._stop()
            if waits:
                self.watch.wait(self)
                self._timer = self._later(getattr(self.watch.patience, waits), waits)
            else:
                self.watch.leave(self)

    def _later(self, seconds: float, reason: str) -> asyncio.TimerHandle:
        return asyncio.get_running_loop().call_later(seconds, self._late, reason)

    def _late(self, reason: str) -> None:
        # A pipelined request may be behind one that is being answered: that is not its client's fault.
        if reason in ("head", "body") and (self.flow.read_paused or (self._busy() and reason == "head")):
            self._timer = self._later(getattr(self.watch.patience, reason), reason)
        else:
            self.cut(reason)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
