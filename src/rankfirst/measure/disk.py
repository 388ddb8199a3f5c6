"""Write files atomically, and report a full disk as OSError, whichever library was writing."""

import json
import os
import re
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from rankfirst.errors import OptionError


def require_utf8(path: Path) -> None:
    """Refuse a name that is not UTF-8, before anything is written: libraries that write files cannot pass it on.

    Raises: OptionError.
    """
    name = str(path.absolute())
    shown = name.encode("utf-8", "backslashreplace").decode()
    if name != shown:
        raise OptionError("option.bad_name", path=shown)


@contextmanager
def for_arrow(path: Path) -> Iterator[str | BinaryIO]:
    """What pyarrow reads a file from: its path, or the file, open for the block, if its name is not UTF-8."""
    name = str(path)
    if name.isascii() or name == name.encode("utf-8", "replace").decode():
        yield name
    else:
        with path.open("rb") as file:  # pyarrow does not close a file that it was given
            yield file


@contextmanager
def replaced(path: Path, part: Path | None = None) -> Iterator[Path]:
    """A temporary file to write to: it replaces `path` if the block succeeds, and is removed if it fails.

    Args: part: its name; default a hidden name beside `path` that no other process uses.
    Raises: OSError, also if safetensors hid it inside its own type.
    """
    part = part or path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with plain_os_errors():
            yield part
        usual_mode(part)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def usual_mode(*files: Path) -> None:
    """Give files in one folder the permissions of a new file there: some libraries write theirs for the owner alone.

    Asks by making a file, since the umask of a process cannot be read without setting it.
    """
    if os.name == "nt" or not files:
        return
    probe = files[0].with_name(f".{os.getpid()}.{threading.get_ident()}.mode")
    try:
        probe.touch()
        mode = stat.S_IMODE(probe.stat().st_mode)
    finally:
        probe.unlink(missing_ok=True)
    for file in files:
        file.chmod(mode)


def usual_modes(folder: Path) -> None:
    """The same for all files below a folder."""
    for place in (folder, *folder.rglob("*")):
        if place.is_dir():
            usual_mode(*(file for file in place.iterdir() if file.is_file()))


def write_whole(path: Path, text: str, errors: str = "replace") -> None:
    """Write a text file atomically: readers see the old file or the new one. Raises: OSError.

    Args: errors: for a lone surrogate, as `str.encode` takes it.
    """
    with replaced(path) as part:
        part.write_text(text, encoding="utf-8", errors=errors, newline="\n")


def write_json(path: Path, value: Any) -> None:
    """The same for a JSON document; a lone surrogate, as of a file name that is not UTF-8, is written as its escape."""
    write_whole(path, json.dumps(value, ensure_ascii=False, indent=1), "backslashreplace")


def read_tensors(path: Path) -> dict[str, Any]:
    """The arrays of a safetensors file, read rather than mapped: truncating a mapped file kills the process.

    Raises: OSError; SafetensorError or ValueError for a damaged file.
    """
    from safetensors.numpy import load

    return dict(load(path.read_bytes()))


@contextmanager
def plain_os_errors() -> Iterator[None]:
    """Wrap a `save_file` of safetensors, which hides the system's error inside its own type.

    Raises: OSError if the system refused the write; any other error passes through unchanged.
    """
    try:
        yield
    except Exception as error:
        from safetensors import SafetensorError

        match = re.search(r"\(os error (\d+)\)", str(error)) if isinstance(error, SafetensorError) else None
        if match is None:
            raise
        raise OSError(int(match[1]), os.strerror(int(match[1]))) from error
