"""ASGI middleware: reject foreign hosts, and bodies over the limit before reading all of them; count every answer."""

import contextlib
import json
from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rankfirst.server.schema import MOST_BYTES
from rankfirst.ui.access import is_local


class _TooLargeError(Exception):
    pass


class Limit:
    """Answers 413 if a request's body exceeds `most` bytes, by its header or while it is read; 421 to another host.

    A domain that an attacker resolves to this machine appears in `Host`. Without this check its page could ask a server
    that needs no token, since it listens to this machine alone (DNS rebinding).
    """

    def __init__(
        self, app: ASGIApp, count: Callable[[int], None], most: int = MOST_BYTES, local_only: bool = False
    ) -> None:
        """Args: count: called with the status of every answer under /v1/. local_only: answer only to local hosts."""
        self.app, self.count, self.most, self.local_only = app, count, most, local_only

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
            await self._refuse_size(send)

    def _counted(self, send: Send) -> Send:
        async def counting_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.count(message["status"])
            await send(message)

        return counting_send

    async def _refuse_size(self, send: Send) -> None:
        await _refuse(send, 413, f"a request may have at most {self.most} bytes")


async def _refuse(send: Send, status: int, why: str) -> None:
    body = json.dumps({"detail": why}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": [*headers, (b"connection", b"close")]})
    await send({"type": "http.response.body", "body": body})
