"""Access control and security headers. ASGI middleware, so that event streams pass through unbuffered."""

import hmac
import ipaddress
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
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
MOST_BYTES: Final = 1 << 20  # of a form
MOST_UPLOAD: Final = 256 << 20  # of a form with a file
CSRF: Final = "rankfirst.csrf"  # key in the scope: the token that forms of this session must send


@dataclass(frozen=True)
class Guard:
    """Lets requests through that address this server and carry the token if there is one.

    A domain that an attacker resolves to this machine appears in `Host`, and is rejected; without this check its page
    could read everything here (DNS rebinding). With a token, the cookie serves the same purpose.

    A form of another site is rejected by its `Origin`, by the session cookie, which browsers do not send for it, and
    by the token derived from that cookie, which the routes check.
    """

    app: ASGIApp
    token: str | None = None  # None: loopback only, without a token
    cookie: str = "rankfirst"
    acts: bool = False  # False: GET and HEAD only
    secret: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, _with_headers(send))

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
        methods = ("GET", "HEAD", "POST") if self.acts else ("GET", "HEAD")
        if scope["method"] not in methods:
            words = "" if self.acts else "read only: "
            allowed = ", ".join(methods)
            await _answer(send, 405, words + allowed.replace(", HEAD", " and HEAD"), [(b"allow", allowed.encode())])
        elif self.token is None and not is_local(headers.get(b"host", "")):
            await _answer(send, 421, "this server answers requests to localhost only")
        elif self.token is not None and not self._authorised(headers):
            await self._enter(scope, send)
        elif scope["method"] == "HEAD" and scope["path"].endswith("/events"):
            await _answer(send, 405, "a stream needs GET", [(b"allow", b"GET")])
        elif scope["method"] == "POST":
            refused = _refused(headers)
            if refused is not None:
                await _answer(send, *refused)
            else:
                await self.app({**scope, CSRF: self._csrf(self._session(headers))}, receive, send)
        else:
            # The server drops the body of an answer to HEAD, so routes handle GET only.
            await self._show({**scope, "method": "GET"}, headers, receive, send)

    async def _show(self, scope: Scope, headers: dict[bytes, str], receive: Receive, send: Send) -> None:
        """Handle a request that changes nothing; one without a session gets one if the page acts."""
        if not self.acts:
            await self.app(scope, receive, send)
            return
        session = self._session(headers)
        new = "" if session else secrets.token_urlsafe(24)
        cookie = f"{self.cookie}-session={new}; Path=/; HttpOnly; SameSite=Strict"
        answer = _with(send, (b"set-cookie", cookie.encode())) if new else send
        await self.app({**scope, CSRF: self._csrf(session or new)}, receive, answer)

    def _session(self, headers: dict[bytes, str]) -> str:
        return _cookie(headers.get(b"cookie", ""), f"{self.cookie}-session")

    def _csrf(self, session: str) -> str:
        """The token of a session; "" without one, which no form may send."""
        return hmac.new(self.secret, session.encode(), "sha256").hexdigest() if session else ""

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


def _refused(headers: dict[bytes, str]) -> tuple[int, str] | None:
    """Why a POST is rejected, with its status: sent by another site, of unknown length, or too large."""
    host, origin = headers.get(b"host", ""), headers.get(b"origin")
    if origin is not None and origin not in (f"http://{host}", f"https://{host}"):
        return 403, "this form was sent by another site"
    if headers.get(b"sec-fetch-site", "same-origin") != "same-origin":
        return 403, "this form was sent by another site"
    length = headers.get(b"content-length", "")
    if not length.isdecimal():
        return 411, "a length is needed"
    most = MOST_UPLOAD if headers.get(b"content-type", "").startswith("multipart/") else MOST_BYTES
    if int(length) > most:
        return 413, f"at most {most >> 20} MiB"
    return None


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


def _with(send: Send, header: tuple[bytes, bytes]) -> Send:
    async def send_with(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", ()), header]}
        await send(message)

    return send_with


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
