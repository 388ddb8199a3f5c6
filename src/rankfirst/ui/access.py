"""Access control and security headers. ASGI middleware, so that event streams pass through unbuffered."""

import hmac
import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import Final
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send

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
    """Lets read-only requests through that address this server and carry the token if there is one.

    A domain that an attacker resolves to this machine appears in `Host`, and is rejected; without this check its page
    could read everything here (DNS rebinding). With a token, the cookie serves the same purpose.
    """

    app: ASGIApp
    token: str | None = None  # None: loopback only, without a token
    cookie: str = "rankfirst"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, _with_headers(send))

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
        if scope["method"] not in _METHODS:
            await _answer(send, 405, "read only: GET and HEAD", [(b"allow", b"GET, HEAD")])
        elif self.token is None and not is_local(headers.get(b"host", "")):
            await _answer(send, 421, "this server answers requests to localhost only")
        elif self.token is not None and not self._authorised(headers):
            await self._enter(scope, send)
        elif scope["method"] == "HEAD" and scope["path"].endswith("/events"):
            await _answer(send, 405, "a stream needs GET", [(b"allow", b"GET")])
        else:
            # The server drops the body of an answer to HEAD, so routes handle GET only.
            await self.app({**scope, "method": "GET"}, receive, send)

    def _authorised(self, headers: dict[bytes, str]) -> bool:
        bearer = headers.get(b"authorization", "").partition("Bearer ")[2]
        return self._matches_token(bearer) or self._matches_token(_cookie(headers.get(b"cookie", ""), self.cookie))

    def _matches_token(self, token: str) -> bool:
        return hmac.compare_digest(token.encode(), (self.token or "").encode())

    async def _enter(self, scope: Scope, send: Send) -> None:
        """Move the token from the query into a cookie, and redirect to the address without it."""
        query = parse_qsl(scope["query_string"].decode("latin-1"))
        if not any(name == "token" and self._matches_token(value) for name, value in query):
            await _answer(send, 401, "open the address with the token that rankfirst ui printed")
            return
        rest = urlencode([(name, value) for name, value in query if name != "token"])
        here = "/" + quote(scope["path"].lstrip("/")) + (f"?{rest}" if rest else "")
        cookie = f"{self.cookie}={self.token}; Path=/; HttpOnly; SameSite=Strict"
        await _answer(send, 303, "", [(b"location", here.encode()), (b"set-cookie", cookie.encode())])


def is_local(host: str) -> bool:
    """Whether a Host header is localhost or a loopback address, which no domain can imitate."""
    try:
        name = urlsplit(f"//{host.strip()}").hostname
        return name == "localhost" or ipaddress.ip_address(name or "").is_loopback
    except ValueError:
        return False


def _cookie(header: str, name: str) -> str:
    try:
        morsel = SimpleCookie(header).get(name)
    except CookieError:
        return ""
    return morsel.value if morsel else ""


def _with_headers(send: Send) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = list(message.get("headers", ()))
            there = {name.lower() for name, _ in headers}
            message = {**message, "headers": headers + [h for h in (*HEADERS, NOTHING) if h[0] not in there]}
        await send(message)

    return send_with_headers


async def _answer(send: Send, status: int, words: str, headers: Iterable[tuple[bytes, bytes]] = ()) -> None:
    all_headers = [(b"content-type", b"text/plain; charset=utf-8"), *headers]
    await send({"type": "http.response.start", "status": status, "headers": all_headers})
    await send({"type": "http.response.body", "body": f"{words}\n".encode() if words else b""})
