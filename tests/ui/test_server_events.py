"""The stream of a run: events as they are written, heartbeats, states, slots; and all of it with a real server."""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("fastapi", reason="the page needs its extra (pip install -e '.[ui]')")
from rankfirst.run.folder import open_run
from rankfirst.ui.scan import scan
from rankfirst.ui.server_events import Slots, follow
from tests.report import journal_example as example
from tests.ui.conftest import text, unfinished, write
from tests.ui.server import environment, served


async def heard(folder: Path, after: int, parts: int, act: Any = None, until: str = "", **pace: float) -> list[str]:
    """The first parts of a run's stream: `parts` of them, and then as many as it takes until `until` was sent."""
    (run_folder,) = scan([folder])
    stream = follow(run_folder, after, **{"pace": 0.01, **pace})
    received = [await anext(stream)]
    if act:
        act()
    while len(received) < parts or until not in "".join(received):
        received.append(await asyncio.wait_for(anext(stream), 5))
    await stream.aclose()
    return received


def lines(parts: list[str]) -> list[int]:
    return [int(n) for part in parts for n in re.findall(r"^id: (\d+)$", part, re.MULTILINE)]


def test_a_stream_resumes_after_the_last_event(tmp_path: Path) -> None:
    folder = write(tmp_path / "run", unfinished())
    told = asyncio.run(heard(folder, len(unfinished()) - 2, 2))
    assert told[0].startswith("retry:") and lines(told) == [len(unfinished()) - 1, len(unfinished())]
    assert 'data: {"state": "interrupted"}' in told[1]


def test_an_event_says_what_happened_in_both_languages(tmp_path: Path) -> None:
    folder = write(tmp_path / "run")
    told = asyncio.run(heard(folder, len(example.told()) - 1, 2))[1]
    event = json.loads(told.split("data: ")[1].split("\n")[0])
    assert event["kind"] == "result" and event["said"]["en"] and event["said"]["zh"] != event["said"]["en"]
    assert 'data: {"state": "finished"}' in told


def test_a_line_break_in_a_name_does_not_end_an_event(tmp_path: Path) -> None:
    folder = write(tmp_path / "run", [("run", "", {"dataset": "a\n\nevent: state\ndata: {}\u2028", "device": "x"})])
    told = asyncio.run(heard(folder, 0, 2))[1]
    assert told.count("\n\n") == 2 and len(re.findall("^event: ", told, re.MULTILINE)) == 2


def test_silence_is_filled_with_heartbeats(tmp_path: Path) -> None:
    told = asyncio.run(heard(write(tmp_path / "run", []), 0, 4, heartbeat=0.03))
    assert told[2:] == [": still here\n\n"] * 2


def test_a_restarted_run_is_announced(tmp_path: Path) -> None:
    folder = write(tmp_path / "run")

    def overwrite() -> None:
        with open_run(folder, overwrite=True) as journal:
            journal.remember("run", "", lambda: {"dataset": "x"})

    parts = asyncio.run(heard(folder, 99, 3, lambda: threading.Timer(0.1, overwrite).start(), until="event: step"))
    stream = "".join(parts)
    assert 0 <= stream.find("event: anew") < stream.find("event: step") and lines(parts) == [1]


def test_the_number_of_followers_is_limited() -> None:
    slots = Slots(2)
    assert [slots.take(), slots.take(), slots.take()] == [True, True, False]
    slots.free()
    assert slots.take()


# --- a real server, a real writer ---


WRITER = """
import json, sys
from pathlib import Path
from rankfirst.run.folder import open_run
with open_run(Path(sys.argv[1])) as journal:
    for line in sys.stdin:
        told = json.loads(line)
        journal.remember(told["kind"], told["key"], lambda: told["payload"])
"""


def test_a_run_is_followed_while_another_process_writes_it(tmp_path: Path) -> None:
    folder = write(tmp_path / "run", unfinished())
    rest = "".join(text(n, *event) for n, event in enumerate(example.told()[len(unfinished()):]))  # fmt: skip
    with served(str(tmp_path)) as (address, _):
        with urllib.request.urlopen(f"{address}api/runs", timeout=10) as answer:
            (run,) = json.load(answer)["runs"]
        asked = urllib.request.Request(
            f"{address}api/run/{run['id']}/events", headers={"Last-Event-ID": str(run["lines"])}
        )
        command = [sys.executable, "-c", WRITER, str(folder)]
        with urllib.request.urlopen(asked, timeout=20) as stream:
            assert stream.headers["content-type"].startswith("text/event-stream")
            writer = subprocess.Popen(command, stdin=subprocess.PIPE, env=environment())
            told = read_until(stream, 'event: state\ndata: {"state": "running"}')
            writer.communicate(rest.encode(), timeout=20)
            told += read_until(stream, '"state": "finished"')
        assert re.findall(r"^id: (\d+)$", told, re.MULTILINE) == [str(run["lines"] + n) for n in (1, 2, 3)]
        assert re.findall(r'"kind": "(\w+)"', told) == ["verdict", "calibration", "result"]


def read_until(stream: Any, words: str) -> str:
    told, began = "", time.monotonic()
    while words not in told and time.monotonic() - began < 20:
        told += stream.readline().decode()
    return told


def test_an_idle_follower_costs_next_to_nothing(tmp_path: Path) -> None:
    write(tmp_path / "run", unfinished())
    with served(str(tmp_path)) as (address, process):
        with urllib.request.urlopen(f"{address}api/runs", timeout=10) as answer:
            (run,) = json.load(answer)["runs"]
        with urllib.request.urlopen(f"{address}api/run/{run['id']}/events?after={run['lines']}", timeout=10) as stream:
            stream.readline()
            if not Path(f"/proc/{process.pid}/stat").exists():
                pytest.skip("needs /proc to see what a process costs")
            before = cpu(process.pid)
            time.sleep(3)
            assert cpu(process.pid) - before < 0.15


def cpu(pid: int) -> float:
    """Seconds of processor time."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_ctrl_c_ends_it_quietly_with_a_follower_connected(tmp_path: Path) -> None:
    write(tmp_path / "run", unfinished())
    with served(str(tmp_path)) as (address, process):
        with urllib.request.urlopen(f"{address}api/runs", timeout=10) as answer:
            (run,) = json.load(answer)["runs"]
        with urllib.request.urlopen(f"{address}api/run/{run['id']}/events", timeout=10) as stream:
            stream.readline()
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=15)
        assert process.returncode == 0 and err == "" and out == ""


def test_on_other_addresses_the_printed_url_contains_the_token(tmp_path: Path) -> None:
    write(tmp_path / "run")
    with served(str(tmp_path), "--host", "0.0.0.0") as (address, _):
        base, _, token = address.partition("?token=")
        base = re.sub(r"//[^:/]+", "//127.0.0.1", base)
        assert len(token) >= 32
        with pytest.raises(urllib.error.HTTPError, match="401"):
            urllib.request.urlopen(f"{base}api/runs", timeout=10)
        asked = urllib.request.Request(f"{base}api/runs", headers={"Authorization": f"Bearer {token}"})
        with urllib.request.urlopen(asked, timeout=10) as answer:
            assert len(json.load(answer)["runs"]) == 1
