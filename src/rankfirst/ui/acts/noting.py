"""The form for what people write about a run."""

import re

from fastapi import FastAPI, HTTPException
from fastapi.responses import RedirectResponse, Response

from rankfirst.report.phrases import both
from rankfirst.ui.acts.site import Site
from rankfirst.ui.notes import notes, write
from rankfirst.ui.requests import Form, find_run


def add(app: FastAPI, site: Site) -> None:
    """Add the route."""

    @app.post("/run/{id}/notes", include_in_schema=False)
    def note(id: str, form: Form) -> Response:
        folder = find_run(site.index, id)
        tags = re.split(r"[,，;；\n]", form.text("tags"))
        try:
            write(folder.folder, notes(form.text("note"), tags, bool(form.text("archived"))))
        except OSError:
            raise HTTPException(409, both("ui.notes.unwritable", {"run": folder.name})) from None
        return RedirectResponse(f"/run/{folder.id}", 303)
