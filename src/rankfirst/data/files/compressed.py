"""Unpack .gz, .bz2, .xz, .zst and .zip files to a temporary file, within bounds, and read that as what it is."""

import bz2
import gzip
import lzma
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import IO, Any, Final

import pyarrow as pa

from rankfirst.data.files.table import Chunk, listed, note, shown
from rankfirst.errors import DataError
from rankfirst.measure.disk import for_arrow

# A file may unpack to 64 MiB whatever its size, and to no more than 16 GiB or 300 times its size: text of labelled rows
# compresses 3 to 30 times, repeated rows up to about 200 times (assumption).
SMALL: Final = 64 << 20
RATIO: Final = 300
LARGEST: Final = 16 << 30
BLOCK: Final = 1 << 20  # bytes
# What systems add to an archive.
IGNORED: Final = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")
FAILURES: Final = (OSError, EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, NotImplementedError, RuntimeError,
                   pa.ArrowException, ValueError)  # fmt: skip

Read = Callable[[Path], Iterator[Chunk]]


@contextmanager
def _zst(path: Path) -> Iterator[Any]:
    with for_arrow(path) as opened:
        raw = pa.OSFile(opened) if isinstance(opened, str) else pa.PythonFile(opened)
        with pa.CompressedInputStream(raw, "zstd") as stream:
            yield stream


OPENERS: Final[dict[str, Callable[[Path], Any]]] = {
    ".gz": gzip.open,
    ".bz2": bz2.open,
    ".xz": lzma.open,
    ".zst": _zst,
}
SUFFIXES: Final = (*OPENERS, ".zip")


def inner_name(path: Path) -> str:
    """The name of what is inside: without the suffix, or that of the only member of a .zip.

    Raises: DataError if an archive has no member or several, or cannot be read.
    """
    if path.suffix.lower() != ".zip":
        return path.name[: -len(path.suffix)]
    with _archive_errors(path), zipfile.ZipFile(path) as archive:
        return PurePosixPath(_member(path, archive).filename).name


def read_compressed(path: Path, read: Read) -> Iterator[Chunk]:
    """Read what is inside with `read`; tables, notes and errors name `path`.

    Raises: DataError if it cannot be unpacked, or unpacks to far more than rows of text would.
    """
    name = inner_name(path)
    with tempfile.TemporaryDirectory(prefix="rankfirst-") as folder:
        inner = Path(folder) / f"rows{Path(name).suffix}"  # never the name that an archive gives
        _unpack(path, inner)
        unpacked = note("data.note.unpacked", file=path.name, inner=shown(name))
        try:
            for chunk in read(inner):
                notes = tuple((code, tuple((key, path.name if value == inner.name else value) for key, value in values))
                              for code, values in chunk.table.notes)  # fmt: skip
                table = replace(chunk.table, path=path, notes=(unpacked, *notes) if chunk.first else notes)
                yield replace(
                    chunk, table=table, bad=tuple((line, _renamed(error, inner, path)) for line, error in chunk.bad)
                )
        except DataError as error:
            raise _renamed(error, inner, path) from error


def _renamed(error: DataError, inner: Path, path: Path) -> DataError:
    """The same error about the file that the user named."""
    names = {str(inner): str(path), inner.name: path.name}
    return DataError(error.code, **{key: names.get(str(value), value) for key, value in error.fields.items()})


@contextmanager
def _archive_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except DataError:
        raise
    except FAILURES as error:
        raise DataError("data.bad_archive", path=str(path), reason=shown(error) or type(error).__name__) from error


def _unpack(path: Path, inner: Path) -> None:
    with _archive_errors(path), inner.open("wb") as out:
        if path.suffix.lower() == ".zip":
            with zipfile.ZipFile(path) as archive, archive.open(_member(path, archive)) as source:
                _copy(path, source, out)
        else:
            with OPENERS[path.suffix.lower()](path) as source:
                _copy(path, source, out)


def _copy(path: Path, source: Any, out: IO[bytes]) -> None:
    limit = min(LARGEST, max(SMALL, RATIO * path.stat().st_size))
    size = 0
    while block := source.read(BLOCK):
        size += len(block)
        if size > limit:
            raise DataError("data.archive_too_large", path=str(path), limit=f"{limit >> 20:,}")
        out.write(block)


def _member(path: Path, archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    """The only file in the archive. Raises: DataError."""
    members = [info for info in archive.infolist() if not info.is_dir() and not _ignored(info.filename)]
    if len(members) != 1:
        names = listed(PurePosixPath(info.filename).name for info in members) or "-"
        raise DataError("data.archive_members", path=str(path), count=len(members), names=names)
    if members[0].flag_bits & 1:
        raise DataError("data.archive_locked", path=str(path))
    return members[0]


def _ignored(name: str) -> bool:
    return name.startswith(IGNORED[0]) or PurePosixPath(name).name in IGNORED[1:]
