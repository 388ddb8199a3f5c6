"""`explain` and `proposal` from the command line: what they print, and one line with exit code 2 for bad input."""

import json
import shutil
from pathlib import Path

import pytest

from tests.cli.test_commands import refused, run
from tests.report.narrative import ledgers


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "run"
    made.mkdir()
    shutil.copy(ledgers.RUNS / "lora.jsonl", made / "journal.jsonl")
    return made


def test_explain_tells_the_run_and_answers_questions(folder: Path, monkeypatch, capsys) -> None:
    assert run(monkeypatch, "explain", str(folder), "--lang", "zh") == 0
    assert "初始超参，为什么这样取" in capsys.readouterr().out
    words = ("explain", str(folder), "--why-not", "rank=32", "--why-not", "提高学习率", "--lang", "en")
    assert run(monkeypatch, *words) == 0
    told = capsys.readouterr().out
    assert (
        "Why not “rank=32”?" in told
        and "Why not “提高学习率”?" in told
        and "A single-label text classifier" not in told
    )


def test_explain_for_machines(folder: Path, monkeypatch, capsys) -> None:
    assert run(monkeypatch, "explain", str(folder), "--why-not", "dropout", "--json", "--lang", "en") == 0
    told = json.loads(capsys.readouterr().out)
    assert [section["title"] for section in told["sections"]] == ["Why not “dropout”?"]
    assert run(monkeypatch, "explain", str(folder), "--ledger", "--json") == 0
    assert json.loads(capsys.readouterr().out)[0]["kind"] == "run"


def test_explain_can_still_tell_every_event(folder: Path, monkeypatch, capsys) -> None:
    assert run(monkeypatch, "explain", str(folder), "--ledger", "--lang", "en") == 0
    assert "== Capacity ==" in capsys.readouterr().out


def test_a_question_about_nothing_is_one_line(folder: Path, monkeypatch, capsys) -> None:
    assert "Ask about one of: rank, sites, lr" in refused(
        monkeypatch, capsys, "explain", str(folder), "--why-not", "optimiser", "--lang", "en"
    )


@pytest.mark.parametrize("suffix", [".md", ".html", ".docx"])
def test_proposal_writes_a_file_and_says_where(folder: Path, tmp_path: Path, suffix: str, monkeypatch, capsys) -> None:
    out = tmp_path / f"plan{suffix}"
    assert run(monkeypatch, "proposal", str(folder), "-o", str(out), "--lang", "zh") == 0
    assert capsys.readouterr().out.strip() == str(out) and out.stat().st_size > 5000
    assert "--overwrite" in refused(monkeypatch, capsys, "proposal", str(folder), "-o", str(out))
    assert run(monkeypatch, "proposal", str(folder), "-o", str(out), "--overwrite") == 0


def test_proposal_of_nothing_is_one_line(tmp_path: Path, monkeypatch, capsys) -> None:
    refused(monkeypatch, capsys, "proposal", str(tmp_path / "nope"), "-o", str(tmp_path / "plan.md"))
    refused(monkeypatch, capsys, "proposal", str(tmp_path), "-o", str(tmp_path / "plan.txt"))
