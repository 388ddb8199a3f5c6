"""One command on one bad input, in a process and a folder of its own, watched for what it writes."""

import contextlib
import json
import os
import resource
import shutil
import signal
import sys
import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

SECONDS: Final = 150.0  # after which a command hangs: it waits for something; the machine may be busy, too
MOST_WORK: Final = 40  # CPU seconds after which it runs for ever; the longest here needs five
MOST_MEMORY: Final = 12 * 2**30  # bytes of address space: who asks for more has believed a file's header
_WRITES: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_CHANGES: Final = ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.symlink", "os.link", "os.chmod", "os.truncate")


@dataclass(frozen=True)
class Met:
    """What came of it."""

    argv: tuple[str, ...]
    code: int | None  # None: it hung and was killed; negative: a signal
    stdout: str
    stderr: str
    seconds: float
    outside: tuple[str, ...]  # files written or changed outside the folders that the command may write to

    @property
    def fault(self) -> str:
        """What is wrong with that; empty when nothing is."""
        if self.code is None:
            return "hang"
        if self.code == -signal.SIGXCPU or self.code == -signal.SIGKILL:
            return "no end"
        if self.code < 0 or self.code not in (0, 1, 2):
            return f"ended with {self.code}"
        if self.outside:
            return "wrote outside"
        if "Traceback" in self.stderr or "Traceback" in self.stdout:
            return "traceback"
        if "internal error in rankfirst" in self.stderr:
            return "unexpected"
        if self.code == 1 and self.argv[0] != "gate":
            return "ended with 1"
        if self.code == 2 and not self._one_line:
            return "no clear line"
        return ""

    @property
    def _one_line(self) -> bool:
        """Ours is one line; the command parser draws a box for what is no flag or no number."""
        told = [line for line in self.stderr.splitlines() if line.strip()]
        return (len(told) == 1 and told[0].startswith("rankfirst: ")) or "Usage:" in self.stderr


def run(argv: Sequence[str], folder: Path, seconds: float = SECONDS) -> Met:
    """`rankfirst ARGV` in `folder`, of which it may write to `out*`, `tmp` and what was named with -o there."""
    for name in ("in", "tmp"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    before = _listing(folder)
    began = time.monotonic()
    child = os.fork()
    if child == 0:
        _act(list(argv), folder)
    code = _ended(child, began + seconds)
    took = time.monotonic() - began
    after = _listing(folder)
    outside = [path for path, mark in after.items() if before.get(path, mark) != mark]
    outside += [path for path in after.keys() - before.keys() if not _named(path, argv, folder)]
    outside += [f"{path} (gone)" for path in before.keys() - after.keys()]
    outside += json.loads((folder / "tmp" / ".writes").read_text()) if (folder / "tmp" / ".writes").exists() else []
    out, err = ((folder / "tmp" / name).read_text("utf-8", "replace") for name in (".stdout", ".stderr"))
    return Met(tuple(argv), code, out, err, took, tuple(dict.fromkeys(outside)))


def _named(path: str, argv: Sequence[str], folder: Path) -> bool:
    """Whether the command was told to write there: new files only, what was there before is nobody's to change."""
    told = [argv[at + 1] for at, word in enumerate(argv[:-1]) if word in ("-o", "--out", "--fix")]
    homes = [Path(os.path.realpath(folder / name)) for name in told if name]
    where = Path(os.path.realpath(folder / path))
    near = [home.with_suffix(".changes.csv") for home in homes]
    return any(home == where or home in where.parents for home in (*homes, *near))


def _act(argv: list[str], folder: Path) -> None:
    """The child: never returns."""
    code = 70
    with contextlib.suppress(BaseException):
        code = _command(argv, folder)
    os._exit(code)


def _command(argv: list[str], folder: Path) -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_WORK, MOST_WORK))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for number, name in ((1, ".stdout"), (2, ".stderr")):
        os.dup2(os.open(folder / "tmp" / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    sys.stdout, sys.stderr = (open(n, "w", encoding="utf-8", closefd=False) for n in (1, 2))
    os.environ["TMPDIR"] = str(folder / "tmp")
    import tempfile

    tempfile.tempdir = None
    os.chdir(folder)
    sys.argv = ["rankfirst", *argv]
    writes = _watched(folder)
    from rankfirst.cli.main import main

    try:
        main()
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 0 if ended.code is None else 1
    except BaseException:
        traceback.print_exc()
        code = 1
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    (folder / "tmp" / ".writes").write_text(json.dumps(sorted(set(writes))))
    return code


def _watched(folder: Path) -> list[str]:
    """Paths that Python opens for writing or changes outside `folder`; filled while the command runs."""
    found: list[str] = []
    home = os.path.realpath(folder)

    def look(path: Any) -> None:
        if isinstance(path, str | bytes | os.PathLike):
            where = os.path.realpath(os.fsdecode(path))
            if (
                where != home
                and not where.startswith((home + os.sep, "/dev/", "/proc/"))
                and "__pycache__" not in where
            ):
                found.append(where)

    def hook(event: str, args: tuple[Any, ...]) -> None:
        if event == "open":
            path, mode, flags = args
            if (isinstance(mode, str) and set(mode) & set("wax+")) or (mode is None and flags & _WRITES):
                look(path)
        elif event in _CHANGES:
            for path in args[:2]:
                look(path)

    sys.addaudithook(hook)
    return found


def _ended(child: int, until: float) -> int | None:
    pause = 0.002
    while time.monotonic() < until:
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            return os.waitstatus_to_exitcode(status)
        time.sleep(pause)
        pause = min(0.05, pause * 1.3)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return None


def _listing(folder: Path) -> dict[str, tuple[int, int]]:
    """Size and time of every file that is not the command's to write."""
    found = {}
    for path in folder.rglob("*"):
        told = path.relative_to(folder).parts
        if told[0].startswith("out") or told[0] == "tmp":
            continue
        with contextlib.suppress(OSError):
            seen = path.lstat()
            if not path.is_dir():
                found["/".join(told)] = (seen.st_size, seen.st_mtime_ns)
    return found


def clear(folder: Path) -> None:
    """Remove a box, whatever lies in it."""
    shutil.rmtree(folder, ignore_errors=True)
