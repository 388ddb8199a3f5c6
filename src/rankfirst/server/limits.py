"""ASGI middleware: reject foreign hosts, large bodies, and what would take long to parse; count every answer."""

import contextlib
import json
from collections.abc import Callable, Sequence
from typing import Any, Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rankfirst.server.schema import MOST_BYTES, MOST_TEXTS
from rankfirst.ui.access import is_local

MOST_PARTS: Final = 2 * MOST_TEXTS + 88  # quotes, or commas and brackets outside of strings, of a request
MOST_HELD: Final = 256_000_000  # bytes of all bodies that have arrived and were not answered


class _TooLargeError(Exception):
    pass


class _BusyError(Exception):
    pass


class Limit:
    """Answers 413 if a request's body exceeds `most` bytes, by its header or while it is read; 421 to another host.

    A body to classify is read whole and refused if it has more parts than a request may have (422): nothing else runs
    while a document is parsed, and 4 MB of keys or brackets take a second or two, where 4 MB of texts take 10 ms.

    A domain that an attacker resolves to this machine appears in `Host`. Without this check its page could ask a server
    that needs no token, since it listens to this machine alone (DNS rebinding).
    """

    def __init__(
        self, app: ASGIApp, count: Callable[[int], None], most: int = MOST_BYTES, local_only: bool = False
    ) -> None:
        """Args: count: called with the status of every answer under /v1/. local_only: answer only to local hosts."""
        self.app, self.count, self.most, self.local_only = app, count, most, local_only
        self.held = 0  # bytes of bodies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request, or the server's lifespan."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if str(scope["path"]).startswith("/v1/"):
            send = self._counted(send)
        hosts = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
        if self.local_only and not (hosts and all(map(is_local, hosts))):
            await _refuse(send, 421, "this server answers requests to localhost only")
            return
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if not declared.isdigit() or int(declared) > self.most:
            await self._refuse_size(send)
            return
        body = _Body(self, receive)
        with contextlib.suppress(_TooLargeError, _BusyError):
            try:
                if (
                    scope["method"] == "POST"
                    and str(scope["path"]).endswith("/classify")
                    and not await body.plausible()
                ):
                    await _refuse(send, 422, _FLAW)
                    return
                await self.app(scope, body.receive, body.guarded(send))
            finally:
                self.held -= body.received
        if body.received > self.most:
            await self._refuse_size(send)
        elif body.refused:
            await _refuse(send, 503, "too many large requests; try again in a second", [(b"retry-after", b"1")])

    def _counted(self, send: Send) -> Send:
        async def counting_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.count(message["status"])
            await send(message)

        return counting_send

    async def _refuse_size(self, send: Send) -> None:
        await _refuse(send, 413, f"a request may have at most {self.most} bytes")


_FLAW: Final = [{"type": "too_long", "loc": ["body"], "msg": f"a request may have at most {MOST_TEXTS} texts"}]


class _Body:
    """The body of one request, while it is read."""

    def __init__(self, limit: Limit, receive: Receive) -> None:
        self.limit, self._receive = limit, receive
        self.received, self.refused = 0, False  # refused: there is no room for it
        self._read: list[Message] = []  # read, and to be received by the routes

    async def receive(self) -> Message:
        """As of ASGI. Raises: _TooLargeError, _BusyError."""
        return self._read.pop(0) if self._read else await self._next()

    async def plausible(self) -> bool:
        """Read it whole. Returns: whether it has no more parts than a request may have. Raises: as `receive`."""
        parts: list[bytes] = []
        while True:
            message = await self._next()
            if message["type"] != "http.request":
                self._read.append(message)
                return True
            parts.append(message.get("body", b""))
            if not message.get("more_body", False):
                break
        whole = b"".join(parts)
        self._read.append({"type": "http.request", "body": whole, "more_body": False})
        return plausible(whole)

    def guarded(self, send: Send) -> Send:
        """Drop what the routes answer to a body that was not read to its end."""

        async def guarded_send(message: Message) -> None:
            if self.received <= self.limit.most and not self.refused:
                await send(message)

        return guarded_send

    async def _next(self) -> Message:
        message = await self._receive()
        size = len(message.get("body", b""))
        self.received, self.limit.held = self.received + size, self.limit.held + size
        if self.received > self.limit.most:
            raise _TooLargeError
        if self.limit.held > MOST_HELD:
            self.refused = True
            raise _BusyError
        return message


def plausible(body: bytes) -> bool:
    """Whether a JSON document has at most MOST_PARTS strings, and as many commas and brackets outside of strings."""
    if body.count(b'"') - body.count(b'\\"') > MOST_PARTS:  # a string has two, at most one of them behind a backslash
        return False
    outside = b"".join(body.replace(b"\\\\", b"").replace(b'\\"', b"").split(b'"')[::2])
    return sum(map(outside.count, (b",", b"[", b"{"))) <= MOST_PARTS


async def _refuse(send: Send, status: int, why: Any, more: Sequence[tuple[bytes, bytes]] = ()) -> None:
    body = json.dumps({"detail": why}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode()), *more]
    await send({"type": "http.response.start", "status": status, "headers": [*headers, (b"connection", b"close")]})
    await send({"type": "http.response.body", "body": body})
