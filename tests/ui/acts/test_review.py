"""Doubted labels one by one, and the cleaned file that follows from what was decided."""

import csv
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rankfirst.records import Example, to_json
from rankfirst.ui.acts.jobs import Job, read, write
from tests.report import assessment_example as assessed
from tests.ui.conftest import HOSTILE, acting, post

CLASSES = ("delivery", "refund")


def row(line: int, text: str, given: str, suggested: str, file: str = "rows.csv") -> Example:
    return Example(text, (given,), line, file, 12.0, (suggested,), split="train")


@pytest.fixture
def job(page: Any, place: Path) -> Job:
    """A finished assessment of data/rows.csv that doubts three of its rows, and one of another file."""
    post(page, "/new", act="assess", file="data/rows.csv", text="text", label="label")
    (begun,) = read(place / ".rankfirst-ui" / "jobs")
    done = Job(**{**begun.__dict__, "state": "done"})
    write(place / ".rankfirst-ui" / "jobs", done)
    example = assessed.assessment()
    doubted = (row(2, "where is parcel 0", "delivery", "refund"), row(3, "i want money 0 back", "refund", "delivery"),
               row(4, "where is parcel 1", "delivery", "refund"), row(2, "elsewhere", "a", "b", "val.csv"))  # fmt: skip
    made = replace(example, reviews={"suspects": doubted, "conflicts": doubted[:1]},
                   pairs=(), profile=replace(example.profile, classes=CLASSES, class_counts=(20, 20), tail_classes=(),
                                            multi_label=False))  # fmt: skip
    (Path(done.out) / "assessment.json").write_text(json.dumps(to_json(made)), encoding="utf-8")
    return done


def decide(page: Any, job: Job, line: int, act: str, **more: str) -> Any:
    return post(page, f"/assessment/{job.id}/review", line=str(line), act=act, **more)


def test_each_row_is_shown_once_and_leads_to_the_next(page: Any, job: Job) -> None:
    assert f"/assessment/{job.id}/review" in page.get(f"/assessment/{job.id}").text
    shown = page.get(f"/assessment/{job.id}/review").text
    assert "3 of 3 rows" in shown and "where is parcel 0" in shown and "elsewhere" not in shown
    answer = decide(page, job, 2, "keep")
    assert answer.status_code == 303 and answer.headers["location"].endswith("row=3")
    decide(page, job, 4, "drop")
    assert decide(page, job, 3, "relabel").headers["location"].endswith("row=0")
    assert "All rows are reviewed" in page.get(f"/assessment/{job.id}/review").text
    assert decide(page, job, 3, "").headers["location"].endswith("row=3")
    assert "1 of 3 rows" in page.get(f"/assessment/{job.id}/review?row=3").text


def test_the_cleaned_file_holds_what_was_decided_and_the_training_file_stays(page: Any, job: Job, place: Path) -> None:
    source = place / "data" / "rows.csv"
    before = source.read_bytes()
    decide(page, job, 2, "keep")
    decide(page, job, 3, "relabel", label="delivery")
    decide(page, job, 4, "drop")
    answer = post(page, f"/assessment/{job.id}/clean")
    assert answer.status_code == 200 and "rows-cleaned.csv" in answer.text and source.read_bytes() == before
    with (place / "uploads" / "rows-cleaned.csv").open(encoding="utf-8", newline="") as file:
        rows = {each["text"]: each["label"] for each in csv.DictReader(file)}
    assert len(rows) == 39 and "where is parcel 1" not in rows
    assert (rows["where is parcel 0"], rows["i want money 0 back"]) == ("delivery", "delivery")
    corrections = [json.loads(line) for line in (Path(job.out) / "corrections.jsonl").read_text("utf-8").splitlines()]
    assert [each["label"] for each in corrections] == ["delivery", "delivery"]
    for name in ("rows-cleaned.csv", "rows-cleaned.changes.csv"):
        download = page.get(f"/uploads/{name}")
        assert download.status_code == 200 and "attachment" in download.headers["content-disposition"]
    assert post(page, f"/assessment/{job.id}/clean").status_code == 200
    assert (place / "uploads" / "rows-cleaned-2.csv").exists()
    assert "uploads/rows-cleaned.csv" in page.get("/new").text


def test_without_a_decision_only_the_usual_cleaning_is_done(page: Any, job: Job, place: Path) -> None:
    assert post(page, f"/assessment/{job.id}/clean").status_code == 200
    assert len((place / "uploads" / "rows-cleaned.csv").read_text("utf-8").splitlines()) == 41


def test_a_file_that_has_changed_since_is_not_cleaned(page: Any, job: Job, place: Path) -> None:
    decide(page, job, 4, "drop")
    os.utime(place / "data" / "rows.csv", (4e9, 4e9))
    answer = post(page, f"/assessment/{job.id}/clean")
    assert answer.status_code == 400 and "has changed" in answer.text and not (place / "uploads").exists()


@pytest.mark.parametrize(("fields", "status"), [
    ({"line": "9", "act": "keep"}, 404), ({"line": "2", "act": "burn"}, 404), ({"line": "../2", "act": "keep"}, 404),
    ({"line": "2", "act": "relabel", "label": HOSTILE}, 400),
])  # fmt: skip
def test_what_cannot_be_decided(page: Any, job: Job, fields: dict[str, str], status: int) -> None:
    answer = post(page, f"/assessment/{job.id}/review", **fields)
    assert answer.status_code == status and "<img" not in answer.text.split("<script>")[0]
    assert not (Path(job.out) / "review.json").exists()


def test_a_fragment_for_htmx_has_the_next_row(page: Any, job: Job) -> None:
    fields = {"csrf": page.csrf, "line": "2", "act": "keep"}
    answer = page.post(f"/assessment/{job.id}/review", data=fields, headers={"HX-Request": "true"})
    assert answer.text.lstrip().startswith('<div id="review"') and "i want money 0 back" in answer.text


def test_without_texts_no_row_is_reviewed_or_downloaded(page: Any, job: Job, place: Path) -> None:
    post(page, f"/assessment/{job.id}/clean")
    closed = acting(place, texts=False)
    answer = closed.get(f"/assessment/{job.id}/review")
    assert answer.status_code == 403 and "where is parcel" not in answer.text
    assert closed.get("/uploads/rows-cleaned.csv").status_code == 404


def test_only_files_of_the_uploads_are_sent(page: Any, place: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    secret = tmp_path_factory.mktemp("outside") / "secret.csv"
    secret.write_text("x", encoding="utf-8")
    (place / "uploads").mkdir()
    (place / "uploads" / "link.csv").symlink_to(secret)
    for name in ("link.csv", "..%2fdata%2frows.csv", "../data/rows.csv", "gone.csv"):
        assert page.get(f"/uploads/{name}").status_code == 404
