"""The lines of an assessment: the verdict first, within the width, straight columns in both languages."""

from dataclasses import replace

import pytest
from rich.cells import cell_len

from rankfirst.records import Answer, Assessment, DataCeiling, Need
from rankfirst.report.assessment_lines import by_weight, summary
from rankfirst.report.text_layout import padded, table, wrapped
from tests.report import assessment_example as example


def told(given=None, lang="en", width=80):
    return [line.text for line in summary(given or example.assessment(), lang, width)]


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("width", [40, 80, 200])
def test_no_line_is_wider_than_the_window(lang, width):
    lines = told(lang=lang, width=width)
    assert max(map(cell_len, lines)) <= width
    assert all(line.isprintable() for line in lines)


def test_the_verdict_comes_first_with_its_numbers():
    assert told()[0].startswith("Is LoRA needed? You do not need LoRA here: its expected macro-F1 is 0.4 points")
    assert told(lang="zh")[0].startswith("需要 LoRA 吗？这里不需要 LoRA：")
    assert told(Assessment("rows", example.profile(), ()))[0].startswith("Only the data were checked")


@pytest.mark.parametrize("answer", list(Answer))
def test_every_answer_has_its_words(answer):
    given = replace(example.assessment(), need=Need(answer, "data.check.private", {"emails": 0, "phones": 0}))
    for lang in ("en", "zh"):
        assert "assess." not in told(given, lang)[0]


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("width", [80, 200])
def test_columns_of_the_ladder_end_at_one_cell(lang, width):
    lines = summary(example.assessment(), lang, width)
    start = next(i for i, line in enumerate(lines) if line.kind == "table")
    rows = [line.text for line in lines[start : start + 4]]
    ends = [{cell_len(row[: i + 1]) for i, c in enumerate(row) if c == "%"} for row in rows]
    assert ends[0] == ends[1] == ends[2] == ends[3] and len(ends[0]) >= 3
    assert len({cell_len(row) for row in [lines[start - 1].text, *rows]}) == 1


def test_a_ladder_with_latency_shows_it_and_without_leaves_it_out():
    assert "ms/text" in "\n".join(told()) and "0.31" in "\n".join(told())
    old = replace(example.assessment(), rungs=example.assessment().rungs[2:])
    assert "ms/text" not in "\n".join(told(old))


def test_a_shift_says_where_it_shows_most_and_the_curve_what_more_rows_would_give():
    text = " ".join(" ".join(told()).split())
    assert "(AUROC 0.71). Strongest sign: single words." in text
    assert "71.0% at 280 rows, 79.0% at 560 rows, 86.1% at 1,121 rows" in text and "+7.5 points" in text


def test_findings_come_by_weight_and_the_rest_is_counted():
    levels = [line.kind for line in summary(example.assessment(), "en") if line.kind in ("warn", "note")]
    assert levels == sorted(levels, key=["warn", "note"].index) or "warn" in levels
    assert [check.level.value for check in by_weight(example.checks())] == ["warn", "warn", "note", "note"]
    text = "\n".join(told())
    assert "2 more checks without findings." in text and "Lines 12, 13, 14." in text
    assert text.index("Limits") < text.index("Data checks") < text.index("Shift")


def test_the_ceilings_print_their_derivation():
    text = " ".join(" ".join(told(width=200)).split())
    assert "1121 rows × 1.00 labels × log2(4.4 effective classes) × 97.2% not suspect = 2.3 kbit" in text
    assert "10 × 2.3 / 55.3 = 0.4;" in text and "rank 16 at most" in text
    assert "9 of the 336 most confident" in text


@pytest.mark.parametrize(
    ("code", "numbers", "words"),
    [
        ("noise", {"sure_wrong": 0, "conflicts": 0.0}, "none of the 336 most confident"),
        ("noise", {"sure_wrong": 9, "conflicts": 0.0}, "contradict the given label. Hard"),
        ("mixed", {"sure_wrong": 9, "certain": 0.0}, "but no row is certainly mislabelled"),
        ("mixed", {"sure_wrong": 9, "certain": 0.02}, "but only 2.0% of the rows are certainly"),
    ],
)
def test_a_ceiling_names_no_finding_of_zero(code, numbers, words):
    found = DataCeiling(0.95, 0.93, 1.0, {"sure": 336, **numbers}, f"data.ceiling.{code}")
    text = " ".join(" ".join(told(replace(example.assessment(), ceiling=found), width=200)).split())
    assert words in text and " 0.0% of the rows" not in text and " 0 of the" not in text
    assert told(replace(example.assessment(), ceiling=found), lang="zh")


def test_control_characters_never_reach_the_terminal():
    lines = told(example.assessment("\x1b[31mred\x07\u202e", ("\x1b[2J", "b", "c", "d", "e", "f")))
    assert all(line.isprintable() for line in lines)


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("one two three", 7, ["one two", "three"]),
        ("一二三四五", 6, ["一二三", "四五"]),
        ("一二三，四五", 6, ["一二", "三，四", "五"]),
        ("abcdefghij", 4, ["abcd", "efgh", "ij"]),
        ("训练 1,121 行", 8, ["训练", "1,121 行"]),
        ("", 5, [""]),
    ],
)
def test_text_wraps_by_cells_and_no_line_begins_with_a_comma(text, width, lines):
    assert wrapped(text, width) == lines


def test_cells_are_padded_and_cut_by_width():
    assert [padded("中文", 6), padded("中文", 6, right=True), padded("中文字", 5)] == ["中文  ", "  中文", "中文…"]


def test_a_table_drops_empty_columns_first_and_then_the_last_ones():
    rows = [("name", "a", "none", "b"), ("x", "1", "–", "2"), ("yy", "10", "", "20")]
    assert table(rows, 80) == ["  name   a   b", "  x      1   2", "  yy    10  20"]
    assert table(rows, 10) == ["  name   a", "  x      1", "  yy    10"]
