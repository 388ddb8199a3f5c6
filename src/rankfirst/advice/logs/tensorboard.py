"""Read TensorBoard event files by their wire format.

The `tensorboard` package would bring a web server, gRPC and protobuf for what is one loop here. Two facts suffice: a
TFRecord is (length, CRC, bytes, CRC), and three fields of the Event message matter. Scalars are stored as
`simple_value` (TensorFlow 1, PyTorch, transformers) or as a tensor of one number (TensorFlow 2); anything else, such
as texts and images, is skipped.
"""

import struct
from collections.abc import Iterator
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Final

from rankfirst.advice.logs.collect import Row
from rankfirst.advice.logs.text import MOST_BYTES_STREAMED, check_size, unreadable
from rankfirst.errors import DataError

FOLDER_GLOB: Final = "*tfevents*"
FIRST: Final = b"brain.Event:"  # the first record holds the version of the format
# Maximum bytes of a record that is parsed: a scalar takes about 50; longer records are images, texts and graphs.
LONGEST: Final = 4096

Value = int | float | bytes
_HALF, _FLOAT, _DOUBLE, _INT32, _INT64 = 19, 1, 2, 3, 9  # tensorflow/core/framework/types.proto
_PACKED: Final = {_HALF: "<e", _FLOAT: "<f", _DOUBLE: "<d", _INT32: "<i", _INT64: "<q"}


def recognise(path: Path, head: bytes) -> bool:
    """Whether the first record identifies an event file."""
    return FIRST in head[:64]


def rows(path: Path) -> Iterator[Row]:
    """One row per step, with tags as keys; from one event file or from every one in a folder.

    A file that is truncated in its last record belongs to a run in progress. Raises: DataError for a damaged file.
    """
    files = sorted(path.glob(FOLDER_GLOB)) if path.is_dir() else [path]
    events = [event for file in files for event in _events(file)]
    # A resumed run opens a new file, and the later file takes precedence. Sorting is stable within a step.
    for step, group in groupby(sorted(events, key=lambda event: event[0]), key=lambda event: event[0]):
        yield {"global_step": step} | {tag: value for _, tag, value in group}


def _events(path: Path) -> Iterator[tuple[int, str, float]]:
    """(step, tag, value) of every scalar in one file."""
    check_size(path, MOST_BYTES_STREAMED)
    try:
        for record in records(path):
            yield from scalars(record)
    except OSError as error:
        raise unreadable(path, error) from None
    except (struct.error, IndexError, UnicodeDecodeError, OverflowError):
        raise DataError("logs.bad_events", path=path.name) from None


def records(path: Path) -> Iterator[bytes]:
    """The records short enough to be scalars. Raises: DataError if a checksum does not match."""
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
    event_fields = list(fields(event))
    step = next((value for number, value in event_fields if number == 2 and isinstance(value, int)), 0)
    for number, summary in event_fields:
        if number != 5 or not isinstance(summary, bytes):
            continue
        for inner, value in fields(summary):
            if inner == 1 and isinstance(value, bytes):
                tagged = _scalar(value)
                if tagged is not None:
                    yield step, *tagged


def _scalar(message: bytes) -> tuple[str, float] | None:
    """(tag, value) of a Summary.Value; None for an image, a text or a tensor of several numbers."""
    tag, value = "", None
    for number, content in fields(message):
        if number == 1 and isinstance(content, bytes):
            tag = content.decode("utf-8")
        elif number == 2 and isinstance(content, float):
            value = content
        elif number == 8 and isinstance(content, bytes):
            value = _tensor(content)
    return None if value is None else (tag, value)


def _tensor(message: bytes) -> float | None:
    """The value of a TensorProto that holds one number, in its content or in the typed list; else None."""
    tensor_fields = dict(fields(message))
    form = _PACKED.get(tensor_fields.get(1, 0)) if isinstance(tensor_fields.get(1, 0), int) else None  # type: ignore[arg-type]
    if form is None:
        return None
    raw = tensor_fields.get(4)
    if isinstance(raw, bytes) and len(raw) == struct.calcsize(form):
        return float(struct.unpack(form, raw)[0])
    typed = tensor_fields.get(5) if form == "<f" else tensor_fields.get(6) if form == "<d" else None
    if isinstance(typed, bytes) and len(typed) == struct.calcsize(form):
        return float(struct.unpack(form, typed)[0])
    return float(typed) if isinstance(typed, float) else None


def fields(message: bytes) -> Iterator[tuple[int, Value]]:
    """(field number, value) of a protobuf message: varints as int, fixed 32 and 64 bits as float, the rest as bytes.

    Raises: IndexError or struct.error for a truncated message, OverflowError for bytes that are not a message.
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
    """(value, end position); reads at most ten bytes."""
    value = 0
    for shift in range(0, 70, 7):
        byte = message[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
    raise OverflowError


def masked_crc(data: bytes) -> int:
    """CRC-32C (Castagnoli) masked as in TFRecord: rotated and offset, which makes a CRC over stored CRCs safe."""
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
