"""What a request holds beside its body has a bound, whoever reads the wire."""

import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from rankfirst.server import http_protocol
from rankfirst.server.connections import Connections

uvicorn = pytest.importorskip("uvicorn")


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Answers with the size of the body."""
    size, more = 0, True
    while more:
        message = await receive()
        size, more = size + len(message.get("body", b"")), message.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(size).encode()})


@pytest.fixture(params=["httptools", "h11"])
def port(request: pytest.FixtureRequest) -> Iterator[int]:
    chosen = http_protocol.protocol() if request.param == "httptools" else "h11"
    if request.param == "httptools" and chosen == "h11":
        pytest.skip("httptools is not installed")
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, http=chosen, lifespan="off", ws="none", log_level="critical",
                                               h11_max_incomplete_event_size=http_protocol.MOST_HEAD))  # fmt: skip
        thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
        thread.start()
        try:
            while not server.started:
                time.sleep(0.01)
            yield bound.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join()


def told(port: int, *parts: bytes) -> bytes:
    """What comes back until the server closes, which it must; sending ends when it does."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as line:
        try:
            for part in parts:
                line.sendall(part)
        except ConnectionError:
            pass
        answer = b""
        try:
            while chunk := line.recv(65_536):
                answer += chunk
        except ConnectionError:
            pass
        return answer


def test_a_large_body_is_not_counted_as_head(port: int) -> None:
    size = 3_000_000
    head = b"POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: %d\r\n\r\n" % size
    assert told(port, head, b"x" * size).count(str(size).encode()) == 1
    chunks = [b"%x\r\n%s\r\n" % (8192, b"y" * 8192)] * 300
    head = b"POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n"
    assert told(port, head, *chunks, b"0\r\n\r\n").count(str(8192 * 300).encode()) == 1


@pytest.mark.parametrize("part", [b"a: b\r\n" * 1000, b"z" * 8000], ids=["many headers", "one without end"])
def test_an_endless_head_is_rejected(port: int, part: bytes) -> None:
    answer = told(port, b"GET / HTTP/1.1\r\nhost: x\r\nlong: ", *[part] * 400)
    assert not answer or answer.split()[1] in (b"400", b"431")  # closed while we still sent: nothing to read


def test_many_requests_on_one_connection_do_not_add_up(port: int) -> None:
    one = b"POST / HTTP/1.1\r\nhost: x\r\npad: " + b"p" * 1000 + b"\r\ncontent-length: 5\r\n\r\nhello"
    last = one.replace(b"host", b"connection: close\r\nhost")
    answer = told(port, *[one] * 150, last)
    assert answer.count(b"HTTP/1.1 200") == 151


def test_without_httptools_h11_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "uvicorn.protocols.http.httptools_impl", None)
    assert http_protocol.protocol() == "h11"
    assert "H11Protocol" in {each.__name__ for each in http_protocol.protocol(Connections()).__mro__}
