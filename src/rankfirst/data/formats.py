"""Which reader reads which file."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from rankfirst.data.columnar import read_folder, read_parquet
from rankfirst.data.delimited import read_delimited
from rankfirst.data.jsonlines import read_json
from rankfirst.data.table import Table
from rankfirst.errors import DataError

READERS: Final[dict[str, Callable[[Path], Table]]] = {
    ".csv": read_delimited,
    ".tsv": read_delimited,
    ".tab": read_delimited,
    ".jsonl": read_json,
    ".ndjson": read_json,
    ".json": read_json,
    ".parquet": read_parquet,
    ".pq": read_parquet,
}


def reader_of(path: Path) -> Callable[[Path], Table]:
    """What reads this path. Raises: DataError when it is missing or of an unknown kind."""
    if not path.exists():
        raise DataError("data.missing_file", path=str(path))
    if path.is_dir():
        return read_folder
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        known = ", ".join(READERS)
        raise DataError("data.unknown_format", path=str(path), suffix=path.suffix or "-", known=known)
    if not path.is_file():  # a pipe would be waited on, a device may never end
        raise DataError("data.not_a_file", path=str(path))
    return reader


def read_table(path: Path) -> Table:
    """The file or `datasets` folder at `path`, at least one row.

    Raises: DataError when it is missing, of an unknown kind, empty, or cannot be read.
    """
    return reader_of(path)(path)
