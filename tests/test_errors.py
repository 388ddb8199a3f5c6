"""Errors are one line, in both languages, wherever they are raised."""

import pickle

import pytest

from rankfirst.errors import DataError, RankfirstError


def test_an_error_crosses_from_a_worker_process() -> None:
    error = pickle.loads(pickle.dumps(DataError("data.no_such_column", path="x", column="y", columns="z")))
    assert isinstance(error, DataError)
    assert error.sentence("zh") == DataError("data.no_such_column", path="x", column="y", columns="z").sentence("zh")


def test_bad_rows_are_a_value_error_too() -> None:
    with pytest.raises(ValueError, match="columns"):
        raise DataError("data.no_such_column", path="x", column="y", columns="z")


def test_a_name_with_line_breaks_stays_one_line() -> None:
    assert "\n" not in RankfirstError("run.missing", path="a\nb\tc").sentence()
