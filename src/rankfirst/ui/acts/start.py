"""The form from a file to its assessment or its run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse, Response

from rankfirst.data.files.formats import READERS
from rankfirst.errors import DataError, OptionError, RankfirstError
from rankfirst.messages import Lang
from rankfirst.options.fit_options import AssessOptions, FitOptions
from rankfirst.report.phrases import Both, both
from rankfirst.ui import pages
from rankfirst.ui.acts import fields
from rankfirst.ui.acts.home import Home, plain, split_name
from rankfirst.ui.acts.jobs import Job, Queue
from rankfirst.ui.acts.site import Site
from rankfirst.ui.pages import words_of
from rankfirst.ui.requests import Form, Posted, csrf, html, language

PAGE = "new.html.j2"


@dataclass(frozen=True)
class NewView:
    """The form for a file."""

    subtitle: Both
    files: tuple[str, ...]
    given: Mapping[str, str] = field(default_factory=dict)
    wrong: Both | None = None
    dataset: str = "rankfirst"


def add(app: FastAPI, site: Site) -> None:
    """Add the routes."""
    home, queue = site.place, site.tasks

    def shown(request: Request, given: Mapping[str, str], wrong: Both | None = None) -> Response:
        page = NewView(both("ui.new.subtitle"), tuple(home.files()), given, wrong)
        lang = language(request, request.query_params.get("lang"), site.lang)
        accept = ",".join(READERS)
        made = pages.page(PAGE, page, lang, csrf(request), names=fields.NAMES, accept=accept)
        return html(made, 400 if wrong else 200)

    @app.get("/new", include_in_schema=False)
    def new(request: Request) -> Response:
        given = request.query_params.get("file", "")
        return shown(request, {"file": given} if given in home.files() else {})

    @app.post("/new", include_in_schema=False)
    def begin(request: Request, form: Form) -> Response:
        given = {name: form.text(name) for name in (*fields.NAMES, "file", "name", "quick") if form.text(name)}
        try:
            given["file"], path = _file(home, form)
            job = _begun(queue, home, path, given, form.text("act"), language(request, None, site.lang))
        except RankfirstError as error:
            return shown(request, given, words_of(error))
        return RedirectResponse(f"/job/{job.id}", 303)


def _file(home: Home, form: Posted) -> tuple[str, Path]:
    """(name, path) of the file of a form: an upload, or one that a scan finds. Raises: DataError, OptionError."""
    upload = form.file("upload")
    if upload is not None:
        try:
            path = home.keep(*upload)
        except ValueError as error:
            known = ", ".join(READERS)
            raise DataError("data.unknown_format", path=upload[0], suffix=str(error) or "-", known=known) from None
        return path.relative_to(home.folder).as_posix(), path
    return _found(home, form.text("file"))


def _found(home: Home, named: str) -> tuple[str, Path]:
    """(name, path) of a file that a scan finds, by its name or its path. Raises: OptionError."""
    for name, path in home.files().items():
        if named in (name, str(path)):
            return name, path
    raise OptionError("ui.no_file", path=named) if named else OptionError("ui.file_missing")


def _begun(queue: Queue, home: Home, path: Path, given: Mapping[str, str], act: str, lang: Lang) -> Job:
    """Queue the command of a form. Raises: OptionError for options that cannot be used."""
    name = plain(given.get("name") or split_name(path.name)[0])
    file = given["file"]
    given = {**given, **{each: str(_found(home, given[each])[1]) for each in fields.FILES if given.get(each)}}
    if act == "fit":
        words = fields.words(given, FitOptions)
        out = home.made(home.folder, name)
        return queue.add("fit", ("fit", str(path), "-o", str(out), "-q", "--lang", lang, *words), file, out)
    quick = bool(given.get("quick"))
    words = fields.words({**given, "base_model": ""} if quick else given, AssessOptions)
    out = home.made(home.assessments, name)
    more = ("--no-encoder",) if quick else ()
    return queue.add("assess", ("assess", str(path), "-o", str(out), "--lang", lang, *more, *words), file, out)
