"""A client that costs little: HTTP/1.1 over kept connections, by hand, so that the server's time is what is measured.

A general client costs half a millisecond of CPU a request, and here it shares the server's cores.
"""

import asyncio
import json
import selectors
import time
from collections.abc import Coroutine, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any, TypeVar
from urllib.parse import urlsplit

import numpy as np

T = TypeVar("T")
KEPT = 20.0  # seconds that a connection may be idle: the server ends it after 30


@dataclass
class Seen:
    """What became of the requests of one stretch of time."""

    took: list[float] = field(default_factory=list)  # ms
    errors: int = 0
    seconds: float = 0.0

    def told(self) -> dict[str, float]:
        """As a row of a table."""
        p50, p99 = np.percentile(self.took, [50, 99]) if self.took else (np.nan, np.nan)
        return {"requests": len(self.took), "errors": self.errors, "p50_ms": round(float(p50), 2),
                "p99_ms": round(float(p99), 2), "worst_ms": round(max(self.took, default=np.nan), 1)}  # fmt: skip


class Connection(asyncio.Protocol):
    """One request at a time."""

    def __init__(self) -> None:
        self.read = b""
        self.answer: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self.transport: Any = None
        self.used = 0.0

    def connection_made(self, transport: Any) -> None:
        """Open."""
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Some of an answer."""
        self.read += data
        head, end, body = self.read.partition(b"\r\n\r\n")
        if not end or self.answer.done():
            return
        size = next(int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        if len(body) >= size:
            self.read = b""
            self.answer.set_result(int(head[9:12]))

    def connection_lost(self, exc: Exception | None) -> None:
        """Closed by the server: an error for whoever waits."""
        if not self.answer.done():
            self.answer.set_result(0)

    async def ask(self, request: bytes, seconds: float = 30.0) -> int:
        """The status; 0 where there is none."""
        if self.transport.is_closing():
            return 0
        self.answer = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        try:
            return int(await asyncio.wait_for(self.answer, seconds))
        except TimeoutError:
            self.transport.close()
            return 0


class Client:
    """Connections to one server, kept."""

    def __init__(self, address: str, texts: Sequence[str], paths: Sequence[str] = ("/v1/classify",)) -> None:
        """Args: texts, paths: asked in turns."""
        at = urlsplit(address)
        self.host, self.port = str(at.hostname), int(at.port or 80)
        self.idle: list[Connection] = []
        self.requests: Iterator[bytes] = map(self._request, cycle(texts), cycle(paths))

    def _request(self, text: str, path: str) -> bytes:
        body = json.dumps({"texts": [text]}).encode()
        head = (f"POST {path} HTTP/1.1\r\nhost: {self.host}:{self.port}\r\ncontent-type: application/json\r\n"
                f"content-length: {len(body)}\r\n\r\n")  # fmt: skip
        return head.encode() + body

    async def one(self, seen: Seen, due: float | None = None) -> None:
        """Ask for the next text. Its time counts from `due`, so that a queue in this client is no secret."""
        try:
            connection = self._kept() or await self._connect()
            began = due or time.perf_counter()
            status = await connection.ask(next(self.requests))
        except OSError:
            seen.errors += 1
            return
        seen.took.append(1000 * (time.perf_counter() - began))
        seen.errors += status != 200
        if status:
            connection.used = time.perf_counter()
            self.idle.append(connection)

    def _kept(self) -> Connection | None:
        """The one used last; none that the server may be about to close."""
        while self.idle:
            found = self.idle.pop()
            if not found.transport.is_closing() and time.perf_counter() - found.used < KEPT:
                return found
            found.transport.close()
        return None

    async def _connect(self) -> Connection:
        _, made = await asyncio.get_running_loop().create_connection(Connection, self.host, self.port)
        return made

    def close(self) -> None:
        """The connections; new ones are made as they are needed."""
        while self.idle:
            self.idle.pop().transport.close()

    async def paced(self, rate: float, seconds: float) -> Seen:
        """`rate` requests a second by a clock, whether or not others were answered."""
        seen, asked, began = Seen(seconds=seconds), set[asyncio.Task[None]](), time.perf_counter()
        for n in range(int(seconds * rate)):
            due = began + n / rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            task = asyncio.create_task(self.one(seen, due))
            asked.add(task)
            task.add_done_callback(asked.discard)
        await asyncio.gather(*asked)
        return seen

    async def free(self, connections: int, seconds: float) -> Seen:
        """As many as it answers, `connections` at a time."""
        seen, began = Seen(), time.perf_counter()

        async def keep() -> None:
            while time.perf_counter() < began + seconds and seen.errors < 100:
                await self.one(seen)

        await asyncio.gather(*(keep() for _ in range(connections)))
        seen.seconds = time.perf_counter() - began
        return seen


def play(what: Coroutine[Any, Any, T]) -> T:
    """Run it in a loop whose clock is finer than a millisecond, which that of epoll is not."""
    with asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(selectors.SelectSelector())) as runner:
        return runner.run(what)
