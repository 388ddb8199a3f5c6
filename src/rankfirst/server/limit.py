"""A body larger than allowed is refused before it is read to its end. A plain ASGI layer."""

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
    """Answers 413 where a request's body is, or says it is, over `most` bytes."""

    def __init__(self, app: App, most: int = MOST_BYTES) -> None:
        self.app, self.most = app, most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, or the life of the server."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
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

    async def _refuse(self, send: Send) -> None:
        body = json.dumps({"detail": f"a request may have {self.most} bytes"}).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 413, "headers": [*headers, (b"connection", b"close")]})
        await send({"type": "http.response.body", "body": body})
