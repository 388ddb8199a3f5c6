"""Connections that make the server wait: each is cut in time and counted, and others are answered meanwhile."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("fastapi", reason="serving needs the extra serve (pip install -e '.[dev]')")
pytest.importorskip("prometheus_client", reason="serving needs the extra serve (pip install -e '.[dev]')")
import uvicorn
from starlette.testclient import TestClient

from rankfirst.errors import OptionError
from rankfirst.server import http_protocol, serve
from rankfirst.server.app import create
from rankfirst.server.connections import MOST, Connections, Patience, limits
from rankfirst.server.reload import Holder
from tests.server.test_server import Model

BODY = json.dumps({"texts": ["apple"]}).encode()
HEAD = b"POST /v1/classify HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
WHOLE = HEAD % len(BODY) + BODY


@pytest.fixture
def mark(tmp_path: Path) -> Path:
    path = tmp_path / "run" / "model" / "decision.json"
    path.parent.mkdir(parents=True)
    path.write_text("{}")
    return path


@contextlib.contextmanager
def serving(mark: Path, kind: str, connections: Connections, **more: Any) -> Iterator[int]:
    """The port of a server in a thread."""
    chosen = http_protocol.protocol(connections) if kind == "httptools" else http_protocol._h11(connections)
    app = create(Holder(Model, mark), connections=connections, **more)
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        server = uvicorn.Server(
            uvicorn.Config(app, http=chosen, ws="none", log_level="critical", timeout_keep_alive=99)
        )
        thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
        thread.start()
        try:
            while not server.started:
                time.sleep(0.01)
            yield bound.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join()


def opened(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=5)


def until_closed(line: socket.socket) -> bytes:
    """What comes until the server closes, which it must."""
    told = b""
    with contextlib.suppress(ConnectionError):
        while more := line.recv(65_536):
            told += more
    return told


def status(port: int, path: str = "/healthz") -> int:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as told:
        return int(told.status)


def cuts(port: int) -> dict[str, int]:
    page = urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5).read().decode()
    lines = [line for line in page.splitlines() if line.startswith("rankfirst_connections_cut_total{")]
    return {line.split('"')[1]: int(float(line.split()[-1])) for line in lines}


@pytest.mark.parametrize("kind", ["httptools", "h11"])
def test_a_connection_that_keeps_the_server_waiting_is_cut_and_counted(mark: Path, kind: str) -> None:
    quick = Patience(head=1, body=1, idle=1, answer=1)
    with serving(mark, kind, Connections(patience=quick)) as port, contextlib.ExitStack() as lines:
        silent, head, body, idle, early = (lines.enter_context(opened(port)) for _ in range(5))
        head.sendall(WHOLE[:30])
        body.sendall(WHOLE[:-3])
        idle.sendall(WHOLE)
        early.sendall(b"POST /nowhere HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\nx")  # answered before its body
        began = time.monotonic()
        for _ in range(3):  # drops of a head do not buy more time
            time.sleep(0.2)
            head.sendall(b"x")
        assert until_closed(silent) == b""
        assert until_closed(head).startswith(b"HTTP/1.1 408 ") and until_closed(body).startswith(b"HTTP/1.1 408 ")
        assert until_closed(idle).count(b"HTTP/1.1 ") == 1 and until_closed(early).startswith(b"HTTP/1.1 404 ")
        assert 0.8 < time.monotonic() - began < 20
        assert status(port) == 200
        assert cuts(port) == {"head": 2, "body": 2, "idle": 1, "answer": 0, "crowded": 0}


@pytest.mark.parametrize("kind", ["httptools", "h11"])
def test_drops_of_a_body_do_not_extend_its_time(mark: Path, kind: str) -> None:
    connections = Connections(patience=Patience(head=5, body=0.4, idle=5))
    with serving(mark, kind, connections) as port, opened(port) as line:
        line.sendall(HEAD % 1000)
        began = time.monotonic()
        with contextlib.suppress(ConnectionError):
            while time.monotonic() - began < 4:
                line.sendall(b"x")
                time.sleep(0.05)
        assert time.monotonic() - began < 2 and cuts(port)["body"] == 1


@pytest.mark.parametrize("kind", ["httptools", "h11"])
def test_requests_in_time_are_answered_however_many(mark: Path, kind: str) -> None:
    connections = Connections(patience=Patience(head=1, body=1, idle=1, answer=1))
    with serving(mark, kind, connections) as port, opened(port) as line:
        for _ in range(4):  # longer than any one limit, all together
            line.sendall(WHOLE[:-3])
            time.sleep(0.15)
            line.sendall(WHOLE[-3:])
            told = line.recv(65_536)
            while b'"answers"' not in told:
                told += line.recv(65_536)
            time.sleep(0.15)
        line.sendall(WHOLE * 5 + WHOLE.replace(b"host: x", b"host: x\r\nconnection: close"))
        assert until_closed(line).count(b"HTTP/1.1 200") == 6
        assert not any(cuts(port).values())


def test_an_answer_that_nobody_reads_is_cut(mark: Path) -> None:
    connections = Connections(patience=Patience(head=5, body=5, idle=5, answer=0.3))
    with serving(mark, "httptools", connections) as port, socket.socket() as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        line.connect(("127.0.0.1", port))
        texts = json.dumps({"texts": ["apple"] * 256, "top_k": 2}).encode()
        with contextlib.suppress(ConnectionError, TimeoutError):
            line.settimeout(2)
            line.sendall((HEAD % len(texts) + texts) * 300)
        for _ in range(50):
            if cuts(port)["answer"]:
                break
            time.sleep(0.1)
        assert cuts(port)["answer"] == 1


def test_too_many_silent_connections_close_the_longest_silent_and_others_are_answered(mark: Path) -> None:
    connections = Connections(most=20)
    with serving(mark, "httptools", connections) as port, contextlib.ExitStack() as lines:
        silent = [lines.enter_context(opened(port)) for _ in range(50)]
        assert status(port) == 200 and status(port, "/v1/labels") == 200
        assert until_closed(silent[0]) == b"" and cuts(port)["crowded"] >= 30
        assert connections.open <= 21


def test_limits_fit_into_the_files_that_the_system_allows() -> None:
    for allowed in (None, 70, 256, 1024, 4096, 1 << 20):
        most, ahead = limits(allowed)
        assert 1 <= most <= MOST and ahead >= 1 and (allowed is None or most + ahead <= max(2, allowed - 64))


def test_other_hosts_are_refused_where_no_token_is_needed(mark: Path) -> None:
    with TestClient(create(Holder(Model, mark), local_only=True), base_url="http://127.0.0.1:8771") as client:
        for host in ("127.0.0.1:8771", "localhost", "LOCALHOST:1", "[::1]:8771"):
            assert client.get("/v1/labels", headers={"host": host}).status_code == 200, host
        for host in ("evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80", "", "10.0.0.1"):
            told = client.get("/v1/labels", headers={"host": host})
            assert told.status_code == 421 and "detail" in told.json(), host


@pytest.mark.parametrize("token", ["s3cret\n", "s3 cret", "schlüssel", "密钥", "\u00a0", "a\tb", "a\x7f", "\udcff"])
def test_a_token_that_no_header_carries_is_refused_at_the_start(tmp_path: Path, token: str) -> None:
    def load() -> Any:
        raise AssertionError("before anything is loaded")

    with pytest.raises(OptionError) as refused:
        serve(tmp_path, load, port=0, token=token)
    assert refused.value.code == "serve.bad_token" and len(str(refused.value).splitlines()) == 1


PROCESS = """
import sys, resource
from pathlib import Path
resource.setrlimit(resource.RLIMIT_NOFILE, (256, int(sys.argv[2])))
from rankfirst.server import serve
from tests.server.test_server import Model
serve(Path(sys.argv[1]), Model, port=0, say=lambda at: print(at, flush=True))"""


@contextlib.contextmanager
def process(mark: Path, most_files: int) -> Iterator[tuple[str, int, int]]:
    """Address, port and process id of a server."""
    command = [sys.executable, "-c", PROCESS, str(mark.parent.parent), str(most_files)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        address = server.stdout.readline().strip()
        try:
            yield address, int(address.rpartition(":")[2]), server.pid
        finally:
            server.kill()


@pytest.mark.skipif(os.name != "posix", reason="limits of open files are of Unix")
@pytest.mark.parametrize(("most_files", "silent"), [(256, 300), (8192, 1100)])
def test_a_real_server_is_healthy_beside_silent_connections(mark: Path, most_files: int, silent: int) -> None:
    with process(mark, most_files) as (_, port, _), contextlib.ExitStack() as lines:
        for _ in range(silent):
            lines.enter_context(opened(port))
        began = time.monotonic()
        assert status(port) == 200 and status(port, "/v1/labels") == 200
        assert time.monotonic() - began < 10


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="no SIGHUP on this system")
def test_a_hang_up_reloads_and_the_server_goes_on(mark: Path) -> None:
    with process(mark, 256) as (_, port, pid):
        assert status(port) == 200  # it has begun
        os.kill(pid, signal.SIGHUP)
        for _ in range(60):
            page = urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5).read().decode()
            if "rankfirst_reloads 1.0" in page:
                return
            time.sleep(0.05)
        raise AssertionError("not reloaded")
