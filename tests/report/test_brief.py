"""The sections of a run: a line for each thing that a reader may act on, and a verdict of at most eight lines."""

from pathlib import Path

import pytest
from rich.cells import cell_len

from rankfirst.report import SECTIONS, Brief, Row, read, titles
from rankfirst.report.text_layout import wrapped
from tests.report import journal_example as example

KEPT = Path(__file__).parents[1] / "first_edition"
COLUMN = 12  # cells of the names of sections


def told(kinds: tuple[str, ...] = (), journal: Path | None = None) -> list[Row]:
    events = [(e.kind, e.key, e.payload) for e in read(journal)] if journal else example.told()
    brief = Brief()
    rows = [row for event in events if not kinds or event[0] in kinds for row in brief.rows(*event)]
    return [*rows, *brief.end(Path("run"))]


def english(rows: list[Row], section: str = "") -> list[str]:
    return [row.words.en for row in rows if section in ("", row.section)]


@pytest.mark.parametrize("journal", [None, KEPT / "single/run/journal.jsonl", KEPT / "multi/run/journal.jsonl"])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_sections_come_in_order_and_every_line_is_one_line(journal: Path | None, lang: str) -> None:
    rows = told(journal=journal)
    order = [SECTIONS.index(row.section) for row in rows]
    assert order == sorted(order) and set(titles("zh")) == set(SECTIONS) >= {row.section for row in rows}
    assert all(row.words[lang].strip() and "\n" not in row.words[lang] for row in rows)
    assert not [row for row in rows if "{" in row.words[lang] or "brief." in row.words[lang]]


@pytest.mark.parametrize("journal", [None, KEPT / "single/run/journal.jsonl", KEPT / "multi/run/journal.jsonl"])
def test_the_verdict_has_at_most_eight_lines_of_a_terminal(journal: Path | None) -> None:
    verdict = english(told(journal=journal), "verdict")
    assert sum(len(wrapped(line, 80 - COLUMN)) for line in verdict) <= 8
    assert verdict[0].startswith("Ship") and verdict[-2].startswith("Report: ")
    assert verdict[-1].startswith("Next: rankfirst ")


def test_a_run_is_told_in_few_lines() -> None:
    assert len(told(journal=KEPT / "single/run/journal.jsonl")) < 30


def test_folded_the_search_is_one_line_that_counts_its_steps() -> None:
    events = [(e.kind, e.key, e.payload) for e in read(KEPT / "single/run/journal.jsonl")]
    brief, whole = Brief(folded=True), told(journal=KEPT / "single/run/journal.jsonl")
    rows = [row for event in events for row in brief.rows(*event)]
    probes, decisions = (sum(kind == name for kind, _, _ in events) for name in ("probe", "decision"))
    assert len(english(whole, "tuning")) > 3
    (line,) = english(rows, "tuning")
    assert line.startswith(f"{probes} probes and {decisions} decision")
    assert [row for row in rows if row.section != "tuning"] == [row for row in whole if row.section != "tuning"][:-2]


def test_an_experiment_tells_the_sign_in_words_and_its_probes_are_silent() -> None:
    rows = english(told(("experiment",)), "tuning")
    assert rows[1].startswith("Tried rank 8 → 32: validation macro-F1 85.3% → 87.1%, loss lower by 0.0410 ± 0.0161")
    assert not [row for row in rows if " -0." in row]
    events = [e for e in example.told() if e[0] in ("decision", "probe")]
    brief = Brief()
    decided = next((kind, key, p) for kind, key, p in events if kind == "decision" and p["move"].get("arms"))
    probe = next(e for e in events if e[0] == "probe")
    assert english(brief.rows(*probe)) == ["Probe 1, 3 epochs: validation macro-F1 82.6% → 85.0%"]
    assert brief.rows(*decided) == [] == brief.rows(*probe)


def test_a_decision_is_one_line_with_what_it_changes() -> None:
    decided = english(told(("decision",)), "tuning")
    assert "[Capacity] Capacity is short: raise the rank. Next: rank 8 → 32" in decided


def test_a_score_is_aligned_and_the_majority_class_is_no_candidate() -> None:
    rows = english(told(("rung",)), "baselines")
    assert rows and len({cell_len(row.partition("macro-F1")[0]) for row in rows}) == 1
    assert not [row for row in rows if row.startswith("Majority")]


def test_warnings_are_shown_and_the_other_findings_counted() -> None:
    rows = english(told(("run", "profile")), "data")
    assert rows[0].endswith("base model BAAI/bge-small-zh-v1.5") or "base model" in " ".join(rows)
    assert not [row for row in rows if row.startswith(("NOTE", "OK"))]


def test_synthetic_rows_lead_to_rows_of_your_own() -> None:
    brief = Brief()
    brief.rows("run", "", {"synthetic": True})
    assert brief.end(Path("a b"))[-1].words.en.startswith("Next: rankfirst fit your_rows.csv")
    assert Brief().end(Path("a b"))[-1].words.en == 'Next: rankfirst predict "a b" texts.csv'


def test_an_unknown_or_damaged_event_has_no_lines() -> None:
    assert Brief().rows("carrier-pigeon", "", {}) == []
    for kind in ("profile", "probe", "experiment", "decision", "final", "verdict"):
        assert Brief().rows(kind, "", {"is": "Something else"}) == [], kind
