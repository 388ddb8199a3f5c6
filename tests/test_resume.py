"""Killed at any moment, the same command goes on and ends with the same decisions and the same figures."""

import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from tests import runs
from tests.engine import tiny

TIMED = {"seconds", "time", "peak_memory_mb", "costs", "tokens_per_second", "ms_per_text", "minutes"}


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """Rows, a base model, and an undisturbed run on them."""
    folder = tmp_path_factory.mktemp("resume")
    rows, base, out = runs.write_rows(folder), tiny.write_base(folder / "base", "bert"), folder / "undisturbed"
    done = runs.finish(runs.command(rows, base, out))
    assert done.returncode == 0, done.stderr
    return rows, base, out


def kill_after(words: list[str], out: Path, lines: int) -> None:
    """SIGKILL as soon as the journal holds that many events (and a moment into whatever comes next)."""
    process = subprocess.Popen(words, env=runs.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    journal = out / "journal.jsonl"
    while process.poll() is None:
        if journal.exists() and journal.read_bytes().count(b"\n") >= lines:
            time.sleep(0.05)
            process.send_signal(signal.SIGKILL)
        time.sleep(0.005)
    process.wait()


def figures(out: Path) -> dict[str, Any]:
    found: dict[str, Any] = untimed(runs.result(out))
    return found


def walked(out: Path) -> list[tuple[str, str]]:
    return [(event["kind"], event["key"]) for event in runs.events(out)]


def untimed(payload: Any) -> Any:
    """A payload without wall-clock figures."""
    if isinstance(payload, dict):
        return {k: untimed(v) for k, v in payload.items() if k not in {*TIMED, "command", "where"}}
    return [untimed(v) for v in payload] if isinstance(payload, list) else payload


@pytest.mark.slow
def test_the_same_seed_twice_is_the_same_to_the_last_digit(given: tuple[Path, Path, Path], tmp_path: Path) -> None:
    rows, base, undisturbed = given
    again = tmp_path / "again"
    assert runs.finish(runs.command(rows, base, again)).returncode == 0
    assert [untimed(e["payload"]) for e in runs.events(again)] == [
        untimed(e["payload"]) for e in runs.events(undisturbed)
    ]


@pytest.mark.slow
@pytest.mark.parametrize("moments", [(7,), (9, 12, 15)], ids=str)
def test_killed_and_repeated(given: tuple[Path, Path, Path], moments: tuple[int, ...], tmp_path: Path) -> None:
    rows, base, undisturbed = given
    out = tmp_path / "killed"
    words = runs.command(rows, base, out)
    for lines in moments:
        kill_after(words, out, lines)
    done = runs.finish(words)
    assert done.returncode == 0, done.stderr
    assert walked(out) == walked(undisturbed)
    assert figures(out) == figures(undisturbed)


@pytest.mark.slow
def test_a_finished_run_is_told_again_without_training(given: tuple[Path, Path, Path]) -> None:
    rows, base, out = given
    before = walked(out)
    done = runs.finish(runs.command(rows, base, out))
    assert done.returncode == 0
    assert walked(out) == before
    assert "Report:" in done.stdout
