"""Ctrl-C and SIGTERM: a line and a command, in time, whatever the process is at; the command ends as if undisturbed."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rankfirst.cli import main as cli
from rankfirst.cli import signals as stopping
from rankfirst.cli.signals import Stopped
from tests import runs
from tests.engine import tiny
from tests.test_resume import figures, walked

posix = pytest.mark.skipif(os.name != "posix", reason="sends POSIX signals")
SOON = 6.0  # seconds; it takes less than two, on a machine that does nothing else


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """Rows, a base model, and an undisturbed run on them."""
    folder = tmp_path_factory.mktemp("it's stopped")
    rows, base, out = runs.write_rows(folder), tiny.write_base(folder / "base", "bert"), folder / "undisturbed"
    done = runs.finish(runs.command(rows, base, out))
    assert done.returncode == 0, done.stderr
    return rows, base, out


def wait_for(process: subprocess.Popen[bytes], out: Path, lines: int) -> None:
    """Until the journal holds so many events."""
    journal, until = out / "journal.jsonl", time.monotonic() + 120
    while time.monotonic() < until and process.poll() is None:
        if journal.exists() and journal.read_bytes().count(b"\n") >= lines:
            return
        time.sleep(0.01)
    raise AssertionError("the run did not get that far")


def resumed(told: str) -> list[str]:
    """The command that a stopped run prints, as a shell would read it."""
    lines = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\r", "", told).strip().splitlines()
    assert lines[-2].startswith("rankfirst: stopped; every finished step is kept in ")
    return shlex.split(lines[-1])


@posix
@pytest.mark.slow
def test_ctrl_c_in_a_terminal_puts_it_back_and_the_command_goes_on(given, tmp_path) -> None:
    import fcntl
    import pty
    import termios

    rows, base, undisturbed = given
    out = tmp_path / "a run"
    words = [*runs.command(rows, base, out), "--overwrite"]
    ours, theirs = pty.openpty()
    before = termios.tcgetattr(theirs)
    process = subprocess.Popen(words, env=runs.environment() | {"TERM": "xterm", "COLUMNS": "400"}, stdin=theirs,
                               stdout=theirs, stderr=theirs, start_new_session=True,
                               preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))  # fmt: skip
    screen = _reader(ours)
    wait_for(process, out, 12)
    time.sleep(0.3)
    began = time.monotonic()
    os.write(ours, b"\x03")
    assert process.wait(SOON) == 130
    assert time.monotonic() - began < SOON
    assert termios.tcgetattr(theirs) == before
    os.close(theirs)
    told = screen()
    assert "Traceback" not in told and "Capacity" in told
    assert told.rindex("\x1b[?25h") > told.rindex("\x1b[?25l")  # the cursor is shown again
    again = resumed(told)
    assert again == words[:-1]  # without --overwrite, which would begin anew
    done = runs.finish(again)
    assert done.returncode == 0, done.stderr
    assert walked(out) == walked(undisturbed)
    assert figures(out) == figures(undisturbed)


def _reader(terminal: int):
    """Reads what comes out of a terminal, so that its writer never waits; called: all of it."""
    import threading

    parts: list[bytes] = []

    def read() -> None:
        try:
            while part := os.read(terminal, 65536):
                parts.append(part)
        except OSError:  # its other end is closed
            pass

    thread = threading.Thread(target=read, daemon=True)
    thread.start()

    def everything() -> str:
        thread.join(10)
        return b"".join(parts).decode()

    return everything


@posix
@pytest.mark.slow
@pytest.mark.parametrize(("number", "code", "flags"), [(signal.SIGTERM, 143, ()), (signal.SIGINT, 130, ("--json",))])
def test_without_a_terminal(given, tmp_path, number, code, flags) -> None:
    rows, base, undisturbed = given
    out = tmp_path / "run"
    words = [*runs.command(rows, base, out), *flags]
    process = subprocess.Popen(words, env=runs.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    wait_for(process, out, 9)
    process.send_signal(number)
    said, told = process.communicate(timeout=SOON)
    assert process.returncode == code
    assert b"Traceback" not in said + told and b"\x1b" not in said + told
    again = resumed(told.decode())
    assert again == words
    if not flags:
        return
    kinds = [json.loads(line)["kind"] for line in said.decode().splitlines()]
    assert kinds[:1] == ["run"] and "done" not in kinds
    done = runs.finish(again)
    assert done.returncode == 0, done.stderr
    assert figures(out) == figures(undisturbed)
    *lines, last = [json.loads(line) for line in done.stdout.splitlines()]
    assert lines == runs.events(out)  # as the journal writes them, those of the first session again
    assert last == {"kind": "done", **runs.result(out)}


STUCK = """
import hashlib, sys, time
from rankfirst.cli.signals import LastWords, Stopped, stoppable
def busy(): hashlib.pbkdf2_hmac("sha256", b"", b"", 2**31 - 1)  # native code that no signal gets through to
with stoppable(LastWords(), lambda: ["said"]):
    print("ready", flush=True)
    try:
        {what}
    except Stopped:
        {then}
"""


def stuck(what: str, then: str = "pass", signals: int = 1) -> tuple[int, str, float]:
    """Exit code, stderr and seconds of a process that is sent signals, half a second apart."""
    code = STUCK.format(what=what, then=then)
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout and process.stdout.readline().strip() == b"ready"
    time.sleep(0.3)
    began = time.monotonic()
    for n in range(signals):
        time.sleep(0.5 if n else 0)
        process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=30)
    return process.returncode, told.decode(), time.monotonic() - began


@posix
def test_native_code_that_hears_no_signal_is_ended() -> None:
    code, told, took = stuck("busy()")
    assert (code, told) == (130, "said\n")
    assert took < stopping.GRACE + SOON


@posix
def test_a_second_signal_ends_at_once() -> None:
    code, told, took = stuck("time.sleep(60)", then="busy()", signals=2)
    assert (code, told) == (130, "said\n")
    assert took < SOON


@posix
def test_a_clean_up_that_hangs_is_not_waited_for() -> None:
    code, told, _ = stuck("time.sleep(60)", then="time.sleep(60)")
    assert (code, told) == (130, "said\n")


@posix
def test_what_the_parent_ignores_stays_ignored() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with stopping.stoppable(stopping.LastWords(), tuple):
            os.kill(os.getpid(), signal.SIGINT)
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


@posix
def test_handlers_are_put_back() -> None:
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    with stopping.stoppable(stopping.LastWords(), tuple):
        assert signal.getsignal(signal.SIGTERM) != before[1]
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before
    assert signal.set_wakeup_fd(-1) == -1


@posix
def test_a_signal_is_raised_where_the_command_is() -> None:
    code, told, took = stuck("time.sleep(60)", then="sys.exit(3)")
    assert (code, told) == (3, "") and took < SOON


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize(("command", "kept"), [("fit", False), ("fit", True), ("assess", False)])
def test_one_line_and_the_command(command, kept, lang, tmp_path, monkeypatch, capsys) -> None:
    def stopped(*_: object, **__: object) -> None:
        raise Stopped(signal.SIGINT)

    monkeypatch.setattr(f"rankfirst.api.{command}", stopped)
    monkeypatch.setattr(cli, "end", sys.exit)
    out = tmp_path / "out"
    if kept:
        out.mkdir()
        (out / "journal.jsonl").touch()
    words = ["rankfirst", command, "my rows.csv", "-o", str(out), "--overwrite" if command == "fit" else "--probe",
             "--lang", lang]  # fmt: skip
    monkeypatch.setattr("sys.argv", words)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 130
    line, again = capsys.readouterr().err.splitlines()
    assert (str(out) in line) == kept and ("已停止" in line) == (lang == "zh")
    assert shlex.split(again)[1:] == words[1:]  # nothing was begun: --overwrite still has to do its work


def test_the_program_is_named_as_the_shell_finds_it(monkeypatch, tmp_path) -> None:
    script = tmp_path / "rankfirst"
    script.touch()
    monkeypatch.setattr("shutil.which", lambda name: None)
    assert stopping.command([str(script), "fit", "a b.csv"]) == shlex.join([str(script), "fit", "a b.csv"])
    monkeypatch.setattr("shutil.which", lambda name: str(script))
    assert stopping.command([str(script), "fit"]) == "rankfirst fit"
    assert stopping.command(["/x/rankfirst/__main__.py", "fit"]).endswith("-m rankfirst fit")
