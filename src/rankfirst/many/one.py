"""One of many fits, in a process of its own: what it does must not touch the others, nor what kills it.

As a program (`python -m rankfirst.many.one`) it reads a job from stdin, a JSON line, and writes what became of it.
"""

import contextlib
import json
import os
import sys
import threading
import time
import traceback
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rankfirst.errors import RankfirstError
from rankfirst.many.specs import FILES, Job
from rankfirst.words import Lang, say


@dataclass(frozen=True)
class Done:
    """What became of a job."""

    name: str
    folder: str
    error: tuple[str, str] | None = None  # the line in English and in Chinese; None: it is finished
    summary: Mapping[str, Any] | None = None  # result.json
    seconds: float = 0.0  # this time
    earlier: bool = False  # it was finished before, and not repeated


def run(job: Job, lang: Lang, threads: int | None = None) -> Done:
    """Fit; whatever goes wrong is an answer."""
    if threads is not None:
        os.environ["OMP_NUM_THREADS"] = str(threads)  # before torch is loaded
    began = time.monotonic()

    def failed(english: str, chinese: str) -> Done:
        return Done(job.name, job.folder, (english, chinese), seconds=round(time.monotonic() - began, 1))

    try:
        from rankfirst import api

        options: dict[str, Any] = {
            "knobs" if name == "set" else name: Path(value) if name in FILES else value
            for name, value in job.options.items()
        }
        result = api.fit(out=Path(job.folder), lang=lang, **options)
    except RankfirstError as error:
        return failed(error.sentence("en"), error.sentence("zh"))
    except Exception as error:
        log = Path(f"{job.folder}.error.log")
        with contextlib.suppress(OSError):
            log.write_text(traceback.format_exc(), encoding="utf-8")
        told = {"what": type(error).__name__, "log": str(log)}
        return failed(say("unexpected", "en", **told), say("unexpected", "zh", **told))
    return Done(job.name, job.folder, None, result.summary, round(time.monotonic() - began, 1))


def main() -> None:
    """Ends when stdin does: whoever started this has ended then, however."""
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what libraries print is no answer
    told = json.loads(sys.stdin.readline())
    threading.Thread(target=_follow, daemon=True).start()
    done = run(Job(**told["job"]), told["lang"])
    answer.write(json.dumps(asdict(done)) + "\n")
    answer.flush()
    os._exit(0)


def _follow() -> None:
    with contextlib.suppress(OSError, ValueError):
        sys.stdin.read()
    os._exit(143)


if __name__ == "__main__":
    main()
