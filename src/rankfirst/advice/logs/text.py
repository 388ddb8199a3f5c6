"""Read text files line by line: UTF-8 only, of bounded size, with a specific error for each way this can fail."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from rankfirst.errors import DataError

# bytes. A document that is not read line by line has to fit in memory several times over.
MOST_BYTES_WHOLE: Final = 128 * 2**20
# bytes of a file read line by line: the limit is time, not memory.
MOST_BYTES_STREAMED: Final = 2 * 2**30
# characters of one line; the last line of an ms-swift log repeats the whole log.
LONGEST_LINE: Final = 64 * 2**20


def check_size(path: Path, limit: int) -> None:
    """Raises: DataError for an empty file or one above `limit` bytes."""
    size = path.stat().st_size
    if size == 0:
        raise DataError("logs.empty", path=path.name)
    if size > limit:
        raise DataError("logs.too_large", path=path.name, size=f"{size / 2**20:,.0f}", limit=f"{limit / 2**20:,.0f}")


def lines(path: Path) -> Iterator[str]:
    """The lines of a file, without a byte-order mark. Raises: DataError if it is not UTF-8 text."""
    check_size(path, MOST_BYTES_STREAMED)
    try:
        with path.open(encoding="utf-8-sig", errors="strict", newline=None) as file:
            while line := file.readline(LONGEST_LINE):
                if "\0" in line:
                    raise DataError("logs.binary", path=path.name)
                yield line
    except UnicodeDecodeError:
        raise DataError("logs.not_utf8", path=path.name) from None
    except OSError as error:
        raise unreadable(path, error) from None


def whole(path: Path) -> str:
    """The whole file. Raises: DataError as for `lines`, and above MOST_BYTES_WHOLE."""
    check_size(path, MOST_BYTES_WHOLE)
    return "".join(lines(path))


def document(text: str) -> Any:
    """A JSON document, with NaN and Infinity allowed; None for anything else."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def unreadable(path: Path, error: OSError) -> DataError:
    """The operating system's error as a DataError."""
    return DataError("logs.unreadable", path=path.name, why=error.strerror or type(error).__name__)
