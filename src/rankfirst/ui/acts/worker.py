"""The process that works on the queue, one command after the other, until nothing waits.

    python -m rankfirst.ui.acts.worker FOLDER CWD

It is the parent of each command, so a signal never reaches a process that has taken over an old process id.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from rankfirst.errors import RunError
from rankfirst.progress.shared import VARIABLE
from rankfirst.run.folder import hold
from rankfirst.ui.acts.jobs import Job, progress_file, read, stop_mark, write

PACE: Final = 0.2  # seconds between looks at the command and at the request to stop it
SAID: Final = 2_000  # characters kept of stderr
PROGRAM: Final = (sys.executable, "-m", "rankfirst")
STOPPED: Final = (130, 143, -signal.SIGINT, -signal.SIGTERM)


def work(folder: Path, cwd: Path, program: Sequence[str] = PROGRAM) -> None:
    """Work until nothing waits; return at once if another process does."""
    with contextlib.suppress(RunError), hold(folder):  # RunError: another one holds it
        for left in read(folder):
            if left.state == "running":  # its worker was killed
                write(folder, replace(left, state="stopped"))
        while (job := next((each for each in read(folder) if each.state == "waiting"), None)) is not None:
            if stop_mark(folder, job).exists():
                write(folder, replace(job, state="stopped"))
            else:
                _run(folder, replace(job, state="running", begun=time.time()), cwd, program)
            stop_mark(folder, job).unlink(missing_ok=True)
            with contextlib.suppress(OSError):
                Path(job.out).rmdir()  # if nothing was written into it


def _run(folder: Path, job: Job, cwd: Path, program: Sequence[str]) -> None:
    write(folder, job)
    log, progress = folder / f"{job.id}.log", progress_file(folder, job)
    try:
        with log.open("wb") as stderr:
            command = subprocess.Popen([*program, *job.words], cwd=cwd, stdin=subprocess.DEVNULL,
                                       stdout=subprocess.DEVNULL, stderr=stderr,
                                       env={**os.environ, VARIABLE: str(progress)})  # fmt: skip
            code, asked = _ended(command, stop_mark(folder, job))
        stderr_end = log.read_bytes()[-4 * SAID :].decode("utf-8", "replace").strip()[-SAID:]
    except OSError as error:
        code, asked, stderr_end = 1, False, error.strerror or type(error).__name__
    finally:
        log.unlink(missing_ok=True)
        progress.unlink(missing_ok=True)
    state = "done" if code == 0 else "stopped" if asked or code in STOPPED else "failed"
    write(folder, replace(job, state=state, said=stderr_end if state == "failed" else ""))


def _ended(command: "subprocess.Popen[bytes]", stop: Path) -> tuple[int, bool]:
    """Wait for a command, and pass on each request to stop it. Returns: its exit code, whether it was to stop."""
    asked = False
    while (code := command.poll()) is None:
        if stop.exists():
            asked = True
            stop.unlink(missing_ok=True)
            command.send_signal(signal.SIGINT if sys.platform != "win32" else signal.SIGTERM)
        time.sleep(PACE)
    return code, asked


if __name__ == "__main__":
    # The shell that started the page may have ignored it, and a command would inherit that.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    work(Path(sys.argv[1]), Path(sys.argv[2]))
