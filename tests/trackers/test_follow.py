"""Trackers beside a whole run: nothing twice, nothing of an earlier run, and never a reason to stop."""

import csv
import json
import logging
from pathlib import Path

import pytest

from rankfirst import api
from rankfirst.cli import main as cli
from rankfirst.errors import RunError
from rankfirst.trackers import Target, follow
from tests import runs
from tests.trackers.conftest import Tracked, cut
from tests.trackers.fake import Fake, install


def test_a_run_is_sent_from_its_facts_to_its_result(tracked: Tracked) -> None:
    groups = [entry.group for entry in tracked.fake.entries]
    assert groups[0] == "run" and groups[-1] == "result"
    assert len(groups) == len(set(groups))
    events = [(e["kind"], e["key"]) for e in runs.events(tracked.folder)]
    assert tracked.heard == events, "listen is told as before"


def test_the_files_contain_no_rows(tracked: Tracked) -> None:
    ((files, finished),) = tracked.fake.ends
    assert finished and set(files) == {"report.html", "result.json"}
    assert json.loads(files["result.json"]) == runs.result(tracked.folder)
    with tracked.rows.open(encoding="utf-8") as file:
        texts = [row["text"] for row in csv.DictReader(file)]
    assert [text for text in texts if text in files["report.html"]] == []
    assert any(text in (tracked.folder / "report.html").read_text(encoding="utf-8") for text in texts)


def test_a_repeated_command_opens_nothing(tracked: Tracked, monkeypatch: pytest.MonkeyPatch) -> None:
    before = len(tracked.fake.calls)
    name = install(monkeypatch, tracked.fake)
    api.fit(tracked.rows, tracked.folder, base_model=str(tracked.base), always_lora=True, track=[name])
    assert len(tracked.fake.calls) == before


def test_the_resume_command_contains_the_tracker(tracked: Tracked) -> None:
    assert runs.events(tracked.folder)[0]["payload"]["command"].endswith("--track trackio")


def test_an_interrupted_run_continues_in_the_same_place(run: Path, tmp_path: Path,
                                                               monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    fake = Fake()
    name, half = install(monkeypatch, fake), cut(run, tmp_path / "half", 12)
    api.track(half, [name])
    assert fake.ends == [({}, False)]
    (half / "journal.jsonl").write_bytes((run / "journal.jsonl").read_bytes())
    (half / "result.json").write_bytes((run / "result.json").read_bytes())
    api.track(half, [name])
    groups = [entry.group for entry in fake.entries]
    assert len(groups) == len(set(groups)) and groups[-1] == "result"
    assert [told for call, told in fake.calls if call == "begin"] == ["", "id of half"]
    assert fake.ends[-1][1]


def test_an_unreachable_server_is_only_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                                     caplog: pytest.LogCaptureFixture) -> None:  # fmt: skip
    name = install(monkeypatch, Fake(fail_at=lambda entry: True))
    with caplog.at_level(logging.WARNING), follow((Target(name),), tmp_path, "en", None) as hear:
        assert hear is not None
        hear("run", "", {"seed": 0})
        hear("pace", "", {"dtype": "float32"})
    (line,) = [record.getMessage() for record in caplog.records]
    assert "the server is away" in line and f"rankfirst track {tmp_path} --to trackio" in line


def test_an_error_of_the_run_closes_the_trackers_and_propagates(tmp_path: Path,
                                                                monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    fake = Fake()
    name = install(monkeypatch, fake)
    with pytest.raises(ZeroDivisionError), follow((Target(name),), tmp_path, "en", None) as hear:
        assert hear is not None
        hear("run", "", {"seed": 0})
        raise ZeroDivisionError
    assert fake.ends == [({}, False)]


def test_without_trackers_the_listener_is_unchanged(tmp_path: Path) -> None:
    with follow((), tmp_path, "en", print) as hear:
        assert hear is print
    with follow((), tmp_path, "en", None) as hear:
        assert hear is None


def test_track_reports_what_it_sent_and_fails_in_one_line(run: Path, monkeypatch: pytest.MonkeyPatch,
                                                       capsys: pytest.CaptureFixture[str]) -> None:  # fmt: skip
    fake = Fake(fail_at=lambda entry: entry.group == "final")
    install(monkeypatch, fake)
    monkeypatch.setattr("sys.argv", ["rankfirst", "track", str(run), "--to", "trackio", "--lang", "en"])

    def code() -> int:
        with pytest.raises(SystemExit) as stopped:
            cli.main()
        return int(stopped.value.code or 0)

    assert code() == 2
    assert capsys.readouterr().err.count("rankfirst: not everything was sent to trackio") == 1
    fake.fail_at = lambda entry: False
    assert code() == 0
    assert "steps sent." in capsys.readouterr().out
    assert code() == 0
    assert capsys.readouterr().out == "trackio: nothing new, it already has the whole run.\n"


def test_tracking_a_missing_run_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, Fake())
    with pytest.raises(RunError, match="no rankfirst run"):
        api.track(tmp_path / "nothing", ["trackio"])
    assert not (tmp_path / "nothing").exists()
