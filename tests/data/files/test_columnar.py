"""Folders saved by `datasets`, written here byte for byte as that package does."""

import gc
import json
import os
import sys
import warnings
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from rankfirst.data import load_dataset, read_texts
from rankfirst.data.files.formats import chunks
from rankfirst.errors import DataError
from tests.data.file_samples import csv_file

NAMES = {"names": ["greet", "leave"], "_type": "ClassLabel"}


def save(folder: Path, columns: dict[str, list[object]], features: dict[str, object], files: int = 1) -> Path:
    folder.mkdir(parents=True)
    table = pa.table(columns)
    size = -(-table.num_rows // files)
    names = [f"data-{i:05d}-of-{files:05d}.arrow" for i in range(files)]
    for i, name in enumerate(names):
        part = table.slice(i * size, size)
        with pa.OSFile(str(folder / name), "wb") as sink, pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(part)
    (folder / "state.json").write_text(json.dumps({"_data_files": [{"filename": name} for name in names]}))
    (folder / "dataset_info.json").write_text(json.dumps({"features": features}))
    return folder


def texts(n: int = 8, word: str = "row") -> list[object]:
    return [f"{word} {i}" for i in range(n)]


def single(folder: Path, word: str = "row", column: str = "label", files: int = 2) -> Path:
    return save(folder, {"text": texts(word=word), column: [0, 1] * 4}, {column: NAMES}, files)


@pytest.mark.parametrize("column", ["label", "labels"])
def test_class_ids_become_names_and_stay_single_label(tmp_path, column):
    folder = single(tmp_path / "set", column=column)
    dataset = load_dataset(folder, folder, folder)
    assert dataset.classes == ("greet", "leave")
    assert dataset.train.texts == tuple(texts())
    assert not dataset.multi_label


@pytest.mark.parametrize(
    "feature",
    [
        pytest.param({"feature": NAMES, "_type": "Sequence"}, id="sequence"),
        pytest.param({"feature": NAMES, "_type": "List"}, id="list"),
        pytest.param([NAMES], id="old-list"),
    ],
)
def test_lists_of_class_ids_are_multi_label(tmp_path, feature):
    columns = {"text": texts(), "intent": [[0], [1], [0, 1], [], [1], [0], [1, 0], [0]]}
    folder = save(tmp_path / "set", columns, {"intent": feature})
    dataset = load_dataset(folder, folder, folder)
    assert dataset.multi_label
    assert dataset.train.labels[:4] == ((0,), (1,), (0, 1), ())


def test_the_splits_of_a_dict_are_used(tmp_path):
    for name in ("train", "validation", "test"):
        single(tmp_path / "set" / name, word=name)
    (tmp_path / "set" / "dataset_dict.json").write_text('{"splits": ["train", "validation", "test"]}')
    dataset = load_dataset(tmp_path / "set")
    firsts = (dataset.train.texts[0], dataset.val.texts[0], dataset.test.texts[0])
    assert firsts == ("train 0", "validation 0", "test 0")
    assert dataset.name == "set"


def test_an_explicit_file_overrides_the_split_of_a_dict(tmp_path):
    for name in ("train", "validation"):
        single(tmp_path / "set" / name, word=name)
    rows = [("mine one", "greet"), ("mine two", "leave")]
    dataset = load_dataset(tmp_path / "set", csv_file(tmp_path / "v.csv", rows))
    assert dataset.val.texts == ("mine one", "mine two")
    assert dataset.test is not None  # held out of train


def test_a_parquet_file_of_the_hub_contains_class_names(tmp_path):
    info = {"info": {"features": {"label": NAMES}}}
    table = pa.table({"text": texts(), "label": [0, 1] * 4}).replace_schema_metadata({"huggingface": json.dumps(info)})
    path = tmp_path / "a.parquet"
    pq.write_table(table, path)
    assert load_dataset(path, path, path).classes == ("greet", "leave")


def test_the_random_access_format_is_read_too(tmp_path):
    folder = tmp_path / "set"
    folder.mkdir()
    table = pa.table({"text": texts(), "label": ["a", "b"] * 4})
    with pa.OSFile(str(folder / "x.arrow"), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    assert read_texts(folder)[0] == tuple(texts())


def test_broken_folders_are_a_one_sentence_error(tmp_path):
    folder = tmp_path / "set"
    folder.mkdir()
    (folder / "data-00000-of-00001.arrow").write_bytes(b"not arrow at all")
    with pytest.raises(DataError) as caught:
        load_dataset(folder)
    assert caught.value.code == "data.bad_arrow"
    assert "\n" not in str(caught.value)


def test_class_ids_without_a_name_are_refused(tmp_path):
    folder = save(tmp_path / "set", {"text": texts(3), "label": [0, 7, 1]}, {"label": NAMES})
    with pytest.raises(DataError, match=r"row 2.*id 7.*2 classes"):
        load_dataset(folder)


def test_rows_marked_unlabelled_count_as_empty(tmp_path):
    folder = save(tmp_path / "set", {"text": texts(3), "label": [0, -1, 1]}, {"label": NAMES})
    with pytest.raises(DataError) as caught:
        load_dataset(folder)
    assert caught.value.code == "data.empty_labels"


@pytest.mark.parametrize(
    ("splits", "code", "read"),
    [
        pytest.param(("train", "test"), "data.folder_of_splits", read_texts, id="which-split"),
        pytest.param(("validation",), "data.no_train_folder", load_dataset, id="no-train"),
    ],
)
def test_a_dataset_dict_passed_as_a_single_split(tmp_path, splits, code, read):
    for name in splits:
        single(tmp_path / "set" / name)
    with pytest.raises(DataError) as caught:
        read(tmp_path / "set")
    assert caught.value.code == code
    assert splits[0] in str(caught.value)


def test_a_partitioned_path_adds_no_columns(tmp_path):
    folder = tmp_path / "label=x"
    folder.mkdir()
    pq.write_table(pa.table({"text": texts(), "intent": ["a", "b"] * 4}), folder / "a.parquet")
    dataset = load_dataset(folder / "a.parquet")
    assert dataset.classes == ("a", "b")


@pytest.mark.parametrize("state", [{"_data_files": True}, {"_data_files": [{"filename": "../other.arrow"}]}, []])
def test_a_state_that_lists_no_file_of_the_folder_is_ignored(tmp_path, state):
    folder = save(tmp_path / "set", {"text": texts(), "label": ["a", "b"] * 4}, {})
    (tmp_path / "other.arrow").write_bytes(b"not of this set")
    (folder / "state.json").write_text(json.dumps(state), encoding="utf-8")
    assert read_texts(folder)[0] == tuple(texts())


def test_a_date_that_python_cannot_represent_names_its_column(tmp_path):
    late = pa.array([2**62] * 8, pa.timestamp("ms"))
    pq.write_table(pa.table({"text": texts(), "label": ["a", "b"] * 4, "at": late}), tmp_path / "x.parquet")
    with pytest.raises(DataError) as caught:
        read_texts(tmp_path / "x.parquet")
    assert (caught.value.code, caught.value.fields["column"]) == ("data.bad_column", "at")


@pytest.mark.parametrize("suffix", ["csv", "tsv", "jsonl", "json", "parquet"])
@pytest.mark.parametrize("read", [read_texts, lambda path: list(chunks(path, 8))], ids=["whole", "chunks"])
def test_a_pipe_does_not_block(tmp_path, read, suffix):
    path = tmp_path / f"rows.{suffix}"
    os.mkfifo(path)
    with pytest.raises(DataError) as caught:
        read(path)
    assert caught.value.code == "data.not_a_file"


@pytest.mark.parametrize("names", [3, True, 1.5, "ab", {"a": 1}])
def test_class_names_that_are_not_a_list_are_ignored(tmp_path, names):
    folder = save(tmp_path / "set", {"text": texts(), "label": [0, 1] * 4}, {"label": NAMES | {"names": names}})
    assert load_dataset(folder).classes == ("0", "1")


def test_an_impossible_file_name_is_ignored(tmp_path):
    folder = save(tmp_path / "set", {"text": texts(), "label": ["a", "b"] * 4}, {})
    (folder / "state.json").write_text(json.dumps({"_data_files": [{"filename": "x" * 300 + ".arrow"}]}))
    assert read_texts(folder)[0] == tuple(texts())


def test_damaged_offsets_are_not_followed(tmp_path):
    """Arrow files are mapped, not decoded: pyarrow would read wherever an offset points, or crash."""
    folder = single(tmp_path / "set", files=1)
    path = next(folder.glob("*.arrow"))
    raw, second = path.read_bytes(), pa.array([0, len("row 0"), 2 * len("row 0")], pa.int32()).buffers()[1].to_pybytes()
    at = raw.index(second[:12])
    path.write_bytes(raw[: at + 4] + (2**31 - 1).to_bytes(4, "little") + raw[at + 8 :])
    with pytest.raises(DataError) as caught:
        read_texts(folder)
    assert caught.value.code == "data.bad_arrow"


@pytest.mark.skipif(sys.platform == "darwin", reason="its file names are UTF-8")
@pytest.mark.parametrize("rows", [None, 1])
@pytest.mark.parametrize("damaged", [False, True])
def test_a_file_whose_name_is_not_utf8_is_closed(tmp_path, rows, damaged):
    path = tmp_path / "caf\udce9.parquet"
    pq.write_table(pa.table({"text": ["hello", "bye"], "label": ["greet", "leave"]}), tmp_path / "plain.parquet")
    (tmp_path / "plain.parquet").rename(path)
    if damaged:
        path.write_bytes(path.read_bytes()[:-20])
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ResourceWarning)
        if damaged:
            with pytest.raises(DataError):
                list(chunks(path, rows))
        else:
            assert sum(len(chunk.table.lines) for chunk in chunks(path, rows)) == 2
        gc.collect()
    assert [warning for warning in caught if warning.category is ResourceWarning] == []
