"""A run's folder: opened once, locked while in use, never written over."""

import os
import shutil
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from filelock import FileLock, Timeout

from rankfirst.errors import RunError
from rankfirst.measure.disk import require_utf8
from rankfirst.measure.wall_clock import Account
from rankfirst.run.journal import Journal

JOURNAL: Final = "journal.jsonl"
LOCK: Final = ".lock"
PATIENCE: Final = 0.2  # seconds to wait for the lock, since a call of `in_use` holds it for a moment
WRITTEN: Final = (JOURNAL, "result.json", "report.html", "examples.json", "model", ".model.next", ".model.before",
                  "held_out", "work", "trackers")  # fmt: skip
"""Everything a run writes; nothing else is ever removed."""
KEPT: Final = (JOURNAL, "result.json", "report.html", "examples.json", "model", "held_out")
"""The part that is mirrored to a storage; engines keep checkpoints themselves, cached states are recomputed."""
SAMPLES: Final = {"en": "synthetic-shop-en", "zh": "synthetic-shop-zh"}
"""Where `demo` writes its rows before the run begins, by their language."""


@contextmanager
def open_run(
    folder: Path,
    overwrite: bool = False,
    listen: Callable[[str, str, Any], None] | None = None,
    began: float | None = None,
    account: Account | None = None,
) -> Iterator[Journal]:
    """The journal of a new run, or of one to continue; the folder is locked meanwhile.

    Args:
        overwrite: start again; only files that a run writes are removed. listen: called with every event.
        began, account: see `Journal`.
    Raises: RunError if the folder holds something else, is in use, or cannot be written.
    """
    path = folder / JOURNAL
    check(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(folder, error) from None
    with hold(folder):
        try:
            if overwrite:
                clear(folder)
            path.touch()
            yield Journal(path, listen, began, account)
        except OSError as error:
            raise unwritable(folder, error) from error


@contextmanager
def hold(folder: Path) -> Iterator[None]:
    """Lock an existing folder. Raises: RunError if another process holds the lock."""
    lock = FileLock(folder / LOCK)
    try:
        lock.acquire(timeout=PATIENCE, poll_interval=0.05)
    except Timeout:
        raise RunError("run.in_use", path=str(folder)) from None
    except OSError as error:
        raise unwritable(folder, error) from None
    try:
        yield
    finally:
        lock.release()


def in_use(folder: Path) -> bool:
    """Whether a running process works on the run; writes nothing, and counts a lock that cannot be read as free."""
    try:
        import fcntl
    except ImportError:  # Windows
        return _held(folder / LOCK)
    try:
        lock = os.open(folder / LOCK, os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        # A shared lock, so that two simultaneous checks do not take each other for a run.
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        os.close(lock)
    return False


def _held(path: Path) -> bool:
    """`in_use` on systems without shared locks."""
    if not path.exists():
        return False
    try:
        with FileLock(path, timeout=0):
            return False
    except (Timeout, OSError):
        return True


def check(folder: Path) -> None:
    """Raises: RunError if the folder holds something other than a run, or cannot be read; OptionError for its name."""
    require_utf8(folder)
    try:
        if folder.exists() and (not folder.is_dir() or not _ours(folder)):
            raise RunError("run.not_a_run", path=str(folder))
    except OSError as error:
        raise unwritable(folder, error) from None


def check_parent(folder: Path, runs: Collection[str]) -> None:
    """Raises: RunError if the folder holds anything but folders of these names, or cannot be read."""
    try:
        if folder.exists() and (not folder.is_dir() or {entry.name for entry in folder.iterdir()} - {*runs}):
            raise RunError("run.not_a_run", path=str(folder))
    except OSError as error:
        raise unwritable(folder, error) from None


def clear(folder: Path) -> None:
    """Remove the files that a run writes."""
    for name in WRITTEN:
        target = folder / name
        if target.is_dir() and not target.is_symlink():
            shutil.rmtree(target)
        else:
            target.unlink(missing_ok=True)


def _ours(folder: Path) -> bool:
    """Whether the folder is empty or holds a run."""
    names = {entry.name for entry in folder.iterdir()}
    return not names - {LOCK, *SAMPLES.values()} or JOURNAL in names


def unwritable(folder: Path, error: OSError) -> RunError:
    """The error for a folder or file that cannot be written."""
    code = "run.no_space" if error.errno == 28 else "run.unwritable"
    return RunError(code, path=str(folder), why=error.strerror or type(error).__name__)
