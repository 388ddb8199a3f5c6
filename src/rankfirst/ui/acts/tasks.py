"""The pages of the queue: how a command goes, and the acts upon it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from rankfirst.report.phrases import Both, both, same
from rankfirst.run.folder import JOURNAL
from rankfirst.ui import pages
from rankfirst.ui.acts.jobs import Job, Queue
from rankfirst.ui.acts.site import Site
from rankfirst.ui.going import Going, going
from rankfirst.ui.requests import Form, csrf, html, language
from rankfirst.ui.scan import id_of


@dataclass(frozen=True)
class JobView:
    """A command that waits, runs or has ended."""

    dataset: str
    subtitle: Both
    job: Job
    before: int  # jobs that come first
    going: Going | None


def add(app: FastAPI, site: Site) -> None:
    """Add the routes."""
    queue = site.tasks

    @app.get("/part/jobs", include_in_schema=False)
    def part_jobs(request: Request, mark: str = "") -> Response:
        queue.wake()
        jobs = listed(queue)
        if mark == jobs_mark(jobs):
            return Response(status_code=204)
        return HTMLResponse(pages.fragment("jobs.html.j2", csrf(request), jobs=jobs, jobs_mark=jobs_mark(jobs)))

    @app.get("/job/{id}", include_in_schema=False)
    def shown(id: str, request: Request) -> Response:
        job = found(site, id)
        queue.wake()
        if (address := target(job)) is not None:
            return RedirectResponse(address, 303)
        lang = language(request, request.query_params.get("lang"), site.lang)
        return html(pages.page("job.html.j2", _job_view(queue, job), lang, csrf(request)))

    @app.get("/job/{id}/part", include_in_schema=False)
    def part(id: str, request: Request) -> Response:
        job = found(site, id)
        queue.wake()
        if (address := target(job)) is not None:
            return Response(status_code=200, headers={"hx-redirect": address})
        return HTMLResponse(pages.fragment("job_state.html.j2", csrf(request), v=_job_view(queue, job)))

    @app.post("/job/{id}/{act}", include_in_schema=False)
    def act(id: str, act: str, form: Form) -> Response:
        job, acts = found(site, id), {"stop": queue.stop, "forget": queue.forget}
        if act == "again" and not job.active:
            return RedirectResponse(f"/job/{queue.again(job).id}", 303)
        if act not in acts:
            raise HTTPException(404, both("ui.no_page"))
        acts[act](job)
        address = target(job) if act == "stop" else None
        return RedirectResponse(address or "/", 303)


def found(site: Site, id: str) -> Job:
    """The job with that id. Raises: HTTPException 404."""
    job = site.tasks.find(id)
    if job is None or not site.place.holds(Path(job.out)):
        raise HTTPException(404, both("ui.no_job"))
    return job


def _job_view(queue: Queue, job: Job) -> JobView:
    before = [each for each in queue.all() if each.active and each.id < job.id]
    return JobView(job.file, same(""), job, len(before), going_of(queue, job))


def going_of(queue: Queue, job: Job) -> Going | None:
    """Progress of a job; None unless it is running and has reported some."""
    view = queue.view(job)
    return None if view is None else going(view)


def target(job: Job) -> str | None:
    """Where the result of a job is; None as long as there is none."""
    if job.kind == "assess":
        return f"/assessment/{job.id}" if job.state == "done" else None
    if (Path(job.out) / JOURNAL).exists() and job.state != "failed":
        return f"/run/{id_of(Path(job.out).resolve())}"
    return None


def listed(queue: Queue) -> list[tuple[Job, Going | None]]:
    """The jobs that the list of runs shows above itself, the newest first; a fit that is done is one of the runs."""
    jobs = [job for job in reversed(queue.all()) if job.kind != "fit" or job.state != "done"][:20]
    return [(job, going_of(queue, job)) for job in jobs]


def jobs_mark(jobs: Sequence[tuple[Job, Going | None]]) -> str:
    """A hash that changes if any of them does."""
    return pages.mark(jobs)
