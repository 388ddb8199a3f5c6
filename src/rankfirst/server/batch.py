"""Requests that come at once are answered at once: one queue, one worker, batches of what waits."""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Final

Rows = Any  # what a model saw in n texts; can be sliced
Answer = Callable[[Sequence[str]], tuple[Rows, Any]]
"""Texts -> what a model saw in them, and that model: one batch is of one model."""

MOST_TEXTS: Final = 64  # of a batch: more makes the first of them wait longer than it saves


class FullError(Exception):
    """As many texts wait as may wait."""


@dataclass(eq=False)
class _Waiting:
    texts: Sequence[str]
    done: asyncio.Future[tuple[Rows, Any]] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class Batcher:
    """Answers requests in batches; texts of one request stay together.

    No timer: while a batch is computed the next one collects, so a lone request never waits for company.
    """

    def __init__(self, answer: Answer, most_waiting: int, pool: ThreadPoolExecutor | None = None) -> None:
        """Args: most_waiting: texts in the queue from which on requests are turned away. pool: threads of several."""
        self.answer, self.most_waiting = answer, most_waiting
        self.waiting = 0
        self._queue: asyncio.Queue[_Waiting] = asyncio.Queue()
        self._thread, self._own = pool or ThreadPoolExecutor(1, "rankfirst-answers"), pool is None
        self._worker: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to answer; within a running event loop."""
        self._worker = asyncio.create_task(self._work())

    async def stop(self) -> None:
        """Let what waits be answered, then end."""
        while self.waiting and self._worker and not self._worker.done():
            await asyncio.sleep(0.01)
        if self._worker:
            self._worker.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._worker
        if self._own:
            self._thread.shutdown(wait=True)

    async def ask(self, texts: Sequence[str]) -> tuple[Rows, Any]:
        """What the model saw in `texts`, and the model. Raises: FullError when too many wait already."""
        if self.waiting + len(texts) > self.most_waiting and self.waiting:
            raise FullError
        self.waiting += len(texts)
        one = _Waiting(texts)
        self._queue.put_nowait(one)
        try:
            return await one.done
        finally:
            self.waiting -= len(texts)

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            batch = [await self._queue.get()]
            while not self._queue.empty() and sum(len(one.texts) for one in batch) < MOST_TEXTS:
                batch.append(self._queue.get_nowait())
            batch = [one for one in batch if not one.done.cancelled()]  # whoever asked has given up
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
