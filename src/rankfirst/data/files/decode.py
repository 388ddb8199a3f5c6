"""Decode files in constant memory: UTF-8 first, then the two encodings that spreadsheets of Chinese users write."""

import codecs
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rankfirst.data.files.table import Note, note
from rankfirst.errors import DataError

# Minimum share of everyday characters among the non-ASCII ones. Chinese in either script consists almost entirely of
# them, while Western text misread as GB18030 falls in its rare extension (assumption, tried on a few sentences each).
COMMON_SHARE: Final = 0.5
# Characters of Big5 with this first byte or a higher one are rare.
BIG5_RARE: Final = 0xC9
BLOCK: Final = 1 << 20  # bytes
SAMPLE: Final = 1_000_000  # characters examined for that share


@dataclass(frozen=True)
class Survey:
    """How to open a file as text."""

    encoding: str  # name of a Python codec
    size: int  # bytes
    notes: tuple[Note, ...] = ()  # one if it is not UTF-8


def survey(path: Path) -> Survey:
    """Find an encoding that reads the whole file: UTF-16 by its mark, else UTF-8, else GB18030 if it looks Chinese.

    Raises: DataError if the file is missing or empty, contains NUL bytes, or if its encoding is uncertain.
    """
    try:
        with path.open("rb") as file:
            marked = file.read(2) in (b"\xff\xfe", b"\xfe\xff")
        for encoding in ("utf-16",) if marked else ("utf-8-sig", "gb18030"):
            if _reads(path, encoding):
                notes = () if encoding == "utf-8-sig" else (
                    note("data.note.encoding", file=path.name, encoding=encoding.upper()),)  # fmt: skip
                return Survey(encoding, path.stat().st_size, notes)
        raise DataError("data.encoding", path=str(path), line=1 if marked else _bad_line(path))
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
    """Whether this encoding can read the file. Raises: DataError if the text contains a NUL, or only whitespace."""
    line, nul, empty, sample = 1, 0, True, ""
    try:
        for text in _texts(path, encoding):
            if not nul and "\0" in text:
                nul = line + text.count("\n", 0, text.index("\0"))
            line += text.count("\n")
            empty = empty and not text.strip()
            sample += text[: SAMPLE - len(sample)]
    except UnicodeDecodeError:
        return False
    if encoding == "gb18030" and not _looks_chinese(sample):
        return False
    if empty:
        raise DataError("data.empty_file", path=str(path))
    if nul:
        raise DataError("data.nul_byte", path=str(path), line=nul)
    return True


def _bad_line(path: Path) -> int:
    """The line of the first byte that is not UTF-8."""
    line, decoder = 1, codecs.getincrementaldecoder("utf-8")()
    for block in _blocks(path):
        try:
            decoder.decode(block)
        except UnicodeDecodeError as error:
            return line + block.count(b"\n", 0, error.start)
        line += block.count(b"\n")
    return line


def _looks_chinese(text: str) -> bool:
    """Whether most non-ASCII characters are everyday Chinese, which confirms GB18030."""
    foreign = Counter(c for c in text if not c.isascii())
    everyday = sum(count for c, count in foreign.items() if _everyday(c))
    return everyday >= COMMON_SHARE * foreign.total()


def _everyday(character: str) -> bool:
    """Whether it is in GB2312 (simplified), or in the frequent part of Big5 (traditional)."""
    if character.encode("gb2312", "ignore"):
        return True
    big5 = character.encode("big5", "ignore")
    return bool(big5) and big5[0] < BIG5_RARE
