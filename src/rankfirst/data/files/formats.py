"""Choose the reader of a file by its suffix, and read all of it, or chunks in constant memory.

In chunks, a row that cannot be read does not end the file: it is returned with its error next to the readable rows. A
.json file that is one list, and a folder saved by `datasets`, are read in full, since their formats cannot be read row
by row.
"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

from rankfirst.data.files.columnar import read_folder, read_parquet
from rankfirst.data.files.delimited import read_delimited
from rankfirst.data.files.jsonlines import read_json
from rankfirst.data.files.table import Chunk, Table, non_empty, single_chunk, without_unnamed
from rankfirst.errors import DataError

READERS: Final[Mapping[str, Callable[[Path, int | None, str | None], Iterator[Chunk]]]] = {
    ".csv": read_delimited,
    ".tsv": read_delimited,
    ".tab": read_delimited,
    ".jsonl": read_json,
    ".ndjson": read_json,
    ".json": read_json,
    ".parquet": read_parquet,
    ".pq": read_parquet,
}


def chunks(path: Path, rows: int | None, encoding: str | None = None) -> Iterator[Chunk]:
    """Read the rows at `path`, `rows` at a time; None: in one chunk. Yields at least one chunk.

    Args: encoding: of text that is not UTF-8; default: as `survey` finds it.

    Raises: DataError if the rest of the file cannot be read, or if it is missing or of an unknown format.
    """
    if not path.exists():
        raise DataError("data.missing_file", path=str(path))
    if path.is_dir():
        return iter((single_chunk(read_folder(path)),))
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        known = ", ".join(READERS)
        raise DataError("data.unknown_format", path=str(path), suffix=path.suffix or "-", known=known)
    if not path.is_file():  # a pipe could block, a device may never end
        raise DataError("data.not_a_file", path=str(path))
    return reader(path, rows, encoding)


def read_table(path: Path, encoding: str | None = None) -> Table:
    """Read the file or `datasets` folder at `path`; at least one row.

    Args: encoding: as for `chunks`.

    Raises: DataError if it is missing, of an unknown format, empty, or cannot be read.
    """
    (everything,) = chunks(path, None, encoding)
    for _, error in everything.bad:
        raise error
    return non_empty(without_unnamed(everything.table))
