"""The page that asks a delivered model about a text."""

from dataclasses import dataclass

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, Response

from rankfirst.errors import RankfirstError
from rankfirst.report.phrases import Both, both
from rankfirst.ui import pages
from rankfirst.ui.acts.site import Site
from rankfirst.ui.acts.trial import Trial, Trials
from rankfirst.ui.pages import words_of
from rankfirst.ui.requests import Form, csrf, find_run, html, is_htmx, language
from rankfirst.ui.run_row import Card


@dataclass(frozen=True)
class TryView:
    """The form and the last answer."""

    dataset: str
    subtitle: Both
    card: Card
    text: str = ""
    trial: Trial | None = None
    wrong: Both | None = None
    rows_shown: bool = True  # False: the page shows no rows of the data


def add(app: FastAPI, site: Site) -> None:
    """Add the routes."""
    assert site.acts is not None
    trials = Trials(site.acts.load)

    def shown(request: Request, id: str, text: str = "", trial: Trial | None = None,
              wrong: Both | None = None) -> Response:  # fmt: skip
        card = site.index.card(find_run(site.index, id))
        view = TryView(card.dataset or card.name, both("ui.try.subtitle", {"run": card.name}), card, text, trial, wrong,
                       site.texts)  # fmt: skip
        if is_htmx(request):
            return HTMLResponse(pages.fragment("answer.html.j2", csrf(request), v=view))
        lang = language(request, request.query_params.get("lang"), site.lang)
        return html(pages.page("try.html.j2", view, lang, csrf(request)), 400 if wrong else 200)

    @app.get("/run/{id}/try", include_in_schema=False)
    def form(id: str, request: Request) -> Response:
        return shown(request, id)

    @app.post("/run/{id}/try", include_in_schema=False)
    def ask(id: str, request: Request, form: Form) -> Response:
        folder, text = find_run(site.index, id), form.text("text")
        if not text:
            return shown(request, id, wrong=both("ui.try.empty"))
        try:
            trial = trials.ask(folder.folder, text, site.texts)
        except RankfirstError as error:
            return shown(request, id, text, wrong=words_of(error))
        return shown(request, id, text, trial)
