"""The routes of a server with many tenants: /v1/TENANT/classify etc., each with its own queue, limits and metrics."""

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

from fastapi import Depends, FastAPI, HTTPException, Response
from fastapi.exceptions import RequestValidationError
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from pydantic import BaseModel
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rankfirst.server import explaining
from rankfirst.server.app import Answer, hide_invalid_input, written
from rankfirst.server.batching import Batcher, FullError, long_threads
from rankfirst.server.connections import Connections
from rankfirst.server.limits import Limit
from rankfirst.server.metrics import count_connections
from rankfirst.server.reload import answer_more
from rankfirst.server.schema import PAGE, Answers, ClassifyRequest, refusals
from rankfirst.server.tenants import BrokenError, GoneError, NoRoomError, Tenant, Tenants

NAMED: Final = 200  # number of tenants with metrics of their own; further ones share one label
OTHER: Final = "other"
TenantAuth = Callable[..., Awaitable[Tenant]]
OperatorAuth = Callable[..., Awaitable[None]]
_SECONDS: Final = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1.0, 5.0)


class Listed(BaseModel):
    """A tenant in a listing."""

    name: str
    loaded: bool
    problem: str  # error code of why it cannot be served; empty if it can


class TenantMetrics:
    """The metrics of all tenants, with a bounded number of tenant labels."""

    def __init__(self, tenants: Tenants) -> None:
        self.tenants, self.registry, self._named = tenants, CollectorRegistry(), set[str]()
        counter = partial(Counter, registry=self.registry)
        self.requests = counter("rankfirst_requests", "Requests by outcome.", ["tenant", "status"])
        self.texts = counter("rankfirst_texts", "Texts answered.", ["tenant"])
        self.abstained = counter("rankfirst_abstained", "Texts on which the model abstained.", ["tenant"])
        self.seconds = Histogram("rankfirst_request_seconds", "Request latency in seconds.", buckets=_SECONDS,
                                 registry=self.registry)  # fmt: skip
        gauge = partial(Gauge, registry=self.registry)
        self.gauges: dict[str, tuple[Gauge, Callable[[], float]]] = {}
        for name, description, read in (
            ("tenants", "Known tenants.", lambda: len(tenants.by_name)),
            ("tenants_broken", "Tenants that cannot be served.", lambda: tenants.broken),
            ("tenants_loaded", "Models in memory.", lambda: tenants.loaded),
            ("tenants_bytes", "Estimated bytes of the loaded models.", lambda: tenants.loader.bytes()),
            ("tenants_loads", "Models loaded since the start.", lambda: tenants.counts.loads),
            ("tenants_evictions", "Models evicted since the start.", lambda: tenants.counts.evictions),
            ("reloads", "Deliveries reloaded since the start.", lambda: tenants.counts.reloads),
            ("reload_failures", "Deliveries that could not be loaded.", lambda: tenants.counts.failures),
        ):
            self.gauges[name] = (gauge(f"rankfirst_{name}", description), read)

    def name(self, path: str) -> str:
        """The metrics label for a request's path; only known tenants get one, so clients cannot create labels."""
        parts = path.split("/")
        name = parts[2] if len(parts) > 3 else ""
        if name not in self.tenants.by_name:
            return ""
        if name not in self._named and len(self._named) >= NAMED:
            return OTHER
        self._named.add(name)
        return name

    def count(self, name: str, answers: list[Answer], seconds: float) -> None:
        """Record an answered request."""
        self.texts.labels(name).inc(len(answers))
        self.abstained.labels(name).inc(sum(answer["abstained"] for answer in answers))
        self.seconds.observe(seconds)

    def page(self) -> bytes:
        """The metrics in Prometheus' text format."""
        for gauge, read in self.gauges.values():
            gauge.set(read())
        return generate_latest(self.registry)


class Tally:
    """ASGI middleware that counts every answer under /v1/ by tenant and status."""

    def __init__(self, app: ASGIApp, meters: TenantMetrics) -> None:
        self.app, self.meters = app, meters

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request, or the server's lifespan."""
        path = str(scope.get("path", ""))
        if scope["type"] != "http" or not path.startswith("/v1/"):
            await self.app(scope, receive, send)
            return

        async def counting_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.meters.requests.labels(self.meters.name(path), str(message["status"])).inc()
            await send(message)

        await self.app(scope, receive, counting_send)


class Queues:
    """One queue per tenant over shared threads: a flood by one tenant delays the others by at most one batch.

    Long requests have threads of their own, so that short ones of other tenants find one free.
    """

    def __init__(self, tenants: Tenants, workers: int) -> None:
        """Args: workers: batches computed in parallel."""
        callers = max(workers, tenants.loader.callers)
        self.tenants, self.pool = tenants, ThreadPoolExecutor(callers, "rankfirst-answers")
        self.long_pool = long_threads(max(1, workers // 2))
        self.batchers: dict[str, Batcher] = {}

    def of(self, tenant: Tenant) -> Batcher:
        """The tenant's queue, created at the first request; requires a running event loop."""
        batcher = self.batchers.get(tenant.name)
        if batcher is None:
            batcher = Batcher(partial(self.tenants.answer, tenant.name), tenant.limits.most_waiting,
                              self.pool, self.long_pool, answer_more)  # fmt: skip
            batcher.start()
            self.batchers[tenant.name] = batcher
        batcher.most_waiting = tenant.limits.most_waiting
        return batcher

    async def drop_gone(self) -> None:
        """Stop the queues of tenants that no longer exist."""
        for name in [name for name in self.batchers if name not in self.tenants.by_name]:
            await self.batchers.pop(name).stop()

    async def stop(self) -> None:
        """Answer what is queued, then end."""
        await asyncio.gather(*(batcher.stop() for batcher in self.batchers.values()))
        for pool in (self.pool, self.long_pool):
            pool.shutdown(wait=True)


def create(tenants: Tenants, token: str | None = None, seconds: float = 10.0, workers: int | None = None,
           connections: Connections | None = None, local_only: bool = False, explain: bool = False) -> Any:  # fmt: skip
    """The ASGI application.

    Args:
        token: of the operator; grants access to everything. A tenant's own token (serve.json) grants that tenant only.
        seconds: time limit after which a request gets 503. workers: batches computed in parallel; None: one per core.
        connections: counted in /metrics. local_only: refuse requests that address another host than this machine.
        explain: allow requests to be explained.
    """
    queues, meters = Queues(tenants, workers or max(2, os.cpu_count() or 2)), TenantMetrics(tenants)
    count_connections(connections or Connections(), meters.registry)

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        tenants.start()
        yield
        tenants.stop()
        await queues.stop()

    app = FastAPI(title="rankfirst", docs_url=None, redoc_url=None, lifespan=lifespan)
    hide_invalid_input(app)

    authorise_tenant, authorise_operator = authorisers(tenants, token)
    _tenant_routes(app, authorise_tenant, tenants, queues, meters, seconds, explain)
    _facts(app, [Depends(authorise_operator)] if token is not None else [], tenants, queues, meters)
    return Tally(Limit(app, lambda status: None, local_only=local_only), meters)


def authorisers(tenants: Tenants, token: str | None) -> tuple[TenantAuth, OperatorAuth]:
    """Dependencies that authorise access to a tenant (and return it), and to operator routes."""
    bearer = HTTPBearer(auto_error=False)
    Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]

    def is_operator(credentials: HTTPAuthorizationCredentials | None) -> bool:
        token_given = (credentials.credentials if credentials else "").encode()
        return token is not None and hmac.compare_digest(token_given, token.encode())

    def refuse() -> HTTPException:
        return HTTPException(401, "a bearer token is needed", {"www-authenticate": "Bearer"})

    async def operator(credentials: Credentials) -> None:
        if token is not None and not is_operator(credentials):
            raise refuse()

    async def tenant(tenant: str, credentials: Credentials) -> Tenant:
        known_tenant = tenants.by_name.get(tenant)
        own_token_sha256 = known_tenant.limits.token_sha256 if known_tenant is not None else None
        if (token is not None or own_token_sha256 is not None) and not is_operator(credentials):
            given_sha256 = hashlib.sha256((credentials.credentials if credentials else "").encode()).hexdigest()
            if own_token_sha256 is None or not hmac.compare_digest(given_sha256, own_token_sha256):
                raise refuse()  # also for an unknown tenant, so that names cannot be probed
        if known_tenant is None:
            raise HTTPException(404, "no such tenant")
        return known_tenant

    return tenant, operator


def _tenant_routes(app: FastAPI, authorise: TenantAuth, tenants: Tenants, queues: Queues, meters: TenantMetrics,
                   seconds: float, explain: bool) -> None:  # fmt: skip
    @app.post(
        "/v1/{tenant}/classify", response_model=Answers, responses=refusals(400, 401, 403, 404, 413, 422, 429, 503)
    )
    async def classify(served: Annotated[Tenant, Depends(authorise)], body: ClassifyRequest) -> Response:
        began = time.perf_counter()
        if len(body.texts) > served.limits.most_texts:
            most = f"a request of this tenant may have {served.limits.most_texts} texts"
            raise RequestValidationError([{"type": "too_long", "loc": ("body", "texts"), "msg": most}])
        explaining.check(body, explain)
        rows, (model, name), why = await _await_answer(explaining.read(queues.of(served).ask, body), seconds)
        answers, page = await written(model, name, rows, body, why)
        meters.count(meters.name(f"/v1/{served.name}/classify"), answers, time.perf_counter() - began)
        return page

    @app.get("/v1/{tenant}/labels", responses=refusals(401, 404, 503))
    async def labels(served: Annotated[Tenant, Depends(authorise)]) -> list[str]:
        model = await _await_answer(asyncio.to_thread(tenants.model, served.name), seconds)
        return list(model.classes)

    @app.get("/v1/{tenant}/readyz",
             responses=refusals(401, 404) | {503: {"model": Listed, "description": "it cannot be served"}})  # fmt: skip
    async def ready(served: Annotated[Tenant, Depends(authorise)], response: Response) -> Listed:
        response.status_code = 503 if served.problem else 200
        return Listed(name=served.name, loaded=served.holder is not None, problem=served.problem)


async def _await_answer(answer: Awaitable[Any], seconds: float) -> Any:
    """Await the answer, or raise the HTTP error that explains why there is none."""
    soon = {"retry-after": "1"}
    try:
        return await asyncio.wait_for(answer, seconds)
    except FullError:
        raise HTTPException(429, "too many texts of this tenant are waiting; try again in a second", soon) from None
    except TimeoutError:
        raise HTTPException(503, f"no answer within {seconds:g} s", soon) from None
    except NoRoomError:
        raise HTTPException(503, "no room for this tenant's model now", soon) from None
    except BrokenError as error:
        raise HTTPException(503, f"this tenant's model cannot be loaded ({error})", {"retry-after": "30"}) from None
    except GoneError:
        raise HTTPException(404, "no such tenant") from None


def _facts(app: FastAPI, guarded: list[Any], tenants: Tenants, queues: Queues, meters: TenantMetrics) -> None:
    @app.get("/v1/tenants", dependencies=guarded, responses=refusals(401))
    async def listed() -> list[Listed]:
        await queues.drop_gone()
        every = sorted(tenants.by_name.values(), key=lambda tenant: tenant.name)
        return [Listed(name=t.name, loaded=t.holder is not None, problem=t.problem) for t in every]

    @app.get("/healthz")
    async def health() -> dict[str, str]:
        return {"status": "alive"}

    @app.get("/readyz", responses={503: {"model": dict[str, str | int], "description": "no tenant can be served"}})
    async def ready(response: Response) -> dict[str, str | int]:
        """Ready if at least one tenant can be served; broken tenants do not affect the others."""
        total, broken = len(tenants.by_name), tenants.broken
        response.status_code = 200 if total > broken else 503
        return {"status": "ready" if total > broken else "empty", "tenants": total, "broken": broken,
                "loaded": tenants.loaded}  # fmt: skip

    @app.get("/metrics", dependencies=guarded, responses=PAGE | refusals(401), response_class=Response)
    async def metrics() -> Response:
        await queues.drop_gone()
        return Response(meters.page(), media_type=CONTENT_TYPE_LATEST)
