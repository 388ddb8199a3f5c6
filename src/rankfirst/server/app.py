"""The routes of a server with one model: classify, health, readiness, metrics."""

import asyncio
import contextlib
import hmac
import json
import time
from collections.abc import AsyncIterator, Callable
from typing import Annotated, Any, Final

import numpy as np
from fastapi import Depends, FastAPI, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from rankfirst.measure.calibration import confidence
from rankfirst.server import explaining
from rankfirst.server.batching import Batcher, FullError
from rankfirst.server.connections import Connections
from rankfirst.server.limits import Limit
from rankfirst.server.metrics import ServerMetrics, count_connections
from rankfirst.server.reload import Holder, Model, answer_more
from rankfirst.server.schema import PAGE, Answers, ClassifyRequest, refusals

Answer = dict[str, Any]  # as `TextAnswer` of the schema
Why = Callable[[Any], list[dict[str, Any]]]  # model -> an explanation of each answer
LARGE: Final = 1000  # answers and likely classes: half a millisecond of the event loop's time


def create(holder: Holder, token: str | None = None, most_waiting: int = 2048, seconds: float = 10.0,
           connections: Connections | None = None, local_only: bool = False, explain: bool = False) -> Any:  # fmt: skip
    """The ASGI application.

    Args:
        token: required as bearer token by every request except /healthz; None: no authentication.
        most_waiting: queued texts above which requests get 429. seconds: time limit after which a request gets 503.
        connections: counted in /metrics. local_only: refuse requests that address another host than this machine.
        explain: allow requests to be explained.
    """
    meters, batcher = ServerMetrics(), Batcher(holder.answer, most_waiting, more=answer_more)
    count_connections(connections or Connections(), meters.registry)

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        batcher.start()
        holder.start()
        yield
        holder.stop()
        await batcher.stop()

    bearer = HTTPBearer(auto_error=False)

    async def authorise(credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]) -> None:
        if token is not None and not hmac.compare_digest(
            (credentials.credentials if credentials else "").encode(), token.encode()
        ):
            raise HTTPException(401, "a bearer token is needed", {"www-authenticate": "Bearer"})

    app = FastAPI(title="rankfirst", docs_url=None, redoc_url=None, lifespan=lifespan)
    guarded = [Depends(authorise)] if token is not None else []

    hide_invalid_input(app)
    _classify(app, batcher, meters, seconds, guarded, explain)
    _facts(app, holder, batcher, meters, guarded)
    return Limit(app, lambda status: meters.requests.labels(str(status)).inc(), local_only=local_only)


def hide_invalid_input(app: FastAPI) -> None:
    """Report where and why validation failed, but not the input: it may not be JSON, and it is private text."""

    @app.exception_handler(RequestValidationError)
    async def invalid_request(_: Request, error: RequestValidationError) -> JSONResponse:
        errors = [{name: flaw[name] for name in ("type", "loc", "msg")} for flaw in error.errors()]
        return JSONResponse({"detail": errors}, 422)


def _classify(app: FastAPI, batcher: Batcher, meters: ServerMetrics, seconds: float, guarded: list[Any],
              explain: bool) -> None:  # fmt: skip
    @app.post("/v1/classify", response_model=Answers, dependencies=guarded,
              responses=refusals(400, 401, 403, 413, 422, 429, 503))  # fmt: skip
    async def classify(body: ClassifyRequest) -> Response:
        began = time.perf_counter()
        explaining.check(body, explain)
        try:
            rows, (model, name), why = await asyncio.wait_for(explaining.read(batcher.ask, body), seconds)
        except FullError:
            raise HTTPException(
                429, "too many texts are waiting; try again in a second", {"retry-after": "1"}
            ) from None
        except TimeoutError:
            raise HTTPException(503, f"no answer within {seconds:g} s", {"retry-after": "1"}) from None
        answers, page = await written(model, name, rows, body, why)
        _count(meters, answers, time.perf_counter() - began)
        return page


def _facts(app: FastAPI, holder: Holder, batcher: Batcher, meters: ServerMetrics, guarded: list[Any]) -> None:
    @app.get("/v1/labels", dependencies=guarded, responses=refusals(401))
    async def labels() -> list[str]:
        return list(holder.model.classes)

    @app.get("/healthz")
    async def health() -> dict[str, str]:
        return {"status": "alive"}

    @app.get("/readyz", responses={503: {"model": dict[str, str], "description": "too many texts are waiting"}})
    async def ready(response: Response) -> dict[str, str]:
        response.status_code = 503 if batcher.full else 200
        return {"status": "full" if batcher.full else "ready", "model": holder.name}

    @app.get("/metrics", dependencies=guarded, responses=PAGE | refusals(401), response_class=Response)
    async def metrics(_: Request) -> Response:
        meters.waiting.set(batcher.waiting)
        meters.reloads.set(holder.reloads)
        meters.failures.set(holder.failures)
        return Response(generate_latest(meters.registry), media_type=CONTENT_TYPE_LATEST)


async def written(model: Model, name: str, read: Any, request: ClassifyRequest,
                  why: Why | None = None) -> tuple[list[Answer], Response]:  # fmt: skip
    """The answers, and the response with them; a large one is written in a thread, so that other requests go on.

    Args: name: of the model. read: what it read from the texts of the request. why: explains the answers.
    """

    def write() -> tuple[list[Answer], Response]:
        answers = answers_of(model, read, request)
        for answer, explanation in zip(answers, why(model) if why else (), strict=bool(why)):
            answer["explanation"] = explanation
        # One by one: nothing else runs while a document is written, and all may have a quarter of a million entries.
        rows = ",".join(json.dumps(answer, ensure_ascii=False, allow_nan=False) for answer in answers)
        page = f'{{"model":{json.dumps(name, ensure_ascii=False)},"answers":[{rows}]}}'
        return answers, Response(page.encode(errors="replace"), media_type="application/json")

    return await asyncio.to_thread(write) if why or len(read) * (1 + request.top_k) > LARGE else write()


def answers_of(model: Model, read: Any, request: ClassifyRequest) -> list[Answer]:
    """Convert what a model read from n texts to answers, using the model's own thresholds.

    Raises: ValueError if a probability is not a number: nothing follows from it.
    """
    decided, p = model.answers(read, request.abstain), read.probabilities
    if not np.isfinite(p).all():
        raise ValueError("a probability is not a number")
    sure = confidence(p, model.multi_label)
    sets = model.answer_sets(read) if getattr(model, "promise", None) is not None else None
    answers: list[Answer] = []
    for row, answer, certain in zip(p, decided, sure, strict=True):
        names = [] if answer is None else answer if isinstance(answer, list) else [answer]
        best = np.argsort(-row, kind="stable")[: request.top_k].tolist() if request.top_k else ()
        likely = row.tolist() if request.top_k else ()
        top = [{"label": model.classes[c], "probability": likely[c]} for c in best]
        answers.append({"labels": names, "confidence": float(certain), "abstained": answer is None, "top": top})
        if sets is not None:
            answers[-1]["answer_set"] = sets[len(answers) - 1]
    return answers


def _count(meters: ServerMetrics, answers: list[Answer], seconds: float) -> None:
    meters.texts.inc(len(answers))
    meters.seconds.observe(seconds)
    for answer in answers:
        meters.abstained.inc(answer["abstained"])
        for label in answer["labels"]:
            meters.labels.labels(label).inc()
