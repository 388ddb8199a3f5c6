"""The queue of fits: a failed job does not stop the others, and a finished one is not repeated."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any, Final

from rankfirst.batch.single_fit import Done, run
from rankfirst.batch.specs import FitJob
from rankfirst.batch.summary import write
from rankfirst.engine.ray.cluster import Pool
from rankfirst.errors import EngineError, RunError
from rankfirst.measure.disk import write_whole
from rankfirst.messages import Lang, say
from rankfirst.run.folder import hold

RECORDS: Final = ".fit-many"  # folder of one JSON file per job: its inputs and its outcome


def fit_many(jobs: Sequence[FitJob], out: Path, pool: Pool | None = None, lang: Lang = "en",
             on_done: Callable[[Done], None] = lambda done: None) -> list[Done]:  # fmt: skip
    """Fit every job under `out`; rewrite `summary.html` and `summary.json` there as each job ends.

    Args:
        pool: workers of a Ray cluster, one job each at a time; None: run locally, one after another.
        on_done: called with the outcome of each job.
    Returns: outcomes in the order of the jobs.
    Raises: OptionError; EngineError if the cluster cannot be used; RunError if `out` is in use or cannot be written.
    """
    records = out / RECORDS
    try:
        records.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RunError("run.unwritable", path=str(out), why=error.strerror) from None
    with hold(out):
        inputs = {job.name: _inputs(job) for job in jobs}
        ended = {job.name: done for job in jobs if (done := _recorded(job, records, inputs[job.name]))}
        for done in ended.values():
            on_done(done)
        waiting = [job for job in jobs if job.name not in ended]
        for done in _outcomes(waiting, pool, lang):
            ended[done.name] = done
            record = {"asked": inputs[done.name], "done": asdict(done)}
            write_whole(records / f"{done.name}.json", json.dumps(record, ensure_ascii=False))
            write([ended[job.name] for job in jobs if job.name in ended], len(jobs), out, lang)
            on_done(done)
        inorder = [ended[job.name] for job in jobs]
        write(inorder, len(jobs), out, lang)
    return inorder


def _outcomes(jobs: Sequence[FitJob], pool: Pool | None, lang: Lang) -> Iterator[Done]:
    if pool is None:
        yield from map(partial(_in_child, lang=lang), jobs)
        return
    from rankfirst.engine.ray.tasks import each

    for at, done in each(pool, partial(run, lang=lang, threads=pool.threads), jobs):
        if isinstance(done, EngineError):
            job = jobs[at]
            yield Done(job.name, job.folder, (done.sentence("en"), done.sentence("zh")))
        else:
            yield done


def _in_child(job: FitJob, lang: Lang) -> Done:
    """Fit in a child process that ends with this one."""
    words = [sys.executable, "-m", "rankfirst.batch.single_fit"]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(words, encoding="utf-8", **pipes) as child:
        assert child.stdin is not None and child.stdout is not None
        try:
            child.stdin.write(json.dumps({"job": asdict(job), "lang": lang}) + "\n")
            child.stdin.flush()
            line = child.stdout.readline()  # stdin stays open until the child is done: closing it ends the child
        except BrokenPipeError:
            line = ""
        except BaseException:
            child.terminate()
            raise
    if not line:
        why = {"code": child.returncode}
        return Done(job.name, job.folder, (say("many.died", "en", **why), say("many.died", "zh", **why)))
    return _parse_outcome(json.loads(line))


def _parse_outcome(values: dict[str, Any]) -> Done:
    error = values.get("error")
    return replace(Done(**values), error=None if error is None else (str(error[0]), str(error[1])))


def _recorded(job: FitJob, records: Path, inputs: Any) -> Done | None:
    """The recorded outcome, if the same job finished before and its result still exists; else None."""
    try:
        record = json.loads((records / f"{job.name}.json").read_text(encoding="utf-8"))
        done = _parse_outcome(record["done"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    same = record.get("asked") == inputs and done.error is None and (Path(job.folder) / "result.json").is_file()
    return replace(done, folder=job.folder, earlier=True) if same else None


def _inputs(job: FitJob) -> dict[str, Any]:
    """What identifies a job: its options and the content of its files."""
    digest = hashlib.sha256()
    for path in job.files:
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file():
                digest.update(f"{file.relative_to(path.parent)}\0".encode())
                with file.open("rb") as stream:
                    digest.update(hashlib.file_digest(stream, "sha256").digest())
    return {"options": dict(job.options), "files": digest.hexdigest()}
