"""From a file to a command of the queue, and to the page of its result."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from rankfirst.progress.run_state import Appraisal
from rankfirst.progress.shared import Shared
from rankfirst.records import to_json
from rankfirst.run.folder import hold
from rankfirst.ui.acts.jobs import Job, progress_file, read, write
from tests.report import assessment_example as assessed
from tests.ui.acts.conftest import ROWS
from tests.ui.conftest import acting, ids, post, unfinished
from tests.ui.conftest import write as write_run


def jobs(place: Path) -> list[Job]:
    return read(place / ".rankfirst-ui" / "jobs")


def test_an_upload_is_assessed(page: Any, place: Path) -> None:
    answer = post(page, "/new", {"upload": ("my rows.csv", ROWS.encode())}, act="assess", text="text", quick="yes")
    (job,) = jobs(place)
    assert answer.status_code == 303 and answer.headers["location"] == f"/job/{job.id}"
    file, out = place / "uploads" / "my-rows.csv", place / "assessments" / "my-rows"
    assert job.words == ("assess", str(file), "-o", str(out), "--lang", "en", "--no-encoder", "--text=text")
    assert file.read_text(encoding="utf-8") == ROWS and out.is_dir()
    shown = page.get(f"/job/{job.id}").text
    assert "uploads/my-rows.csv" in shown and "waiting" in shown


@pytest.mark.parametrize("named", ["data/rows.csv", "{place}/data/rows.csv"])
def test_a_file_that_is_there_is_fitted_with_its_options(page: Any, place: Path, named: str) -> None:
    fields = {"file": named.format(place=place), "budget": "10m", "prefer": "cheaper", "drop_suspects": "yes",
              "base_model": "auto:small", "label": "label", "name": "shop 1"}  # fmt: skip
    assert post(page, "/new", act="fit", **fields).status_code == 303
    (job,) = jobs(place)
    assert job.words[:7] == ("fit", str(place / "data" / "rows.csv"), "-o", str(place / "shop-1"), "-q", "--lang", "en")
    assert set(job.words[7:]) == {"--budget=10m", "--prefer=cheaper", "--drop-suspects", "--base-model=auto:small",
                                  "--label=label"}  # fmt: skip


def test_held_out_files_are_found_by_their_names(page: Any, place: Path) -> None:
    (place / "data" / "held.csv").write_text(ROWS, encoding="utf-8")
    post(page, "/new", act="fit", file="data/rows.csv", val="data/held.csv")
    assert jobs(place)[0].words[-1] == f"--val={place / 'data' / 'held.csv'}"


@pytest.mark.parametrize(("fields", "words"), [
    ({"file": "data/rows.csv", "test": "/etc/passwd"}, "no file"),
    ({}, "choose a file"), ({"file": "/etc/passwd"}, "no file"), ({"file": "../x.csv"}, "no file"),
    ({"file": "data/rows.csv", "budget": "soon"}, "soon"), ({"file": "data/rows.csv", "prefer": "x"}, "--prefer"),
    ({"file": "data/rows.csv", "base_model": "/etc"}, "not the name"),
    ({"file": "data/rows.csv", "base_model": "../up"}, "not the name"),
    ({"file": "data/rows.csv", "base_model": "auto:a,/b"}, "not the name"),
])  # fmt: skip
def test_what_cannot_be_used_is_said_above_the_form(page: Any, place: Path, fields: Any, words: str) -> None:
    answer = post(page, "/new", act="fit", **fields)
    alert = re.search(r'role="alert">(.*?)</p>', answer.text)
    assert answer.status_code == 400 and alert is not None and words in alert[1] and not jobs(place)
    assert all(f'value="{value}"' in answer.text for name, value in fields.items() if name != "prefer")


def test_an_unknown_format_is_not_stored(page: Any, place: Path) -> None:
    answer = post(page, "/new", {"upload": ("run.sh", b"#!")}, act="assess")
    assert answer.status_code == 400 and ".csv" in answer.text and not (place / "uploads").exists()


def test_a_value_is_never_a_flag(page: Any, place: Path) -> None:
    post(page, "/new", act="fit", file="data/rows.csv", text="--overwrite", name="--overwrite")
    words = jobs(place)[0].words
    assert "--text=--overwrite" in words and "--overwrite" not in words


def test_the_list_shows_the_queue_until_it_is_removed(page: Any, place: Path) -> None:
    post(page, "/new", act="assess", file="data/rows.csv")
    (job,) = jobs(place)
    assert f"/job/{job.id}/stop" in page.get("/").text
    mark = re.search(r"mark=(\w+)", page.get("/part/jobs").text)
    assert mark is not None and page.get(f"/part/jobs?mark={mark[1]}").status_code == 204
    assert post(page, f"/job/{job.id}/stop").status_code == 303
    assert page.get(f"/part/jobs?mark={mark[1]}").status_code == 200
    assert post(page, f"/job/{job.id}/forget").headers["location"] == "/" and not jobs(place)
    assert post(page, f"/job/{job.id}/stop").status_code == 404


def ended(page: Any, place: Path, state: str, **more: str) -> Job:
    """The only job, as a worker leaves it."""
    (job,) = jobs(place)
    changed = Job(**{**job.__dict__, "state": state, **more})
    write(place / ".rankfirst-ui" / "jobs", changed)
    return changed


def test_why_it_failed_is_shown_escaped(page: Any, place: Path) -> None:
    post(page, "/new", act="assess", file="data/rows.csv")
    job = ended(page, place, "failed", said="rankfirst: no column <b>")
    for address in ("/", f"/job/{job.id}", f"/job/{job.id}/part"):
        assert "no column &lt;b&gt;" in page.get(address).text
    assert post(page, f"/job/{job.id}/again").status_code == 303 and jobs(place)[0].state == "waiting"


def test_a_running_task_shows_its_stage_and_step_in_both_languages(page: Any, place: Path) -> None:
    post(page, "/new", act="assess", file="data/rows.csv")
    job, queue = ended(page, place, "running"), place / ".rankfirst-ui" / "jobs"
    Shared(progress_file(queue, job), Appraisal(lora=False)).tick("tfidf", 1, 4)
    with hold(queue):
        for address in ("/", f"/job/{job.id}", f"/job/{job.id}/part", "/part/jobs"):
            shown = page.get(address).text
            assert "Baselines" in shown and "基线" in shown and "25%" in shown, address


def finished(page: Any, place: Path) -> Job:
    """An assessment that is done."""
    post(page, "/new", act="assess", file="data/rows.csv", text="text")
    job = ended(page, place, "done")
    (Path(job.out) / "assessment.json").write_text(json.dumps(to_json(assessed.assessment())), encoding="utf-8")
    return job


def test_a_finished_assessment_opens_and_leads_to_a_fit(page: Any, place: Path) -> None:
    job = finished(page, place)
    address = f"/assessment/{job.id}"
    assert page.get(f"/job/{job.id}", follow_redirects=False).headers["location"] == address
    assert page.get(f"/job/{job.id}/part").headers["hx-redirect"] == address
    shown = page.get(address).text
    assert 'id="ladder"' in shown and 'id="fit"' in shown and 'name="text" value="text"' in shown
    assert address in page.get("/").text


def test_without_texts_an_assessment_shows_no_row(page: Any, place: Path) -> None:
    job = finished(page, place)
    rows = [row.text for row in next(iter(assessed.assessment().examples.values()))]
    with_rows, without = (c.get(f"/assessment/{job.id}").text for c in (page, acting(place, texts=False)))
    assert rows and rows[0][:20] in with_rows and not any(row[:20] in without for row in rows)


def test_a_run_that_the_page_began_is_stopped_and_continued_from_it(page: Any, place: Path) -> None:
    post(page, "/new", act="fit", file="data/rows.csv", name="mine")
    write_run(place / "mine", unfinished())
    job = ended(page, place, "running")
    run = f"/run/{ids(page)['mine']}"
    assert page.get(f"/job/{job.id}", follow_redirects=False).headers["location"] == run
    ended(page, place, "stopped")
    assert f"/job/{job.id}/again" in page.get(run).text


@pytest.mark.slow
def test_an_assessment_from_upload_to_page(place: Path) -> None:
    page = acting(place)
    answer = post(page, "/new", {"upload": ("mine.csv", ROWS.encode())}, act="assess", quick="yes")
    import time

    for _ in range(120):
        shown = page.get(answer.headers["location"], follow_redirects=False)
        if shown.status_code == 303:
            break
        time.sleep(0.5)
    assert 'id="data"' in page.get(shown.headers["location"]).text
