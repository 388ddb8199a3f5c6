"""The pages on which a person goes through doubted labels, and writes a cleaned file."""

from dataclasses import dataclass
from pathlib import Path

from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, Response

from rankfirst.errors import OptionError, RankfirstError
from rankfirst.records import Assessment
from rankfirst.report.phrases import Both, both
from rankfirst.ui import pages
from rankfirst.ui.acts import review
from rankfirst.ui.acts.assessed import read_assessment
from rankfirst.ui.acts.jobs import Job
from rankfirst.ui.acts.review import Cleaned, Row
from rankfirst.ui.acts.site import Site
from rankfirst.ui.acts.tasks import found
from rankfirst.ui.pages import words_of
from rankfirst.ui.requests import Form, csrf, html, is_htmx, language


@dataclass(frozen=True)
class ReviewView:
    """All rows, and the one that is shown."""

    dataset: str
    subtitle: Both
    job: Job
    rows: tuple[Row, ...]
    row: Row | None  # None: every row is decided
    classes: tuple[str, ...]
    multi_label: bool
    wrong: Both | None = None
    cleaned: Cleaned | None = None
    ignored: tuple[Both, ...] = ()  # corrections that were not applied

    @property
    def left(self) -> int:
        """Rows without a decision."""
        return sum(not row.decision for row in self.rows)

    def count(self, decision: str) -> int:
        """Rows with a decision."""
        return sum(row.decision == decision for row in self.rows)


def add(app: FastAPI, site: Site) -> None:
    """Add the routes."""

    @app.get("/assessment/{id}/review", include_in_schema=False)
    def shown(id: str, request: Request, row: int = 0) -> Response:
        job, assessment = _asked(site, id)
        return _answer(request, site, _view(job, assessment, row))

    @app.post("/assessment/{id}/review", include_in_schema=False)
    def decided(id: str, request: Request, form: Form) -> Response:
        job, assessment = _asked(site, id)
        rows = review.rows_of(assessment, job)
        row = next((each for each in rows if str(each.line) == form.text("line")), None)
        decision = form.text("act")
        if row is None or decision not in (*review.DECISIONS, ""):
            raise HTTPException(404, both("ui.review.no_row"))
        try:
            review.decide(job, row, decision, form.text("label"), assessment)
        except OptionError as error:
            return _answer(request, site, _view(job, assessment, row.line, words_of(error)), 400)
        after = _next(review.rows_of(assessment, job), row.line) if decision else row.line
        if is_htmx(request):
            return _answer(request, site, _view(job, assessment, after))
        return RedirectResponse(f"/assessment/{job.id}/review?row={after}", 303)

    @app.post("/assessment/{id}/clean", include_in_schema=False)
    def cleaned(id: str, request: Request, form: Form) -> Response:
        job, assessment = _asked(site, id)
        view = _view(job, assessment, 0)
        try:
            done = review.clean(site.place, job, view.rows, language(request, None, site.lang))
        except (RankfirstError, OSError) as error:
            wrong = words_of(error) if isinstance(error, RankfirstError) else both("ui.review.unwritable")
            return _answer(request, site, _view(job, assessment, 0, wrong), 400)
        ignored = tuple(both(each.code, dict(each.numbers)) for each in done.fixed.ignored)
        return _answer(request, site, _view(job, assessment, 0, cleaned=done, ignored=ignored))

    @app.get("/uploads/{name}", include_in_schema=False)
    def upload(name: str) -> Response:
        folder = site.place.uploads
        paths = {path.name: path for path in folder.iterdir()} if folder.is_dir() and site.texts else {}
        if name not in paths or not paths[name].is_file() or not site.place.holds(paths[name]):
            raise HTTPException(404, both("ui.no_page"))
        return FileResponse(paths[name], media_type="application/octet-stream", filename=name)


def _asked(site: Site, id: str) -> tuple[Job, Assessment]:
    """Raises: HTTPException 404 without an assessment, 403 if the page shows no rows of the data."""
    job = found(site, id)
    if not site.texts:
        raise HTTPException(403, both("ui.review.no_texts"))
    return job, read_assessment(job)


def _view(job: Job, assessment: Assessment, line: int, wrong: Both | None = None, cleaned: Cleaned | None = None,
          ignored: tuple[Both, ...] = ()) -> ReviewView:  # fmt: skip
    rows = review.rows_of(assessment, job)
    row = next((each for each in rows if each.line == line), None) or next((r for r in rows if not r.decision), None)
    return ReviewView(Path(job.file).name, both("ui.review.subtitle"), job, tuple(rows), row,
                      assessment.profile.classes, assessment.profile.multi_label, wrong, cleaned, ignored)  # fmt: skip


def _next(rows: list[Row], line: int) -> int:
    """The line of the next row without a decision, from the beginning again after the last; 0 if none is left."""
    at = next(n for n, row in enumerate(rows) if row.line == line)
    return next((row.line for row in [*rows[at:], *rows[:at]] if not row.decision), 0)


def _answer(request: Request, site: Site, view: ReviewView, status: int = 200) -> Response:
    if is_htmx(request):
        return HTMLResponse(pages.fragment("review_row.html.j2", csrf(request), v=view))
    lang = language(request, request.query_params.get("lang"), site.lang)
    return html(pages.page("review.html.j2", view, lang, csrf(request)), status)
