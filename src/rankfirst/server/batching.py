"""Dynamic batching in two lanes: short requests share batches, long ones are computed in pieces beside them."""

import asyncio
import contextlib
import os
import sys
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Final

Rows = Any  # the model's reading of n texts; can be sliced, and `joined` of its class concatenates several
AnswerBatch = Callable[[Sequence[str]], tuple[Rows, Any]]  # texts -> (the model's reading, the model)
AnswerMore = Callable[[Sequence[str], Any], Rows]  # (further texts of a request, the model that answered the first)

MOST_TEXTS: Final = 64  # texts per batch: a larger one delays its first text by more than it saves
SHORT: Final = 128  # estimated tokens of a request up to which it takes the short lane
PIECE: Final = 512  # estimated tokens of a batch: as many as a core computes at once (model.onnx.runtime.TOKENS)
BYTES: Final = 4  # UTF-8 bytes per token: English words have about four, Chinese characters three
NICE: Final = 5  # added to the nice value of the threads for long requests (docs/findings.md)
MOST_TOKENS: Final = 512  # estimated tokens per text: what lies behind them is usually cut


class FullError(Exception):
    """The queue is full."""


def tokens(text: str) -> int:
    """Estimated tokens of a text."""
    return min(MOST_TOKENS, 2 + len(text[: MOST_TOKENS * BYTES].encode(errors="replace")) // BYTES)


@dataclass(eq=False)
class _Waiting:
    texts: Sequence[str]
    sizes: Sequence[int]  # estimated tokens of each
    done: asyncio.Future[tuple[Rows, Any]] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    parts: list[Rows] = field(default_factory=list)  # of the texts answered so far
    answered: int = 0  # texts
    model: Any = None  # that answered the first part, and answers the others

    def next_piece(self, budget: int, most: int) -> int:
        """Number of further texts, `most` at most, that fit into a budget of tokens, but at least one."""
        count = 0
        for size in self.sizes[self.answered : self.answered + most]:
            budget -= size
            if count and budget < 0:
                break
            count += 1
        return count

    def add(self, rows: Rows, model: Any) -> None:
        """A part was computed; the last one completes the answer."""
        self.parts.append(rows)
        self.answered, self.model = self.answered + len(rows), model
        if self.answered == len(self.texts) and not self.done.done():
            whole = self.parts[0] if len(self.parts) == 1 else type(rows).joined(self.parts)
            self.done.set_result((whole, model))

    def fail(self, error: Exception) -> None:
        """It could not be computed."""
        if not self.done.done():
            self.done.set_exception(error)


class _Lane:
    """A queue and its worker, which computes one batch after another."""

    def __init__(
        self, answer: AnswerBatch, more: AnswerMore | None, pool: ThreadPoolExecutor, budget: int, most: int
    ) -> None:
        """Args: budget, most: estimated tokens, and texts, per batch."""
        self.answer, self.more, self.pool, self.budget, self.most = answer, more, pool, budget, most
        self.waiting = 0  # texts
        self.queue: deque[_Waiting] = deque()
        self.filled = asyncio.Event()

    async def ask(self, request: _Waiting) -> tuple[Rows, Any]:
        """Queue a request and await its answer."""
        self.waiting += len(request.texts)
        self.queue.append(request)
        self.filled.set()
        try:
            return await request.done
        finally:  # answered, failed, or cancelled, e.g. by a timeout: then the rest is not computed
            self.waiting -= len(request.texts)

    async def work(self) -> None:
        """Compute batches for ever."""
        while True:
            if batch := self._next_batch():
                await self._answer(batch)
            del batch  # while it waits, it holds no model that may have been evicted
            if not self.queue:
                self.filled.clear()
                await self.filled.wait()

    async def _answer(self, batch: "list[tuple[_Waiting, int]]") -> None:
        texts = [text for one, count in batch for text in one.texts[one.answered : one.answered + count]]
        try:
            loop = asyncio.get_running_loop()
            rows, model = await loop.run_in_executor(self.pool, self._compute, texts, batch[0][0])
        except Exception as error:
            for one, _ in batch:
                one.fail(error)
            return
        at = 0
        for one, count in batch:
            one.add(rows[at : at + count], model)
            at += count
            if one.answered < len(one.texts):
                self.queue.append(one)  # behind the others, which get their turn

    def _compute(self, texts: Sequence[str], first: _Waiting) -> tuple[Rows, Any]:
        if first.answered and self.more is not None:
            return self.more(texts, first.model), first.model
        return self.answer(texts)

    def _next_batch(self) -> list[tuple[_Waiting, int]]:
        """Requests and how many of their next texts to compute.

        A request that has begun keeps its model, which a reload may have replaced, so it is not mixed with others.
        """
        batch: list[tuple[_Waiting, int]] = []
        budget, most = self.budget, self.most
        while self.queue and budget > 0 and most > 0:
            request = self.queue[0]
            if request.done.done():
                self.queue.popleft()
                continue
            if batch and request.answered:
                break
            count = request.next_piece(budget, most)
            size = sum(request.sizes[request.answered : request.answered + count])
            if batch and size > budget:
                break
            batch.append((self.queue.popleft(), count))
            budget, most = budget - size, most - count
            if request.answered:
                break
        return batch


def long_threads(count: int) -> ThreadPoolExecutor:
    """Threads for long requests; on Linux, where a thread has a priority of its own, they leave the cores to others."""

    def yield_to_others() -> None:
        if sys.platform == "linux":
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), os.getpriority(os.PRIO_PROCESS, 0) + NICE)

    return ThreadPoolExecutor(count, "rankfirst-long-answers", yield_to_others)


class Batcher:
    """Answers requests in batches.

    There is no timer: the next batch collects while one is computed, so a single request never waits for others. A
    request of more than SHORT tokens takes a lane of its own, in which requests are computed in pieces and in turns, so
    that neither a short request nor another long one waits for the whole of it.
    """

    def __init__(self, answer: AnswerBatch, most_waiting: int, pool: ThreadPoolExecutor | None = None,
                 long_pool: ThreadPoolExecutor | None = None, more: AnswerMore | None = None) -> None:  # fmt: skip
        """Args:
        most_waiting: texts per lane above which requests are rejected. pool, long_pool: shared threads.
        more: answers the further pieces of a request with the model that answered the first; None: `answer` does.
        """
        self.answer, self.most_waiting = answer, most_waiting
        self._own = [] if pool else [ThreadPoolExecutor(1, "rankfirst-answers"), long_threads(1)]
        short, long = pool or self._own[0], long_pool or pool or self._own[1]
        cores = 1 if pool else len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        self._short = _Lane(answer, more, short, PIECE * cores, MOST_TEXTS)
        self._long = _Lane(answer, more, long, PIECE * cores, MOST_TEXTS * cores)
        self._workers: list[asyncio.Task[None]] = []

    @property
    def waiting(self) -> int:
        """Texts of all requests that were not answered yet."""
        return self._short.waiting + self._long.waiting

    @property
    def full(self) -> bool:
        """Whether short requests are rejected."""
        return self._short.waiting >= self.most_waiting

    def start(self) -> None:
        """Start answering; requires a running event loop."""
        self._workers = [asyncio.create_task(lane.work()) for lane in (self._short, self._long)]

    async def stop(self) -> None:
        """Answer what is queued, then end."""
        while self.waiting and not any(worker.done() for worker in self._workers):
            await asyncio.sleep(0.01)
        for worker in self._workers:
            worker.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await worker
        for pool in self._own:
            pool.shutdown(wait=True)

    async def ask(self, texts: Sequence[str]) -> tuple[Rows, Any]:
        """The model's reading of `texts`, and the model. Raises: FullError if the queue is full."""
        sizes = [tokens(text) for text in texts]
        lane = self._short if sum(sizes) <= SHORT else self._long
        if lane.waiting + len(texts) > self.most_waiting and lane.waiting:
            raise FullError
        return await lane.ask(_Waiting(texts, sizes))
