"""Which reader reads which file: all of it, or some rows at a time, so that memory does not grow with the file.

In pieces, a row that cannot be read does not end the file: it comes back with its error beside the rows that can. A
.json file that is one list, and a folder saved by `datasets`, are read whole: their formats have no rows to stop at.
"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

from rankfirst.data.columnar import read_folder, read_parquet
from rankfirst.data.delimited import read_delimited
from rankfirst.data.jsonlines import read_json
from rankfirst.data.table import Chunk, Table, checked, named, whole
from rankfirst.errors import DataError

READERS: Final[Mapping[str, Callable[[Path, int | None], Iterator[Chunk]]]] = {
    ".csv": read_delimited,
    ".tsv": read_delimited,
    ".tab": read_delimited,
    ".jsonl": read_json,
    ".ndjson": read_json,
    ".json": read_json,
    ".parquet": read_parquet,
    ".pq": read_parquet,
}


def chunks(path: Path, rows: int | None) -> Iterator[Chunk]:
    """The rows at `path`, `rows` at a time; None: in one chunk. At least one chunk.

    Raises: DataError for what makes the rest of the file unreadable, and when it is missing or of an unknown kind.
    """
    if not path.exists():
        raise DataError("data.missing_file", path=str(path))
    if path.is_dir():
        return iter((whole(read_folder(path)),))
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        known = ", ".join(READERS)
        raise DataError("data.unknown_format", path=str(path), suffix=path.suffix or "-", known=known)
    if not path.is_file():  # a pipe would be waited on, a device may never end
        raise DataError("data.not_a_file", path=str(path))
    return reader(path, rows)


def read_table(path: Path) -> Table:
    """The file or `datasets` folder at `path`, at least one row.

    Raises: DataError when it is missing, of an unknown kind, empty, or cannot be read.
    """
    (everything,) = chunks(path, None)
    for _, error in everything.bad:
        raise error
    return checked(named(everything.table))
