"""The wall clock goes back a year or forward by ten between events: nothing but the dates that are told may notice."""

import itertools
import json
import os
import shutil
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any, Final

import pytest

from rankfirst import api
from rankfirst.model.classifier import load
from rankfirst.report import build, read
from rankfirst.run import journal as journals
from rankfirst.run.journal import Journal
from tests import runs

pytestmark = pytest.mark.usefixtures("short_trainings")  # as `lora_run` was fitted

JUMPS: Final = (timedelta(days=-365), timedelta(days=3650), timedelta(0))


class Jumping(datetime):
    """Every look at the clock shows another year; what is measured by `monotonic` goes on as ever."""

    jumps: Iterator[timedelta] = itertools.cycle(JUMPS)

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Any:
        return datetime.now(tz) + next(cls.jumps)


@pytest.fixture
def jumping(monkeypatch: pytest.MonkeyPatch) -> None:
    real, jumps = time.time, itertools.cycle(JUMPS)
    monkeypatch.setattr(time, "time", lambda: real() + next(jumps).total_seconds())
    monkeypatch.setattr(journals, "datetime", Jumping)


def fitted(rows: Path, base: Path, out: Path, **more: Any) -> Path:
    return api.fit(rows, out, base_model=str(base), always_lora=True, **more).folder


def told(run: Path) -> list[tuple[str, str]]:
    return [(event["kind"], event["key"]) for event in runs.events(run)]


@pytest.mark.slow
def test_a_run_walks_and_goes_on_as_if_no_clock_had_jumped(
    lora_run: Path, rows: Path, base: Path, tmp_path: Path, jumping: None
) -> None:
    run = fitted(rows, base, tmp_path / "run")
    events = runs.events(run)
    assert told(run) == told(lora_run)
    years = {event["at"][:4] for event in events}
    assert len(years) > 2  # else nothing jumped
    seconds = [event["seconds"] for event in events]
    assert seconds == sorted(seconds) and 0 <= seconds[-1] < 600
    # Killed half way and repeated, with the clock elsewhere again.
    lines = (run / "journal.jsonl").read_bytes().splitlines(keepends=True)
    before = told(run)
    (run / "journal.jsonl").write_bytes(b"".join(lines[: len(lines) // 2]))
    (run / "result.json").unlink()
    half = fitted(rows, base, run)
    assert told(half) == before
    assert runs.result(half)["val"] == runs.result(lora_run)["val"]
    assert build(read(half / "journal.jsonl")) is not None


@pytest.mark.slow
def test_a_budget_is_spent_by_the_time_that_passes(
    lora_run: Path, rows: Path, base: Path, tmp_path: Path, jumping: None
) -> None:
    run = fitted(rows, base, tmp_path / "run", budget="20m")
    assert "clock" not in {kind for kind, _ in told(run)}
    assert told(run) == told(lora_run)


def test_seconds_of_a_journal_never_jump(tmp_path: Path, jumping: None) -> None:
    path = tmp_path / "journal.jsonl"
    for number in range(6):  # a session each
        Journal(path).remember("step", str(number), lambda: 1)
    events = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert [event["key"] for event in events] == list("012345")
    assert all(0 <= event["seconds"] < 5 for event in events) and len({event["at"][:4] for event in events}) == 3
    assert Journal(path).seconds < 5 and all(0 <= took < 5 for took in Journal(path).took.values())


@pytest.mark.parametrize("years", [-1, 10])
def test_a_server_answers_and_takes_a_new_delivery_whatever_the_year(
    lora_run: Path, tmp_path: Path, jumping: None, years: int
) -> None:
    """One with a date in the past, as `cp -p` or a clock that was set back leaves it, is a new one as well."""
    pytest.importorskip("fastapi", reason="needs the extra serve")
    from starlette.testclient import TestClient

    from rankfirst.server.app import create
    from rankfirst.server.reload import Holder

    path = Path(shutil.copytree(lora_run / "model", tmp_path / "run" / "model")) / "decision.json"
    holder = Holder(lambda: load(tmp_path / "run"), path)
    with TestClient(create(holder)) as client:
        assert client.post("/v1/classify", json={"texts": ["send my card"]}).status_code == 200
        before = holder.name
        path.write_text(json.dumps(json.loads(path.read_text()) | {"note": years}), encoding="utf-8")
        runs.reseal(path.parent)
        then = (datetime.now(UTC) + timedelta(days=365 * years)).timestamp()
        os.utime(path, (then, then))
        assert holder.reload_if_changed() and holder.name != before
        assert client.post("/v1/classify", json={"texts": ["send my card"]}).status_code == 200
