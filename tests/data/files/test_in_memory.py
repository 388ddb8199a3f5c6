"""Rows in memory: the same rows as from a file, every form of labels, one line for all that cannot be used."""

import numpy as np
import pytest
from scipy import sparse

from rankfirst.data import dataset_of, load_dataset
from rankfirst.data.files.in_memory import Form, clean_texts, read_memory
from rankfirst.errors import DataError
from tests.data.file_samples import csv_file, intents, note_codes, note_values

TEXTS = [text for text, _ in intents()]
NAMES = [label for _, label in intents()]
CODES = [{"card": 7, "loan": 3, "transfer": 11}[name] for name in NAMES]
TABLE = np.array([[i % 2, int(name == "card"), int(i % 3 == 0)] for i, name in enumerate(NAMES)])
SETS = [[("even", "card", "third")[c] for c in np.flatnonzero(row)] for row in TABLE]


def test_rows_equal_those_from_a_file_if_validation_is_given(tmp_path):
    rows = [*intents(), ("  many   spaces ", "Card"), ("", "loan")]
    path = csv_file(tmp_path / "memory.csv", rows)
    read = load_dataset(path, path, path)
    texts, labels = zip(*rows, strict=True)
    made = dataset_of(texts, labels, val=(texts, labels))
    for split in ("train", "val"):
        ours, theirs = getattr(made, split), getattr(read, split)
        assert (ours.texts, ours.labels) == (theirs.texts, theirs.labels)
        assert [line + 1 for line in ours.lines] == list(theirs.lines)  # a file has a header
    assert made.test is None
    assert (made.classes, made.multi_label, made.name) == (read.classes, False, "memory")
    assert set(note_codes(made)) == set(note_codes(read))


def test_validation_rows_are_held_out_and_test_rows_are_not():
    made = dataset_of(TEXTS, NAMES)
    assert (len(made.train), len(made.val), made.test) == (51, 9, None)
    assert set(made.train.texts) | set(made.val.texts) == set(TEXTS)
    assert note_values(made, "data.note.split_made") == {"made": "val", "train": "51", "val": "9", "test": "0"}


def test_the_seed_decides_the_split_and_changes_the_fingerprint():
    first, again, other = dataset_of(TEXTS, NAMES), dataset_of(TEXTS, NAMES), dataset_of(TEXTS, NAMES, seed=1)
    assert first == again
    assert first.fingerprint != other.fingerprint
    assert first.fingerprint != dataset_of(TEXTS, NAMES[1:] + NAMES[:1]).fingerprint


def array(values, dtype=None):
    return np.array(values, dtype=dtype)


class Protocol:
    """An array for who asks."""

    def __init__(self, values):
        self.values = values

    def __array__(self, dtype=None, copy=None):
        return np.array(self.values, dtype=dtype)


def series(values):
    pandas = pytest.importorskip("pandas")
    return pandas.Series(values, index=range(100, 100 + len(values)))


@pytest.mark.parametrize(
    "shape",
    [
        pytest.param(tuple, id="tuple"),
        pytest.param(array, id="array"),
        pytest.param(lambda v: array(v, object), id="object-array"),
        pytest.param(series, id="series-with-another-index"),
        pytest.param(Protocol, id="array-by-protocol"),
    ],
)
def test_every_sequence_gives_the_same_rows(shape):
    assert dataset_of(shape(TEXTS), shape(NAMES)) == dataset_of(TEXTS, NAMES)


@pytest.mark.parametrize(
    ("labels", "classes", "values"),
    [
        pytest.param(CODES, ("11", "3", "7"), {"11": 11, "3": 3, "7": 7}, id="int"),
        pytest.param(array(CODES, np.int32), ("11", "3", "7"), {"11": 11, "3": 3, "7": 7}, id="numpy-int"),
        pytest.param([np.int64(c) for c in CODES], ("11", "3", "7"), {"11": 11, "3": 3, "7": 7}, id="list-of-numpy"),
        pytest.param(array(CODES, float), ("11", "3", "7"), {"11": 11, "3": 3, "7": 7}, id="whole-floats"),
        pytest.param([c > 5 for c in CODES], ("false", "true"), {"false": False, "true": True}, id="bool"),
        pytest.param(array(CODES) > 5, ("false", "true"), {"false": False, "true": True}, id="numpy-bool"),
        pytest.param([f" {n}" for n in NAMES], ("card", "loan", "transfer"),
                     {n: f" {n}" for n in ("card", "loan", "transfer")}, id="spaces"),
        pytest.param(array(CODES)[:, None], ("11", "3", "7"), {"11": 11, "3": 3, "7": 7}, id="one-column"),
    ],
)  # fmt: skip
def test_one_label_per_row(labels, classes, values):
    memory = read_memory(TEXTS, labels)
    assert memory.form is Form.SINGLE
    assert (memory.dataset.classes, memory.dataset.multi_label) == (classes, False)
    assert memory.values == values
    assert {type(v) for v in memory.values.values()} <= {int, float, bool, str}


@pytest.mark.parametrize("kind", [list, tuple, set, frozenset, np.array])
def test_several_labels_per_row(kind):
    memory = read_memory(TEXTS, [kind(row) for row in SETS])
    assert (memory.form, memory.dataset.multi_label) == (Form.SETS, True)
    assert memory.values == {"card": "card", "even": "even", "third": "third"}
    assert memory.dataset == dataset_of(TEXTS, SETS)


def test_texts_that_are_written_as_lists_are_sets():
    memory = read_memory(TEXTS, [str(row) for row in SETS])
    assert (memory.form, memory.values) == (Form.SETS, {"card": "card", "even": "even", "third": "third"})
    assert memory.dataset.train == dataset_of(TEXTS, SETS).train
    assert "a|b" in dataset_of(TEXTS, ["a|b", "a", "b"] * 20).classes


def test_label_sets_of_numbers_are_returned_as_numbers():
    memory = read_memory(TEXTS, [[int(c) * 10 for c in np.flatnonzero(row)] for row in TABLE])
    assert memory.values == {"0": 0, "10": 10, "20": 20}


@pytest.mark.parametrize(
    "shape",
    [
        pytest.param(lambda t: t, id="array"),
        pytest.param(lambda t: t.astype(bool), id="bool"),
        pytest.param(lambda t: t.astype(float), id="float"),
        pytest.param(lambda t: t.astype(object), id="object"),
        pytest.param(lambda t: t.tolist(), id="lists"),
        pytest.param(lambda t: np.where(t, "yes", "no"), id="words"),
        pytest.param(sparse.csr_matrix, id="sparse-matrix"),
        pytest.param(sparse.coo_array, id="sparse-array"),
    ],
)
def test_an_indicator_table(shape):
    memory = read_memory(TEXTS, shape(TABLE))
    assert (memory.form, memory.columns) == (Form.INDICATOR, (0, 1, 2))
    assert memory.values == {"0": 0, "1": 1, "2": 2}
    assert memory.dataset == dataset_of(TEXTS, TABLE)


def test_many_columns_are_mapped_back_although_classes_are_sorted_as_text():
    table = np.eye(12, dtype=int)[np.arange(60) % 12]
    table[:, 5] = 0
    memory = read_memory(TEXTS, table)
    assert memory.dataset.classes[:4] == ("0", "1", "10", "11")
    assert memory.values == {str(i): i for i in range(12) if i != 5}
    for text, labels in zip(memory.dataset.train.texts, memory.dataset.train.labels, strict=True):
        found = [memory.values[memory.dataset.classes[label]] for label in labels]
        assert found == np.flatnonzero(table[TEXTS.index(text)]).tolist()


def test_a_dataframe_provides_the_column_names():
    pandas = pytest.importorskip("pandas")
    memory = read_memory(TEXTS, pandas.DataFrame(TABLE, columns=["odd", "card", "third"]))
    assert memory.columns == ("odd", "card", "third")
    assert memory.values == {"odd": 0, "card": 1, "third": 2}
    twins = read_memory(TEXTS, pandas.DataFrame(TABLE, columns=["odd", "Odd", "third"]))
    assert twins.values == {"0": 0, "1": 1, "2": 2}


def test_spellings_are_merged_as_in_files_and_the_most_frequent_is_returned():
    memory = read_memory(TEXTS, ["CARD", *NAMES[1:]])
    assert memory.values == {n: n for n in ("card", "loan", "transfer")}
    assert "data.note.merged_labels" in note_codes(memory.dataset)


def test_a_few_missing_cells_are_dropped():
    pandas = pytest.importorskip("pandas")
    texts = pandas.Series([pandas.NA, *TEXTS[1:]], dtype="string")
    made = dataset_of(texts, [*NAMES[:-1], None])
    assert len(made.train) + len(made.val) == 58
    assert note_values(made, "data.note.empty_texts") == {"file": "memory", "rows": "1", "lines": "1"}
    assert note_values(made, "data.note.empty_labels")["lines"] == "60"
    assert read_memory(TEXTS, [float("nan"), *CODES[1:]]).values == {"11": 11, "3": 3, "7": 7}


def test_the_input_is_not_modified():
    texts, table = np.array(TEXTS, dtype=object), TABLE.copy()
    texts.setflags(write=False)
    table.setflags(write=False)
    dataset_of(texts, table)
    assert texts.tolist() == TEXTS
    sets = [list(row) for row in SETS]
    dataset_of(TEXTS, sets)
    assert sets == SETS


def test_texts_to_predict_keep_their_positions():
    assert clean_texts(["  a  b", "", None, 3]) == ("a b", "", "", "3")
    assert clean_texts([]) == ()


FRACTIONS = [0.5, *CODES[1:]]
BAD = [
    pytest.param("one text", NAMES, "data.memory.not_texts", id="string"),
    pytest.param(np.zeros((60, 2)), NAMES, "data.memory.not_texts", id="table-of-features"),
    pytest.param(sparse.csr_matrix(np.eye(60)), NAMES, "data.memory.not_texts", id="sparse-features"),
    pytest.param(set(TEXTS), NAMES, "data.memory.not_texts", id="set"),
    pytest.param(None, NAMES, "data.memory.not_texts", id="no-texts"),
    pytest.param([[text] for text in TEXTS], NAMES, "data.text_not_text", id="lists-of-texts"),
    pytest.param(["a\0b", *TEXTS[1:]], NAMES, "data.nul_byte", id="nul"),
    pytest.param(["", "", "", *TEXTS[3:]], NAMES, "data.empty_texts", id="empty-texts"),
    pytest.param([], [], "data.no_rows", id="no-rows"),
    pytest.param(TEXTS, None, "data.memory.not_labels", id="no-labels"),
    pytest.param(TEXTS, "label", "data.memory.not_labels", id="one-string"),
    pytest.param(TEXTS, np.zeros((60, 2, 2)), "data.memory.not_labels", id="cube"),
    pytest.param(TEXTS, NAMES[1:], "data.memory.lengths", id="lengths"),
    pytest.param(TEXTS, TABLE[1:], "data.memory.lengths", id="lengths-of-a-table"),
    pytest.param(TEXTS, ["1", *CODES[1:]], "data.memory.mixed_labels", id="text-and-number"),
    pytest.param(TEXTS, [True, *CODES[1:]], "data.memory.mixed_labels", id="bool-and-number"),
    pytest.param(TEXTS, FRACTIONS, "data.memory.continuous", id="fractions"),
    pytest.param(TEXTS, [{"a": 1}, *NAMES[1:]], "data.label_not_text", id="object"),
    pytest.param(TEXTS, [[["a"]], *SETS[1:]], "data.label_not_text", id="nested"),
    pytest.param(TEXTS, np.where(TABLE, 0.6, 0.2) / [[0.6, 0.2, 0.2]], "data.score_labels", id="scores"),
    pytest.param(TEXTS, [[0.7, 0.3], [0.1, 0.9]] * 30, "data.soft_labels", id="probabilities"),
    pytest.param(TEXTS, [["a", "a", "b"], ["b", "b", "b"]] * 30, "data.votes", id="votes"),
    pytest.param(TEXTS, [None] * 3 + NAMES[3:], "data.empty_labels", id="empty-labels"),
    pytest.param(TEXTS, TABLE * 2, "data.not_zero_one", id="twos"),
    pytest.param(TEXTS, np.where(TABLE, np.nan, 0), "data.not_zero_one", id="nan"),
    pytest.param(TEXTS, np.where(TABLE, "much", "little"), "data.not_zero_one", id="words-in-a-table"),
    pytest.param(TEXTS, ["card"] * 60, "data.one_class", id="one-class"),
    pytest.param(TEXTS, [[] for _ in TEXTS], "data.one_class", id="no-label-anywhere"),
    pytest.param(TEXTS, TEXTS, "data.too_few_rows", id="one-row-each"),
    pytest.param(["same"] * 60, NAMES, "data.too_few_texts", id="one-text"),
]


@pytest.mark.parametrize(("texts", "labels", "code"), BAD)
def test_unusable_input_is_a_one_line_error(texts, labels, code):
    with pytest.raises(DataError) as caught:
        dataset_of(texts, labels)
    assert caught.value.code == code
    for lang in ("en", "zh"):
        assert "memory" in caught.value.sentence(lang)


@pytest.mark.parametrize(
    ("labels", "val", "code"),
    [
        pytest.param(NAMES, (TEXTS, None), "data.memory.half_val", id="no-labels"),
        pytest.param(NAMES, (None, NAMES), "data.memory.half_val", id="no-texts"),
        pytest.param(NAMES, (TEXTS, CODES), "data.memory.other_labels", id="other-type"),
        pytest.param(NAMES, (TEXTS, TABLE), "data.memory.other_labels", id="other-form"),
        pytest.param(TABLE, (TEXTS, TABLE[:, :2]), "data.memory.other_labels", id="other-columns"),
        pytest.param(NAMES, (TEXTS, ["new"] * 60), "data.unknown_labels", id="unknown"),
        pytest.param(NAMES, (TEXTS[1:], NAMES), "data.memory.lengths", id="lengths"),
    ],
)
def test_validation_rows_must_have_the_same_form(labels, val, code):
    with pytest.raises(DataError) as caught:
        dataset_of(TEXTS, labels, val=val)
    assert caught.value.code == code


def test_single_labels_next_to_lists_are_lists_of_one():
    memory = read_memory(TEXTS, SETS, val=(TEXTS[:3], ["card", "card", "even"]))
    assert memory.form is Form.SETS
    assert len(memory.dataset.val) == 3
