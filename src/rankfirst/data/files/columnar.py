"""Read Parquet files, and folders saved by the Hugging Face `datasets` package, with pyarrow only."""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from rankfirst.data.files.table import Chunk, Table, column_names, listed, number_unnamed, shown, single_chunk
from rankfirst.errors import DataError
from rankfirst.measure.disk import for_arrow

# Folder name in a DatasetDict -> our split.
SPLIT_NAMES = {
    "train": "train",
    "validation": "val",
    "valid": "val",
    "val": "val",
    "dev": "val",
    "test": "test",
}


def read_parquet(path: Path, rows: int | None, encoding: str | None = None) -> Iterator[Chunk]:
    """Read a Parquet file, `rows` at a time; None: in one chunk, class ids replaced by names. Raises: DataError.

    Args: encoding: not used, Parquet is always UTF-8.
    """
    if rows is not None:
        yield from _batches(path, rows)
        return
    try:
        # Not read_table(path): that would interpret `key=value` folders above the file as columns.
        with for_arrow(path) as source, pq.ParquetFile(source) as file:
            content = file.read()
    except (pa.ArrowException, OSError, ValueError) as error:
        raise DataError("data.bad_parquet", path=str(path), reason=shown(error)) from error
    yield single_chunk(_table(path, content, _features(content, None)))


class _Columns(Mapping[str, Sequence[object]]):
    """Columns of an Arrow batch, converted to Python objects on access."""

    def __init__(self, path: Path, names: Sequence[str], batch: Any) -> None:
        self._path, self._names, self._batch = path, list(names), batch

    def __getitem__(self, name: str) -> Sequence[object]:
        if name not in self._names:
            raise KeyError(name)
        try:
            values: list[object] = self._batch.column(self._names.index(name)).to_pylist()
        except (OverflowError, ValueError) as error:  # e.g. a date that Python cannot represent
            raise DataError("data.bad_column", path=str(self._path), column=name, reason=shown(error)) from error
        return values

    def __contains__(self, name: object) -> bool:
        return name in self._names  # without converting the column

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def _batches(path: Path, rows: int) -> Iterator[Chunk]:
    try:
        # Not pre-buffered: that would hold whole column chunks of a row group in memory.
        with (
            for_arrow(path) as source,
            pq.ParquetFile(source, pre_buffer=False, buffer_size=1 << 20) as file,
        ):
            names, total, done = number_unnamed(column_names(path, file.schema_arrow.names)), file.metadata.num_rows, 0
            for batch in file.iter_batches(batch_size=rows):
                lines = range(done + 1, done + batch.num_rows + 1)
                done += batch.num_rows
                yield Chunk(Table(path, _Columns(path, names, batch), lines), (), done, total, batch=batch,
                            first=lines.start == 1)  # fmt: skip
            if not done:
                empty = pa.RecordBatch.from_pylist([], schema=file.schema_arrow)
                yield Chunk(Table(path, _Columns(path, names, empty), ()), (), 0, 0, batch=empty)
    except (pa.ArrowException, OSError, ValueError) as error:
        if isinstance(error, DataError):
            raise
        raise DataError("data.bad_parquet", path=str(path), reason=shown(error)) from error


def read_folder(path: Path) -> Table:
    """Read one split saved by `save_to_disk`. Raises: DataError if the folder is something else or cannot be read."""
    splits = split_folders(path)
    if splits:
        names = listed(folder.name for folder in splits.values())
        raise DataError("data.folder_of_splits", path=str(path), splits=names)
    files = _arrow_files(path)
    if not files:
        raise DataError("data.not_a_dataset_folder", path=str(path))
    try:
        content = pa.concat_tables([_arrow(file) for file in files])
        content.validate(full=True)  # pyarrow follows damaged offsets anywhere, which may crash the process
    except (pa.ArrowException, OSError) as error:
        raise DataError("data.bad_arrow", path=str(path), reason=shown(error)) from error
    return _table(path, content, _features(content, path / "dataset_info.json"))


def split_folders(path: Path) -> dict[str, Path]:
    """'train' / 'val' / 'test' -> folder of that split; empty if `path` is not a saved DatasetDict."""
    if not path.is_dir() or _arrow_files(path):
        return {}
    folders: dict[str, Path] = {}
    for name, split in SPLIT_NAMES.items():
        if (path / name).is_dir() and _arrow_files(path / name):
            folders.setdefault(split, path / name)
    return folders


def _arrow_files(folder: Path) -> list[Path]:
    """The folder's Arrow files in row order, as listed in state.json."""
    named = _json(folder / "state.json").get("_data_files", [])
    names = (
        [str(e["filename"]) for e in named if isinstance(e, dict) and "filename" in e]
        if isinstance(named, list)
        else []
    )
    files = [folder / name for name in names]
    # Plain names only: an untrusted folder must not refer to files elsewhere.
    if files and all(Path(name).name == name and os.path.isfile(f) for name, f in zip(names, files, strict=True)):
        return files
    return sorted(folder.glob("*.arrow"))


def _arrow(file: Path) -> Any:
    with (
        for_arrow(file) as opened,
        pa.memory_map(opened) if isinstance(opened, str) else pa.PythonFile(opened) as source,
    ):
        try:
            return pa.ipc.open_stream(source).read_all()
        except pa.ArrowInvalid:
            # `datasets` writes the streaming format; most other tools write the random-access format.
            return pa.ipc.open_file(source).read_all()


def _features(content: Any, info: Path | None) -> Mapping[str, Any]:
    """Column -> feature, from dataset_info.json or from the schema's metadata (as in Parquet files of the Hub)."""
    saved = _json(info).get("features") if info else None
    if isinstance(saved, dict):
        return saved
    embedded = (content.schema.metadata or {}).get(b"huggingface", b"{}")
    try:
        features = json.loads(embedded)["info"]["features"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return {}
    return features if isinstance(features, dict) else {}


def _json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def _table(path: Path, content: Any, features: Mapping[str, Any]) -> Table:
    names = column_names(path, content.column_names)
    cells: dict[str, Sequence[object]] = {}
    coded = set()
    for i, name in enumerate(names):
        try:
            values: list[object] = content.column(i).to_pylist()
        except (OverflowError, ValueError) as error:  # e.g. a date that Python cannot represent
            raise DataError("data.bad_column", path=str(path), column=name, reason=shown(error)) from error
        classes = _class_names(features.get(content.column_names[i]))
        if classes:
            if not any(isinstance(value, list) for value in values):
                coded.add(name)
            values = [_named(path, row, value, classes) for row, value in enumerate(values, 1)]
        cells[name] = values
    return Table(path, cells, range(1, content.num_rows + 1), coded=frozenset(coded))


def _class_names(feature: Any) -> list[str] | None:
    """Names of a ClassLabel, or of the ClassLabel inside a list (whose encoding has changed over the years)."""
    if isinstance(feature, list) and feature:
        return _class_names(feature[0])
    if not isinstance(feature, dict):
        return None
    if feature.get("_type") == "ClassLabel":
        names = feature.get("names")
        return [str(name) for name in names] if names and isinstance(names, list) else None
    return _class_names(feature.get("feature"))


def _named(path: Path, row: int, value: object, names: Sequence[str]) -> object:
    if isinstance(value, list):
        return [_named(path, row, item, names) for item in value]
    if not isinstance(value, int) or value == -1:  # -1 means "not labelled" in `datasets`
        return None if value == -1 else value
    if not 0 <= value < len(names):
        raise DataError("data.label_out_of_range", path=str(path), line=row, found=value, classes=len(names))
    return names[value]
