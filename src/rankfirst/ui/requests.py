"""What the routes share: which run, its events, the language, who may send a form."""

import hmac
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated, BinaryIO

from fastapi import Depends, HTTPException, Request
from fastapi.responses import HTMLResponse, Response
from starlette.datastructures import FormData, UploadFile

from rankfirst.errors import RunError
from rankfirst.messages import LANGS, Lang
from rankfirst.report.events import Event, read
from rankfirst.report.phrases import Both, both
from rankfirst.ui.access import CSRF
from rankfirst.ui.pages import Html
from rankfirst.ui.run_index import RunIndex
from rankfirst.ui.scan import RunFolder

LANGUAGE = "rankfirst-lang"  # name of the cookie with the reader's last choice of language
_FIELDS = 4_000
_FIELD_BYTES = 256 << 10  # of a field that is no file


def find_run(index: RunIndex, id: str) -> RunFolder:
    """The run with that id. Raises: HTTPException 404."""
    folder = index.find(id)
    if folder is None:
        raise HTTPException(404, both("ui.no_run"))
    return folder


def events_of(run_folder: RunFolder) -> list[Event]:
    """The run's events. Raises: HTTPException 404 if the journal is gone, 409 if it is damaged."""
    try:
        return read(run_folder.journal)
    except RunError as error:
        status = 404 if error.code == "run.missing" else 409
        words = Both(error.sentence("en"), error.sentence("zh"))
        raise HTTPException(status, words) from None
    except OSError:
        raise HTTPException(404, both("ui.no_run")) from None


def language(request: Request, requested: str | None, otherwise: Lang) -> Lang:
    """The page's language: from the query, else from the cookie, else the server's default."""
    for choice in (requested, request.cookies.get(LANGUAGE)):
        for lang in LANGS:
            if choice == lang:
                return lang
    return otherwise


def html(page: Html, status: int = 200) -> Response:
    """A page under its policy."""
    return HTMLResponse(page.text, status, {"content-security-policy": page.policy})


def csrf(request: Request) -> str:
    """The token that forms of this page send; "" if the page is read only."""
    return str(request.scope.get(CSRF, ""))


def is_htmx(request: Request) -> bool:
    """Whether a fragment is wanted instead of a page."""
    return request.headers.get("hx-request") == "true"


@dataclass(frozen=True)
class Posted:
    """The fields of a form that this session has sent."""

    fields: FormData

    def text(self, name: str) -> str:
        """A field without surrounding space; "" if it is missing."""
        value = self.fields.get(name)
        return value.strip() if isinstance(value, str) else ""

    def all(self, name: str) -> list[str]:
        """Every value of a field."""
        return [value.strip() for value in self.fields.getlist(name) if isinstance(value, str)]

    def file(self, name: str) -> tuple[str, BinaryIO] | None:
        """(name that the browser gives, content) of an upload; None without one."""
        value = self.fields.get(name)
        return (value.filename, value.file) if isinstance(value, UploadFile) and value.filename else None


async def posted(request: Request) -> AsyncIterator[Posted]:
    """The form of a request. Raises: HTTPException 403 unless it carries the token of its session."""
    async with request.form(max_files=1, max_fields=_FIELDS, max_part_size=_FIELD_BYTES) as fields:
        given, wanted = fields.get("csrf"), csrf(request)
        if not wanted or not isinstance(given, str) or not hmac.compare_digest(given.encode(), wanted.encode()):
            raise HTTPException(403, both("ui.stale_form"))
        yield Posted(fields)


Form = Annotated[Posted, Depends(posted)]
