"""The routes: pages, parts of pages, and the same as JSON. Every route reads."""

import dataclasses
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

from fastapi import FastAPI, Header, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from starlette.exceptions import HTTPException as Refusal  # what the router raises; FastAPI's own is one

from rankfirst.errors import RunError, keep_trace
from rankfirst.records import to_json
from rankfirst.report.events import Event, last, read
from rankfirst.report.html import examples
from rankfirst.report.speech import Both, both, clean
from rankfirst.ui import pages
from rankfirst.ui.card import Card
from rankfirst.ui.compare import compare
from rankfirst.ui.live import MOST, Following, Slots, follow
from rankfirst.ui.scan import Found
from rankfirst.ui.shelf import Shelf
from rankfirst.words import LANGS, Lang

LANGUAGE = "rankfirst-lang"  # cookie: what the reader chose last

Asked = Annotated[str | None, Query(max_length=8)]
Id = Annotated[str, Query(max_length=32)]
Line = Annotated[int, Query(ge=0)]


def create(roots: Sequence[Path], lang: Lang = "en", texts: bool = True, most: int = MOST) -> FastAPI:
    """The application over the runs below `roots`, without its guard.

    Args: texts: show rows of the data, which lie in examples.json beside a journal. most: readers that follow at once.
    """
    app = FastAPI(title="rankfirst", docs_url=None, redoc_url=None, openapi_url="/openapi.json")
    shelf, slots = Shelf(roots), Slots(most)
    _pages(app, shelf, lang, texts)
    _api(app, shelf, slots)

    @app.exception_handler(Refusal)
    def sorry(request: Request, error: Refusal) -> Response:
        detail: Any = error.detail
        words = detail if isinstance(detail, Both) else both("ui.no_page")
        return told(request, words, error.status_code, error.headers)

    @app.exception_handler(Exception)
    def broken(request: Request, error: Exception) -> Response:
        log = keep_trace("".join(traceback.format_exception(error)))
        return told(request, both("ui.broken", {"what": type(error).__name__, "log": log}), 500, None)

    def told(request: Request, words: Both, status: int, headers: Mapping[str, str] | None) -> Response:
        if request.url.path.startswith("/api/"):
            return JSONResponse({"detail": words.en}, status, headers)
        return _html(pages.sorry_page(words, language(request, None, lang)), status)

    return app


def _pages(app: FastAPI, shelf: Shelf, lang: Lang, texts: bool) -> None:
    title = " · ".join(dict.fromkeys(clean(root.name or root) for root in shelf.roots))

    def rows(found: Found) -> Any:
        return examples(found.folder) if texts else None

    @app.get("/", include_in_schema=False)
    def runs(request: Request, lang_: Annotated[str | None, Query(alias="lang", max_length=8)] = None) -> Response:
        return _html(pages.runs_page(shelf.cards(), title, language(request, lang_, lang)))

    @app.get("/part/runs", include_in_schema=False)
    def part_runs(if_none_match: Annotated[str | None, Header()] = None) -> Response:
        cards = shelf.cards()
        mark = f'"{pages.mark(cards)}"'
        if if_none_match == mark:
            return Response(status_code=304, headers={"etag": mark})
        return HTMLResponse(pages.rows(cards), headers={"etag": mark})

    @app.get("/run/{id}", include_in_schema=False)
    def run(id: str, request: Request,
            lang_: Annotated[str | None, Query(alias="lang", max_length=8)] = None) -> Response:  # fmt: skip
        found = known(shelf, id)
        shown = language(request, lang_, lang)
        return _html(pages.run_page(events_of(found), shelf.card(found), shelf.cards(), rows(found), shown))

    @app.get("/run/{id}/part", include_in_schema=False)
    def part_run(id: str, request: Request) -> Response:
        found = known(shelf, id)
        shown = language(request, None, lang)
        return HTMLResponse(pages.run_part(events_of(found), shelf.card(found), rows(found), shown))

    @app.get("/compare", include_in_schema=False)
    def compared(request: Request, run: Annotated[list[str], Query(max_length=8)] = [],  # noqa: B006
                 lang_: Annotated[str | None, Query(alias="lang", max_length=8)] = None) -> Response:  # fmt: skip
        if len(run) != 2 or run[0] == run[1]:
            raise HTTPException(400, both("ui.need_two"))
        first, second = (known(shelf, id) for id in run)
        view = compare((shelf.card(first), shelf.card(second)), events_of(first), events_of(second))
        return _html(pages.compare_page(view, language(request, lang_, lang)))

    @app.get("/favicon.ico", include_in_schema=False)
    def icon() -> Response:
        return Response(status_code=204)


def _api(app: FastAPI, shelf: Shelf, slots: Slots) -> None:
    @app.get("/api/runs", summary="Every run, the one that was active last first")
    def runs() -> dict[str, Any]:
        return {"runs": [plain(card) for card in shelf.cards()]}

    @app.get("/api/run/{id}", summary="One run: its row, and result.json where it has finished")
    def run(id: str) -> dict[str, Any]:
        found = known(shelf, id)
        return {**plain(shelf.card(found)), "result": to_json(last(events_of(found), "result")) or None}

    @app.get("/api/run/{id}/journal", summary="Its events from the line after `after` on, as they were written")
    def journal(id: str, after: Line = 0) -> dict[str, Any]:
        told = [to_json(dataclasses.asdict(event)) for event in events_of(known(shelf, id)) if event.line > after]
        return {"events": told}

    @app.get("/api/run/{id}/events", summary="The same as server-sent events, as they happen",
             response_class=Response, responses={200: {"content": {"text/event-stream": {}}}, 503: {}})  # fmt: skip
    async def events(id: str, after: Line = 0,
                     last_event_id: Annotated[str | None, Header()] = None) -> Response:  # fmt: skip
        found = known(shelf, id)
        if not slots.take():
            raise HTTPException(503, both("ui.too_many"), {"retry-after": "30"})
        since = int(last_event_id) if last_event_id and last_event_id.isdecimal() else after
        return Following(follow(found, since), slots)


def known(shelf: Shelf, id: str) -> Found:
    """The run with that id. Raises: HTTPException 404."""
    found = shelf.find(id)
    if found is None:
        raise HTTPException(404, both("ui.no_run"))
    return found


def events_of(found: Found) -> list[Event]:
    """Its events. Raises: HTTPException 404 when the journal is gone, 409 when it is damaged."""
    try:
        return read(found.journal)
    except RunError as error:
        status = 404 if error.code == "run.missing" else 409
        words = Both(error.sentence("en"), error.sentence("zh"))
        raise HTTPException(status, words) from None
    except OSError:
        raise HTTPException(404, both("ui.no_run")) from None


def language(request: Request, asked: str | None, otherwise: Lang) -> Lang:
    """What the address asks for, else what was chosen last, else what the server was started in."""
    for told in (asked, request.cookies.get(LANGUAGE)):
        for lang in LANGS:
            if told == lang:
                return lang
    return otherwise


def plain(card: Card) -> dict[str, Any]:
    """A row as JSON; what is no finite number is written as in the journal."""
    told = {f.name: getattr(card, f.name) for f in dataclasses.fields(card) if f.name != "recipe_words"}
    told |= {"state": card.state.value, "val": dataclasses.asdict(card.val)}
    told |= {"wrong": card.wrong.sentence() if card.wrong else None}
    return {name: to_json(value) for name, value in told.items()}


def _html(page: pages.Html, status: int = 200) -> Response:
    return HTMLResponse(page.text, status, {"content-security-policy": page.policy})
