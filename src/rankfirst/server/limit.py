"""What stands before the routes: a body over the limit is refused before its end, and every answer is counted."""

import contextlib
import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from rankfirst.server.shape import MOST_BYTES

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


class _TooLargeError(Exception):
    pass


class Limit:
    """Answers 413 where a request's body is, or says it is, over `most` bytes. A plain ASGI layer."""

    def __init__(self, app: App, count: Callable[[int], None], most: int = MOST_BYTES) -> None:
        """Args: count: is told the status of every answer under /v1/."""
        self.app, self.count, self.most = app, count, most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, or the life of the server."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if str(scope["path"]).startswith("/v1/"):
            send = self._counted(send)
        said = dict(scope["headers"]).get(b"content-length", b"0")
        if not said.isdigit() or int(said) > self.most:
            await self._refuse(send)
            return
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self.most:
                raise _TooLargeError
            return message

        async def told(message: Message) -> None:
            if seen <= self.most:  # else whatever the routes make of a torn body
                await send(message)

        with contextlib.suppress(_TooLargeError):
            await self.app(scope, counted, told)
        if seen > self.most:
            await self._refuse(send)

    def _counted(self, send: Send) -> Send:
        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.count(message["status"])
            await send(message)

        return told

    async def _refuse(self, send: Send) -> None:
        body = json.dumps({"detail": f"a request may have {self.most} bytes"}).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 413, "headers": [*headers, (b"connection", b"close")]})
        await send({"type": "http.response.body", "body": body})
