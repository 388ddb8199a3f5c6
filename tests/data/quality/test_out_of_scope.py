"""Texts of no class, by label or in a file; and costs. What is wrong with them is one line."""

from pathlib import Path

import pytest

from rankfirst.data import load_dataset, read_costs, read_outside
from rankfirst.errors import DataError
from tests.engine import tiny

CLASSES = ("block", "limit", "send")


def rows_with_strangers(folder: Path, strangers: int = 40, more: str = "") -> Path:
    path = folder / "rows.csv"
    own = [f"{label} my card {i},{label}" for i in range(20) for label in CLASSES]
    path.write_text("\n".join(["text,label", *own, *(f"who are you {i},oos" for i in range(strangers)), more]),
                    encoding="utf-8")  # fmt: skip
    return path


def test_out_of_scope_rows_are_removed_from_the_splits(tmp_path: Path) -> None:
    dataset = load_dataset(rows_with_strangers(tmp_path), oos_label="oos")
    assert dataset.classes == CLASSES and dataset.test is not None
    assert len(dataset.train) + len(dataset.val) + len(dataset.test) == 60
    assert len(dataset.outside) == 34 and len(dataset.outside_test) == 6
    assert not set(dataset.outside) & set(dataset.outside_test)
    assert any(code == "data.note.outside" for code, _ in dataset.notes)
    assert dataset.fingerprint == load_dataset(rows_with_strangers(tmp_path / ".", 25), oos_label="oos").fingerprint


def test_out_of_scope_texts_of_the_test_file_are_for_evaluation_only(tmp_path: Path) -> None:
    (tmp_path / "test").mkdir()
    test = rows_with_strangers(tmp_path / "test", 3)
    test.write_text(test.read_text().replace("who are", "where are").replace("my card", "the card"), encoding="utf-8")
    dataset = load_dataset(rows_with_strangers(tmp_path), test=test, oos_label="oos")
    assert len(dataset.outside) == 40 and [t[:9] for t in dataset.outside_test] == ["where are"] * 3


@pytest.mark.parametrize("strangers", [0, 12])
def test_too_few_out_of_scope_rows_are_an_error(strangers: int, tmp_path: Path) -> None:
    with pytest.raises(DataError) as refused:
        load_dataset(rows_with_strangers(tmp_path, strangers), oos_label="oos")
    assert refused.value.code == "data.few_outside_rows"


def test_an_out_of_scope_label_next_to_a_class_is_an_error(tmp_path: Path) -> None:
    path = rows_with_strangers(tmp_path, more="both of them,oos|send")
    with pytest.raises(DataError) as refused:
        load_dataset(path, oos_label="oos")
    assert refused.value.code == "data.outside_and_more" and refused.value.fields["line"] == 102


def test_out_of_scope_texts_exclude_rows_of_the_data_and_repetitions(tmp_path: Path) -> None:
    dataset = tiny.dataset(train=60)
    path = tmp_path / "oos.csv"
    texts = [f"who are you {i}" for i in range(25)] + ["Who  are you 3", dataset.train.texts[0]]
    path.write_text("\n".join(["query,note", *(f"{t},x" for t in texts)]), encoding="utf-8")
    assert read_outside(path, dataset, "text") == tuple(texts[:25])
    path.write_text("text\nonly one\n", encoding="utf-8")
    with pytest.raises(DataError) as refused:
        read_outside(path, dataset)
    assert refused.value.code == "data.few_outside"


def written(folder: Path, content: str) -> Path:
    path = folder / "costs.csv"
    path.write_text(content, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "content",
    [
        "True,Predicted,Cost\nblock,send,10\nsend,block,2\nsend,limit,1\n",
        ",block,limit,send\nblock,0,1,10\nlimit,1,,1\nsend,2,1,0\n",
        "truth,send,block\nblock,10,\nsend,,2\n",
    ],
)
def test_long_and_matrix_files_give_the_same_costs(content: str, tmp_path: Path) -> None:
    assert read_costs(written(tmp_path, content), CLASSES, 0.5).cells == ((0, 2, 10.0), (2, 0, 2.0))
    assert read_costs({("block", "send"): 10, ("send", "block"): 2}, CLASSES).cells == ((0, 2, 10.0), (2, 0, 2.0))


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("true,predicted,cost\nblock,sned,1\n", "costs.unknown"),
        ("true,predicted,cost\nblock,send,-1\n", "costs.bad"),
        ("true,predicted,cost\nblock,send,inf\n", "costs.bad"),
        ("true,predicted,cost\nblock,send,nan\n", "costs.bad"),
        ("true,predicted,cost\nblock,send,much\n", "costs.bad"),
        ("true,predicted,cost\nblock,send,1\nblock,send,2\n", "costs.twice"),
        ("true,predicted\nblock,send\n", "costs.shape"),
        (",block,limit,send\nblock,0,0,0\nlimit,0,0,0\nsend,0,0,0\n", "costs.nothing"),
        ("", "data.empty_file"),
    ],
)
def test_bad_costs_are_a_one_line_error(content: str, code: str, tmp_path: Path) -> None:
    with pytest.raises(DataError) as refused:
        read_costs(written(tmp_path, content), CLASSES)
    assert refused.value.code == code and "\n" not in refused.value.sentence("zh")
