"""The workers of one run on a Ray cluster, seen from the process that drives it: which are ready, idle, or lost."""

import itertools
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

from rankfirst.engine.base import EngineOptions, Source, Tick, Watch
from rankfirst.engine.ray.cluster import Link, Pool, fits, found
from rankfirst.engine.ray.worker import Worker
from rankfirst.errors import EngineError
from rankfirst.records import Dataset

POLL: Final = 0.25  # seconds between two looks at a request under way; its end is seen at once
GRACE: Final = 30.0  # seconds for a cluster to show a node that is large enough
PATIENCE: Final = 900.0  # seconds for such a node to become free
DEATHS: Final = 3  # of workers over one request, before it is the request's fault


@dataclass
class Place:
    """A worker, or the place of one that is being started."""

    actor: Any
    ready: Any  # reference to what `Worker.begin` returns
    life: Any  # reference to what `Worker.stay` never returns
    job: "Job | None" = None


@dataclass
class Job:
    """A request under way."""

    number: int
    call: str
    args: tuple[Any, ...]
    place: Place
    answer: Any  # reference
    deaths: int = 0
    cancelled: bool = False  # its worker is free as soon as it has noticed
    began: float = field(default_factory=time.monotonic)


class WorkerPool:
    """Sends requests to workers; replaces those that die, and sends the request again."""

    def __init__(self, pool: Pool, dataset: Dataset, source: Source, folder: str, options: EngineOptions) -> None:
        """Args: dataset, source, folder, options: of every worker's `LocalEngine`.

        Raises: OptionError, EngineError, and what the engine raises when it begins.
        """
        self.pool, self.link = pool, Link(pool)
        self.ray = self.link.ray
        self.numbers = itertools.count(1)
        self.setup: list[tuple[str, tuple[Any, ...]]] = []  # the first requests to a new worker
        self.replaced = 0  # workers that died, in all
        self.places: list[Place] = []
        try:
            rows = self.ray.put(dataset)  # once, for all workers of a node
            self.begin = (rows, source, folder, pool.threads, options)
            groups = {"work": 1, "talk": 1, "life": 1}
            self.actor = self.ray.remote(num_cpus=pool.threads, num_gpus=pool.gpus, concurrency_groups=groups)(Worker)
            self.places = [self._start() for _ in range(pool.workers)]
            self.free()  # the first that is there: whatever is wrong with the base or the cluster shows now
        except BaseException:
            self.close()
            raise

    def _start(self) -> Place:
        actor = self.actor.remote()
        ready = self._work(actor.begin).remote(*self.begin)
        for call, args in self.setup:
            self._work(actor.answer).remote(next(self.numbers), call, args)
        return Place(actor, ready, actor.stay.options(concurrency_group="life").remote())

    @staticmethod
    def _work(method: Any) -> Any:
        return method.options(concurrency_group="work")

    @staticmethod
    def _talk(method: Any) -> Any:
        return method.options(concurrency_group="talk")

    def ready(self) -> list[Place]:
        """Those that have loaded the base; those that died meanwhile are replaced. Raises: what `begin` raised."""
        known = [reference for place in self.places for reference in (place.ready, place.life)]
        over = set(self.ray.wait(known, num_returns=len(known), timeout=0)[0])
        there = []
        for at, place in enumerate(self.places):
            if place.job is not None and place.job.cancelled and self.settled(place.job):
                place.job = None
            try:
                if place.ready in over:
                    self._get(place.ready)
                if place.life in over:
                    self._get(place.life)
                elif place.ready in over:
                    there.append(place)
            except self._lost():
                if place.job is None:  # else `answer` replaces it
                    self._replace(place, at)
        return there

    def idle(self) -> list[Place]:
        """Those with nothing to do."""
        return [place for place in self.ready() if place.job is None]

    def free(self, make_room: Callable[[], None] = lambda: None) -> Place:
        """One with nothing to do, waited for. `make_room` is called while there is none.

        Raises: EngineError when no node of the cluster is large enough, or none gets free.
        """
        began, deaths = time.monotonic(), self.replaced
        while not (idle := self.idle()):
            make_room()
            spent = time.monotonic() - began
            if self.replaced - deaths > DEATHS * self.pool.workers:
                raise EngineError("ray.keeps_dying", what="begin", times=self.replaced - deaths)
            if spent > GRACE and not any(place.job for place in self.places) and not fits(self.ray, self.pool):
                raise EngineError("ray.too_small", threads=self.pool.threads, gpus=f"{self.pool.gpus:g}",
                                  found=found(self.ray), waited=round(spent))  # fmt: skip
            if spent > PATIENCE:
                raise EngineError("ray.busy", threads=self.pool.threads, gpus=f"{self.pool.gpus:g}",
                                  waited=round(spent))  # fmt: skip
            self.ray.wait([p.job.answer if p.job else p.ready for p in self.places], timeout=POLL)
        return idle[0]

    def submit(self, place: Place, call: str, args: tuple[Any, ...]) -> Job:
        """Hand a request to an idle worker."""
        number = next(self.numbers)
        place.job = Job(number, call, args, place, self._work(place.actor.answer).remote(number, call, args))
        return place.job

    def answer(self, job: Job, tick: Tick, watch: Watch, make_room: Callable[[], None] = lambda: None) -> Any:
        """Wait for a request and report its progress; it is sent again when its worker dies.

        Raises: what the engine raises; EngineError when it keeps dying.
        """
        while True:
            done, _ = self.ray.wait([job.answer], timeout=POLL)
            self._pass_on(job, tick, watch)
            if not done:
                continue
            try:
                return self.taken(job)
            except self._lost() as error:
                job.deaths += 1
                if job.deaths > DEATHS:
                    raise EngineError("ray.keeps_dying", what=job.call, times=job.deaths) from error
            again = self.submit(self.free(make_room), job.call, job.args)
            job.place, job.answer, job.number = again.place, again.answer, again.number
            job.place.job = job

    def taken(self, job: Job) -> Any:
        """The answer of a request that is over; its worker is free, or replaced. Raises: what was raised there."""
        job.place.job = None
        try:
            return self._get(job.answer)
        except self._lost():
            if job.place in self.places:
                self._replace(job.place, self.places.index(job.place))
            raise

    def cancel(self, job: Job) -> None:
        """End a request; its worker is free as soon as it has noticed."""
        job.cancelled = True
        self._talk(job.place.actor.cancel).remote(job.number)

    def leaving(self) -> bool:
        """Whether some worker is about to be free."""
        return any(place.job is not None and place.job.cancelled for place in self.places)

    def settled(self, job: Job) -> bool:
        """Whether a request is over, one way or the other."""
        return bool(self.ray.wait([job.answer], timeout=0)[0])

    def broadcast(self, call: str, args: tuple[Any, ...]) -> None:
        """Send a request to every worker, later replacements included."""
        self.setup.append((call, args))
        for place in self.places:
            self._work(place.actor.answer).remote(next(self.numbers), call, args)

    def close(self) -> None:
        """End the workers, and the cluster if it is ours."""
        for place in self.places:
            with suppress(Exception):
                self.ray.kill(place.actor)
        self.places = []
        self.link.close()

    def _replace(self, place: Place, at: int) -> None:
        self.replaced += 1
        with suppress(Exception):
            self.ray.kill(place.actor)
        self.places[at] = self._start()

    def _pass_on(self, job: Job, tick: Tick, watch: Watch) -> None:
        with suppress(Exception):  # it may have died; `answer` finds out
            news = self.ray.get(self._talk(job.place.actor.news).remote(), timeout=5)
            for progress in news.ticks.values():
                tick(*progress)
            for pulse in news.pulses:
                watch(pulse)

    def _get(self, reference: Any) -> Any:
        """Raises: what the worker raised, as it was; EngineError when the cluster itself is gone."""
        errors = self.ray.exceptions
        try:
            return self.ray.get(reference)
        except errors.RayTaskError as error:
            raise getattr(error, "cause", None) or error from None
        except (errors.RaySystemError, errors.RpcError) as error:
            raise EngineError("ray.gone", why=next(iter(str(error).splitlines()), "")[:200]) from None

    def _lost(self) -> tuple[type[BaseException], ...]:
        """How Ray says that a worker, or what it answered, is no more."""
        errors = self.ray.exceptions
        return (errors.RayActorError, errors.WorkerCrashedError, errors.ObjectLostError, errors.OutOfMemoryError)
