"""The queue: each job once, one failing does not stop the others, a finished one is not repeated."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any, Final

from rankfirst.engine.ray_cluster import Pool
from rankfirst.errors import EngineError, RunError
from rankfirst.many.one import Done, run
from rankfirst.many.specs import Job
from rankfirst.many.summary import write
from rankfirst.report.html import write_whole
from rankfirst.runs import hold
from rankfirst.words import Lang, say

RECORDS: Final = ".fit-many"  # what was asked and what came of it, a file a job


def fit_many(jobs: Sequence[Job], out: Path, pool: Pool | None = None, lang: Lang = "en",
             told: Callable[[Done], None] = lambda done: None) -> list[Done]:  # fmt: skip
    """Fit every job under `out`; `summary.html` and `summary.json` there are rewritten as each ends.

    Args:
        pool: workers of a Ray cluster, a job each at a time; None: here, one after the other.
        told: of each job as it ends.
    Returns: in the order of the jobs. Raises: OptionError, EngineError when the cluster cannot be used; RunError when
        `out` is in use or cannot be written.
    """
    records = out / RECORDS
    try:
        records.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RunError("run.unwritable", path=str(out), why=error.strerror) from None
    with hold(out):
        asked = {job.name: _asked(job) for job in jobs}
        ended = {job.name: done for job in jobs if (done := _finished(job, records, asked[job.name]))}
        for done in ended.values():
            told(done)
        waiting = [job for job in jobs if job.name not in ended]
        for done in _all(waiting, pool, lang):
            ended[done.name] = done
            record = {"asked": asked[done.name], "done": asdict(done)}
            write_whole(records / f"{done.name}.json", json.dumps(record, ensure_ascii=False))
            write([ended[job.name] for job in jobs if job.name in ended], len(jobs), out, lang)
            told(done)
        inorder = [ended[job.name] for job in jobs]
        write(inorder, len(jobs), out, lang)
    return inorder


def _all(jobs: Sequence[Job], pool: Pool | None, lang: Lang) -> Iterator[Done]:
    if pool is None:
        yield from map(partial(_apart, lang=lang), jobs)
        return
    from rankfirst.engine.ray_tasks import each

    for at, done in each(pool, partial(run, lang=lang, threads=pool.threads), jobs):
        if isinstance(done, EngineError):
            job = jobs[at]
            yield Done(job.name, job.folder, (done.sentence("en"), done.sentence("zh")))
        else:
            yield done


def _apart(job: Job, lang: Lang) -> Done:
    """Fit in a child process, which ends with this one."""
    words = [sys.executable, "-m", "rankfirst.many.one"]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(words, encoding="utf-8", **pipes) as child:
        assert child.stdin is not None and child.stdout is not None
        try:
            child.stdin.write(json.dumps({"job": asdict(job), "lang": lang}) + "\n")
            child.stdin.flush()
            line = child.stdout.readline()  # stdin stays open meanwhile: its end ends the child
        except BrokenPipeError:
            line = ""
        except BaseException:
            child.terminate()
            raise
    if not line:
        why = {"code": child.returncode}
        return Done(job.name, job.folder, (say("many.died", "en", **why), say("many.died", "zh", **why)))
    return _done(json.loads(line))


def _done(told: dict[str, Any]) -> Done:
    error = told.get("error")
    return replace(Done(**told), error=None if error is None else (str(error[0]), str(error[1])))


def _finished(job: Job, records: Path, asked: Any) -> Done | None:
    """What became of it, when the very same job was finished before and its result still stands."""
    try:
        record = json.loads((records / f"{job.name}.json").read_text(encoding="utf-8"))
        done = _done(record["done"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    same = record.get("asked") == asked and done.error is None and (Path(job.folder) / "result.json").is_file()
    return replace(done, folder=job.folder, earlier=True) if same else None


def _asked(job: Job) -> dict[str, Any]:
    """What makes a job the same job: its options and the bytes of its files."""
    whole = hashlib.sha256()
    for path in job.files:
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file():
                whole.update(f"{file.relative_to(path.parent)}\0".encode())
                with file.open("rb") as opened:
                    whole.update(hashlib.file_digest(opened, "sha256").digest())
    return {"options": dict(job.options), "files": whole.hexdigest()}
