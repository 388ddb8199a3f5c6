"""One queue of `rankfirst` commands, a file for each; the process that works on it outlives the page."""

import json
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from secrets import token_hex
from typing import Any, Final

from rankfirst.measure.disk import write_whole
from rankfirst.progress import shared
from rankfirst.progress.run_state import View
from rankfirst.run.folder import in_use

WORKER: Final = "rankfirst.ui.acts.worker"
_ACTIVE: Final = ("waiting", "running")


@dataclass(frozen=True)
class Job:
    """One command. Its state: waiting, running, done, failed, stopped."""

    id: str  # sorts by the time it was given
    kind: str  # "assess" or "fit"
    words: tuple[str, ...]  # of the command line, after `rankfirst`
    file: str  # the name of the training file, as it is shown
    out: str  # the folder that it writes
    state: str = "waiting"
    begun: float = 0.0  # seconds since the epoch; 0: not yet
    said: str = ""  # why it failed: the end of its stderr

    @property
    def active(self) -> bool:
        """Whether it waits or runs."""
        return self.state in _ACTIVE


class Queue:
    """The jobs in a folder. Only the worker changes a job once it is written."""

    def __init__(self, folder: Path, cwd: Path) -> None:
        """Args: cwd: the working directory of the commands."""
        self.folder, self.cwd = folder, cwd
        self._worker: subprocess.Popen[bytes] | None = None

    def add(self, kind: str, words: tuple[str, ...], file: str, out: Path) -> Job:
        """Append a command, and start a worker if none is running."""
        self.folder.mkdir(parents=True, exist_ok=True)
        job = Job(f"{time.time_ns()}-{token_hex(3)}", kind, words, file, str(out))
        write(self.folder, job)
        self.wake()
        return job

    def all(self) -> list[Job]:
        """Every job, the oldest first. One that a killed worker has left counts as stopped."""
        jobs = read(self.folder)
        if any(job.state == "running" for job in jobs) and not in_use(self.folder):
            jobs = [replace(job, state="stopped") if job.state == "running" else job for job in jobs]
        return [replace(job, state="stopped") if job.state == "waiting" and stop_mark(self.folder, job).exists()
                else job for job in jobs]  # fmt: skip

    def find(self, id: str) -> Job | None:
        """The job with that id."""
        return next((job for job in self.all() if job.id == id), None)

    def view(self, job: Job) -> View | None:
        """Progress of a running job; None if it has not reported any."""
        return shared.read(progress_file(self.folder, job)) if job.state == "running" else None

    def of(self, out: Path) -> Job | None:
        """The last job that writes into a folder."""
        return next((job for job in reversed(self.all()) if Path(job.out) == out), None)

    def stop(self, job: Job) -> None:
        """Stop it as Ctrl-C does, or take it out of the queue if it has not begun."""
        if job.active:
            stop_mark(self.folder, job).touch()

    def again(self, job: Job) -> Job:
        """Queue the same command again; a stopped fit resumes."""
        self.forget(job)
        return self.add(job.kind, job.words, job.file, Path(job.out))

    def forget(self, job: Job) -> None:
        """Remove a job that is over from the list; what it wrote stays."""
        if not job.active:
            (self.folder / f"{job.id}.json").unlink(missing_ok=True)
            stop_mark(self.folder, job).unlink(missing_ok=True)

    def wake(self) -> None:
        """Start a worker if something waits and none works."""
        if self._worker is not None:
            self._worker.poll()  # so that one that has ended is no zombie
        if any(job.state == "waiting" for job in self.all()) and not in_use(self.folder):
            nothing = subprocess.DEVNULL
            self._worker = subprocess.Popen(
                [sys.executable, "-m", WORKER, str(self.folder), str(self.cwd)], cwd=self.cwd, stdin=nothing,
                stdout=nothing, stderr=nothing, start_new_session=True)  # fmt: skip


def read(folder: Path) -> list[Job]:
    """The jobs as written, the oldest first; files that are no job are passed over."""
    jobs = []
    for path in sorted(folder.glob("*.json")):
        try:
            fields: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            job = Job(**{**fields, "words": tuple(fields["words"])})
        except (OSError, ValueError, TypeError, KeyError):
            continue
        jobs += [job] if job.id == path.stem else []
    return jobs


def write(folder: Path, job: Job) -> None:
    """Write a job atomically."""
    write_whole(folder / f"{job.id}.json", json.dumps(asdict(job), ensure_ascii=False))


def progress_file(folder: Path, job: Job) -> Path:
    """The file to which a running command writes its progress."""
    return folder / f"{job.id}.progress"


def stop_mark(folder: Path, job: Job) -> Path:
    """The file by which the page asks the worker to stop a job."""
    return folder / f"{job.id}.stop"
