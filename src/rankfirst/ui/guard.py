"""Who may read, and what a browser may do with an answer. A plain ASGI layer: events pass through it unbuffered."""

import hmac
import ipaddress
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import Any, Final
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

HEADERS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
)
NOTHING: Final = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
_METHODS: Final = ("GET", "HEAD")


@dataclass(frozen=True)
class Guard:
    """Lets reading requests through that come for this very server, and with the token where there is one.

    A page that somebody else's domain resolves to this machine names that domain in `Host`, and is refused: without
    that check it could read everything here (DNS rebinding). With a token the cookie does the same.
    """

    app: App
    token: str | None = None  # None: on this machine only, no token
    cookie: str = "rankfirst"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, _with_headers(send))

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
        if scope["method"] not in _METHODS:
            await _answer(send, 405, "read only: GET and HEAD", [(b"allow", b"GET, HEAD")])
        elif self.token is None and not _local(headers.get(b"host", "")):
            await _answer(send, 421, "this server answers to localhost only")
        elif self.token is not None and not self._known(headers):
            await self._enter(scope, send)
        elif scope["method"] == "HEAD" and scope["path"].endswith("/events"):
            await _answer(send, 405, "a stream has no end: GET only", [(b"allow", b"GET")])
        else:
            # The server itself keeps the body of an answer to HEAD back; routes need not know of it.
            await self.app({**scope, "method": "GET"}, receive, send)

    def _known(self, headers: dict[bytes, str]) -> bool:
        bearer = headers.get(b"authorization", "").partition("Bearer ")[2]
        return self._right(bearer) or self._right(_cookie(headers.get(b"cookie", ""), self.cookie))

    def _right(self, given: str) -> bool:
        return hmac.compare_digest(given.encode(), (self.token or "").encode())

    async def _enter(self, scope: Scope, send: Send) -> None:
        """The token in the address becomes a cookie, and leaves the address."""
        asked = parse_qsl(scope["query_string"].decode("latin-1"))
        if not any(name == "token" and self._right(value) for name, value in asked):
            await _answer(send, 401, "the address with the token stands where rankfirst ui was started")
            return
        rest = urlencode([(name, value) for name, value in asked if name != "token"])
        here = "/" + quote(scope["path"].lstrip("/")) + (f"?{rest}" if rest else "")
        kept = f"{self.cookie}={self.token}; Path=/; HttpOnly; SameSite=Strict"
        await _answer(send, 303, "", [(b"location", here.encode()), (b"set-cookie", kept.encode())])


def _local(host: str) -> bool:
    """Whether a Host header names this machine by itself: no domain can be made to look like that."""
    try:
        name = urlsplit(f"//{host.strip()}").hostname
        return name == "localhost" or ipaddress.ip_address(name or "").is_loopback
    except ValueError:
        return False


def _cookie(told: str, name: str) -> str:
    try:
        found = SimpleCookie(told).get(name)
    except CookieError:
        return ""
    return found.value if found else ""


def _with_headers(send: Send) -> Send:
    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            told = list(message.get("headers", ()))
            there = {name.lower() for name, _ in told}
            message = {**message, "headers": told + [h for h in (*HEADERS, NOTHING) if h[0] not in there]}
        await send(message)

    return sent


async def _answer(send: Send, status: int, words: str, headers: Iterable[tuple[bytes, bytes]] = ()) -> None:
    told = [(b"content-type", b"text/plain; charset=utf-8"), *headers]
    await send({"type": "http.response.start", "status": status, "headers": told})
    await send({"type": "http.response.body", "body": f"{words}\n".encode() if words else b""})
