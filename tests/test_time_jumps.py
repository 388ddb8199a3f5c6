"""The wall clock goes back a year or forward by ten between events: nothing but the dates that are told may notice."""

import itertools
import json
import os
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
from tests.engine import tiny

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


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Rows, a base, and a run with a clock that did not jump."""
    folder = tmp_path_factory.mktemp("time")
    tiny.write_base(folder / "base", "bert")
    runs.write_rows(folder, 90)
    fitted(folder, "steady")
    return folder


def fitted(place: Path, name: str, **more: Any) -> Path:
    return api.fit(place / "rows.csv", place / name, base_model=str(place / "base"), always_lora=True, **more).folder


def told(run: Path) -> list[tuple[str, str]]:
    return [(event["kind"], event["key"]) for event in runs.events(run)]


@pytest.mark.slow
def test_a_run_walks_and_goes_on_as_if_no_clock_had_jumped(place: Path, jumping: None) -> None:
    run = fitted(place, "jumping")
    events = runs.events(run)
    assert told(run) == told(place / "steady")
    years = {event["at"][:4] for event in events}
    assert len(years) > 2  # else nothing jumped
    seconds = [event["seconds"] for event in events]
    assert seconds == sorted(seconds) and 0 <= seconds[-1] < 600
    # Killed half way and repeated, with the clock elsewhere again.
    lines = (run / "journal.jsonl").read_bytes().splitlines(keepends=True)
    half = fitted_again(place, run, lines[: len(lines) // 2])
    assert told(half) == told(run)
    assert runs.result(half)["val"] == runs.result(place / "steady")["val"]
    assert build(read(half / "journal.jsonl")) is not None


def fitted_again(place: Path, run: Path, lines: list[bytes]) -> Path:
    (run / "journal.jsonl").write_bytes(b"".join(lines))
    (run / "result.json").unlink()
    return fitted(place, run.name)


@pytest.mark.slow
def test_a_budget_is_spent_by_the_time_that_passes(place: Path, jumping: None) -> None:
    run = fitted(place, "budget", budget="20m")
    assert "clock" not in {kind for kind, _ in told(run)}
    assert told(run) == told(place / "steady")


def test_seconds_of_a_journal_never_jump(tmp_path: Path, jumping: None) -> None:
    path = tmp_path / "journal.jsonl"
    for number in range(6):  # a session each
        Journal(path).remember("step", str(number), lambda: 1)
    events = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert [event["key"] for event in events] == list("012345")
    assert all(0 <= event["seconds"] < 5 for event in events) and len({event["at"][:4] for event in events}) == 3
    assert Journal(path).seconds < 5 and all(0 <= took < 5 for took in Journal(path).took.values())


@pytest.mark.parametrize("years", [-1, 10])
def test_a_server_answers_and_takes_a_new_delivery_whatever_the_year(place: Path, jumping: None, years: int) -> None:
    """One with a date in the past, as `cp -p` or a clock that was set back leaves it, is a new one as well."""
    pytest.importorskip("fastapi", reason="needs the extra serve")
    from starlette.testclient import TestClient

    from rankfirst.server.app import create
    from rankfirst.server.reload import Holder

    holder = Holder(lambda: load(place / "steady"), place / "steady" / "model" / "decision.json")
    with TestClient(create(holder)) as client:
        assert client.post("/v1/classify", json={"texts": ["send my card"]}).status_code == 200
        before = holder.name
        path = place / "steady" / "model" / "decision.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | {"note": years}), encoding="utf-8")
        then = (datetime.now(UTC) + timedelta(days=365 * years)).timestamp()
        os.utime(path, (then, then))
        assert holder.reload_if_changed() and holder.name != before
        assert client.post("/v1/classify", json={"texts": ["send my card"]}).status_code == 200
