"""Read rows from standard input, named `-`: kept in a temporary file, whose first bytes determine the format."""

import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import IO, Final

from rankfirst.data.files.table import Chunk
from rankfirst.errors import DataError

NAME: Final = "-"
BLOCK: Final = 1 << 20  # bytes
# First bytes -> the suffix of that format.
MAGIC: Final = ((b"PAR1", ".parquet"), (b"\x1f\x8b", ".gz"), (b"PK\x03\x04", ".zip"), (b"\x28\xb5\x2f\xfd", ".zst"))


def read_standard_input(read: Callable[[Path], Iterator[Chunk]]) -> Iterator[Chunk]:
    """Read standard input with `read`. Raises: DataError if that is a terminal."""
    if sys.stdin is None or sys.stdin.closed or sys.stdin.isatty():
        raise DataError("data.no_input")
    _, named = _kept(sys.stdin.buffer)
    try:
        for chunk in read(named):
            yield replace(chunk, table=replace(chunk.table, path=Path("stdin")))
    except DataError as error:
        fields = {key: "stdin" if str(value) == str(named) else value for key, value in error.fields.items()}
        raise DataError(error.code, **fields) from error


@lru_cache(1)
def _kept(source: IO[bytes]) -> tuple["tempfile.TemporaryDirectory[str]", Path]:
    """(a folder that is removed at exit, the file in it): a command may read its rows more than once."""
    folder = tempfile.TemporaryDirectory(prefix="rankfirst-")
    kept = Path(folder.name) / "stdin"
    with kept.open("wb") as out:
        while block := source.read(BLOCK):
            out.write(block)
    return folder, kept.rename(kept.with_suffix(_suffix(kept)))


def _suffix(path: Path) -> str:
    with path.open("rb") as file:
        start = file.read(1 << 12)
    found = next((suffix for magic, suffix in MAGIC if start.startswith(magic)), None)
    if found is not None:
        return found
    text = start.decode("utf-16" if start[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig", "ignore").lstrip()
    if text.startswith(("{", "[")):
        return ".json"
    return (
        ".txt"
        if text.startswith("__label__") or not any(sign in text.partition("\n")[0] for sign in ",;\t|")
        else ".csv"
    )
