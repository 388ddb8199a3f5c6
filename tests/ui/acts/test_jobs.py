"""The queue: one command after the other, stopped as Ctrl-C does, worked on by a process of its own."""

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rankfirst.run.folder import in_use
from rankfirst.ui.acts.jobs import Job, Queue, read, stop_mark, write
from rankfirst.ui.acts.worker import work

# What stands for `rankfirst`: python runs the first word of a job.
PROGRAM = (sys.executable, "-c", "import sys; exec(sys.argv[1])")
SLOW = """
import signal, time, pathlib
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell may have had it ignored
try:
    pathlib.Path('begun').touch()
    time.sleep(60)
except KeyboardInterrupt:
    pathlib.Path('kept').touch()
    sys.exit(130)
"""


@pytest.fixture
def queue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Queue]:
    monkeypatch.setattr(Queue, "wake", lambda queue: None)
    yield Queue(tmp_path / "jobs", tmp_path)


def given(queue: Queue, code: str) -> Job:
    return queue.add("fit", (code,), "rows.csv", queue.cwd / "out")


def until(condition: Callable[[], bool], seconds: float = 20) -> None:
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < seconds
        time.sleep(0.02)


def states(queue: Queue) -> list[str]:
    return [job.state for job in queue.all()]


def test_commands_run_in_order_and_the_end_of_stderr_is_kept_of_one_that_fails(queue: Queue) -> None:
    for code in ("open('a', 'w')", "assert open('a'); sys.stderr.write('no such column: intent'); sys.exit(2)"):
        given(queue, code)
    assert states(queue) == ["waiting", "waiting"]
    work(queue.folder, queue.cwd, PROGRAM)
    assert states(queue) == ["done", "failed"]
    assert [job.said for job in queue.all()] == ["", "no such column: intent"]
    assert not list(queue.folder.glob("*.log")) and not in_use(queue.folder)


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_a_command_is_stopped_as_by_ctrl_c_and_can_be_run_again(queue: Queue) -> None:
    job, later = given(queue, SLOW), given(queue, "0")
    worker = threading.Thread(target=work, args=(queue.folder, queue.cwd, PROGRAM))
    worker.start()
    until((queue.cwd / "begun").exists)
    assert states(queue) == ["running", "waiting"]
    queue.stop(job)
    worker.join(20)
    assert states(queue) == ["stopped", "done"] and (queue.cwd / "kept").exists()
    queue.again(queue.all()[0])
    assert states(queue) == ["done", "waiting"] and queue.all()[1].words == (SLOW,) and later.id == queue.all()[0].id


def test_a_running_command_says_how_far_it_is(queue: Queue) -> None:
    told = "{'stage': 'ladder', 'what': 'tfidf', 'done': 1, 'total': 4, 'share': 0.25}"
    say = f"import json, os, pathlib, time; file = pathlib.Path(os.environ['RANKFIRST_PROGRESS']); told = {told}"
    wait = "while not pathlib.Path('seen').exists(): time.sleep(0.02)"
    job = given(queue, f"{say}; file.write_text(json.dumps(told))\n{wait}")
    worker = threading.Thread(target=work, args=(queue.folder, queue.cwd, PROGRAM))
    worker.start()
    until(lambda: (found := queue.find(job.id)) is not None and queue.view(found) is not None)
    (running,) = queue.all()
    view = queue.view(running)
    assert view is not None and (view.stage, view.share) == ("ladder", 0.25)
    (queue.cwd / "seen").touch()
    worker.join(20)
    assert states(queue) == ["done"] and queue.view(queue.all()[0]) is None
    assert not list(queue.folder.glob("*.progress"))


def test_one_that_waits_is_taken_out(queue: Queue) -> None:
    job = given(queue, "open('a', 'w')")
    queue.stop(job)
    assert states(queue) == ["stopped"]
    work(queue.folder, queue.cwd, PROGRAM)
    assert states(queue) == ["stopped"] and not (queue.cwd / "a").exists() and not stop_mark(queue.folder, job).exists()
    queue.forget(queue.all()[0])
    assert states(queue) == []


def test_one_that_a_killed_worker_has_left_counts_as_stopped(queue: Queue) -> None:
    job = given(queue, "0")
    write(queue.folder, Job(**{**job.__dict__, "state": "running"}))
    assert states(queue) == ["stopped"]
    work(queue.folder, queue.cwd, PROGRAM)
    assert [job.state for job in read(queue.folder)] == ["stopped"]


def test_what_is_active_is_not_forgotten_and_what_is_no_job_is_passed_over(queue: Queue) -> None:
    job = given(queue, "0")
    queue.forget(job)
    (queue.folder / "odd.json").write_text("[", encoding="utf-8")
    (queue.folder / "other.json").write_text('{"id": "../x", "words": []}', encoding="utf-8")
    assert states(queue) == ["waiting"] and queue.find("../x") is None


def test_an_empty_folder_of_a_command_that_wrote_nothing_is_removed(queue: Queue) -> None:
    (queue.cwd / "out").mkdir()
    given(queue, "sys.exit(2)")
    work(queue.folder, queue.cwd, PROGRAM)
    assert not (queue.cwd / "out").exists()


@pytest.mark.slow
def test_the_worker_is_a_process_of_its_own_that_outlives_the_page(tmp_path: Path) -> None:
    queue = Queue(tmp_path / "jobs", tmp_path)
    job = queue.add("assess", ("assess", "gone.csv"), "gone.csv", tmp_path / "out")
    assert queue._worker is not None and os.getsid(queue._worker.pid) != os.getsid(0)
    until(lambda: states(queue) == ["failed"], 60)
    assert "gone.csv" in queue.all()[0].said and job.id == queue.all()[0].id
