"""A file looked through once before its rows are read in pieces: how its bytes become characters, in little memory."""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rankfirst.data.decode import looks_chinese
from rankfirst.data.table import Note, note
from rankfirst.errors import DataError

BLOCK: Final = 1 << 20  # bytes
SAMPLE: Final = 1 << 20  # bytes that are looked at to tell Chinese from noise


@dataclass(frozen=True)
class Survey:
    """How to open a file as text."""

    encoding: str  # a codec of Python
    size: int  # bytes
    notes: tuple[Note, ...] = ()


def survey(path: Path) -> Survey:
    """The encoding that reads the whole file: UTF-8, else UTF-16 by its mark, else GB18030 if that looks Chinese.

    Raises: DataError when the file is missing or empty, holds NUL bytes, or nobody can be sure of its encoding.
    """
    try:
        with path.open("rb") as file:
            head = file.read(2)
        if head in (b"\xff\xfe", b"\xfe\xff"):
            found = "utf-16"
        else:
            found = "utf-8-sig" if _reads(path, "utf-8") else "gb18030"
        if found == "gb18030" and not _chinese(path):
            raise DataError("data.encoding", path=str(path), line=_bad_line(path))
        _check(path, found)
        notes = () if found == "utf-8-sig" else (note("data.note.encoding", file=path.name, encoding=found.upper()),)
        return Survey(found, path.stat().st_size, notes)
    except FileNotFoundError as error:
        raise DataError("data.missing_file", path=str(path)) from error
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise DataError("data.unreadable_file", path=str(path), reason=why) from error


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            yield block


def _texts(path: Path, encoding: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(encoding)()
    for block in _blocks(path):
        yield decoder.decode(block)
    yield decoder.decode(b"", final=True)


def _reads(path: Path, encoding: str) -> bool:
    try:
        for _ in _texts(path, encoding):
            pass
    except UnicodeDecodeError:
        return False
    return True


def _bad_line(path: Path) -> int:
    """The line of the first byte that is no UTF-8."""
    line, decoder = 1, codecs.getincrementaldecoder("utf-8")()
    for block in _blocks(path):
        try:
            decoder.decode(block)
        except UnicodeDecodeError as error:
            return line + block.count(b"\n", 0, error.start)
        line += block.count(b"\n")
    return line


def _chinese(path: Path) -> bool:
    with path.open("rb") as file:
        return _reads(path, "gb18030") and looks_chinese(file.read(SAMPLE).decode("gb18030", "ignore"))


def _check(path: Path, encoding: str) -> None:
    """Raises: DataError for a NUL character, for nothing but white space, or for what is no such encoding."""
    line, empty = 1, True
    try:
        for text in _texts(path, encoding):
            at = text.find("\0")
            if at >= 0:
                raise DataError("data.nul_byte", path=str(path), line=line + text.count("\n", 0, at))
            line += text.count("\n")
            empty = empty and not text.strip("\ufeff \t\r\n")
    except UnicodeDecodeError:
        raise DataError("data.encoding", path=str(path), line=line) from None
    if empty:
        raise DataError("data.empty_file", path=str(path))
