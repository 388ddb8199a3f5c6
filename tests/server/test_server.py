"""The server: answers, limits, refusals, a full queue, a new model while it answers, and a real process."""

import asyncio
import collections
import contextlib
import gc
import json
import os
import signal
import subprocess
import sys
import threading
import time
import tracemalloc
import urllib.request
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("fastapi", reason="serving needs the extra serve (pip install -e '.[dev]')")
pytest.importorskip("prometheus_client", reason="serving needs the extra serve (pip install -e '.[dev]')")
from starlette.testclient import TestClient

from rankfirst.errors import OptionError
from rankfirst.model.classifier import Reading
from rankfirst.server import serve
from rankfirst.server.app import create
from rankfirst.server.batching import Batcher, FullError
from rankfirst.server.reload import Holder
from rankfirst.server.schema import MOST_BYTES, MOST_CHARS, MOST_TEXTS


class Model:
    """Knows by the first letter; unsure of texts without one."""

    classes, multi_label, calibration = ("a", "b"), False, None

    def __init__(self, slow: float = 0.0) -> None:
        self.slow = slow
        self.batches: collections.deque[int] = collections.deque(maxlen=100)

    def read(self, texts: Sequence[str]) -> Any:
        self.batches.append(len(texts))
        time.sleep(self.slow)
        p = np.array([[0.9, 0.1] if t.startswith("a") else [0.2, 0.8] if t.startswith("b") else [0.5, 0.5]
                      for t in texts])  # fmt: skip
        return Reading(p, p, None)

    def answers(self, read: Any, abstain: bool = False) -> list[Any]:
        p = read.probabilities
        return [None if abstain and row.max() < 0.6 else self.classes[int(row.argmax())] for row in p]


@pytest.fixture
def mark(tmp_path: Path) -> Path:
    path = tmp_path / "run" / "model" / "decision.json"
    path.parent.mkdir(parents=True)
    path.write_text("{}")
    return path


@pytest.fixture
def client(mark: Path) -> Iterator[TestClient]:
    with TestClient(create(Holder(Model, mark))) as made:
        yield made


@contextlib.asynccontextmanager
async def lifespan(app: Any) -> AsyncIterator[None]:
    """An ASGI application that has begun, in this very loop."""
    told: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    said: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    life = asyncio.create_task(app({"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}, told.get, said.put))
    for event in ("startup", "shutdown"):
        await told.put({"type": f"lifespan.{event}"})
        assert (await said.get())["type"] == f"lifespan.{event}.complete"
        if event == "startup":
            yield
    await life


async def post(app: Any, body: bytes) -> int:
    """The status of a request to classify."""
    scope = {"type": "http", "method": "POST", "path": "/v1/classify", "raw_path": b"/v1/classify", "query_string": b"",
             "headers": [(b"content-type", b"application/json")], "http_version": "1.1", "scheme": "http",
             "root_path": "", "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 2), "state": {}}  # fmt: skip
    sent = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return int(sent[0]["status"])


def ask(client: TestClient, **asked: Any) -> Any:
    return client.post("/v1/classify", json=asked)


def test_answers_are_in_order_with_confidence_and_top_classes(client: TestClient) -> None:
    told = ask(client, texts=["apple", "bear", "cat"], top_k=1, abstain=True).json()
    assert [one["labels"] for one in told["answers"]] == [["a"], ["b"], []]
    assert [one["abstained"] for one in told["answers"]] == [False, False, True]
    assert told["answers"][1]["top"] == [{"label": "b", "probability": 0.8}]
    assert told["model"].startswith("run@")


@pytest.mark.parametrize(
    "asked",
    [{}, {"texts": []}, {"texts": ["x"] * (MOST_TEXTS + 1)}, {"texts": ["x" * (MOST_CHARS + 1)]}, {"texts": "x"},
     {"texts": [3]}, {"texts": ["x"], "top_k": -1}, {"texts": ["x"], "more": 1}],
    ids=str,
)  # fmt: skip
def test_an_invalid_request_is_422(client: TestClient, asked: dict[str, Any]) -> None:
    assert ask(client, **asked).status_code == 422


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_beyond_the_limit_is_413(client: TestClient, chunked: bool) -> None:
    body = b'{"texts": ["' + b"x" * MOST_BYTES + b'"]}'
    content: Any = (body[i : i + 65536] for i in range(0, len(body), 65536)) if chunked else body
    assert client.post("/v1/classify", content=content).status_code == 413


@pytest.mark.parametrize("body", [b"\xff\xfe", b"{", b"[" * 5000, b'{"texts": ["\\ud800"]}', b"null"])
def test_random_bytes_are_rejected_and_the_server_survives(client: TestClient, body: bytes) -> None:
    assert client.post("/v1/classify", content=body).status_code in (200, 422)
    assert ask(client, texts=["a"]).status_code == 200


def test_health_labels_metrics_and_the_schema(client: TestClient) -> None:
    ask(client, texts=["apple"])
    assert client.get("/healthz").json() == {"status": "alive"}
    assert client.get("/readyz").json()["status"] == "ready"
    assert client.get("/v1/labels").json() == ["a", "b"]
    ask(client, texts=[])
    client.get("/v1/classify")
    told = client.get("/metrics").text
    for status in ("200", "405", "422"):
        assert f'rankfirst_requests_total{{status="{status}"}}' in told
    assert 'rankfirst_labels_total{label="a"} 1.0' in told and "apple" not in told
    assert {"/v1/classify", "/readyz", "/metrics"} <= client.get("/openapi.json").json()["paths"].keys()
    assert client.get("/docs").status_code == 404


def test_a_token_is_required(mark: Path) -> None:
    with TestClient(create(Holder(Model, mark), token="s3cret")) as client:
        assert ask(client, texts=["a"]).status_code == 401
        for wrong in ("", "Bearer", "Bearer wrong", "Basic s3cret"):
            assert client.get("/metrics", headers={"authorization": wrong}).status_code == 401
        right = client.post("/v1/classify", json={"texts": ["a"]}, headers={"authorization": "Bearer s3cret"})
        assert right.status_code == 200 and client.get("/healthz").status_code == 200


def test_concurrent_requests_share_batches_and_a_full_queue_rejects() -> None:
    model = Model(slow=0.05)

    async def play() -> tuple[list[Any], int]:
        batcher = Batcher(lambda texts: (model.read(texts), "m"), most_waiting=20)
        batcher.start()
        found = await asyncio.gather(*(batcher.ask([t, t]) for t in "abababab"), return_exceptions=True)
        more = await asyncio.gather(*(batcher.ask(["a"] * 5) for _ in range(10)), return_exceptions=True)
        await batcher.stop()
        return found, sum(isinstance(one, FullError) for one in more)

    found, refused = asyncio.run(play())
    assert [read.probabilities.argmax(axis=1).tolist() for read, _ in found] == [[0, 0], [1, 1]] * 4
    assert len(model.batches) < 10 and refused == 6


def test_a_model_that_fails_answers_503_or_500_and_the_next_request_is_fine(mark: Path) -> None:
    class Moody(Model):
        def read(self, texts: Sequence[str]) -> Any:
            if "boom" in texts:
                raise RuntimeError
            return super().read(texts)

    with TestClient(create(Holder(Moody, mark)), raise_server_exceptions=False) as client:
        assert ask(client, texts=["boom"]).status_code == 500
        assert ask(client, texts=["a"]).status_code == 200


def test_a_full_queue_is_429_and_the_next_request_is_fine(mark: Path) -> None:
    with TestClient(create(Holder(lambda: Model(slow=0.2), mark), most_waiting=4)) as client:
        found: list[Any] = []
        asking = [threading.Thread(target=lambda: found.append(ask(client, texts=["a", "b"]))) for _ in range(8)]
        for thread in asking:
            thread.start()
        for thread in asking:
            thread.join()
        codes = [told.status_code for told in found]
        assert set(codes) == {200, 429}
        assert next(told for told in found if told.status_code == 429).headers["retry-after"] == "1"
        assert ask(client, texts=["a"]).status_code == 200


def test_a_new_model_takes_over_under_load_and_no_request_is_lost(mark: Path) -> None:
    class Named(Model):
        def __init__(self) -> None:
            super().__init__(slow=0.002)
            self.classes = (mark.read_text(), "b")

    mark.write_text("first")
    holder = Holder(Named, mark)
    with TestClient(create(holder), raise_server_exceptions=False) as client:
        found: list[Any] = []
        over = threading.Event()

        def keep() -> None:
            while not over.is_set():
                found.append(ask(client, texts=["a"]))

        asking = [threading.Thread(target=keep) for _ in range(4)]
        for thread in asking:
            thread.start()
        for name in ("second", "the third", "the very last"):
            time.sleep(0.1)
            mark.write_text(name)
            assert holder.reload_if_changed()
        time.sleep(0.1)
        over.set()
        for thread in asking:
            thread.join()
    assert {told.status_code for told in found} == {200}
    seen = {(told.json()["model"], told.json()["answers"][0]["labels"][0]) for told in found}
    assert len(seen) == len({model for model, _ in seen}) == 4  # no batch mixes one's name with another's labels


@pytest.mark.slow
def test_memory_stays_flat_over_thousands_of_requests(mark: Path) -> None:
    async def play() -> list[int]:
        seen: list[int] = []
        app = create(Holder(Model, mark))
        body = json.dumps({"texts": ["apple"] * 4, "top_k": 2}).encode()
        async with lifespan(app):
            tracemalloc.start()
            for n in range(3000):
                assert await post(app, body) == 200
                if n % 1000 == 999:
                    gc.collect()
                    seen.append(tracemalloc.get_traced_memory()[0])
        tracemalloc.stop()
        return seen

    first, *_, last = asyncio.run(play())
    assert last - first < 100_000  # bytes after 2,000 more requests


def test_too_slow_is_503(mark: Path) -> None:
    with TestClient(create(Holder(lambda: Model(slow=0.2), mark), seconds=0.05)) as client:
        told = ask(client, texts=["a"])
        assert told.status_code == 503 and told.headers["retry-after"] == "1"


def test_a_new_model_takes_over_and_a_broken_one_does_not(mark: Path) -> None:
    class Other(Model):
        classes = ("x", "y")

    made: list[Any] = [Model, Other, ZeroDivisionError]

    def load() -> Any:
        kind = made.pop(0)
        if not issubclass(kind, Model):
            raise kind
        return kind()

    holder = Holder(load, mark)
    first = holder.name
    assert not holder.reload_if_changed()
    for text, took_over in (("{ }", True), ("{  }", False)):
        mark.write_text(text)
        os.utime(mark, ns=(time.time_ns(), time.time_ns() + 10_000_000 * len(text)))
        assert holder.reload_if_changed() is took_over
    assert holder.model.classes == ("x", "y") and holder.name != first
    assert (holder.reloads, holder.failures) == (1, 1)


def test_serving_without_a_token_on_a_public_address_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="RANKFIRST_TOKEN"):
        serve(tmp_path, Model, host="0.0.0.0", port=0)


def test_a_real_process_answers_and_shuts_down_cleanly(mark: Path) -> None:
    code = f"""
from pathlib import Path
from rankfirst.server import serve
from tests.server.test_server import Model
serve(Path({str(mark.parent.parent)!r}), lambda: Model(slow=0.3), port=0, say=lambda at: print(at, flush=True))"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        address = server.stdout.readline().strip()
        body = json.dumps({"texts": ["apple"]}).encode()
        request = urllib.request.Request(f"{address}/v1/classify", body, {"content-type": "application/json"})
        for _ in range(100):
            try:
                urllib.request.urlopen(f"{address}/healthz", timeout=5).read()
                break
            except OSError:
                time.sleep(0.1)
        found: list[Any] = []
        asking = threading.Thread(target=lambda: found.append(json.load(urllib.request.urlopen(request, timeout=10))))
        asking.start()
        time.sleep(0.1)
        server.send_signal(signal.SIGTERM)  # while it computes
        asking.join()
        assert server.wait(20) in (0, -signal.SIGTERM)
    assert found[0]["answers"][0]["labels"] == ["a"]


def test_answers_are_sent_at_once() -> None:
    import socket

    from rankfirst.ui.start import bind

    bound, local = bind("127.0.0.1", 0)
    with bound:
        assert local and bound.proto == socket.IPPROTO_TCP  # asyncio sets TCP_NODELAY for no other
