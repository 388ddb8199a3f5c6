"""TensorBoard event files, read by their wire format.

Why not the `tensorboard` package: it brings a web server, gRPC and protobuf for what is one loop here. Two facts are
all it takes: a TFRecord is (length, CRC, bytes, CRC), and of the Event message three fields matter. Scalars come as
`simple_value` (TensorFlow 1, PyTorch, transformers) or as a tensor of one number (TensorFlow 2); anything else, such
as texts and pictures, is passed over unread.
"""

import struct
from collections.abc import Iterator
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Final

from rankfirst.errors import DataError
from rankfirst.logs.collect import Row
from rankfirst.logs.text import MOST_BYTES_STREAMED, check_size, unreadable

FOLDER_GLOB: Final = "*tfevents*"
FIRST: Final = b"brain.Event:"  # the first record names the version of the format
# bytes of one record that is parsed: a scalar takes about 50; longer ones are pictures, texts and graphs.
LONGEST: Final = 4096

Value = int | float | bytes
_HALF, _FLOAT, _DOUBLE, _INT32, _INT64 = 19, 1, 2, 3, 9  # tensorflow/core/framework/types.proto
_PACKED: Final = {_HALF: "<e", _FLOAT: "<f", _DOUBLE: "<d", _INT32: "<i", _INT64: "<q"}


def recognise(path: Path, head: bytes) -> bool:
    """By its first record."""
    return FIRST in head[:64]


def rows(path: Path) -> Iterator[Row]:
    """One row a step, tags as keys; of an event file or of every one in a folder.

    A file that is cut off in its last record is a run in progress. Raises: DataError for a damaged one.
    """
    files = sorted(path.glob(FOLDER_GLOB)) if path.is_dir() else [path]
    found = [event for file in files for event in _events(file)]
    # A resumed run opens a new file: the later one counts. Sorting keeps the order of files within a step.
    for step, group in groupby(sorted(found, key=lambda event: event[0]), key=lambda event: event[0]):
        yield {"global_step": step} | {tag: value for _, tag, value in group}


def _events(path: Path) -> Iterator[tuple[int, str, float]]:
    """(step, tag, value) of every scalar of one file."""
    check_size(path, MOST_BYTES_STREAMED)
    try:
        for record in records(path):
            yield from scalars(record)
    except OSError as error:
        raise unreadable(path, error) from None
    except (struct.error, IndexError, UnicodeDecodeError, OverflowError):
        raise DataError("logs.bad_events", path=path.name) from None


def records(path: Path) -> Iterator[bytes]:
    """The records short enough to be scalars. Raises: DataError where a checksum does not match."""
    size = path.stat().st_size
    with path.open("rb") as file:
        while len(head := file.read(12)) == 12:
            length, crc = struct.unpack("<QI", head)
            if masked_crc(head[:8]) != crc:
                raise DataError("logs.bad_events", path=path.name)
            if file.tell() + length + 4 > size:
                return  # the last record is still being written
            if length > LONGEST:
                file.seek(length + 4, 1)
                continue
            data = file.read(length)
            if struct.unpack("<I", file.read(4))[0] != masked_crc(data):
                raise DataError("logs.bad_events", path=path.name)
            yield data


def scalars(event: bytes) -> Iterator[tuple[int, str, float]]:
    """(step, tag, value) of the scalars in one Event message."""
    told = list(fields(event))
    step = next((value for number, value in told if number == 2 and isinstance(value, int)), 0)
    for number, summary in told:
        if number != 5 or not isinstance(summary, bytes):
            continue
        for inner, value in fields(summary):
            if inner == 1 and isinstance(value, bytes):
                found = _scalar(value)
                if found is not None:
                    yield step, *found


def _scalar(message: bytes) -> tuple[str, float] | None:
    """(tag, value) of a Summary.Value; None for a picture, a text, a tensor of several numbers."""
    tag, value = "", None
    for number, found in fields(message):
        if number == 1 and isinstance(found, bytes):
            tag = found.decode("utf-8")
        elif number == 2 and isinstance(found, float):
            value = found
        elif number == 8 and isinstance(found, bytes):
            value = _tensor(found)
    return None if value is None else (tag, value)


def _tensor(message: bytes) -> float | None:
    """The number of a TensorProto that holds one: in its content, or in the list of its type."""
    told = dict(fields(message))
    form = _PACKED.get(told.get(1, 0)) if isinstance(told.get(1, 0), int) else None  # type: ignore[arg-type]
    if form is None:
        return None
    raw = told.get(4)
    if isinstance(raw, bytes) and len(raw) == struct.calcsize(form):
        return float(struct.unpack(form, raw)[0])
    listed = told.get(5) if form == "<f" else told.get(6) if form == "<d" else None
    if isinstance(listed, bytes) and len(listed) == struct.calcsize(form):
        return float(struct.unpack(form, listed)[0])
    return float(listed) if isinstance(listed, float) else None


def fields(message: bytes) -> Iterator[tuple[int, Value]]:
    """(number, value) of a protobuf message: varints as int, fixed 32 and 64 bits as float, the rest as bytes.

    Raises: IndexError or struct.error for a message that is cut off, OverflowError for no message at all.
    """
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        wire = key & 7
        if wire == 0:
            value, at = _varint(message, at)
            yield key >> 3, value
        elif wire in (1, 5):
            form = "<d" if wire == 1 else "<f"
            yield key >> 3, struct.unpack_from(form, message, at)[0]
            at += struct.calcsize(form)
        elif wire == 2:
            size, at = _varint(message, at)
            if at + size > len(message):
                raise IndexError
            yield key >> 3, message[at : at + size]
            at += size
        else:
            raise OverflowError


def _varint(message: bytes, at: int) -> tuple[int, int]:
    """(value, where it ends); at most ten bytes."""
    value = 0
    for shift in range(0, 70, 7):
        byte = message[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
    raise OverflowError


def masked_crc(data: bytes) -> int:
    """CRC-32C (Castagnoli) as TFRecord stores it: rotated and offset, so that a CRC of a CRC is no trap."""
    crc, table = 0xFFFFFFFF, _table()
    for byte in data:
        crc = table[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    crc ^= 0xFFFFFFFF
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


@cache
def _table() -> tuple[int, ...]:
    def entry(value: int) -> int:
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
        return value

    return tuple(map(entry, range(256)))
