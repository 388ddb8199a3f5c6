"""Bad requests to a real server process: bodies, headers, paths, and bytes that are no HTTP."""

import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import urllib.request
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from benchmarks.hostile import files, noise

SECONDS: Final = 20.0  # without an answer: a hang
Ask = Callable[[random.Random, str, int, int], int | None]
"""Random source, host, port, number of the case -> status; None: the server closed the connection without one."""


def groups(scale: float = 1.0) -> dict[str, tuple[int, Ask]]:
    """Name -> (how many, how to ask)."""
    bodies = files.drawn(files.JSONISH, max(1, round(120 * scale)))

    def body(rng: random.Random, host: str, port: int, n: int) -> int | None:
        sound: dict[str, Any] = {"texts": ["please block my card", "send"], "top_k": 2, "abstain": True}
        value = bodies[n % len(bodies)] if rng.random() < 0.4 else noise.spoiled_value(rng, sound)
        raw = noise.written(value)
        return _post(host, port, noise.spoiled(rng, raw) if rng.random() < 0.3 else raw, rng)

    made: dict[str, tuple[int, Ask]] = {
        "server: bodies": (160, body),
        "server: paths and headers": (80, _odd_path),
        "server: no HTTP": (80, _raw),
    }
    return {name: (max(1, round(count * scale)), ask) for name, (count, ask) in made.items()}


def play(run: Path, name: str, count: int, ask: Ask, seed: int) -> tuple[Counter[str], list[dict[str, object]]]:
    """Start a server, ask it, and see that it still answers."""
    command = [sys.executable, "-m", "rankfirst", "serve", str(run), "--port", "0"]
    found, faults = Counter[str](), list[dict[str, object]]()
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1", "RANKFIRST_LANG": "en"},
    ) as server:
        assert server.stdout is not None and server.stderr is not None
        line = server.stdout.readline()
        port = int("".join(c for c in line.split("127.0.0.1:")[1].split()[0] if c.isdigit()))
        for n in range(count):
            try:
                status = ask(random.Random(f"{seed} {name} {n}"), "127.0.0.1", port, n)
            except OSError as error:
                status = 0 if isinstance(error, TimeoutError) else None
            right = status is None or 200 <= status < 500 or status == 503
            found["answered" if status == 200 else "refused" if right else "faults"] += 1
            if not right:
                faults.append({"n": n, "fault": "hang" if status == 0 else f"status {status}"})
        if not _alive(port):
            faults.append({"n": count, "fault": "no longer answers"})
        server.send_signal(signal.SIGTERM)
        said = server.communicate(timeout=60)[1]
        if said.strip():
            faults.append({"n": count, "fault": "said", "stderr": said[-1500:]})
        if server.returncode not in (0, -signal.SIGTERM):
            faults.append({"n": count, "fault": f"ended with {server.returncode}"})
    return found, faults


def _alive(port: int) -> bool:
    asked = urllib.request.Request(
        f"http://127.0.0.1:{port}/v1/classify", b'{"texts": ["send"]}', {"content-type": "application/json"}
    )
    with urllib.request.urlopen(asked, timeout=SECONDS) as answer:
        return bool(json.load(answer)["answers"][0]["labels"])


def _post(host: str, port: int, raw: bytes, rng: random.Random) -> int | None:
    kinds = (
        "application/json",
        "application/json",
        "application/json",
        "text/plain",
        "multipart/form-data; boundary=x",
        "",
        "application/json; charset=utf-16",
        "application/x-www-form-urlencoded",
    )
    return _ask(host, port, "POST", "/v1/classify", raw, {"content-type": rng.choice(kinds)})


def _ask(host: str, port: int, method: str, path: str, raw: bytes, headers: dict[str, str]) -> int | None:
    link = http.client.HTTPConnection(host, port, timeout=SECONDS)
    try:
        link.putrequest(method, path, skip_host="host" in headers, skip_accept_encoding=True)
        for name, value in headers.items():
            link.putheader(name, value.encode("latin-1", "replace"))
        if "content-length" not in headers and "transfer-encoding" not in headers:
            link.putheader("content-length", str(len(raw)))
        link.endheaders(raw)
        status: int = link.getresponse().status
        return status
    except (http.client.HTTPException, BrokenPipeError, ConnectionResetError, ValueError):
        return None
    finally:
        link.close()


def _odd_path(rng: random.Random, host: str, port: int, n: int) -> int | None:
    path = rng.choice(
        (
            "/",
            "//",
            "/v1/classify/",
            "/v1/../../etc/passwd",
            "/%2e%2e/%2e%2e/etc/passwd",
            "/v1/labels%00",
            "/" + "a" * 9000,
            "/v1/classify?" + "a=1&" * 2000,
            "/metrics",
            "/healthz",
            "/readyz?x=%ff",
            "/docs",
            "/openapi.json",
            "/\u202e",
            "/v1/labels;x",
            "/.git/config",
            "/v1/classify#x",
        )
    )
    path = path.encode("ascii", "ignore").decode()
    headers = {
        rng.choice(
            (
                "x-a",
                "cookie",
                "authorization",
                "host",
                "accept",
                "expect",
                "upgrade",
                "connection",
                "range",
                "content-encoding",
                "x-forwarded-for",
                "content-length",
                "transfer-encoding",
            )
        ): rng.choice(
            (
                "",
                "x" * 5000,
                "Bearer ",
                "Basic ////",
                "100-continue",
                "websocket",
                "-1",
                "1e9",
                "gzip",
                "é",
                "bytes=0-",
                "close, keep-alive",
                "chunked",
                "5",
                "0",
            )
        )
    }
    if headers.get("content-length") == "5" or headers.get("transfer-encoding") == "chunked":
        headers = {"x-a": "b"}  # the server waits for what was promised, as it should
    method = rng.choice(("GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD", "TRACE", "PATCH", "FOO"))
    return _ask(host, port, method, path, b"{}" if method in ("POST", "PUT") else b"", headers)


def _raw(rng: random.Random, host: str, port: int, n: int) -> int | None:
    sound = (
        b"POST /v1/classify HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 19\r\n\r\n"
        b'{"texts": ["send"]}'
    )
    raw = noise.spoiled(rng, sound)
    with socket.create_connection((host, port), timeout=SECONDS) as link:
        link.sendall(raw)
        link.shutdown(socket.SHUT_WR)
        told = link.recv(4096)
    line = told.split(b"\r\n")[0].split()
    return int(line[1]) if len(line) > 1 and line[1].isdigit() else None
