"""ASGI middleware: reject a body over the limit before reading all of it, and count every answer."""

import contextlib
import json
from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rankfirst.server.schema import MOST_BYTES


class _TooLargeError(Exception):
    pass


class Limit:
    """Answers 413 if a request's body exceeds `most` bytes, by its header or while it is read."""

    def __init__(self, app: ASGIApp, count: Callable[[int], None], most: int = MOST_BYTES) -> None:
        """Args: count: called with the status of every answer under /v1/."""
        self.app, self.count, self.most = app, count, most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request, or the server's lifespan."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if str(scope["path"]).startswith("/v1/"):
            send = self._counted(send)
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if not declared.isdigit() or int(declared) > self.most:
            await self._refuse(send)
            return
        received = 0

        async def limited_receive() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self.most:
                raise _TooLargeError
            return message

        async def guarded_send(message: Message) -> None:
            if received <= self.most:  # drop what the routes answer to a truncated body
                await send(message)

        with contextlib.suppress(_TooLargeError):
            await self.app(scope, limited_receive, guarded_send)
        if received > self.most:
            await self._refuse(send)

    def _counted(self, send: Send) -> Send:
        async def counting_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.count(message["status"])
            await send(message)

        return counting_send

    async def _refuse(self, send: Send) -> None:
        body = json.dumps({"detail": f"a request may have at most {self.most} bytes"}).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 413, "headers": [*headers, (b"connection", b"close")]})
        await send({"type": "http.response.body", "body": body})
