"""The routes of many tenants: /v1/TENANT/classify and its like, each with its own queue, limits and labels."""

import asyncio
import contextlib
import hashlib
import hmac
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Annotated, Any, Final

from fastapi import Depends, FastAPI, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from pydantic import BaseModel

from rankfirst.server.app import answers_of
from rankfirst.server.batch import Batcher, FullError
from rankfirst.server.limit import App, Limit, Message, Receive, Scope, Send
from rankfirst.server.shape import PAGE, Answers, Asked, Told, refusals
from rankfirst.server.tenants import BrokenError, GoneError, NoRoomError, Tenant, Tenants

NAMED: Final = 200  # tenants with measurements of their own; those after them share one name
OTHER: Final = "other"
Door = Callable[..., Awaitable[Tenant]]
Gate = Callable[..., Awaitable[None]]
_SECONDS: Final = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1.0, 5.0)


class Listed(BaseModel):
    """A tenant."""

    name: str
    loaded: bool
    problem: str  # why it cannot be served, a code; empty when it can


class Meters:
    """The measurements; one name a tenant, of a bounded number."""

    def __init__(self, tenants: Tenants) -> None:
        self.tenants, self.registry, self._named = tenants, CollectorRegistry(), set[str]()
        made = partial(Counter, registry=self.registry)
        self.requests = made("rankfirst_requests", "Requests by outcome.", ["tenant", "status"])
        self.texts = made("rankfirst_texts", "Texts answered.", ["tenant"])
        self.abstained = made("rankfirst_abstained", "Texts that were left to a person.", ["tenant"])
        self.seconds = Histogram("rankfirst_request_seconds", "From request to answer.", buckets=_SECONDS,
                                 registry=self.registry)  # fmt: skip
        gauge = partial(Gauge, registry=self.registry)
        self.gauges: dict[str, tuple[Gauge, Callable[[], float]]] = {}
        for name, told, read in (
            ("tenants", "Tenants that are known.", lambda: len(tenants.known)),
            ("tenants_broken", "Tenants that cannot be served.", lambda: tenants.broken),
            ("tenants_loaded", "Models in memory.", lambda: tenants.loaded),
            ("tenants_bytes", "Their bytes, as estimated.", lambda: tenants.loader.bytes()),
            ("tenants_loads", "Models loaded since the start.", lambda: tenants.counts.loads),
            ("tenants_evictions", "Models evicted since the start.", lambda: tenants.counts.evictions),
            ("reloads", "Deliveries that took over since the start.", lambda: tenants.counts.reloads),
            ("reload_failures", "Deliveries that could not be loaded.", lambda: tenants.counts.failures),
        ):
            self.gauges[name] = (gauge(f"rankfirst_{name}", told), read)

    def name(self, path: str) -> str:
        """The tenant of a request's path, as it stands in measurements: nobody can make up names there."""
        parts = path.split("/")
        name = parts[2] if len(parts) > 3 else ""
        if name not in self.tenants.known:
            return ""
        if name not in self._named and len(self._named) >= NAMED:
            return OTHER
        self._named.add(name)
        return name

    def count(self, name: str, told: list[Told], seconds: float) -> None:
        """A request that was answered."""
        self.texts.labels(name).inc(len(told))
        self.abstained.labels(name).inc(sum(one.abstained for one in told))
        self.seconds.observe(seconds)

    def page(self) -> bytes:
        """What Prometheus reads."""
        for gauge, read in self.gauges.values():
            gauge.set(read())
        return generate_latest(self.registry)


class Tally:
    """Counts every answer under /v1/ by tenant and status. A plain ASGI layer."""

    def __init__(self, app: App, meters: Meters) -> None:
        self.app, self.meters = app, meters

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, or the life of the server."""
        path = str(scope.get("path", ""))
        if scope["type"] != "http" or not path.startswith("/v1/"):
            await self.app(scope, receive, send)
            return

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.meters.requests.labels(self.meters.name(path), str(message["status"])).inc()
            await send(message)

        await self.app(scope, receive, told)


class Queues:
    """A queue a tenant over common threads: who floods his own delays nobody by more than a batch."""

    def __init__(self, tenants: Tenants, workers: int) -> None:
        self.tenants, self.pool = tenants, ThreadPoolExecutor(workers, "rankfirst-answers")
        self.made: dict[str, Batcher] = {}

    def of(self, tenant: Tenant) -> Batcher:
        """Made at the first request; within a running event loop."""
        found = self.made.get(tenant.name)
        if found is None:
            found = Batcher(partial(self.tenants.answer, tenant.name), tenant.limits.most_waiting, self.pool)
            found.start()
            self.made[tenant.name] = found
        found.most_waiting = tenant.limits.most_waiting
        return found

    async def drop_gone(self) -> None:
        """End the queues of tenants that are gone."""
        for name in [name for name in self.made if name not in self.tenants.known]:
            await self.made.pop(name).stop()

    async def stop(self) -> None:
        """Let what waits be answered, then end."""
        await asyncio.gather(*(batcher.stop() for batcher in self.made.values()))
        self.pool.shutdown(wait=True)


def create(tenants: Tenants, token: str | None = None, seconds: float = 10.0, workers: int | None = None) -> Any:
    """The ASGI application.

    Args:
        token: of the operator, which opens everything; a tenant's own (serve.json) opens that tenant alone.
        seconds: a request that takes longer gets 503. workers: batches at a time; None: as many as cores.
    """
    queues, meters = Queues(tenants, workers or max(2, os.cpu_count() or 2)), Meters(tenants)

    @contextlib.asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        tenants.start()
        yield
        tenants.stop()
        await queues.stop()

    app = FastAPI(title="rankfirst", docs_url=None, redoc_url=None, lifespan=life)

    @app.exception_handler(RequestValidationError)
    async def unread(_: Request, error: RequestValidationError) -> JSONResponse:
        """Where and why, without what was sent."""
        told = [{name: one[name] for name in ("type", "loc", "msg")} for one in error.errors()]
        return JSONResponse({"detail": told}, 422)

    asked, operator = doors(tenants, token)
    _tenant_routes(app, asked, tenants, queues, meters, seconds)
    _facts(app, [Depends(operator)] if token is not None else [], tenants, queues, meters)
    return Tally(Limit(app, lambda status: None), meters)


def doors(tenants: Tenants, token: str | None) -> tuple[Door, Gate]:
    """Who may come in to a tenant (which it returns), and to what is the operator's."""
    bearer = HTTPBearer(auto_error=False)
    Given = Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]

    def operates(given: HTTPAuthorizationCredentials | None) -> bool:
        said = (given.credentials if given else "").encode()
        return token is not None and hmac.compare_digest(said, token.encode())

    def refuse() -> HTTPException:
        return HTTPException(401, "a bearer token is needed", {"www-authenticate": "Bearer"})

    async def operator(given: Given) -> None:
        if token is not None and not operates(given):
            raise refuse()

    async def tenant(tenant: str, given: Given) -> Tenant:
        found = tenants.known.get(tenant)
        own = found.limits.token_sha256 if found is not None else None
        if (token is not None or own is not None) and not operates(given):
            said = hashlib.sha256((given.credentials if given else "").encode()).hexdigest()
            if own is None or not hmac.compare_digest(said, own):
                raise refuse()  # of an unknown tenant too: names are nobody's business
        if found is None:
            raise HTTPException(404, "no such tenant")
        return found

    return tenant, operator


def _tenant_routes(app: FastAPI, door: Door, tenants: Tenants, queues: Queues, meters: Meters,
                   seconds: float) -> None:  # fmt: skip
    @app.post("/v1/{tenant}/classify", responses=refusals(400, 401, 404, 413, 422, 429, 503))
    async def classify(found: Annotated[Tenant, Depends(door)], asked: Asked) -> Answers:
        began = time.perf_counter()
        if len(asked.texts) > found.limits.most_texts:
            most = f"a request of this tenant may have {found.limits.most_texts} texts"
            raise RequestValidationError([{"type": "too_long", "loc": ("body", "texts"), "msg": most}])
        rows, (model, name) = await _in_time(queues.of(found).ask(asked.texts), seconds)
        told = answers_of(model, rows, asked)
        meters.count(meters.name(f"/v1/{found.name}/classify"), told, time.perf_counter() - began)
        return Answers(model=name, answers=told)

    @app.get("/v1/{tenant}/labels", responses=refusals(401, 404, 503))
    async def labels(found: Annotated[Tenant, Depends(door)]) -> list[str]:
        model = await _in_time(asyncio.to_thread(tenants.model, found.name), seconds)
        return list(model.classes)

    @app.get("/v1/{tenant}/readyz",
             responses=refusals(401, 404) | {503: {"model": Listed, "description": "it cannot be served"}})  # fmt: skip
    async def ready(found: Annotated[Tenant, Depends(door)], response: Response) -> Listed:
        response.status_code = 503 if found.problem else 200
        return Listed(name=found.name, loaded=found.holder is not None, problem=found.problem)


async def _in_time(answer: Awaitable[Any], seconds: float) -> Any:
    """The answer, or the refusal that says why not."""
    soon = {"retry-after": "1"}
    try:
        return await asyncio.wait_for(answer, seconds)
    except FullError:
        raise HTTPException(429, "too many texts of this tenant wait; try again in a second", soon) from None
    except TimeoutError:
        raise HTTPException(503, f"no answer within {seconds:g} s", soon) from None
    except NoRoomError:
        raise HTTPException(503, "no room for this tenant's model now", soon) from None
    except BrokenError as error:
        raise HTTPException(503, f"this tenant's model cannot be loaded ({error})", {"retry-after": "30"}) from None
    except GoneError:
        raise HTTPException(404, "no such tenant") from None


def _facts(app: FastAPI, guarded: list[Any], tenants: Tenants, queues: Queues, meters: Meters) -> None:
    @app.get("/v1/tenants", dependencies=guarded, responses=refusals(401))
    async def listed() -> list[Listed]:
        await queues.drop_gone()
        every = sorted(tenants.known.values(), key=lambda tenant: tenant.name)
        return [Listed(name=t.name, loaded=t.holder is not None, problem=t.problem) for t in every]

    @app.get("/healthz")
    async def health() -> dict[str, str]:
        return {"status": "alive"}

    @app.get("/readyz", responses={503: {"model": dict[str, str | int], "description": "no tenant can be served"}})
    async def ready(response: Response) -> dict[str, str | int]:
        """Ready when one tenant can be served: a broken one takes down nobody else."""
        known, broken = len(tenants.known), tenants.broken
        response.status_code = 200 if known > broken else 503
        return {"status": "ready" if known > broken else "empty", "tenants": known, "broken": broken,
                "loaded": tenants.loaded}  # fmt: skip

    @app.get("/metrics", dependencies=guarded, responses=PAGE | refusals(401), response_class=Response)
    async def metrics() -> Response:
        await queues.drop_gone()
        return Response(meters.page(), media_type=CONTENT_TYPE_LATEST)
