"""The routes that only read: pages, page fragments, and the same data as JSON. Those that act are in `acts`."""

import dataclasses
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

from fastapi import FastAPI, Header, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from starlette.exceptions import HTTPException as Refusal  # raised by the router; FastAPI's own exception is a subclass

from rankfirst.errors import keep_trace
from rankfirst.messages import Lang
from rankfirst.records import to_json
from rankfirst.report.events import last
from rankfirst.report.html import examples
from rankfirst.report.phrases import Both, both, clean
from rankfirst.ui import pages
from rankfirst.ui.acts import assessed, noting, reviewing, start, tasks, trying
from rankfirst.ui.acts.site import Acts, Site
from rankfirst.ui.compare import compare
from rankfirst.ui.compare_many import MOST as MOST_COMPARED
from rankfirst.ui.compare_many import compare_many
from rankfirst.ui.going import Going, from_journal, going
from rankfirst.ui.requests import csrf, events_of, find_run, html, language
from rankfirst.ui.run_index import RunIndex
from rankfirst.ui.run_row import Card, State
from rankfirst.ui.scan import RunFolder
from rankfirst.ui.server_events import MOST, Following, Slots, follow

Line = Annotated[int, Query(ge=0)]


def create(
    roots: Sequence[Path], lang: Lang = "en", texts: bool = True, most: int = MOST, acts: Acts | None = None
) -> FastAPI:
    """The application over the runs below `roots`, without its guard.

    Args: texts: show rows of the data, read from examples.json next to a journal. most: maximum number of live
        followers. acts: what the page may do beside reading; None: nothing.
    """
    app = FastAPI(title="rankfirst", docs_url=None, redoc_url=None, openapi_url="/openapi.json")
    index, slots = RunIndex(roots), Slots(most)
    site = Site.of(index, lang, texts, acts)
    _pages(app, site)
    _compare_page(app, site)
    _api(app, index, slots)
    if site.home is not None:
        for room in (start, tasks, assessed, reviewing, trying, noting):
            room.add(app, site)

    @app.exception_handler(Refusal)
    def http_error(request: Request, error: Refusal) -> Response:
        detail: Any = error.detail
        words = detail if isinstance(detail, Both) else both("ui.no_page")
        return error_response(request, words, error.status_code, error.headers)

    @app.exception_handler(Exception)
    def unexpected_error(request: Request, error: Exception) -> Response:
        log = keep_trace("".join(traceback.format_exception(error)))
        return error_response(request, both("ui.broken", {"what": type(error).__name__, "log": log}), 500, None)

    def error_response(request: Request, words: Both, status: int, headers: Mapping[str, str] | None) -> Response:
        if request.url.path.startswith("/api/"):
            return JSONResponse({"detail": words.en}, status, headers)
        return html(pages.error_page(words, language(request, None, lang)), status)

    return app


def _pages(app: FastAPI, site: Site) -> None:
    index, lang, texts = site.index, site.lang, site.texts
    title = " · ".join(dict.fromkeys(clean(root.name or root) for root in index.roots))

    def rows(folder: RunFolder) -> Any:
        return examples(folder.folder) if texts else None

    @app.get("/", include_in_schema=False)
    def runs(request: Request, lang_: Annotated[str | None, Query(alias="lang", max_length=8)] = None,
             archived: bool = False) -> Response:  # fmt: skip
        jobs = tasks.listed(site.queue) if site.queue else ()
        shown = language(request, lang_, lang)
        return html(pages.runs_page(index.cards(), title, shown, csrf(request), jobs, archived))

    @app.get("/part/runs", include_in_schema=False)
    def part_runs(if_none_match: Annotated[str | None, Header()] = None, archived: bool = False) -> Response:
        cards = pages.listed(index.cards(), archived)
        mark = f'"{pages.mark(cards)}"'
        if if_none_match == mark:
            return Response(status_code=304, headers={"etag": mark})
        return HTMLResponse(pages.rows(cards), headers={"etag": mark})

    @app.get("/run/{id}", include_in_schema=False)
    def run(id: str, request: Request,
            lang_: Annotated[str | None, Query(alias="lang", max_length=8)] = None) -> Response:  # fmt: skip
        folder = find_run(index, id)
        shown = language(request, lang_, lang)
        card, job = index.card(folder), site.queue.of(folder.folder) if site.queue else None
        return html(pages.run_page(events_of(folder), card, index.cards(), rows(folder), shown, csrf(request), job,
                                   _going(site, folder, card)))  # fmt: skip

    @app.get("/run/{id}/now", include_in_schema=False)
    def now(id: str) -> Response:
        folder = find_run(index, id)
        return HTMLResponse(pages.fragment("going.html.j2", "", g=_going(site, folder, index.card(folder))))

    @app.get("/run/{id}/part", include_in_schema=False)
    def part_run(id: str, request: Request) -> Response:
        folder = find_run(index, id)
        shown = language(request, None, lang)
        return HTMLResponse(pages.run_part(events_of(folder), index.card(folder), rows(folder), shown))

    @app.get("/favicon.ico", include_in_schema=False)
    def icon() -> Response:
        return Response(status_code=204)


def _going(site: Site, folder: RunFolder, card: Card) -> Going | None:
    """Progress of a running fit, from its task or else from its journal; None if it is not running."""
    if card.state is not State.RUNNING:
        return None
    job = site.queue.of(folder.folder) if site.queue else None
    view = site.queue.view(job) if site.queue and job else None
    return going(view or from_journal(folder.journal))


def _compare_page(app: FastAPI, site: Site) -> None:
    index, lang = site.index, site.lang

    @app.get("/compare", include_in_schema=False)
    def compared(request: Request, run: Annotated[list[str], Query(max_length=8)] = [],  # noqa: B006
                 lang_: Annotated[str | None, Query(alias="lang", max_length=8)] = None) -> Response:  # fmt: skip
        if not 2 <= len(set(run)) <= MOST_COMPARED:
            raise HTTPException(400, both("ui.need_two", {"most": MOST_COMPARED}))
        chosen = [find_run(index, id) for id in dict.fromkeys(run)]
        shown, token = language(request, lang_, lang), csrf(request)
        cards, events = [index.card(folder) for folder in chosen], [events_of(folder) for folder in chosen]
        if len(chosen) > 2:
            return html(pages.many_page(compare_many(cards, events), shown, token))
        return html(pages.compare_page(compare((cards[0], cards[1]), *events), shown, token))


def _api(app: FastAPI, index: RunIndex, slots: Slots) -> None:
    @app.get("/api/runs", summary="All runs, most recently active first")
    def runs() -> dict[str, Any]:
        return {"runs": [plain(card) for card in index.cards()]}

    @app.get("/api/run/{id}", summary="One run: its row, and result.json if it has finished")
    def run(id: str) -> dict[str, Any]:
        folder = find_run(index, id)
        return {**plain(index.card(folder)), "result": to_json(last(events_of(folder), "result")) or None}

    @app.get("/api/run/{id}/journal", summary="Its events after line `after`, as written")
    def journal(id: str, after: Line = 0) -> dict[str, Any]:
        later = [to_json(dataclasses.asdict(event)) for event in events_of(find_run(index, id)) if event.line > after]
        return {"events": later}

    @app.get("/api/run/{id}/events", summary="The same as server-sent events, as they happen",
             response_class=Response, responses={200: {"content": {"text/event-stream": {}}}, 503: {}})  # fmt: skip
    async def events(id: str, after: Line = 0,
                     last_event_id: Annotated[str | None, Header()] = None) -> Response:  # fmt: skip
        folder = find_run(index, id)
        if not slots.take():
            raise HTTPException(503, both("ui.too_many"), {"retry-after": "30"})
        since = int(last_event_id) if last_event_id and last_event_id.isdecimal() else after
        return Following(follow(folder, since), slots)


def plain(card: Card) -> dict[str, Any]:
    """A card as JSON; non-finite numbers are encoded as in the journal."""
    fields = {f.name: getattr(card, f.name) for f in dataclasses.fields(card) if f.name != "recipe_words"}
    fields |= {"state": card.state.value, "val": dataclasses.asdict(card.val)}
    fields |= {"wrong": card.wrong.sentence() if card.wrong else None, "notes": dataclasses.asdict(card.notes)}
    return {name: to_json(value) for name, value in fields.items()}
