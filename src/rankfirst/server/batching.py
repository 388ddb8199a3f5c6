"""Dynamic batching: one queue, one worker; whatever waits is computed as one batch."""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Final

Rows = Any  # the model's reading of n texts; can be sliced
# Texts -> (the model's reading, the model); a batch uses one model.
AnswerBatch = Callable[[Sequence[str]], tuple[Rows, Any]]

MOST_TEXTS: Final = 64  # texts per batch: a larger one delays its first text by more than it saves


class FullError(Exception):
    """The queue is full."""


@dataclass(eq=False)
class _Waiting:
    texts: Sequence[str]
    done: asyncio.Future[tuple[Rows, Any]] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class Batcher:
    """Answers requests in batches; the texts of one request stay together.

    There is no timer: the next batch collects while one is computed, so a single request never waits for others.
    """

    def __init__(self, answer: AnswerBatch, most_waiting: int, pool: ThreadPoolExecutor | None = None) -> None:
        """Args: most_waiting: queued texts above which requests are rejected. pool: shared threads."""
        self.answer, self.most_waiting = answer, most_waiting
        self.waiting = 0
        self._queue: asyncio.Queue[_Waiting] = asyncio.Queue()
        self._thread, self._own = pool or ThreadPoolExecutor(1, "rankfirst-answers"), pool is None
        self._worker: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Start answering; requires a running event loop."""
        self._worker = asyncio.create_task(self._work())

    async def stop(self) -> None:
        """Answer what is queued, then end."""
        while self.waiting and self._worker and not self._worker.done():
            await asyncio.sleep(0.01)
        if self._worker:
            self._worker.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._worker
        if self._own:
            self._thread.shutdown(wait=True)

    async def ask(self, texts: Sequence[str]) -> tuple[Rows, Any]:
        """The model's reading of `texts`, and the model. Raises: FullError if the queue is full."""
        if self.waiting + len(texts) > self.most_waiting and self.waiting:
            raise FullError
        self.waiting += len(texts)
        request = _Waiting(texts)
        self._queue.put_nowait(request)
        try:
            return await request.done
        finally:
            self.waiting -= len(texts)

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            batch = [await self._queue.get()]
            while not self._queue.empty() and sum(len(one.texts) for one in batch) < MOST_TEXTS:
                batch.append(self._queue.get_nowait())
            batch = [one for one in batch if not one.done.cancelled()]  # cancelled, e.g. by a timeout
            texts = [text for one in batch for text in one.texts]
            if not texts:
                continue
            try:
                rows, model = await loop.run_in_executor(self._thread, self.answer, texts)
            except Exception as error:
                for one in batch:
                    if not one.done.done():
                        one.done.set_exception(error)
                continue
            at = 0
            for one in batch:
                if not one.done.done():
                    one.done.set_result((rows[at : at + len(one.texts)], model))
                at += len(one.texts)
