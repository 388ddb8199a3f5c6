"""Decode files in constant memory: UTF-8 wherever it is valid, else as the user or the bytes say."""

import codecs
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rankfirst.data.files.encodings import CANDIDATES, SHOWN, DecodedSample, Sample, clear, readings
from rankfirst.data.files.table import Note, note
from rankfirst.errors import DataError
from rankfirst.options.field import text_encoding

BLOCK: Final = 1 << 20  # bytes
EXAMINED: Final = 1 << 24  # bytes whose words tell the encoding
UTF8: Final = "utf-8-sig"
# Marks at the start of a file; the longer ones first, since that of UTF-16 begins that of UTF-32.
MARKS: Final = ((codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"), (codecs.BOM_UTF8, UTF8),
                (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))  # fmt: skip
# Escape sequences that start a character set in seven-bit encodings -> codecs that know it.
ESCAPES: Final = {
    b"\x1b$)C": ("iso2022_kr",),
    **dict.fromkeys((b"\x1b$@", b"\x1b$B", b"\x1b(J", b"\x1b(I"), ("iso2022_jp", "iso2022_jp_ext", "iso2022_jp_2")),
}
# The ASCII characters that UTF-16 without a mark must have in one byte order, for each in the other order.
ORDER: Final = 4
# Share of characters that are ASCII in any table in UTF-16: its line ends, delimiters, quotes, digits.
ASCII_SHARE: Final = 0.05
CANDIDATES_SHOWN: Final = 3


@dataclass(frozen=True)
class Survey:
    """How to open a file as text."""

    encoding: str  # name of a Python codec
    size: int  # bytes
    notes: tuple[Note, ...] = ()  # one if it is not UTF-8


def survey(path: Path, encoding: str | None = None) -> Survey:
    """Find the encoding of the whole file.

    By its byte-order mark; else UTF-8 if that is valid; else `encoding`, if given; else what the bytes tell.

    Raises: DataError if the file is missing or empty, contains NUL characters, or if its encoding is uncertain;
        OptionError for an encoding that Python does not know.
    """
    if encoding is not None:
        text_encoding("--encoding", encoding)
    try:
        with path.open("rb") as file:
            start = file.read(4)
        found = _encoding(path, start, encoding)
        _check(path, found)
        plain = found == UTF8 or (found == encoding and start[:2] not in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        notes = () if plain else (note("data.note.encoding", file=path.name, encoding=spoken(found)),)
        if encoding is not None and found == UTF8 and codecs.lookup(encoding).name not in ("utf-8", UTF8):
            notes = (note("data.note.utf8_anyway", file=path.name, encoding=spoken(encoding)),)
        return Survey(found, path.stat().st_size, notes)
    except FileNotFoundError as error:
        raise DataError("data.missing_file", path=str(path)) from error
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise DataError("data.unreadable_file", path=str(path), reason=why) from error


def spoken(encoding: str) -> str:
    """The name of a codec as people write it and `--encoding` accepts it."""
    return encoding.upper().replace("_", "-").removesuffix("-SIG")


def _encoding(path: Path, start: bytes, given: str | None) -> str:
    """The encoding of the file, which may yet turn out not to read all of it. Raises: DataError."""
    marked = next((name for mark, name in MARKS if start.startswith(mark)), None)
    if marked is not None:
        return marked
    utf8, nul, escapes, high = _reads(path, UTF8), False, False, False
    for block in _blocks(path):
        nul, escapes, high = nul or b"\0" in block, escapes or b"\x1b" in block, high or not block.isascii()
    if utf8 and high and not nul:
        return UTF8
    if given is not None:
        return UTF8 if codecs.lookup(given).name == "utf-8" else given
    seven_bit = _seven_bit(path) if escapes and not high else None
    wide = _wide(path) if nul else None
    if seven_bit or wide or utf8:
        return seven_bit or wide or UTF8
    return _likeliest(path)


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
    """Whether this encoding can decode the file."""
    try:
        for _ in _texts(path, encoding):
            pass
    except UnicodeError:
        return False
    return True


def _check(path: Path, encoding: str) -> None:
    """Raises: DataError if the encoding cannot decode the file, or if its text has a NUL, or nothing but whitespace."""
    line, nul, empty = 1, 0, True
    try:
        for text in _texts(path, encoding):
            if not nul and "\0" in text:
                nul = line + text.count("\n", 0, text.index("\0"))
            line += text.count("\n")
            empty = empty and not text.strip()
    except UnicodeError as error:
        bad = _bad_line(path, encoding)
        raise DataError("data.encoding", path=str(path), line=bad, encoding=spoken(encoding)) from error
    if empty:
        raise DataError("data.empty_file", path=str(path))
    if nul:
        raise DataError("data.nul_byte", path=str(path), line=nul)


def _bad_line(path: Path, encoding: str) -> int:
    """The line of the first byte that this encoding cannot decode; 1 if lines cannot be separated."""
    line, decoder = 1, codecs.getincrementaldecoder(encoding)()
    with suppress(UnicodeError):
        for block in _blocks(path):
            for part in block.splitlines(keepends=True):
                decoder.decode(part)
                line += part.endswith(b"\n")
        decoder.decode(b"", final=True)
    return line


def _seven_bit(path: Path) -> str | None:
    """The ISO-2022 encoding of a file of ASCII bytes, if its escape sequences say one and it can be decoded."""
    for start, names in ESCAPES.items():
        if any(start in block for block in _blocks(path)):
            return next((name for name in names if _reads(path, name)), None)
    return None


def _wide(path: Path) -> str | None:
    """UTF-16 without a mark, by where its NUL bytes are: ASCII characters occur in one byte order and not the other."""
    with path.open("rb") as file:
        block = file.read(BLOCK)
    read = {name: block[: len(block) // 2 * 2].decode(name, "replace") for name in ("utf-16-le", "utf-16-be")}
    counts = {
        name: sum(c.isascii() and (c.isprintable() or c in "\r\n\t") for c in text) for name, text in read.items()
    }
    less, more = sorted(counts, key=lambda name: counts[name])
    least = max(ORDER * counts[less], ASCII_SHARE * len(read[more]))
    if "\n" not in read[more] or counts[more] < least or not _reads(path, more):
        return None
    return None if any("\0" in text for text in _texts(path, more)) else more


def _likeliest(path: Path) -> str:
    """The encoding in which the bytes are clearly the likeliest text. Raises: DataError that shows the candidates."""
    sample = Sample(_first_blocks(path))
    found = readings(sample, CANDIDATES)
    if clear(found):
        return found[0].encoding
    line = _bad_line(path, UTF8)
    likely = [reading for reading in found if _reads(path, reading.encoding)][:CANDIDATES_SHOWN]
    characters = zip(likely, _seen(likely), strict=True)
    shown = "; ".join(f"{spoken(reading.encoding)} {''.join(seen)}" for reading, seen in characters)
    if not shown:
        raise DataError("data.encoding_none", path=str(path), line=line)
    raise DataError("data.encoding_unsure", path=str(path), line=line, candidates=shown)


def _first_blocks(path: Path) -> Iterator[bytes]:
    for number, block in enumerate(_blocks(path)):
        if number * BLOCK >= EXAMINED:
            return
        yield block


def _seen(likely: Iterable[DecodedSample]) -> list[list[str]]:
    """For each reading the first characters that it reads and another one does not."""
    read = [list(dict.fromkeys(c for word in reading.words for c in word if not c.isascii())) for reading in likely]
    common = set.intersection(*map(set, read)) if len(read) > 1 else set()
    own = [[c for c in characters if c not in common and c.isprintable()] for characters in read]
    return [(some or characters)[:SHOWN] for some, characters in zip(own, read, strict=True)]
