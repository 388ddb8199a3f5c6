"""Long requests in pieces: short ones overtake, a deadline ends them, one model answers all of one, in order."""

import asyncio
import json
import threading
import time
import weakref
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("fastapi", reason="serving needs the extra serve (pip install -e '.[dev]')")
pytest.importorskip("prometheus_client", reason="serving needs the extra serve (pip install -e '.[dev]')")
from starlette.testclient import TestClient

from rankfirst.model.classifier import Reading
from rankfirst.server.app import create
from rankfirst.server.batching import PIECE, SHORT, Batcher, FullError, tokens
from rankfirst.server.reload import Holder
from tests.server.test_server import Model

LONG = "word " * 1000


class Timed:
    """Takes time for tokens; reads the number at the start of a text."""

    def __init__(self, per_token: float = 0.0) -> None:
        self.per_token = per_token
        self.seen: list[list[str]] = []
        self.asked: list[str] = []
        self.name = "old"

    def answer(self, texts: Sequence[str]) -> tuple[Reading, Any]:
        return self.more(texts, self.name), self.name

    def more(self, texts: Sequence[str], used: Any) -> Reading:
        self.asked.append(used)
        self.seen.append(list(texts))
        time.sleep(self.per_token * sum(map(tokens, texts)))
        p = np.array([[float(text.split()[0])] for text in texts])
        return Reading(p, p, p.copy())


def played(model: Timed, what: Callable[[Batcher], Coroutine[Any, Any, Any]], most_waiting: int = 2048) -> Any:
    async def play() -> Any:
        batcher = Batcher(model.answer, most_waiting, more=model.more)
        batcher.start()
        try:
            return await what(batcher)
        finally:
            await batcher.stop()

    return asyncio.run(play())


def numbered(n: int, text: str = LONG) -> list[str]:
    return [f"{i} {text}" for i in range(n)]


def test_answers_of_a_request_in_pieces_are_in_order() -> None:
    model = Timed()
    texts = [f"{i} {'word ' * (i * 37 % 600)}" for i in range(256)]
    read, _ = played(model, lambda batcher: batcher.ask(texts))
    for part in (read.probabilities, read.logits, read.states):
        assert part[:, 0].tolist() == list(range(256))
    assert len(model.seen) > 10 and [text for batch in model.seen for text in batch] == texts


def test_a_short_request_overtakes_a_long_one() -> None:
    model = Timed(per_token=0.00002)  # 256 long texts: 2.6 s

    async def play(batcher: Batcher) -> list[float]:
        long = asyncio.create_task(batcher.ask(numbered(256)))
        await asyncio.sleep(0.05)
        took = []
        for _ in range(20):
            began = time.perf_counter()
            await batcher.ask(["1 short one"])
            took.append(time.perf_counter() - began)
        assert not long.done()
        long.cancel()
        return took

    assert np.median(played(model, play)) < 0.3


def test_long_requests_take_turns() -> None:
    model = Timed(per_token=0.000002)

    async def play(batcher: Batcher) -> tuple[float, float]:
        began = time.perf_counter()

        async def took(texts: list[str]) -> float:
            await batcher.ask(texts)
            return time.perf_counter() - began

        first, second = await asyncio.gather(took(numbered(256)), took(numbered(2)))
        return first, second

    first, second = played(model, play)
    assert second < first / 4


def test_a_deadline_ends_a_request_that_has_begun() -> None:
    model = Timed(per_token=0.00002)

    async def play(batcher: Batcher) -> int:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(batcher.ask(numbered(256)), 0.1)
        await asyncio.sleep(0.1)  # the piece in hand
        done = len(model.seen)
        await asyncio.sleep(0.2)
        assert len(model.seen) == done and batcher.waiting == 0
        return sum(map(len, model.seen))

    assert played(model, play) < 60


def test_a_request_in_pieces_is_answered_by_one_model() -> None:
    model = Timed(per_token=0.000005)

    async def play(batcher: Batcher) -> tuple[str, str]:
        long = asyncio.create_task(batcher.ask(numbered(64)))
        while len(model.seen) < 3:
            await asyncio.sleep(0.001)
        model.name = "new"
        late = asyncio.create_task(batcher.ask(numbered(3)))
        return (await long)[1], (await late)[1]

    assert played(model, play) == ("old", "new")
    assert model.asked.index("new") < len(model.asked) - 1  # pieces of the first came after the second


def test_a_piece_that_fails_fails_its_request_alone() -> None:
    class Moody(Timed):
        def more(self, texts: Sequence[str], used: Any) -> Reading:
            if any("boom" in text for text in texts):
                raise ZeroDivisionError
            return super().more(texts, used)

    async def play(batcher: Batcher) -> None:
        bad = asyncio.create_task(batcher.ask([*numbered(20), "0 boom"]))
        good = asyncio.create_task(batcher.ask(numbered(20)))
        with pytest.raises(ZeroDivisionError):
            await bad
        assert len((await good)[0]) == 20 and batcher.waiting == 0

    played(Moody(), play)


def test_a_queue_full_of_long_texts_takes_short_ones() -> None:
    model = Timed(per_token=0.00001)

    async def play(batcher: Batcher) -> None:
        long = [asyncio.create_task(batcher.ask(numbered(10))) for _ in range(3)]
        await asyncio.sleep(0)
        with pytest.raises(FullError):
            await batcher.ask(numbered(1))
        assert not batcher.full and len((await batcher.ask(["3 short"]))[0]) == 1
        for task in long:
            task.cancel()

    played(model, play, most_waiting=30)


def test_sizes_are_estimated_in_every_script() -> None:
    assert tokens("") >= 1 and tokens("x" * 20_000) == tokens("字" * 20_000) <= PIECE
    assert 10 <= tokens("my card has not arrived and I would like to know why") <= 20
    assert 12 <= tokens("我的银行卡还没有收到，请帮我查一下") <= 24
    assert tokens("\ud800") >= 1 and 8 * tokens("send my card") <= SHORT


def test_a_large_answer_is_written_beside_other_requests(tmp_path: Path) -> None:
    class Wide(Model):
        classes = tuple(f"class {n}" for n in range(1000))  # type: ignore[assignment]

        def read(self, texts: Sequence[str]) -> Any:
            p = np.tile(np.linspace(1, 2, 1000) / 1500, (len(texts), 1))
            return Reading(p, p, None)

        def answers(self, read: Any, abstain: bool = False) -> list[Any]:
            return [self.classes[-1]] * len(read)

    mark = tmp_path / "run" / "model" / "decision.json"
    mark.parent.mkdir(parents=True)
    mark.write_text("{}")
    with TestClient(create(Holder(Wide, mark))) as client:
        asked = {"texts": ["a"] * 100, "top_k": 1000}
        found: list[Any] = []
        thread = threading.Thread(target=lambda: found.append(client.post("/v1/classify", json=asked)))
        thread.start()
        took = []
        while thread.is_alive():
            began = time.perf_counter()
            assert client.get("/healthz").status_code == 200
            took.append(time.perf_counter() - began)
        told = json.loads(found[0].content)
        assert len(told["answers"]) == 100 and len(told["answers"][0]["top"]) == 1000
        assert told["answers"][0]["top"][0] == {"label": "class 999", "probability": pytest.approx(2 / 1500)}
        assert len(took) > 3


def test_a_lane_that_waits_holds_no_model() -> None:
    class Kept:
        pass

    async def play() -> None:
        seen: list[weakref.ref[Kept]] = []

        def answer(texts: Sequence[str]) -> tuple[Reading, Kept]:
            model = Kept()
            seen.append(weakref.ref(model))
            p = np.zeros((len(texts), 1))
            return Reading(p, p, None), model

        batcher = Batcher(answer, 1000)
        batcher.start()
        for texts in (["1"], numbered(40)):
            await batcher.ask(texts)
            await asyncio.sleep(0.02)
            assert seen and not [ref for ref in seen if ref() is not None]
        await batcher.stop()

    asyncio.run(play())
