"""The page of an assessment: what `rankfirst assess` found, and what may follow."""

import json
from dataclasses import replace
from pathlib import Path

from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import Response

from rankfirst.errors import RankfirstError
from rankfirst.records import Assessment, from_json
from rankfirst.report.assessment import RECORD, view
from rankfirst.report.phrases import both
from rankfirst.ui import pages
from rankfirst.ui.acts import fields, review
from rankfirst.ui.acts.jobs import Job
from rankfirst.ui.acts.site import Site
from rankfirst.ui.acts.tasks import found
from rankfirst.ui.requests import csrf, html, language


def add(app: FastAPI, site: Site) -> None:
    """Add the route."""

    @app.get("/assessment/{id}", include_in_schema=False)
    def assessment(id: str, request: Request) -> Response:
        job = found(site, id)
        assessed = read_assessment(job, site.texts)
        lang = language(request, request.query_params.get("lang"), site.lang)
        return html(pages.page("assessed.html.j2", view(assessed), lang, csrf(request), job=job, names=fields.NAMES,
                               given={"file": job.file} | review.columns(job),
                               doubted=len(review.rows_of(assessed, job)) if site.texts else 0,
                               files=tuple(site.place.files())))  # fmt: skip


def read_assessment(job: Job, texts: bool = True) -> Assessment:
    """What a finished assessment found. Args: texts: with rows of the data. Raises: HTTPException 404."""
    try:
        record = json.loads((Path(job.out) / RECORD).read_text(encoding="utf-8"))
        read: Assessment = from_json(Assessment, record)
    except (OSError, ValueError, RankfirstError):
        raise HTTPException(404, both("ui.no_assessment")) from None
    if texts:
        return read
    pairs = tuple(replace(pair, examples=()) for pair in read.pairs)
    shifts = tuple(replace(shift, rows=()) for shift in read.shifts)
    return replace(read, examples={}, reviews={}, pairs=pairs, shifts=shifts)
