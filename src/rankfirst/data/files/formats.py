"""The table of formats: which reader reads a file, by its suffix, and which tools' exports are recognised in it.

All of a file is read, or chunks in constant memory. In chunks, a row that cannot be read does not end the file: it is
returned with its error next to the readable rows. A .json file that is one list, and a folder saved by `datasets`, are
read in full, since their formats cannot be read row by row.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rankfirst.data.files import compressed
from rankfirst.data.files.argilla import read_argilla
from rankfirst.data.files.clue import read_clue
from rankfirst.data.files.columnar import SPLIT_NAMES, read_folder, read_parquet, split_folders
from rankfirst.data.files.delimited import read_delimited
from rankfirst.data.files.doccano import read_doccano
from rankfirst.data.files.frames import frame_splits
from rankfirst.data.files.hub import PREFIX as HUB
from rankfirst.data.files.hub import hub_splits
from rankfirst.data.files.jsonlines import read_json, read_splits
from rankfirst.data.files.label_studio import read_label_studio
from rankfirst.data.files.prodigy import read_prodigy
from rankfirst.data.files.standard_input import NAME as STANDARD_INPUT
from rankfirst.data.files.standard_input import read_standard_input
from rankfirst.data.files.table import Chunk, Table, listed, non_empty, single_chunk, without_unnamed
from rankfirst.data.files.text_lines import read_lines
from rankfirst.data.files.workbook import read_workbook
from rankfirst.errors import DataError

Reader = Callable[[Path, int | None, str | None], Iterator[Chunk]]


@dataclass(frozen=True)
class Format:
    """One format; what docs/formats.md says of it is the sentence `format.NAME`."""

    name: str
    suffixes: tuple[str, ...]
    read: Reader
    extra: str = ""  # the extra of rankfirst that it needs


@dataclass(frozen=True)
class Export:
    """What a tool writes in one of the formats, and how its rows become texts with labels; None if it is not that."""

    name: str
    read: Callable[[Table], Table | None]


def _unpacked(path: Path, rows: int | None, encoding: str | None = None) -> Iterator[Chunk]:
    inner = Path(compressed.inner_name(path))
    if inner.suffix.lower() in compressed.SUFFIXES or inner.suffix.lower() not in READERS:
        known = ", ".join(suffix for suffix in READERS if suffix not in compressed.SUFFIXES)
        raise DataError("data.unknown_format", path=str(path), suffix=inner.suffix or "-", known=known)
    return compressed.read_compressed(path, lambda file: chunks(file, rows, encoding))


FORMATS: Final = (
    Format("csv", (".csv",), read_delimited),
    Format("tsv", (".tsv", ".tab"), read_delimited),
    Format("jsonl", (".jsonl", ".ndjson"), read_json),
    Format("json", (".json",), read_json),
    Format("parquet", (".parquet", ".pq"), read_parquet),
    Format("xlsx", (".xlsx", ".xlsm"), read_workbook, extra="excel"),
    Format("txt", (".txt", ".ft"), read_lines),
    Format("compressed", compressed.SUFFIXES, _unpacked),
)
EXPORTS: Final = (
    Export("doccano", read_doccano),
    Export("label_studio", read_label_studio),
    Export("argilla", read_argilla),
    Export("prodigy", read_prodigy),
    Export("clue", read_clue),
)
READERS: Final[Mapping[str, Reader]] = {suffix: each.read for each in FORMATS for suffix in each.suffixes}


def chunks(path: Path, rows: int | None, encoding: str | None = None) -> Iterator[Chunk]:
    """Read the rows at `path`, `rows` at a time; None: in one chunk. Yields at least one chunk.

    Args: encoding: of text that is not UTF-8; default: as `survey` finds it.

    Raises: DataError if the rest of the file cannot be read, or if it is missing or of an unknown format.
    """
    if str(path) == STANDARD_INPUT:
        return read_standard_input(lambda file: chunks(file, rows, encoding))
    if not path.exists():
        raise DataError("data.missing_file", path=str(path))
    if path.is_dir():
        if splits := splits_beside(path):
            names = listed(file.name for file in splits.values())
            raise DataError("data.folder_of_splits", path=str(path), splits=names)
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
    table = read_cells(path, encoding)
    recognised = (export.read(table) for export in EXPORTS)
    return next((found for found in recognised if found is not None), table)


def read_cells(path: Path, encoding: str | None = None) -> Table:
    """The same, with an export of a tool as it is written. Raises: DataError."""
    (everything,) = chunks(path, None, encoding)
    for _, error in everything.bad:
        raise error
    return non_empty(without_unnamed(everything.table))


def read_tables(
    train: Path | Any, val: Path | None, test: Path | None, encoding: str | None = None
) -> dict[str, Table]:
    """'train', and 'val' and 'test' if they are given or beside it -> the table.

    Args: train: a file, or a folder, a JSON object or a hub id (`hf:NAME`) with several splits; or rows in Python, see
        `frames`. `val` and `test` replace what it holds.
    Raises: DataError as `read_table`, and if a folder has no training rows.
    """
    given = {split: path for split, path in (("val", val), ("test", test)) if path is not None}
    if not isinstance(train, Path):
        inside = frame_splits(train)
    elif str(train).startswith(HUB):
        inside = hub_splits(str(train))
    elif train.suffix.lower() == ".json" and train.is_file():
        inside = read_splits(train, encoding)
    else:
        beside = splits_beside(train)
        if beside and "train" not in beside:
            names = listed(path.name for path in beside.values())
            raise DataError("data.no_train_folder", path=str(train), splits=names)
        inside = {split: read_table(path, encoding) for split, path in beside.items() if split not in given}
    if not inside:
        inside = {"train": read_table(train, encoding)}
    tables = inside | {split: read_table(path, encoding) for split, path in given.items()}
    return {split: non_empty(tables[split]) for split in ("train", "val", "test") if split in tables}


def splits_beside(path: Path) -> dict[str, Path]:
    """'train' / 'val' / 'test' -> folder or file of that split in the folder; empty if `path` is no such folder.

    Raises: DataError if a split has several files.
    """
    folders = split_folders(path)
    if folders or not path.is_dir() or any(path.glob("*.arrow")):
        return folders
    found: dict[str, Path] = {}
    for file in sorted(path.iterdir()):
        split = SPLIT_NAMES.get(_stem(file).casefold()) if file.is_file() else None
        if split is None or file.suffix.lower() not in READERS:
            continue
        if split in found:
            raise DataError(
                "data.split_twice", path=str(path), split=split, files=listed([found[split].name, file.name])
            )
        found[split] = file
    return found


def _stem(file: Path) -> str:
    """The name without its suffixes, and without the count of shards if there is one shard."""
    name = file.name.partition(".")[0]
    return name.removesuffix("-00000-of-00001")
