"""Files as people have them: compressed, folders, workbooks, standard input, and exports of annotation tools."""

import bz2
import gzip
import io
import json
import lzma
import sys
import types
import zipfile
from pathlib import Path

import pyarrow as pa
import pytest

from rankfirst.data import load_dataset, read_texts
from rankfirst.data.files import compressed
from rankfirst.data.files.formats import chunks, read_table, read_tables
from rankfirst.errors import DataError

TEXTS = [f"{['where is parcel', 'refund please', 'reset my password'][i % 3]} {i}" for i in range(30)]
LABELS = ["abc"[i % 3] for i in range(30)]
CSV = "text,label\n" + "".join(f"{text},{label}\n" for text, label in zip(TEXTS, LABELS, strict=True))


def codes(notes: object) -> list[str]:
    return [code for code, _ in notes]  # type: ignore[attr-defined]


def write(path: Path, content: str) -> Path:
    path.write_text(content, encoding="utf-8")
    return path


def lines(path: Path, rows: list[dict[str, object]]) -> Path:
    return write(path, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))


def refused(code: str, path: Path) -> str:
    with pytest.raises(DataError) as error:
        read_table(path)
    assert error.value.code == code
    assert "\n" not in str(error.value)
    return str(error.value)


# --- delimited ---


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("first", ["", "sep={}\n", "SEP={}\r\n", '"sep={}"\n'])
def test_any_delimiter_is_read_with_or_without_the_line_that_names_it(delimiter, first, tmp_path):
    rows = [f'"{text}, with|all;signs\t"' for text in TEXTS]
    body = "".join(f"{text}{delimiter}{label}\n" for text, label in zip(rows, LABELS, strict=True))
    path = write(tmp_path / "a.csv", f"{first.format(delimiter)}text{delimiter}label\n{body}")
    table = read_table(path)
    assert table.columns == ("text", "label") and len(table) == 30
    assert table.cells["text"][0] == f"{TEXTS[0]}, with|all;signs\t"
    assert codes(table.notes) == ["data.note.delimiter"] * (bool(first) or delimiter == "|")
    (chunk, *_) = chunks(path, 10)
    assert chunk.table.columns == ("text", "label")


def test_a_header_with_a_comma_in_a_name_does_not_choose_the_comma(tmp_path):
    path = write(tmp_path / "a.csv", '"text, long";label\n' + "".join(f"a, b, c {i};x\n" for i in range(9)))
    assert read_table(path).columns == ("text, long", "label")


# --- one JSON object ---


def test_an_object_of_splits_is_read_as_its_splits(tmp_path):
    rows = [[text, label] for text, label in zip(TEXTS, LABELS, strict=True)]
    content = {"train": rows, "val": rows[:6], "test": rows[:6], "oos_train": [["sing a song", "oos"]] * 3,
               "oos_val": [["how old are you", "oos"]], "oos_test": [["tell a joke", "oos"]]}  # fmt: skip
    for name, indent in (("pretty", 1), ("compact", None)):
        path = write(tmp_path / f"{name}.json", json.dumps(content, indent=indent))
        dataset = load_dataset(path)
        assert (len(dataset.train), len(dataset.val), len(dataset.test or ())) == (33, 7, 7)
        assert dataset.classes == ("a", "b", "c", "oos") and "data.note.json_splits" in codes(dataset.notes)
    one = refused("data.json_of_splits", path)
    assert "train, val, test" in one


@pytest.mark.parametrize("form", ["objects", "label first", "columns"])
def test_splits_may_hold_objects_pairs_in_either_order_or_columns(form, tmp_path):
    rows = {
        "objects": [{"text": t, "label": c} for t, c in zip(TEXTS, LABELS, strict=True)],
        "label first": [[c, t] for t, c in zip(TEXTS, LABELS, strict=True)],
        "columns": {"text": TEXTS, "label": LABELS},
    }[form]
    path = write(tmp_path / "a.json", json.dumps({"train": rows, "dev": rows}, indent=1))
    dataset = load_dataset(path)
    assert dataset.classes == ("a", "b", "c") and list(dataset.val.texts) == TEXTS


@pytest.mark.parametrize(
    "content",
    [
        {"text": TEXTS, "label": LABELS},
        {"text": {str(i): t for i, t in enumerate(TEXTS)}, "label": {str(i): t for i, t in enumerate(LABELS)}},
        {"version": {"of": "x"}, "data": [{"text": t, "label": c} for t, c in zip(TEXTS, LABELS, strict=True)]},
    ],
    ids=["columns", "pandas", "rows-inside"],
)
def test_the_rows_of_one_object_are_found(content, tmp_path):
    table = read_table(write(tmp_path / "a.json", json.dumps(content, indent=2)))
    assert (list(table.cells["text"]), list(table.cells["label"])) == (TEXTS, LABELS)


@pytest.mark.parametrize("pairs", [[[t, c] for t, c in zip(TEXTS, LABELS, strict=True)],
                                   [[c, t] for t, c in zip(TEXTS, LABELS, strict=True)]])  # fmt: skip
def test_a_list_of_pairs_is_read_in_either_order(pairs, tmp_path):
    table = read_table(write(tmp_path / "a.json", json.dumps(pairs)))
    assert (list(table.cells["text"]), list(table.cells["label"])) == (TEXTS, LABELS)


@pytest.mark.parametrize("sizes", [(5, 5), (4, 6)])
def test_an_object_from_classes_to_texts_is_read_as_such(sizes, tmp_path):
    content = {"refund": TEXTS[: sizes[0]], "delivery": TEXTS[10 : 10 + sizes[1]]}
    table = read_table(write(tmp_path / "a.json", json.dumps(content, indent=1)))
    assert list(table.cells["label"]) == ["refund"] * sizes[0] + ["delivery"] * sizes[1]
    assert codes(table.notes) == ["data.note.json_classes"]


def test_an_object_without_rows_is_refused(tmp_path):
    path = write(tmp_path / "a.json", json.dumps({"version": {"a": 1}, "names": ["x"]}, indent=2))
    assert "version, names" in refused("data.json_shape", path)
    unlabelled = write(tmp_path / "c.json", json.dumps({"train": TEXTS, "test": TEXTS[:3]}, indent=2))
    assert TEXTS[0] in refused("data.json_split_row", unlabelled)
    bad = write(tmp_path / "b.json", json.dumps({"train": [["text only"]]}, indent=2))
    assert "row 1" in refused("data.json_split_row", bad)


# --- compressed ---


@pytest.mark.parametrize("suffix", [".gz", ".bz2", ".xz", ".zst", ".zip"])
def test_compressed_files_are_read_as_what_is_inside(suffix, tmp_path):
    path, content = tmp_path / f"train.csv{suffix}", CSV.encode()
    if suffix == ".zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("folder/../../train.csv", content)
            archive.writestr("__MACOSX/._train.csv", b"x")
    elif suffix == ".zst":
        with pa.CompressedOutputStream(str(path), "zstd") as out:
            out.write(content)
    else:
        path.write_bytes({".gz": gzip, ".bz2": bz2, ".xz": lzma}[suffix].compress(content))
    table = read_table(path)
    assert table.path == path and list(table.cells["text"]) == TEXTS
    assert codes(table.notes) == ["data.note.unpacked"]
    assert sum(len(chunk.table) for chunk in chunks(path, 7)) == 30
    assert not list(tmp_path.parent.glob("train.csv"))


def test_errors_and_notes_name_the_file_that_was_given(tmp_path):
    path = tmp_path / "train.csv.gz"
    path.write_bytes(gzip.compress(b"text,label\nok,a\nyes, sir,b\n"))
    assert str(path) in refused("data.ragged_row", path)
    path.write_bytes(gzip.compress(("text,label\n" + "Wo ist mein Päckchen,a\nGröße,b\n" * 4).encode("cp1252")))
    assert ("file", "train.csv.gz") in dict(read_table(path).notes)["data.note.encoding"]


def test_archives_that_cannot_be_meant_are_refused(tmp_path, monkeypatch):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.csv", CSV)
        archive.writestr("b.csv", CSV)
    assert "a.csv, b.csv" in refused("data.archive_members", path)
    torn = tmp_path / "a.csv.gz"
    torn.write_bytes(gzip.compress(CSV.encode())[:-20])
    refused("data.bad_archive", torn)
    odd = tmp_path / "a.docx.gz"
    odd.write_bytes(gzip.compress(b"x"))
    refused("data.unknown_format", odd)
    monkeypatch.setattr(compressed, "SMALL", 1 << 16)
    bomb = tmp_path / "b.csv.gz"
    bomb.write_bytes(gzip.compress(b"text,label\n" + b"0" * (1 << 23)))
    refused("data.archive_too_large", bomb)


# --- folders, standard input ---


@pytest.mark.parametrize("names", [("train.csv", "dev.csv", "test.csv"), ("Train.csv", "validation.csv.gz"),
                                   ("train-00000-of-00001.csv", "valid.tsv")])  # fmt: skip
def test_a_folder_of_files_is_read_as_its_splits(names, tmp_path):
    for name in names:
        content = (CSV.replace(",", "\t") if ".tsv" in name else CSV).encode()
        (tmp_path / name).write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    write(tmp_path / "README.md", "# x")
    dataset = load_dataset(tmp_path)
    assert len(dataset.val) == 30 and Path(dataset.val.file).name == names[1]
    with pytest.raises(DataError) as error:
        read_texts(tmp_path)
    assert error.value.code == "data.folder_of_splits"


def test_a_folder_with_a_split_twice_or_no_training_file_is_refused(tmp_path):
    write(tmp_path / "test.csv", CSV)
    with pytest.raises(DataError) as error:
        load_dataset(tmp_path)
    assert error.value.code == "data.no_train_folder"
    write(tmp_path / "train.csv", CSV)
    write(tmp_path / "train.tsv", CSV)
    with pytest.raises(DataError) as error:
        load_dataset(tmp_path)
    assert error.value.code == "data.split_twice"


@pytest.mark.parametrize("kind", ["csv", "jsonl", "json", "plain", "fasttext"])
def test_standard_input_is_read_by_what_it_holds(kind, monkeypatch):
    objects = [{"text": t, "label": c} for t, c in zip(TEXTS, LABELS, strict=True)]
    content = {
        "csv": CSV,
        "jsonl": "\n".join(map(json.dumps, objects)),
        "json": json.dumps(objects, indent=1),
        "plain": "\n".join(TEXTS),
        "fasttext": "\n".join(f"__label__{c} {t}" for t, c in zip(TEXTS, LABELS, strict=True)),
    }[kind]
    piped = types.SimpleNamespace(buffer=io.BytesIO(content.encode()), isatty=lambda: False, closed=False)
    monkeypatch.setattr(sys, "stdin", piped)
    if kind == "plain":
        assert list(read_texts(Path("-"))[0]) == TEXTS
        return
    dataset = load_dataset(Path("-"))
    assert dataset.name == "stdin" and dataset.classes == ("a", "b", "c")


def test_a_terminal_is_no_standard_input(monkeypatch):
    monkeypatch.setattr(sys, "stdin", types.SimpleNamespace(isatty=lambda: True, closed=False))
    refused("data.no_input", Path("-"))


# --- workbooks ---


def test_a_workbook_without_openpyxl_says_how_to_read_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    assert "rankfirst[excel]" in refused("data.no_openpyxl", write(tmp_path / "a.xlsx", "x"))


def test_the_first_sheet_with_rows_is_read(tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.create_sheet("rows").append(["text", None, "label"])
    for i, (text, label) in enumerate(zip(TEXTS, LABELS, strict=True)):
        book["rows"].append([text if i else 7, None, label])
    book.create_sheet("notes").append(["x"])
    path = tmp_path / "a.xlsx"
    book.save(path)
    table = read_table(path)
    assert table.columns == ("text", "label") and list(table.cells["text"]) == [7, *TEXTS[1:]]
    assert table.lines[0] == 2 and codes(table.notes) == ["data.note.sheet"]
    assert [len(chunk.table) for chunk in chunks(path, 20)] == [20, 10]
    refused("data.bad_workbook", write(tmp_path / "b.xlsx", "no workbook"))


# --- exports of annotation tools ---


def test_doccano(tmp_path):
    rows = [{"id": i, "text": t, "label": [c]} for i, (t, c) in enumerate(zip(TEXTS, LABELS, strict=True))]
    table = read_table(lines(tmp_path / "a.jsonl", rows))
    assert codes(table.notes) == ["data.note.doccano"] and table.cells["label"][0] == ["a"]
    older = [{"id": row["id"], "data": row["text"], "label": row["label"], "Comments": []} for row in rows]
    assert list(read_table(lines(tmp_path / "b.jsonl", older)).cells["text"]) == TEXTS
    spans = [{"id": 1, "text": "to Rome", "label": [[3, 7, "CITY"]]}]
    refused("data.span_labels", lines(tmp_path / "c.jsonl", spans))


def test_prodigy_keeps_accepted_rows_alone(tmp_path):
    answers = ["accept", "accept", "reject", "accept", "ignore"]
    rows = [{"text": t, "label": c, "answer": answers[i % 5], "_input_hash": i, "_task_hash": i}
            for i, (t, c) in enumerate(zip(TEXTS, LABELS, strict=True))]  # fmt: skip
    table = read_table(lines(tmp_path / "a.jsonl", rows))
    assert table.columns == ("text", "label") and len(table) == 18 and 3 not in table.lines
    ((code, values),) = table.notes
    assert code == "data.note.prodigy" and dict(values) == {
        "file": "a.jsonl", "rows": "18", "rejected": "6", "ignored": "6",
    }  # fmt: skip
    choice = [{"text": t, "options": [{"id": c, "text": c} for c in "abc"], "accept": [c], "answer": "accept"}
              for t, c in zip(TEXTS, LABELS, strict=True)]  # fmt: skip
    assert list(read_table(lines(tmp_path / "b.jsonl", choice)).cells["label"]) == LABELS
    several = [{**row, "accept": ["a", "b"]} for row in choice[:1]] + choice[1:]
    assert read_table(lines(tmp_path / "c.jsonl", several)).cells["label"][0] == ["a", "b"]
    refused("data.none_accepted", lines(tmp_path / "d.jsonl", [{**row, "answer": "reject"} for row in rows]))


def task(
    number: int, text: str, *answers: list[str], control: str = "intent", kind: str = "choices"
) -> dict[str, object]:
    made = [{"id": n, "was_cancelled": False,
             "result": [{"type": kind, "from_name": control, "to_name": "t", "value": {"choices": answer}}]}
            for n, answer in enumerate(answers)]  # fmt: skip
    return {"id": number, "data": {"body": text}, "annotations": made, "predictions": [], "meta": {}}


def test_label_studio_json(tmp_path):
    tasks = [task(i, t, [c]) for i, (t, c) in enumerate(zip(TEXTS, LABELS, strict=True))]
    tasks[0] = task(0, TEXTS[0])  # not annotated
    tasks[1] = task(1, TEXTS[1], ["a"], ["b"])  # a tie
    tasks[2] = task(2, TEXTS[2], ["b"], ["c"], ["c"])  # a majority
    table = read_table(write(tmp_path / "a.json", json.dumps(tasks)))
    assert table.columns == ("text", "label") and list(table.cells["label"]) == LABELS[2:]
    ((_, values),) = table.notes
    assert (dict(values)["rows"], dict(values)["open"], dict(values)["torn"]) == ("28", "1", "1")
    tasks[3] = task(3, TEXTS[3], ["a", "b"])
    assert read_table(write(tmp_path / "b.json", json.dumps(tasks))).cells["label"][1] == ["a", "b"]
    spans = [task(1, "to Rome", ["CITY"], kind="labels")]
    refused("data.span_labels", write(tmp_path / "c.json", json.dumps(spans)))


def test_label_studio_json_min_and_csv(tmp_path):
    about = {"id": 1, "annotator": 1, "annotation_id": 2, "created_at": "x", "updated_at": "y", "lead_time": 1.5}
    rows = [{"text": t, "intent": c, **about} for t, c in zip(TEXTS, LABELS, strict=True)]
    table = read_table(write(tmp_path / "a.json", json.dumps(rows)))
    assert table.columns == ("text", "label") and list(table.cells["label"]) == LABELS
    rows[0]["intent"] = {"choices": ["a", "b"]}
    assert read_table(write(tmp_path / "b.json", json.dumps(rows))).cells["label"][:2] == [["a", "b"], ["b"]]
    header = "annotation_id,annotator,created_at,id,intent,lead_time,text,updated_at\n"
    body = "".join(f'1,1,x,1,"{{""choices"":[""{c}"",""x""]}}",1.5,{t},y\n' for t, c in zip(TEXTS, LABELS, strict=True))
    assert read_table(write(tmp_path / "a.csv", header + body)).cells["label"][0] == ["a", "x"]


def test_fasttext(tmp_path):
    rows = "".join(f"__label__{c} {t}\n" for t, c in zip(TEXTS, LABELS, strict=True))
    table = read_table(write(tmp_path / "a.txt", rows))
    assert (list(table.cells["text"]), list(table.cells["label"])) == (TEXTS, LABELS)
    assert codes(table.notes) == ["data.note.fasttext"]
    several = read_table(write(tmp_path / "b.txt", "__label__x __label__y hello there\n" + rows))
    assert several.cells["label"][:2] == [["x", "y"], ["a"]] and several.cells["text"][0] == "hello there"
    with_header = write(tmp_path / "c.txt", CSV.replace(",", "\t"))
    assert read_table(with_header).columns == ("text", "label")
    assert read_texts(write(tmp_path / "d.txt", "one, two\nthree\n"))[0] == ("one, two", "three")


def test_clue_takes_the_names_of_classes(tmp_path):
    names = {"a": "news_story", "b": "news_sports", "c": "news_tech"}
    rows = [
        {"label": c, "label_desc": names[c], "sentence": t, "keywords": ""} for t, c in zip(TEXTS, LABELS, strict=True)
    ]
    table = read_table(lines(tmp_path / "a.json", rows))
    assert list(table.cells["label"]) == [names[c] for c in LABELS] and codes(table.notes) == ["data.note.clue"]
    rows[0]["label_desc"] = "news_sports"
    assert "label_desc" in read_table(lines(tmp_path / "b.json", rows)).columns


# --- rows in Python ---


class Frame:
    """What pandas and polars share."""

    def __init__(self, **columns: list[object]) -> None:
        self.columns, self._columns = list(columns), columns

    def __getitem__(self, name: str) -> object:
        return _Series(self._columns[name])


class _Series(list):  # type: ignore[type-arg]
    def to_list(self) -> list[object]:
        return list(self)


PAIRS = list(zip(TEXTS, LABELS, strict=True))


@pytest.mark.parametrize(
    "rows",
    [
        Frame(text=TEXTS, label=LABELS),
        pa.table({"text": TEXTS, "label": LABELS}),
        {"text": TEXTS, "label": tuple(LABELS)},
        [{"text": text, "label": label} for text, label in PAIRS],
        PAIRS,
        {"train": PAIRS, "validation": PAIRS},
    ],
    ids=["frame", "arrow", "columns", "dicts", "pairs", "splits"],
)
def test_rows_in_python_are_read_as_files_are(rows):
    dataset = load_dataset(rows)
    assert dataset.classes == ("a", "b", "c") and dataset.name == "memory"
    assert {*dataset.train.texts, *dataset.val.texts, *(dataset.test.texts if dataset.test else ())} == set(TEXTS)


def test_missing_cells_of_a_frame_are_none_and_other_objects_are_refused():
    table = read_tables(Frame(text=["a", float("nan")], label=[None, "x"]), None, None)["train"]
    assert table.cells == {"text": ["a", None], "label": [None, "x"]}
    for bad in (3, "text", [1, 2], {"text": 3}):
        with pytest.raises(DataError) as error:
            read_tables(bad, None, None)
        assert error.value.code == "data.no_frame"
    with pytest.raises(DataError) as error:
        read_tables({"text": ["a"], "label": []}, None, None)
    assert error.value.code == "data.frame_lengths"


# --- the Hub ---


def test_a_data_set_of_the_hub_needs_the_package_and_gets_class_names(monkeypatch):
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(DataError) as error:
        read_tables(Path("hf:owner/name"), None, None)
    assert error.value.code == "data.no_datasets"

    class Rows(dict[str, list[object]]):
        column_names = ("text", "label")
        features = {"label": types.SimpleNamespace(names=["no", "yes"])}  # noqa: RUF012

        def __len__(self) -> int:
            return 2

    rows = Rows(text=["x", "y"], label=[0, 1])
    fake = types.SimpleNamespace(load_dataset=lambda name, config: {"train": rows, "validation": rows, "extra": rows})
    monkeypatch.setitem(sys.modules, "datasets", fake)
    tables = read_tables(Path("hf:owner/name"), None, None)
    assert list(tables) == ["train", "val"] and tables["train"].cells["label"] == ["no", "yes"]
    assert "label" in tables["train"].coded

    def offline(name: str, config: object) -> None:
        raise ConnectionError("no\nnetwork")

    monkeypatch.setitem(sys.modules, "datasets", types.SimpleNamespace(load_dataset=offline))
    with pytest.raises(DataError) as error:
        read_tables(Path("hf:owner/name"), None, None)
    assert error.value.code == "data.hub_failed" and "\n" not in str(error.value)
