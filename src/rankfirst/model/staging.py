"""Replace a delivery as a whole: a reader, and a kill at any moment, finds the old one or the new one."""

import contextlib
import ctypes
import os
import shutil
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from rankfirst.errors import RunError

_HERE: Final = -100  # AT_FDCWD: paths are relative to the working directory
_SWAP: Final = 2  # RENAME_EXCHANGE of Linux, RENAME_SWAP of macOS


@contextmanager
def staged(model: Path, empty: bool = False) -> Iterator[Path]:
    """A copy of the delivery in `model`, to be changed; it takes its place if the block succeeds.

    Unchanged files are hard links, so a file in it may be replaced but must not be written in place.
    Args: empty: an empty folder instead of a copy.
    Raises: OSError if the folders beside `model` cannot be written.
    """
    model = model.resolve()
    recover(model)
    part = next_to(model)
    shutil.rmtree(part, ignore_errors=True)
    try:
        if model.is_dir() and not empty:
            shutil.copytree(model, part, copy_function=_linked, symlinks=True)
        else:
            part.mkdir(parents=True)
        yield part
        _take_place(part, model)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def carry(model: Path, part: Path, names: Iterable[str]) -> None:
    """Take files of the delivery in `model` over into `part`, those that it has."""
    for name in names:
        if (model / name).is_file():
            (part / name).parent.mkdir(parents=True, exist_ok=True)
            _linked(str((model / name).resolve()), str(part / name))


def link_over(source: Path, target: Path) -> None:
    """Replace a file by a hard link to an equal one. Raises: OSError where the file system has none."""
    part = target.with_suffix(".link")
    part.unlink(missing_ok=True)
    try:
        os.link(source, part)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def next_to(model: Path) -> Path:
    """The folder in which a new delivery is prepared."""
    return model.with_name(f".{model.name}.next")


def recover(model: Path) -> None:
    """Put a delivery back that a kill left aside, on systems that cannot exchange two folders in one step."""
    aside = _aside(model)
    if aside.is_dir() and not model.exists():
        aside.rename(model)
    shutil.rmtree(aside, ignore_errors=True)


def reopen(model: Path) -> None:
    """As `recover`, for readers: does nothing while another process works on the run, or without permission."""
    if model.exists() or not _aside(model.resolve()).is_dir():
        return
    from rankfirst.run.folder import hold  # not at the top: a server does not need what it imports

    with contextlib.suppress(RunError, OSError), hold(model.resolve().parent):
        recover(model.resolve())


def _aside(model: Path) -> Path:
    return model.with_name(f".{model.name}.before")


def _linked(source: str, target: str) -> str:
    try:
        os.link(source, target)
    except OSError:  # a file system without hard links
        shutil.copy2(source, target)
    return target


def _take_place(part: Path, model: Path) -> None:
    if not model.exists():
        part.rename(model)
    elif not _exchange(part, model):
        aside = _aside(model)
        shutil.rmtree(aside, ignore_errors=True)
        model.rename(aside)
        part.rename(model)
        shutil.rmtree(aside, ignore_errors=True)


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two folders in one step. Returns: False where the system or the file system cannot."""
    paths = os.fsencode(one), os.fsencode(other)
    try:
        if sys.platform == "darwin":
            return not ctypes.CDLL(None).renamex_np(*paths, _SWAP)
        if sys.platform == "linux":
            return not ctypes.CDLL(None).renameat2(_HERE, paths[0], _HERE, paths[1], _SWAP)
    except (OSError, AttributeError):  # a C library without the call
        pass
    return False
