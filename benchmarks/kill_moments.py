"""`kill -9` at random moments of `fit` and of `export`: does the repeated command end as if nothing had happened?

Usage: python -m benchmarks.kill_moments FOLDER [FIT] [EXPORT] [SEED]    (FOLDER holds the rows, the base and the runs;
50 moments of `fit` and 10 of `export` unless told; results/kill_moments.csv gets a line each, those that stand there
are not done again; a moment that came after the end counts as none, and another is drawn). 600 synthetic rows and a
random base of four layers, small enough that a run takes seconds and still has probes, experiments, a final training,
delivery and report.

Commands run in processes forked from one that has imported torch already: else half of all moments would fall into
imports, where nothing is written yet. The first kill is of a process that begins with its imports.

Moments are spread evenly over the wall-clock time of an undisturbed run and found again by the journal's lines, so that
a slower machine is killed at the same point of its work. What must be the same afterwards: every event, every figure
that is no clock, every byte of the model, the names of all files. What stood in the journal at the kill must still
stand there.
"""

import csv
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from tests import runs
from tests.engine import tiny

from benchmarks import bad_inputs
from benchmarks.tables import RESULTS, append

ROWS: Final = 600
BASE: Final = {"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 4}
TIMED: Final = {"seconds", "peak_memory_mb", "costs", "tokens_per_second", "ms_per_text", "command"}
FORMATS: Final = ("--to", "merged,onnx")  # int8 loses too many answers of so small a base, and says so
STRAY: Final = ("*.tmp", "*.part", ".*.part", "*.states")
POLL: Final = 0.004  # seconds
PATIENCE: Final = 600.0  # seconds a command may take


@dataclass(frozen=True)
class Undisturbed:
    """A run that nobody killed."""

    folder: Path
    command: tuple[str, ...]  # without the output folder's name in it
    arrived: tuple[float, ...]  # seconds after the start at which each line of the journal was there
    seconds: float


def main(folder: Path, fits: int = 50, exports: int = 10, seed: int = 0) -> None:
    """Kill, repeat, compare."""
    folder.mkdir(parents=True, exist_ok=True)
    bad_inputs.loaded()
    rows, base = folder / "rows.csv", folder / "base"
    if not rows.is_file():
        runs.write_rows(folder, ROWS)
        tiny.write_base(base, "bert", **BASE)
    whole = undisturbed(rows, base, folder / "undisturbed")
    for n, moment in drawn("fit", fits, whole.arrived[-1], seed):
        append("kill_moments", killed_fit(whole, folder / "killed", n, moment))
    exported(whole, folder, exports, seed)


def drawn(what: str, count: int, seconds: float, seed: int) -> Iterator[tuple[int, float]]:
    """(number, moment) of what is still to be done: one in each part of the time, then others for those that missed."""
    planned, extra = moments(count, seconds, seed), np.random.default_rng(seed + 7)
    for n in range(5 * count):
        moment = planned[n] if n < count else float(extra.random() * seconds)
        hit = _done(what)
        if sum(hit.values()) >= count:
            return
        if n not in hit:
            yield n, moment


def moments(count: int, seconds: float, seed: int) -> list[float]:
    """One at random within each of `count` equal parts of the time."""
    within = np.random.default_rng(seed).random(count)
    return [float(seconds * (n + u) / count) for n, u in enumerate(within)]


def undisturbed(rows: Path, base: Path, out: Path) -> Undisturbed:
    """Run once without a kill, and note when each line of the journal came."""
    shutil.rmtree(out, ignore_errors=True)
    command = tuple(runs.command(rows, base, Path("OUT"))[3:])
    began, arrived = time.monotonic(), list[float]()
    process = Forked([str(out) if word == "OUT" else word for word in command], out.with_suffix(".log"))
    while process.code() is None:
        while len(arrived) < lines(out):
            arrived.append(time.monotonic() - began)
        time.sleep(POLL)
    assert process.code() == 0, out.with_suffix(".log").read_text()
    return Undisturbed(out, command, tuple(arrived), time.monotonic() - began)


def killed_fit(whole: Undisturbed, out: Path, n: int, moment: float) -> dict[str, object]:
    """Kill `fit` at that moment of its work, repeat it, and compare."""
    shutil.rmtree(out, ignore_errors=True)
    words = [str(out) if word == "OUT" else word for word in whole.command]
    before = sum(at <= moment for at in whole.arrived)
    after = moment - (whole.arrived[before - 1] if before else 0.0)
    process = (Started if n == 0 else Forked)(words, out.with_suffix(".log"))
    while process.code() is None and lines(out) < before:
        time.sleep(POLL)
    began = time.monotonic()
    while process.code() is None and time.monotonic() - began < after:
        time.sleep(POLL)
    lived = process.code() is None
    process.kill()
    stood = (out / "journal.jsonl").read_bytes() if (out / "journal.jsonl").exists() else b""
    kept = stood[: stood.rfind(b"\n") + 1]
    left = strays(out)
    again = Forked(words, out.with_suffix(".log")).wait()
    return {
        "what": "fit",
        "n": n,
        "moment_s": round(moment, 2),
        "share": round(moment / whole.seconds, 3),
        "killed": lived,
        "lines": kept.count(b"\n"),
        "torn": len(stood) - len(kept),
        "strays_at_kill": left,
        "code": again,
        **compared(out, whole.folder, kept),
    }


def compared(out: Path, whole: Path, kept: bytes) -> dict[str, object]:
    """What a repeated run has in common with the undisturbed one."""
    if not (out / "result.json").exists():
        return dict.fromkeys(("events", "figures", "model", "files", "kept"), False) | {"strays": strays(out)}
    return {
        "events": walked(out) == walked(whole),
        "figures": figures(out) == figures(whole),
        "model": digests(out / "model") == digests(whole / "model"),
        "files": names(out) == names(whole),
        "kept": (out / "journal.jsonl").read_bytes().startswith(kept),
        "strays": strays(out),
    }


def exported(whole: Undisturbed, folder: Path, count: int, seed: int) -> None:
    """The same for `export`: what it left serves or says in one line why not, and a repeated export ends well."""
    if not count:
        return
    reference, out, log = folder / "exported", folder / "killed", folder / "export.log"
    shutil.rmtree(reference, ignore_errors=True)
    shutil.copytree(whole.folder, reference)
    began = time.monotonic()
    assert Forked(["export", str(reference), *FORMATS], log).wait() == 0, log.read_text()
    seconds = time.monotonic() - began
    text = folder / "one.csv"
    text.write_text("text\nplease block my card\n", encoding="utf-8")
    for n, moment in drawn("export", count, seconds, seed + 1):
        shutil.rmtree(out, ignore_errors=True)
        shutil.copytree(whole.folder, out)
        process = Forked(["export", str(out), *FORMATS], log)
        time.sleep(moment)
        lived = process.code() is None
        process.kill()
        left = strays(out)
        plain = all(_answers(out, text, backend, log) for backend in ("torch", "onnx"))
        again = Forked(["export", str(out), *FORMATS], log).wait()
        append(
            "kill_moments",
            {
                "what": "export",
                "n": n,
                "moment_s": round(moment, 2),
                "share": round(moment / seconds, 3),
                "killed": lived,
                "lines": lines(out),
                "torn": 0,
                "strays_at_kill": left,
                "code": again,
                "events": plain,
                "figures": figures(out) == figures(reference),
                "model": digests(out / "model") == digests(reference / "model"),
                "files": names(out) == names(reference),
                "kept": plain,
                "strays": strays(out),
            },
        )


def _answers(run: Path, text: Path, backend: str, log: Path) -> bool:
    """Whether a half exported run answers; onnx may say in one line that it is not there."""
    code = Forked(["predict", str(run), str(text), "--backend", backend], log).wait()
    told = log.read_text("utf-8", "replace")
    return code == 0 or (
        code == 2 and backend != "torch" and "internal error in rankfirst" not in told and "Traceback" not in told
    )


class Forked:
    """A command in a process forked from this one."""

    def __init__(self, argv: Sequence[str], log: Path) -> None:
        self._code: int | None = None
        self.pid = os.fork()
        if self.pid == 0:
            code = 70
            try:
                where = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
                os.dup2(where, 1)
                os.dup2(where, 2)
                sys.argv = ["rankfirst", *argv]
                from rankfirst.cli.main import main

                main()
                code = 0
            except SystemExit as ended:
                code = ended.code if isinstance(ended.code, int) else 0
            except BaseException:
                traceback.print_exc()
            finally:
                sys.stdout.flush()
                os._exit(code)

    def code(self) -> int | None:
        """None while it lives."""
        if self._code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self._code = os.waitstatus_to_exitcode(status) if pid else None
        return self._code

    def kill(self) -> None:
        """At once, and with nothing said."""
        if self.code() is None:
            os.kill(self.pid, signal.SIGKILL)
        self.wait()

    def wait(self) -> int | None:
        """Its exit code; None after PATIENCE seconds, and then it is killed."""
        end = time.monotonic() + PATIENCE
        while self.code() is None and time.monotonic() < end:
            time.sleep(0.02)
        if self._code is None:
            self.kill()
            return None
        return self._code


class Started:
    """The same as a process that begins with its imports."""

    def __init__(self, argv: Sequence[str], log: Path) -> None:
        with log.open("wb") as file:
            self._made = subprocess.Popen([sys.executable, "-m", "rankfirst", *argv], stdout=file, stderr=file)

    def code(self) -> int | None:
        return self._made.poll()

    def kill(self) -> None:
        self._made.kill()
        self._made.wait()


def lines(out: Path) -> int:
    """Whole lines in the journal."""
    path = out / "journal.jsonl"
    return path.read_bytes().count(b"\n") if path.exists() else 0


def walked(out: Path) -> list[tuple[str, str, Any]]:
    """Every event, with its payload where no clock is in it."""
    return [(event["kind"], event["key"], untimed(event["payload"])) for event in runs.events(out)]


def figures(out: Path) -> Any:
    """result.json without what a clock said."""
    return untimed(runs.result(out))


def untimed(payload: Any) -> Any:
    """Without what a clock said."""
    if isinstance(payload, dict):
        return {k: untimed(v) for k, v in payload.items() if k not in TIMED}
    return [untimed(v) for v in payload] if isinstance(payload, list) else payload


def digests(folder: Path) -> dict[str, str]:
    """Every file but those that name clocks or folders."""
    files = [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in {"check.json", "manifest.json"}
    ]
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def names(out: Path) -> set[str]:
    """Every path in the folder."""
    return {str(path.relative_to(out)) for path in out.rglob("*")}


def strays(out: Path) -> int:
    """Temporary files."""
    return len({path for pattern in STRAY for path in out.rglob(pattern)}) if out.exists() else 0


def _done(what: str) -> dict[int, bool]:
    """Number -> whether it hit a command that still ran."""
    path = RESULTS / "kill_moments.csv"
    if not path.exists():
        return {}
    with path.open(newline="", encoding="utf-8") as file:
        return {int(row["n"]): row["killed"] == "True" for row in csv.DictReader(file) if row["what"] == what}


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:]))
