"""One of many fits, in a process of its own, so that a failure or crash does not affect the others.

`python -m rankfirst.batch.single_fit` reads a job from stdin as one JSON line and writes the outcome.
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

from rankfirst.batch.specs import KNOWN, FitJob
from rankfirst.errors import RankfirstError
from rankfirst.messages import Lang, say
from rankfirst.options.config_file import keywords


@dataclass(frozen=True)
class Done:
    """The outcome of a job."""

    name: str
    folder: str
    error: tuple[str, str] | None = None  # message in English and Chinese; None: the job finished
    summary: Mapping[str, Any] | None = None  # result.json
    seconds: float = 0.0  # duration of this attempt
    earlier: bool = False  # it had finished before and was not repeated


def run(job: FitJob, lang: Lang, threads: int | None = None) -> Done:
    """Fit; every error is returned as an outcome."""
    if threads is not None:
        os.environ["OMP_NUM_THREADS"] = str(threads)  # must be set before torch is loaded
    began = time.monotonic()

    def failed(english: str, chinese: str) -> Done:
        return Done(job.name, job.folder, (english, chinese), seconds=round(time.monotonic() - began, 1))

    try:
        from rankfirst import api

        options: dict[str, Any] = keywords(job.options, KNOWN)
        result = api.fit(out=Path(job.folder), lang=lang, **options)
    except RankfirstError as error:
        return failed(error.sentence("en"), error.sentence("zh"))
    except Exception as error:
        log = Path(f"{job.folder}.error.log")
        with contextlib.suppress(OSError):
            log.write_text(traceback.format_exc(), encoding="utf-8")
        details = {"what": type(error).__name__, "log": str(log)}
        return failed(say("unexpected", "en", **details), say("unexpected", "zh", **details))
    return Done(job.name, job.folder, None, result.summary, round(time.monotonic() - began, 1))


def main() -> None:
    """Run one job from stdin; exit as soon as stdin closes, since the parent has then ended, for whatever reason."""
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # keep stdout for the answer: libraries print to stderr instead
    request = json.loads(sys.stdin.readline())
    threading.Thread(target=_exit_with_parent, daemon=True).start()
    done = run(FitJob(**request["job"]), request["lang"])
    answer.write(json.dumps(asdict(done)) + "\n")
    answer.flush()
    os._exit(0)


def _exit_with_parent() -> None:
    with contextlib.suppress(OSError, ValueError):
        sys.stdin.read()
    os._exit(143)


if __name__ == "__main__":
    main()
