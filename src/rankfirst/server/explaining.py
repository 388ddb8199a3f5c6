"""Explanations over HTTP: each text is asked again without each of its words, as one request of the usual queues."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from fastapi import HTTPException
from fastapi.exceptions import RequestValidationError

from rankfirst.data.files.texts import clean
from rankfirst.model.explanation import explained, to_ask
from rankfirst.model.word_effects import Pieces
from rankfirst.server.schema import MOST_EXPLAINED, MOST_EXPLAINED_CHARS, ClassifyRequest

Ask = Callable[[Sequence[str]], Awaitable[tuple[Any, Any]]]  # texts -> (the model's reading, the model and its name)


def check(request: ClassifyRequest, allowed: bool) -> None:
    """Raises: HTTPException if explanations are off; RequestValidationError for a request too large to be explained."""
    if not request.explain:
        return
    if not allowed:
        raise HTTPException(403, "explanations are off; the server allows them if it is started with --explain")
    flaw = ""
    if len(request.texts) > MOST_EXPLAINED:
        flaw = f"at most {MOST_EXPLAINED} texts can be explained in a request"
    elif max(map(len, request.texts)) > MOST_EXPLAINED_CHARS:
        flaw = f"a text to explain may have at most {MOST_EXPLAINED_CHARS} characters"
    if flaw:
        raise RequestValidationError([{"type": "too_long", "loc": ("body", "texts"), "msg": flaw}])


async def read(ask: Ask, request: ClassifyRequest) -> tuple[Any, Any, Callable[[Any], list[dict[str, Any]]] | None]:
    """What a model reads from the texts of a request; the model with its name; what explains the answers, on request.

    All is one request, so that one model answers it, a deadline holds for it, and others get their turns between.
    """
    if not request.explain:
        rows, used = await ask(request.texts)
        return rows, used, None
    pieces = [Pieces.of(clean(text)) for text in request.texts]
    rows, used = await ask(to_ask(pieces))
    return rows[: len(pieces)], used, lambda model: [each.as_dict() for each in explained(model, pieces, rows)]
