"""A second file needs texts only; labels are welcome, and unknown ones are left off."""

import pytest

from rankfirst.data import dataset_of, read_newer
from rankfirst.errors import DataError

DATA = dataset_of([f"text {i}" for i in range(40)], ["card", "Loan"] * 20)


def written(path, content: str):
    path.write_text(content, "utf-8")
    return path


def test_labels_are_read_as_the_training_file_spells_them(tmp_path):
    path = written(tmp_path / "new.csv", "text,label\nmy card,CARD\na loan,loan\n")
    split = read_newer(path, DATA)
    assert (split.texts, split.labels) == (("my card", "a loan"), ((1,), (0,)))
    assert (list(split.lines), split.file) == ([2, 3], str(path))


def test_labels_unknown_to_training_are_removed(tmp_path):
    split = read_newer(written(tmp_path / "new.csv", "text,label\nmy card,card\nhello,greet\n"), DATA)
    assert split.labels == ((1,), ())


@pytest.mark.parametrize(
    "content", ["text\nmy card\n\nhello\n", "question\nmy card\nhello\n", "text,when\nmy card,1\nhello,2\n"]
)
def test_labels_are_optional(tmp_path, content):
    split = read_newer(written(tmp_path / "new.csv", content), DATA)
    assert (split.texts, split.labels) == (("my card", "hello"), ((), ()))


def test_the_training_columns_are_used_if_the_file_has_them(tmp_path):
    path = written(tmp_path / "new.csv", "body,text\nmy card,ignored\n")
    assert read_newer(path, DATA, text="body").texts == ("my card",)
    assert read_newer(path, DATA, text="message").texts == ("ignored",)


def test_a_file_without_texts_is_refused(tmp_path):
    with pytest.raises(DataError):
        read_newer(written(tmp_path / "new.csv", 'text,label\n"  ",card\n'), DATA)
