"""However labels are written in a cell, they are read as meant or refused, never misread in silence."""

import csv
import json
import random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rankfirst.data import load_dataset
from rankfirst.data.files.notations import listed_items
from rankfirst.errors import DataError
from tests.data.file_samples import csv_file, jsonl_file, note_codes, note_values

QUICK = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
ROWS = 24
TEXTS = [f"text number {i}" for i in range(ROWS)]
MULTIHOT = [[int(random.Random(7 * i + j).random() < 0.4) for j in range(3)] for i in range(ROWS)]
ONE_HOT = [[int(i % 4 == j) for j in range(4)] for i in range(ROWS)]
SETS = [["a"], ["b", "vip"], ["c", "a"], ["vip"], ["b"], ["c"]] * 4


def spaced(row):
    return "[" + " ".join(map(repr, row)) + "]"


VECTORS = {
    "python": str,
    "json": json.dumps,
    "numpy": spaced,
    "numpy floats": lambda row: "[" + " ".join(f"{item}." for item in row) + "]",
    "numpy booleans": lambda row: spaced(map(bool, row)),
    "floats": lambda row: str(list(map(float, row))),
    "booleans": lambda row: str(list(map(bool, row))),
    "array": lambda row: f"array({row}, dtype=int64)",
    "numpy scalars": lambda row: "[" + ", ".join(f"np.int64({item})" for item in row) + "]",
    "tensor": lambda row: f"tensor({row})",
    "tuple": lambda row: str(tuple(row)),
    "commas": lambda row: ",".join(map(str, row)),
    "spaces": lambda row: " ".join(map(str, row)),
    "semicolons": lambda row: "; ".join(map(str, row)),
    "bars": lambda row: "|".join(map(str, row)),
    "slashes": lambda row: "/".join(map(str, row)),
}
LISTS = {
    "python": str,
    "json": json.dumps,
    "numpy": spaced,
    "object array": lambda row: f"array({row}, dtype=object)",
    "set": lambda row: "{" + ", ".join(map(repr, row)) + "}",
    "tuple": lambda row: str(tuple(row)),
    "postgres": lambda row: "{" + ",".join(row) + "}",
    "quoted": lambda row: ", ".join(map(json.dumps, row)) if len(row) > 1 else f"['{row[0]}']",
    "tags": lambda row: "".join(f"<{name}>" for name in row),
    "bare": lambda row: "[" + ", ".join(row) + "]",
    "choices": lambda row: json.dumps({"choices": row}),
    "choices or one": lambda row: json.dumps({"choices": row}) if len(row) > 1 else row[0],
    "commas": ", ".join,
    "semicolons": ";".join,
    "bars": "|".join,
    "lines": "\n".join,
    "enumeration": "、".join,
}


def read(path, **options):
    return load_dataset(path, path, path, **options)


def named(dataset):
    return [tuple(dataset.classes[c] for c in row) for row in dataset.train.labels]


def column(tmp_path, cells, name="label"):
    return csv_file(tmp_path / "a.csv", list(zip(TEXTS, cells, strict=True)), ("text", name))


@pytest.mark.parametrize("name", ["label", "labels"])
@pytest.mark.parametrize("notation", VECTORS)
def test_vectors_are_read_by_position(tmp_path, notation, name):
    write = VECTORS[notation]
    dataset = read(column(tmp_path, [write(row) for row in MULTIHOT], name), label_names="x,y,z")
    assert dataset.multi_label
    assert named(dataset) == [tuple(n for n, item in zip("xyz", row, strict=True) if item) for row in MULTIHOT]
    assert note_values(dataset, "data.note.vectors_named")["length"] == "3"
    single = read(column(tmp_path, [write(row) for row in ONE_HOT], name))
    assert not single.multi_label and named(single) == [(f"label_{row.index(1)}",) for row in ONE_HOT]
    assert "data.note.one_hot" in note_codes(single)


@pytest.mark.parametrize("kind", [int, float, bool, str])
@pytest.mark.parametrize("form", ["jsonl", "parquet"])
def test_vectors_of_any_type(tmp_path, kind, form):
    rows = [[kind(item) for item in row] for row in MULTIHOT]
    if kind is bool:
        rows[0] = [bool(item) for item in MULTIHOT[0]]
    path = tmp_path / f"a.{form}"
    if form == "jsonl":
        jsonl_file(path, [{"text": text, "labels": row} for text, row in zip(TEXTS, rows, strict=True)])
    else:
        pq.write_table(pa.table({"text": TEXTS, "labels": rows}), path)
    assert named(read(path, label_names="x,y,z")) == [
        tuple(n for n, item in zip("xyz", row, strict=True) if item) for row in MULTIHOT
    ]


SOFT = [[0.7, 0.2, 0.1], [0.05, 0.05, 0.9], [0.5, 0.25, 0.25]] * 8


@pytest.mark.parametrize("notation", ["python", "json", "numpy", "commas", "spaces", "array"])
def test_soft_labels_are_refused_by_name(tmp_path, notation):
    with pytest.raises(DataError, match="soft labels"):
        read(column(tmp_path, [VECTORS[notation](row) for row in SOFT]))
    for rows in (SOFT, [dict(zip("abc", row, strict=True)) for row in SOFT]):
        path = jsonl_file(tmp_path / "a.jsonl", [{"text": t, "label": r} for t, r in zip(TEXTS, rows, strict=True)])
        with pytest.raises(DataError, match="soft labels"):
            read(path)


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([[0.9, 0.8, 0.1]] * ROWS, "score_labels"),
        ([["a", "a", "b"], ["b", "b", "b"]] * 12, "votes"),
        ([[1, -1, 1], [-1, -1, 1]] * 12, "votes"),
        ([[0, 1, 1], [0, 0]] * 12, "vector_lengths"),
        ([[70, 20, 10], [5, 15, 80]] * 12, "score_labels"),
        (["a:0.7, b:0.3", "a:0.2, b:0.8"] * 12, "soft_labels"),
        (["a=70%;b=30%", "a=20%;b=80%"] * 12, "soft_labels"),
        ([[[0, 3, "PER"]]] * ROWS, "label_not_text"),
        ([[{"label": "a", "score": 0.9}]] * ROWS, "label_not_text"),
        (['[{"start": 0, "end": 3, "labels": ["PER"]}]'] * ROWS, "label_objects"),
        ([{"x": "a"}, {"x": "b"}] * 12, "label_not_text"),
    ],
)
def test_lists_that_are_no_labels_are_refused(tmp_path, rows, code):
    path = jsonl_file(tmp_path / "a.jsonl", [{"text": t, "label": r} for t, r in zip(TEXTS, rows, strict=True)])
    with pytest.raises(DataError) as caught:
        read(path)
    assert caught.value.code == f"data.{code}"


def test_label_names(tmp_path):
    path = column(tmp_path, [str(row) for row in MULTIHOT])
    with pytest.raises(DataError, match=r"2 names.*3 positions"):
        read(path, label_names="x,y")
    listed, config = tmp_path / "names.txt", tmp_path / "config.json"
    listed.write_text("x\ny\nz\n", "utf-8")
    config.write_text('{"0": "x", "1": "y", "2": "z"}', "utf-8")
    assert read(path, label_names=str(listed)).classes == read(path, label_names=str(config)).classes == ("x", "y", "z")
    ids = column(tmp_path, [i % 3 for i in range(ROWS)])
    assert named(read(ids, label_names="x,y,z"))[:3] == [("x",), ("y",), ("z",)]
    with pytest.raises(DataError, match="Leave --label-names out"):
        read(column(tmp_path, ["p", "q"] * 12), label_names="x,y,z")
    with pytest.raises(DataError, match="two different names"):
        read(path, label_names="x,X")


@pytest.mark.parametrize("notation", LISTS)
def test_several_labels_in_a_cell(tmp_path, notation):
    dataset = read(column(tmp_path, [LISTS[notation](row) for row in SETS]))
    assert dataset.multi_label and named(dataset) == [tuple(sorted(row)) for row in SETS]
    assert {"data.note.lists_cells", "data.note.objects_cells", "data.note.joined_cells"} & set(note_codes(dataset))


@pytest.mark.parametrize("separator", ["/", "#", " & ", "+", "\\"])
def test_an_unusual_separator_is_asked_about_if_all_parts_are_known(tmp_path, separator):
    path = column(tmp_path, [separator.join(row) for row in SETS])
    with pytest.raises(DataError, match="--separator none"):
        read(path)
    assert named(read(path, separator=separator.strip())) == [tuple(sorted(row)) for row in SETS]


@pytest.mark.parametrize("separator", ["|", ";", ", ", "、", "\n", "/", " + ", "&"])
def test_a_separator_is_asked_about_if_only_some_parts_are_known(tmp_path, separator):
    rows = [["a"], ["b", "c"], ["d", "a"], ["e", "f"]] * 6
    path = column(tmp_path, [separator.join(row) for row in rows])
    if separator in "/ + &":  # part of many names; said rather than asked
        assert note_values(read(path), "data.note.whole_cells")["separator"] == separator.strip()
        return
    with pytest.raises(DataError) as caught:
        read(path)
    assert caught.value.code == "data.separator_clash" and "--separator none" in str(caught.value)
    assert read(path, separator="none").classes == tuple(sorted({" ".join(separator.join(r).split()) for r in rows}))
    word = "newline" if separator == "\n" else separator
    assert named(read(path, separator=word)) == [tuple(sorted(row)) for row in rows]


def test_a_comma_in_a_name_is_noted(tmp_path):
    path = column(tmp_path, ["Clothing, Shoes", "Food", "Garden"] * 8)
    assert read(path).classes == ("Clothing, Shoes", "Food", "Garden")
    assert note_values(read(path), "data.note.whole_cells")["cells"] == "Clothing, Shoes"


def test_lists_among_other_cells_are_asked_about(tmp_path):
    path = column(tmp_path, [str(row) if len(row) > 1 else row[0] for row in SETS])
    with pytest.raises(DataError, match=r"line 3: \['b', 'vip'\].*--separator list.*--separator none"):
        read(path)
    assert named(read(path, separator="list")) == [tuple(sorted(row)) for row in SETS]
    assert "['b', 'vip']" in read(path, separator="none").classes
    assert "[other]" in read(column(tmp_path, ["a", "[other]", "c"] * 8)).classes


@pytest.mark.parametrize(
    "cell", ["[0 1 0 ... 0 0 {}]", "[['a', 'b'], {}]", "['a' 'b', 'c{}']", "{{a: {}}}", "(a, b{})", "[a|b{}]"]
)
def test_brackets_that_are_no_lists_are_asked_about(tmp_path, cell):
    path = column(tmp_path, [cell.format(i % 3) for i in range(ROWS)])
    with pytest.raises(DataError, match=r"cannot be read as lists.*--separator none"):
        read(path)
    assert len(read(path, separator="none").classes) == 3


def test_strings_of_zeros_and_ones_are_asked_about(tmp_path):
    path = column(tmp_path, ["".join(map(str, row)) for row in MULTIHOT])
    with pytest.raises(DataError, match="--label-names with 3 names"):
        read(path)
    assert read(path, label_names="x,y,z").multi_label


def test_one_label_in_a_list_is_single_label(tmp_path):
    rows = [{"text": text, "label": [] if i % 6 == 5 else ["ab"[i % 2]]} for i, text in enumerate(TEXTS)]
    path = jsonl_file(tmp_path / "a.jsonl", rows)
    dataset = read(path)
    assert (dataset.multi_label, len(dataset.train)) == (False, 20)
    assert note_values(dataset, "data.note.unannotated")["rows"] == "12"  # three files
    dataset = read(path, empty_is_none=True)
    assert (dataset.multi_label, len(dataset.train), dataset.train.labels[5]) == (True, ROWS, ())


def test_spellings_of_numbers_and_case(tmp_path):
    train, val = (csv_file(tmp_path / f"{i}.csv", [(t, f"{n % 2}{end}") for n, t in enumerate(TEXTS)])
                  for i, end in enumerate(["", ".0"]))  # fmt: skip
    assert load_dataset(train, val, val).val.labels == load_dataset(train, train, train).val.labels
    assert load_dataset(val, train, train).classes == ("0", "1")
    path = column(tmp_path, ["IT", "it", "x"] * 8)
    assert read(path).classes == ("IT", "x") and read(path, keep_case=True).classes == ("IT", "it", "x")


def test_measurements_are_no_classes(tmp_path):
    with pytest.raises(DataError, match="measurement"):
        read(column(tmp_path, [f"{i / 7:.3f}" for i in range(ROWS)], "score"))


def test_a_cell_that_is_no_list_is_a_name():
    for cell in ("billing", "(other)", "[a", "a]", "[a [b]]", "{a: 1}", "[1 2 ... 9]", "['a''b']", "['a' 'b', 'c']"):
        assert listed_items(cell) is None
    assert listed_items("['don\\'t', \"a, b\"]") == ("don't", "a, b")
    assert listed_items("[]") == listed_items("set()") == ()


# --- generated ---

NAMES = st.sampled_from(["a", "b", "refund", "lost card", "vip", "x-y", "Größe", "退款", "it's", "3"])


@QUICK
@given(
    rows=st.lists(st.lists(NAMES, min_size=1, max_size=3, unique=True), min_size=12, max_size=ROWS),
    notation=st.sampled_from(sorted(LISTS)),
    name=st.sampled_from(["label", "tags", "类别", "Category"]),
    flags=st.integers(0, 2),
    order=st.randoms(use_true_random=False),
)
def test_generated_lists_are_right_or_refused(tmp_path, rows, notation, name, flags, order):
    cells = {"text": TEXTS[: len(rows)], name: [LISTS[notation](row) for row in rows]}
    cells |= {f"is_{i}": [i % 2] * len(rows) for i in range(flags)}
    columns = order.sample(sorted(cells), len(cells))
    path = tmp_path / "a.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([columns, *zip(*(cells[c] for c in columns), strict=True)])
    try:
        dataset = read(path)
    except DataError as error:
        assert "\n" not in str(error)
        return
    if {"data.note.whole_cells"} & set(note_codes(dataset)):
        return  # joined cells were read as names, and that is said
    assert named(dataset) == [tuple(sorted(row)) for row in rows]


@QUICK
@given(
    rows=st.lists(st.lists(st.integers(0, 1), min_size=4, max_size=4), min_size=10, max_size=ROWS),
    notation=st.sampled_from(sorted(VECTORS)),
    name=st.sampled_from(["label", "labels", "targets", "标签"]),
)
def test_generated_vectors_are_right_or_refused(tmp_path, rows, notation, name):
    path = csv_file(tmp_path / "a.csv", [(t, VECTORS[notation](r)) for t, r in zip(TEXTS, rows, strict=False)],
                    ("text", name))  # fmt: skip
    try:
        dataset = read(path, label_names="p,q,r,s")
    except DataError as error:
        assert "\n" not in str(error)
        return
    assert named(dataset) == [tuple(n for n, item in zip("pqrs", row, strict=True) if item) for row in rows]
