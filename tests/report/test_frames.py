"""Rows as a DataFrame, or as a table that shows itself and names the extra."""

import sys
from types import ModuleType
from typing import Any

import pytest

from rankfirst.report.frames import Table, framed

ROWS = [{"model": "lora", "score": 0.9123456, "note": None}, {"model": "tfidf", "score": None, "note": None}]
COLUMNS = ("model", "score", "note")
EXTRA = 'pip install "rankfirst[pandas]"'


class DataFrame:
    """As pandas makes one from records: `columns` selects and orders the keys."""

    def __init__(self, data: list[dict[str, Any]], columns: list[str]) -> None:
        assert all(type(row) is dict for row in data)
        self.columns, self.rows = columns, [[row[name] for name in columns] for row in data]


@pytest.fixture
def with_pandas(monkeypatch: pytest.MonkeyPatch) -> None:
    pandas = ModuleType("pandas")
    vars(pandas)["DataFrame"] = DataFrame
    monkeypatch.setitem(sys.modules, "pandas", pandas)


@pytest.fixture
def without_pandas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)


@pytest.mark.usefixtures("with_pandas")
def test_with_pandas_it_is_a_data_frame() -> None:
    made = framed(ROWS, COLUMNS)
    assert isinstance(made, DataFrame)
    assert made.columns == ["model", "score", "note"] and made.rows[0][:2] == ["lora", 0.9123456]
    assert framed([], COLUMNS).columns == list(COLUMNS)


@pytest.mark.usefixtures("without_pandas")
@pytest.mark.parametrize(("lang", "words"), [("en", "For a DataFrame, install pandas"), ("zh", "请安装 pandas")])
def test_without_pandas_it_shows_itself_and_names_the_extra(lang: Any, words: str) -> None:
    made = framed(ROWS, COLUMNS, lang)
    told = repr(made).splitlines()
    assert told[0].split() == ["model", "score"]  # a column without a value is not shown
    assert told[1].split() == ["lora", "0.9123"] and told[2].split() == ["tfidf"]
    assert words in told[-1] and EXTRA in told[-1]
    assert '<th scope="row">' not in made._repr_html_() and "pip install" in made._repr_html_()


@pytest.mark.usefixtures("without_pandas")
def test_a_table_is_a_sequence_of_mappings() -> None:
    made = framed(ROWS, COLUMNS)
    assert len(made) == 2 and list(made) == ROWS and made[1]["model"] == "tfidf" and isinstance(made[:1], Table)


@pytest.mark.usefixtures("without_pandas")
def test_what_only_a_data_frame_can_do_names_the_extra() -> None:
    with pytest.raises(AttributeError) as error:
        framed(ROWS, COLUMNS).sort_values("score")
    assert EXTRA in str(error.value) and "\n" not in str(error.value)


def test_long_tables_say_how_much_is_hidden() -> None:
    told = repr(Table([{"n": i} for i in range(45)], ["n"])).splitlines()
    assert len(told) == 1 + 30 + 2 and "15 more rows" in told[-2]


def test_lines_are_cut_to_a_width_and_texts_to_one_line() -> None:
    told = repr(Table([{"text": "where\nis 我的包裹 " * 40, "why": "because " * 30}], ["text", "why"])).splitlines()
    assert len(told) == 3 and all(len(line) <= 120 for line in told)
