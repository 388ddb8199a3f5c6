"""Bytes to text: UTF-8 first, then the two encodings that spreadsheets of Chinese users write."""

from collections import Counter
from pathlib import Path

from rankfirst.data.table import Note, note
from rankfirst.errors import DataError

# Share of non-ASCII characters in everyday use. Chinese in either script is nearly all everyday characters, while
# Western text misread as GB18030 lands in its rare extension (assumption, tried on a few sentences each).
COMMON_SHARE = 0.5
# First byte in Big5 from which characters are rare.
BIG5_RARE = 0xC9
# Characters looked at for that share.
SAMPLE = 1_000_000


def read_bytes(path: Path) -> bytes:
    """The whole file. Raises: DataError when it is missing or cannot be read."""
    try:
        if path.exists() and not (path.is_file() or path.is_dir()):  # a pipe or device would be waited on for ever
            raise DataError("data.not_a_file", path=str(path))
        return path.read_bytes()
    except FileNotFoundError as error:
        raise DataError("data.missing_file", path=str(path)) from error
    except OSError as error:
        raise DataError(
            "data.unreadable_file", path=str(path), reason=error.strerror or type(error).__name__
        ) from error


def read_text(path: Path) -> tuple[str, tuple[Note, ...]]:
    """The file as text without a byte order mark, and a note when it is not UTF-8.

    Raises: DataError for an empty file, NUL bytes, or an encoding nobody can be sure of.
    """
    raw = read_bytes(path)
    text, encoding = _decoded(path, raw)
    if not text.strip():
        raise DataError("data.empty_file", path=str(path))
    nul = text.find("\0")
    if nul >= 0:
        raise DataError("data.nul_byte", path=str(path), line=text.count("\n", 0, nul) + 1)
    if encoding == "UTF-8":
        return text, ()
    return text, (note("data.note.encoding", file=path.name, encoding=encoding),)


def _decoded(path: Path, raw: bytes) -> tuple[str, str]:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return raw.decode("utf-16"), "UTF-16"
        except UnicodeDecodeError as error:
            raise DataError("data.encoding", path=str(path), line=1) from error
    try:
        return raw.decode("utf-8-sig"), "UTF-8"
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
    try:
        text = raw.decode("gb18030")
    except UnicodeDecodeError as error:
        raise DataError("data.encoding", path=str(path), line=line) from error
    if not looks_chinese(text[:SAMPLE]):
        raise DataError("data.encoding", path=str(path), line=line)
    return text, "GB18030"


def looks_chinese(text: str) -> bool:
    """Whether most characters that are not ASCII are everyday Chinese."""
    foreign = Counter(c for c in text if not c.isascii())
    everyday = sum(count for c, count in foreign.items() if _everyday(c))
    return everyday >= COMMON_SHARE * foreign.total()


def _everyday(character: str) -> bool:
    """In GB2312 (simplified), or in the frequent part of Big5 (traditional)."""
    if character.encode("gb2312", "ignore"):
        return True
    big5 = character.encode("big5", "ignore")
    return bool(big5) and big5[0] < BIG5_RARE
