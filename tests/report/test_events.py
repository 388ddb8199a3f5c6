"""Reading a journal: whole, torn, damaged, missing."""

import math

import pytest

from rankfirst.errors import RunError
from rankfirst.report import read
from rankfirst.report.events import number, plain
from tests.report import journal_example as example


def test_every_line_is_an_event_in_order(tmp_path):
    told = example.told()
    found = read(example.write(tmp_path, told))
    assert [(e.kind, e.key) for e in found] == [(kind, key) for kind, key, _ in told]
    assert found[0].payload["dataset"] == "service-intents" and found[0].at.startswith("2026")


@pytest.mark.parametrize("torn", [b'{"n": 99, "kind": "resu', b"\xff\xfe", b'{"n": 1}', b"[1, 2]"])
def test_a_torn_last_line_is_left_out(tmp_path, torn):
    path = example.write(tmp_path)
    path.write_bytes(path.read_bytes() + torn)
    assert len(read(path)) == len(example.told())


def test_an_empty_journal_has_no_events(tmp_path):
    assert read(example.write(tmp_path, [])) == []


def test_a_broken_line_in_the_middle_is_an_error(tmp_path):
    path = example.write(tmp_path)
    path.write_bytes(b"{broken\n" + path.read_bytes())
    with pytest.raises(RunError, match="line 1"):
        read(path)


def test_a_missing_journal_is_an_error(tmp_path):
    with pytest.raises(RunError):
        read(tmp_path / "journal.jsonl")


@pytest.mark.parametrize(
    ("value", "found"),
    [(1, 1.0), (0.5, 0.5), ({"float": "nan"}, None), ({"float": "inf"}, math.inf), ({"float": "x"}, None),
     (True, None), ("1", None), (None, None)],
)  # fmt: skip
def test_numbers(value, found):
    assert number(value) == found


def test_plain_json_has_its_floats_back():
    assert math.isnan(plain({"a": [{"float": "nan"}]})["a"][0])
