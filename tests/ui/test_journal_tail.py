"""Following a journal: whole lines, each once, whatever the writer does."""

from pathlib import Path

from rankfirst.ui.journal_tail import Tail, last_seconds
from tests.ui.conftest import text


def numbers(tail: Tail) -> list[int]:
    return [line.number for line in tail.read()[0]]


def test_every_line_comes_once(tmp_path: Path) -> None:
    journal = tmp_path / "journal.jsonl"
    journal.write_text(text(1, "run", "", {}) + text(2, "probe", "a", {"x": 1}), encoding="utf-8")
    tail = Tail(journal)
    lines, anew = tail.read()
    assert [(line.kind, line.key, line.seconds) for line in lines] == [("run", "", 3.0), ("probe", "a", 6.0)]
    assert not anew and tail.read() == ([], False)
    with journal.open("a", encoding="utf-8") as file:
        file.write(text(3, "decision", "", {}))
    assert numbers(tail) == [3]


def test_an_incomplete_line_waits_for_its_end(tmp_path: Path) -> None:
    journal, whole = tmp_path / "journal.jsonl", text(2, "probe", "语", {"说": "话"}).encode()
    journal.write_text(text(1, "run", "", {}), encoding="utf-8")
    tail = Tail(journal)
    assert numbers(tail) == [1]
    for part in (whole[:7], whole[7:-1]):
        with journal.open("ab") as file:
            file.write(part)
        assert numbers(tail) == []
    with journal.open("ab") as file:
        file.write(whole[-1:])
    assert numbers(tail) == [2]


def test_an_incomplete_line_that_is_removed_and_rewritten(tmp_path: Path) -> None:
    journal = tmp_path / "journal.jsonl"
    journal.write_text(text(1, "run", "", {}) + '{"n": 2, "ki', encoding="utf-8")
    tail = Tail(journal)
    assert numbers(tail) == [1]
    journal.open("r+b").truncate(len(text(1, "run", "", {})))
    with journal.open("a", encoding="utf-8") as file:
        file.write(text(2, "probe", "", {}))
    lines, anew = tail.read()
    assert [line.number for line in lines] == [2] and not anew


def test_lines_read_before_are_skipped(tmp_path: Path) -> None:
    journal = tmp_path / "journal.jsonl"
    journal.write_text("".join(text(n, "probe", str(n), {}) for n in (1, 2, 3)), encoding="utf-8")
    assert numbers(Tail(journal, after=2)) == [3]


def test_a_restarted_run_is_read_from_the_start(tmp_path: Path) -> None:
    journal = tmp_path / "journal.jsonl"
    journal.write_text("".join(text(n, "probe", str(n), {}) for n in (1, 2, 3)), encoding="utf-8")
    tail = Tail(journal, after=3)
    tail.read()
    journal.write_text(text(1, "run", "", {}), encoding="utf-8")
    lines, anew = tail.read()
    assert anew and [line.number for line in lines] == [1]


def test_lines_that_are_not_events_are_counted_and_skipped(tmp_path: Path) -> None:
    journal = tmp_path / "journal.jsonl"
    journal.write_text('[1]\n{"payload": 3}\n' + "[" * 100_000 + "\n" + text(4, "probe", "", {}), encoding="utf-8")
    assert numbers(Tail(journal)) == [4]


def test_a_missing_journal_has_no_lines(tmp_path: Path) -> None:
    assert Tail(tmp_path / "none").read() == ([], False)


def test_seconds_of_the_last_whole_line(tmp_path: Path) -> None:
    journal = tmp_path / "journal.jsonl"
    assert last_seconds(journal) is None
    journal.write_text(text(1, "run", "", {}) + text(2, "probe", "", {}) + '{"n": 3', encoding="utf-8")
    assert last_seconds(journal) == 6.0
    journal.write_text(text(1, "run", "", {}).replace("3.0", "NaN"), encoding="utf-8")
    assert last_seconds(journal) is None
