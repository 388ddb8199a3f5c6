"""The driver's side of a run's workers on a Ray cluster: which are ready, idle or lost."""

import itertools
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

from rankfirst.engine.base import EngineOptions, Source, Tick, Watch
from rankfirst.engine.ray.cluster import Link, Pool, fits, resources
from rankfirst.engine.ray.worker import Worker
from rankfirst.errors import EngineError
from rankfirst.records import Dataset

POLL: Final = 0.25  # seconds between two progress fetches of a running request; its end is noticed at once
GRACE: Final = 30.0  # seconds within which a large enough node must appear
PATIENCE: Final = 900.0  # seconds within which such a node must become free
DEATHS: Final = 3  # maximum worker deaths during one request before the request is given up


@dataclass
class Place:
    """A slot for a worker that is running or starting."""

    actor: Any
    ready: Any  # reference to the result of `Worker.begin`
    life: Any  # reference to `Worker.stay`, which resolves only when the worker dies
    job: "Job | None" = None


@dataclass
class Job:
    """A running request."""

    number: int
    call: str
    args: tuple[Any, ...]
    place: Place
    answer: Any  # reference to its result
    deaths: int = 0
    cancelled: bool = False  # its worker becomes free once it has noticed
    began: float = field(default_factory=time.monotonic)


class WorkerPool:
    """Sends requests to workers; replaces workers that die and resends their requests."""

    def __init__(self, pool: Pool, dataset: Dataset, source: Source, folder: str, options: EngineOptions) -> None:
        """Start the workers. Args: dataset, source, folder, options: of every worker's `LocalEngine`.

        Raises: OptionError, EngineError; errors of `LocalEngine`.
        """
        self.pool, self.link = pool, Link(pool)
        self.ray = self.link.ray
        self.numbers = itertools.count(1)
        self.setup: list[tuple[str, tuple[Any, ...]]] = []  # requests that every new worker gets first
        self.replaced = 0  # total number of dead workers replaced
        self.places: list[Place] = []
        try:
            rows = self.ray.put(dataset)  # once, for all workers of a node
            self.begin = (rows, source, folder, pool.threads, options)
            groups = {"work": 1, "talk": 1, "life": 1}
            self.actor = self.ray.remote(num_cpus=pool.threads, num_gpus=pool.gpus, concurrency_groups=groups)(Worker)
            self.places = [self._start() for _ in range(pool.workers)]
            self.free()  # wait for one: errors of the base or the cluster are raised now
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
        """Workers that have loaded the base; dead ones are replaced. Raises: errors of `Worker.begin`."""
        references = [reference for place in self.places for reference in (place.ready, place.life)]
        resolved = set(self.ray.wait(references, num_returns=len(references), timeout=0)[0])
        ready = []
        for at, place in enumerate(self.places):
            if place.job is not None and place.job.cancelled and self.settled(place.job):
                place.job = None
            try:
                if place.ready in resolved:
                    self._get(place.ready)
                if place.life in resolved:
                    self._get(place.life)
                elif place.ready in resolved:
                    ready.append(place)
            except self._lost():
                if place.job is None:  # else `answer` replaces it
                    self._replace(place, at)
        return ready

    def idle(self) -> list[Place]:
        """Ready workers without a request."""
        return [place for place in self.ready() if place.job is None]

    def free(self, make_room: Callable[[], None] = lambda: None) -> Place:
        """Wait for an idle worker. `make_room` is called while there is none.

        Raises: EngineError if no node is large enough, none becomes free, or new workers keep dying.
        """
        began, deaths = time.monotonic(), self.replaced
        while not (idle := self.idle()):
            make_room()
            spent = time.monotonic() - began
            if self.replaced - deaths > DEATHS * self.pool.workers:
                raise EngineError("ray.keeps_dying", what="begin", times=self.replaced - deaths)
            if spent > GRACE and not any(place.job for place in self.places) and not fits(self.ray, self.pool):
                raise EngineError("ray.too_small", threads=self.pool.threads, gpus=f"{self.pool.gpus:g}",
                                  found=resources(self.ray), waited=round(spent))  # fmt: skip
            if spent > PATIENCE:
                raise EngineError("ray.busy", threads=self.pool.threads, gpus=f"{self.pool.gpus:g}",
                                  waited=round(spent))  # fmt: skip
            self.ray.wait([p.job.answer if p.job else p.ready for p in self.places], timeout=POLL)
        return idle[0]

    def submit(self, place: Place, call: str, args: tuple[Any, ...]) -> Job:
        """Send a request to an idle worker."""
        number = next(self.numbers)
        place.job = Job(number, call, args, place, self._work(place.actor.answer).remote(number, call, args))
        return place.job

    def answer(self, job: Job, tick: Tick, watch: Watch, make_room: Callable[[], None] = lambda: None) -> Any:
        """Wait for the result of a request and report its progress; it is resent if its worker dies.

        Raises: errors of the engine; EngineError if its workers keep dying.
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
        """The result of a finished request; its worker becomes free, or is replaced. Raises: the worker's error."""
        job.place.job = None
        try:
            return self._get(job.answer)
        except self._lost():
            if job.place in self.places:
                self._replace(job.place, self.places.index(job.place))
            raise

    def cancel(self, job: Job) -> None:
        """Cancel a request; its worker becomes free once it has noticed."""
        job.cancelled = True
        self._talk(job.place.actor.cancel).remote(job.number)

    def leaving(self) -> bool:
        """Whether some worker is about to become free, its request being cancelled."""
        return any(place.job is not None and place.job.cancelled for place in self.places)

    def settled(self, job: Job) -> bool:
        """Whether a request has finished, successfully or not."""
        return bool(self.ray.wait([job.answer], timeout=0)[0])

    def broadcast(self, call: str, args: tuple[Any, ...]) -> None:
        """Send a request to every worker, including later replacements."""
        self.setup.append((call, args))
        for place in self.places:
            self._work(place.actor.answer).remote(next(self.numbers), call, args)

    def close(self) -> None:
        """End the workers, and the cluster if it was started here."""
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
        with suppress(Exception):  # the worker may have died; `answer` notices
            news = self.ray.get(self._talk(job.place.actor.news).remote(), timeout=5)
            for progress in news.ticks.values():
                tick(*progress)
            for pulse in news.pulses:
                watch(pulse)

    def _get(self, reference: Any) -> Any:
        """The value of a reference. Raises: the worker's error unchanged; EngineError if the cluster is lost."""
        errors = self.ray.exceptions
        try:
            return self.ray.get(reference)
        except errors.RayTaskError as error:
            raise getattr(error, "cause", None) or error from None
        except (errors.RaySystemError, errors.RpcError) as error:
            raise EngineError("ray.gone", why=next(iter(str(error).splitlines()), "")[:200]) from None

    def _lost(self) -> tuple[type[BaseException], ...]:
        """Ray's exceptions for a lost worker or a lost result."""
        errors = self.ray.exceptions
        return (errors.RayActorError, errors.WorkerCrashedError, errors.ObjectLostError, errors.OutOfMemoryError)
