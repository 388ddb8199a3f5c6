"""Runs made by version 0.1.0 still read, resume, explain, report and predict."""

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import rankfirst
from rankfirst import report
from rankfirst.cli.main import app
from rankfirst.report import narrative

KEPT = Path(__file__).parent / "first_edition"
SAID = ("single", "multi")
LIKE = 2e-6  # of a probability: predictions were written with six decimals


@pytest.fixture
def at(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the run's folder, which its journal names relative to where the command was given."""
    shutil.copytree(KEPT / request.param, tmp_path / "at")
    shutil.copytree(KEPT / "base", tmp_path / "at" / "base")
    monkeypatch.chdir(tmp_path / "at")
    return tmp_path / "at"


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def journal(at: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (at / "run" / "journal.jsonl").read_text("utf-8").splitlines()]


@pytest.mark.parametrize("at", SAID, indirect=True)
def test_it_predicts_what_it_predicted(at: Path) -> None:
    done = CliRunner().invoke(app, ["predict", "run", "ask.csv", "-o", "after.csv"])
    assert done.exit_code == 0, done.output
    assert done.stderr.count("so its files cannot be verified") == 1
    before, after = table(at / "before.csv"), table(at / "after.csv")
    assert len(after) == len(before)
    for was, now in zip(before, after, strict=True):
        assert float(now.pop("confidence")) == pytest.approx(float(was.pop("confidence")), abs=LIKE)
        assert now == was


@pytest.mark.parametrize("at", SAID, indirect=True)
def test_it_is_reported_and_explained(at: Path) -> None:
    events = report.read(at / "run" / "journal.jsonl")
    report.write_html(at / "run" / "journal.jsonl", at / "report.html", "en")
    page = (at / "report.html").read_text("utf-8")
    ledger = narrative.Ledger(events)
    for lang in ("en", "zh"):
        for document in (narrative.prose(ledger), narrative.proposal(ledger)):
            text = narrative.as_text(document, lang)
            assert len(text.splitlines()) > 20
            assert "{" not in text  # a placeholder that nothing filled
        assert len(report.explain(events, lang)) > 20
    assert "</html>" in page and "{{" not in page
    assert report.six(events) == json.loads((at / "run" / "result.json").read_text("utf-8"))["six"]


@pytest.mark.parametrize("at", SAID, indirect=True)
def test_the_same_command_resumes_it_without_training_again(at: Path) -> None:
    before, figures = journal(at), json.loads((at / "run" / "result.json").read_text("utf-8"))
    forced = bool(before[0]["payload"]["always_lora"])
    result = rankfirst.fit("rows.csv", "run", base_model="base", always_lora=forced)
    assert journal(at)[: len(before)] == before
    assert result.summary["verdict"] == figures["verdict"]
    assert result.summary["test"] == figures["test"]


@pytest.mark.parametrize("at", ["single"], indirect=True)
def test_other_options_do_not_resume_it(at: Path) -> None:
    with pytest.raises(rankfirst.RunError, match="seed"):
        rankfirst.fit("rows.csv", "run", base_model="base", always_lora=True, seed=1)
