"""A run's folder: opened once, locked while in use, never written over."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from filelock import FileLock, Timeout

from rankfirst.errors import RunError
from rankfirst.journal import Journal

JOURNAL: Final = "journal.jsonl"
WRITTEN: Final = (JOURNAL, "result.json", "report.html", "examples.json", "model", "work", "trackers")
"""Everything a run writes; nothing else is ever removed."""


@contextmanager
def open_run(
    folder: Path, overwrite: bool = False, listen: Callable[[str, str, Any], None] | None = None
) -> Iterator[Journal]:
    """The journal of a new run, or of one to be continued; nobody else may work on the folder meanwhile.

    Args:
        overwrite: begin anew; only what an earlier run wrote is removed.
    Raises: RunError when the folder is no run, is in use, or cannot be written.
    """
    path = folder / JOURNAL
    check(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(folder, error) from None
    with hold(folder):
        try:
            if overwrite:
                clear(folder)
            path.touch()
            yield Journal(path, listen)
        except OSError as error:
            raise _unwritable(folder, error) from error


@contextmanager
def hold(folder: Path) -> Iterator[None]:
    """Nobody else may work on an existing folder meanwhile. Raises: RunError when somebody does."""
    lock = FileLock(folder / ".lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise RunError("run.in_use", path=str(folder)) from None
    except OSError as error:
        raise _unwritable(folder, error) from None
    try:
        yield
    finally:
        lock.release()


def check(folder: Path) -> None:
    """Raises: RunError when the folder holds something that is no run, or cannot be looked into."""
    try:
        if folder.exists() and (not folder.is_dir() or not _ours(folder)):
            raise RunError("run.not_a_run", path=str(folder))
    except OSError as error:
        raise _unwritable(folder, error) from None


def clear(folder: Path) -> None:
    """Remove what a run wrote."""
    for name in WRITTEN:
        target = folder / name
        if target.is_dir() and not target.is_symlink():
            shutil.rmtree(target)
        else:
            target.unlink(missing_ok=True)


def _ours(folder: Path) -> bool:
    """An empty folder, or one a run was begun in."""
    names = {entry.name for entry in folder.iterdir()}
    return not names - {".lock"} or JOURNAL in names


def _unwritable(folder: Path, error: OSError) -> RunError:
    code = "run.no_space" if error.errno == 28 else "run.unwritable"
    return RunError(code, path=str(folder), why=error.strerror or type(error).__name__)
